//! Download of the program: only archives in the checksum table are fetched, and only matching ones are run.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::action::runner::{Outcome, Use};
use crate::common::put;

/// A fake release: an action with its checksum table, and the archive named in it.
struct Release {
    folder: TempDir,
    archive: String,
}

impl Release {
    /// Creates version 9.8.7 for this machine. Its program prints that it ran and then runs the program under test.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("telleaks-v9.8.7-{}-unknown-linux-gnu", std::env::consts::ARCH);
        let script =
            format!("#!/bin/sh\necho the release runs\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_telleaks"));
        put(folder.path(), &format!("{name}/telleaks"), script);
        let archive = format!("{name}.tar.gz");
        fs::create_dir_all(folder.path().join("site/v9.8.7")).unwrap();
        let make = format!("chmod 755 {name}/telleaks; tar -czf site/v9.8.7/{archive} {name}");
        assert!(
            Command::new("sh").args(["-ec", &make]).current_dir(folder.path()).status().unwrap().success()
        );
        let release = Self { folder, archive };
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        fs::create_dir_all(release.path("action/action")).unwrap();
        fs::copy(here.join("Cargo.toml"), release.path("action/Cargo.toml")).unwrap();
        for entry in fs::read_dir(here.join("action")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), release.path("action/action").join(entry.file_name())).unwrap();
        }
        let sum = Sha256::digest(fs::read(release.file()).unwrap());
        release.table(&format!(
            "# a comment\n{}  {}\n",
            data_encoding::HEXLOWER.encode(&sum),
            release.archive
        ));
        release
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self) -> PathBuf {
        self.path("site/v9.8.7").join(&self.archive)
    }

    fn table(&self, text: &str) {
        put(self.folder.path(), "action/action/checksums.txt", text);
    }

    /// Scans a clean directory with the program from this address.
    fn run_from(&self, address: &str, version: &str) -> Outcome {
        put(self.folder.path(), "work/a.txt", "nothing\n");
        Use::new(&self.path("work"), ("schedule", json!({})), ("refs/heads/main", ""))
            .action_at(&self.path("action"))
            .without("TELLEAKS_BINARY")
            .env("TELLEAKS_BASE_URL", address)
            .with("mode", "scan")
            .with("version", version)
            .run()
    }

    fn run(&self, version: &str) -> Outcome {
        self.run_from(&format!("file://{}", self.path("site").display()), version)
    }
}

/// Checks that a run which rejected an archive left nothing behind.
#[track_caller]
fn nothing_stays(outcome: &Outcome) {
    assert!(!outcome.log.contains("the release runs"));
    for entry in fs::read_dir(outcome.temp.path()).unwrap() {
        let path = entry.unwrap().path();
        let left = path.is_dir() && fs::read_dir(&path).unwrap().next().is_some();
        assert!(!left, "{}", path.display());
    }
}

#[test]
fn release_is_fetched_verified_and_run() {
    let release = Release::new();
    for version in ["9.8.7", "v9.8.7"] {
        let outcome = release.run(version);
        outcome.clean();
        assert!(outcome.log.contains("the release runs"));
    }
}

#[test]
fn release_is_fetched_over_http() {
    let release = Release::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (body, path) = (fs::read(release.file()).unwrap(), format!("GET /v9.8.7/{} ", release.archive));
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = vec![0; 4096];
        let length = stream.read(&mut head).unwrap();
        assert!(head[..length].starts_with(path.as_bytes()));
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())
            .unwrap();
        stream.write_all(&body).unwrap();
    });
    release.run_from(&address, "9.8.7").clean();
    server.join().unwrap();
}

#[test]
fn archive_with_wrong_checksum_is_deleted() {
    let release = Release::new();
    let whole = fs::read(release.file()).unwrap();
    let mut other = whole.clone();
    *other.last_mut().unwrap() ^= 1;
    for content in [&whole[..whole.len() / 2], &other, &[]] {
        fs::write(release.file(), content).unwrap();
        let outcome = release.run("9.8.7");
        outcome.refused("is not what was released, and was deleted");
        nothing_stays(&outcome);
    }
    fs::remove_file(release.file()).unwrap();
    let outcome = release.run("9.8.7");
    outcome.refused("could not be fetched");
    nothing_stays(&outcome);
}

#[test]
fn version_missing_from_table_is_refused() {
    let release = Release::new();
    // Dots match only dots, and the default version is that of the action.
    for version in ["9.8.6", "9.8.70", "9x8.7", "9.8.7-x", "latest", ""] {
        let outcome = release.run(version);
        assert_eq!(outcome.code, 2, "{version}: {}", outcome.log);
        nothing_stays(&outcome);
    }
    let outcome = release.run("9.8.6");
    outcome.refused("does not know telleaks 9.8.6");
    assert!(outcome.log.contains("It knows 9.8.7"), "{}", outcome.log);
    release.run("").refused(concat!("does not know telleaks ", env!("CARGO_PKG_VERSION")));
    release.table(&format!("{}  telleaks-v9.8.7-sparc64-unknown-linux-gnu.tar.gz\n", "0".repeat(64)));
    release.run("9.8.7").refused("was not made for");
    release.table("# nothing yet\n");
    release.run("9.8.7").refused("no release of telleaks yet");
}

#[test]
fn own_program_is_used_by_path() {
    let release = Release::new();
    let used = |path: &str| {
        put(release.folder.path(), "work/a.txt", "nothing\n");
        let used = Use::new(&release.path("work"), ("schedule", json!({})), ("refs/heads/main", ""));
        used.with("mode", "scan").env("TELLEAKS_BINARY", path).run()
    };
    used(env!("CARGO_BIN_EXE_telleaks")).clean();
    used("telleaks").refused("absolute path");
    used("/no/such").refused("names no program");
    used(release.folder.path().to_str().unwrap()).refused("names no program");
}
