//! Large, deep and unusual content: memory, limits and output. `TELLEAKS_LARGE=1` enlarges the sparse file to 5 GB.

use crate::common::random::Random;
use crate::common::{both, code, lines, number, scan, telleaks, text};
use rustix::fs::{CWD, Mode, OFlags, mkdirat, mkfifoat, openat};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const MIB: usize = 1 << 20;
/// Maximum resident memory of a scan in KiB, whatever the input.
const MAX_RSS_KIB: u64 = 128 << 10;

fn found(folder: &Path, args: &[&str]) -> Vec<serde_json::Value> {
    let output = scan(folder, &[&["--format", "jsonl", "--show-secrets"], args].concat());
    assert_eq!((code(&output), output.stderr.len()), (1, 0), "{}", both(&output));
    lines(&output.stdout)
}

#[test]
fn two_hundred_megabytes_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("line", 0);
    let filler = random.filler(MIB, false);
    let (middle, last) = (random.key(), random.key());
    let mut file = BufWriter::new(File::create(folder.path().join("app.min.js")).unwrap());
    file.write_all("// ä\n".as_bytes()).unwrap();
    for block in 0..200 {
        file.write_all(&filler).unwrap();
        if block == 99 {
            file.write_all(format!("é='{middle}';").as_bytes()).unwrap();
        }
    }
    file.write_all(last.as_bytes()).unwrap();
    file.into_inner().unwrap().sync_data().unwrap();
    let findings = found(folder.path(), &[]);
    let place = |one: &serde_json::Value, field: &str| number(one, &format!("/location/{field}"));
    let (before_middle, gap) = (100 * MIB as u64, 100 * MIB as u64);
    for (one, key, characters) in
        [(&findings[0], &middle, before_middle + 3), (&findings[1], &last, before_middle + 3 + 58 + 2 + gap)]
    {
        assert_eq!(text(one, "/secret"), key);
        assert_eq!((place(one, "start_line"), place(one, "start_column")), (2, characters + 1));
        assert_eq!((place(one, "end_line"), place(one, "end_column")), (2, characters + 59));
        // Six bytes for the first line, and one more for the two-byte character.
        assert_eq!(place(one, "byte_start"), characters + 6 + 1);
    }
    assert_eq!(findings.len(), 2);
}

#[test]
fn sparse_file_is_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let gigabytes = if std::env::var_os("TELLEAKS_LARGE").is_some() { 5.0 } else { 1.2 };
    let size = (gigabytes * 1e9) as u64;
    let key = Random::new("sparse", 0).key();
    let mut file = File::create(folder.path().join("disk.img")).unwrap();
    file.set_len(size - 58).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    file.write_all(key.as_bytes()).unwrap();
    let findings = found(folder.path(), &[]);
    assert_eq!((findings.len(), text(&findings[0], "/secret")), (1, key.as_str()));
    assert_eq!(number(&findings[0], "/location/byte_end"), size);
}

#[test]
fn scan_of_growing_file_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.log");
    std::fs::write(&path, Random::new("growing", 0).filler(30 * MIB, true)).unwrap();
    let done = AtomicBool::new(false);
    let (output, ran_out) = thread::scope(|threads| {
        let writer = threads.spawn(|| {
            let mut file = OpenOptions::new().append(true).open(&path).unwrap();
            let more = vec![b'x'; 64 << 10];
            // Slower than a scan, and bounded so that the disk does not fill up if the scan never ends.
            for _ in 0..20_000 {
                if done.load(Ordering::Relaxed) {
                    return false;
                }
                file.write_all(&more).unwrap();
                thread::sleep(std::time::Duration::from_millis(1));
            }
            true
        });
        let output = scan(folder.path(), &["--format", "json"]);
        done.store(true, Ordering::Relaxed);
        (output, writer.join().unwrap())
    });
    assert!(matches!(code(&output), 0 | 3), "{}", both(&output));
    assert!(!ran_out, "the scan continued for as long as the file grew");
}

/// Returns the peak resident set size of a process so far, in KiB.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Returns the peak memory in KiB of a scan that has read everything `pour` writes.
fn memory_of(pour: impl Fn(&mut File)) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    mkfifoat(CWD, &path, Mode::RUSR | Mode::WUSR).unwrap();
    let mut command = telleaks();
    let mut child =
        command.arg("scan").arg(&path).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut writer = OpenOptions::new().write(true).open(&path).unwrap();
    pour(&mut writer);
    // The pipe holds 64 KiB, so everything else has been read. The program is waiting for more input.
    let peak = peak(child.id());
    drop(writer);
    assert!(matches!(child.wait().unwrap().code(), Some(0 | 1 | 3)));
    peak
}

#[test]
fn memory_does_not_grow_with_content() {
    let mut random = Random::new("memory", 0);
    let line = random.filler(MIB, false);
    let page = random.filler(MIB, true);
    let noise = random.bytes(MIB);
    let base64 = data_encoding::BASE64.encode(&noise).into_bytes();
    for (name, block, count) in
        [("one line", &line, 100), ("lines", &page, 100), ("bytes", &noise, 60), ("base64", &base64, 40)]
    {
        let peak = memory_of(|pipe| (0..count).for_each(|_| pipe.write_all(block).unwrap()));
        assert!(peak < MAX_RSS_KIB, "{name}: {peak} KiB");
        assert!(peak > 1000, "{name}: {peak} KiB is implausible");
    }
}

#[test]
fn memory_is_bounded_on_hostile_content() {
    // Gzip of zeros in base64: a few kilobytes that inflate to 200 MB.
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(9));
    let zeros = vec![0; MIB];
    (0..200).for_each(|_| gzip.write_all(&zeros).unwrap());
    let bomb = data_encoding::BASE64.encode(&gzip.finish().unwrap());
    let peak = memory_of(|pipe| {
        pipe.write_all(format!("data: {bomb}\n").as_bytes()).unwrap();
        pipe.write_all(&vec![b'\n'; 2 * MIB]).unwrap();
    });
    assert!(peak < MAX_RSS_KIB, "bomb: {peak} KiB");
    let peak = memory_of(|pipe| {
        pipe.write_all(b"data: H4sIAAAAAAAAA").unwrap();
        (0..30).for_each(|_| pipe.write_all(&vec![b'A'; MIB]).unwrap());
    });
    assert!(peak < 2 * MAX_RSS_KIB, "endless base64: {peak} KiB");
}

#[test]
fn five_thousand_directories_deep() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("deep", 0).key();
    let open =
        |at: &dyn std::os::fd::AsFd, name: &str| openat(at, name, OFlags::DIRECTORY, Mode::empty()).unwrap();
    let mut place = open(&CWD, folder.path().to_str().unwrap());
    for _ in 0..5000 {
        mkdirat(&place, "d", Mode::RWXU).unwrap();
        place = open(&place, "d");
    }
    let file = openat(&place, "a.env", OFlags::CREATE | OFlags::WRONLY, Mode::RUSR | Mode::WUSR).unwrap();
    File::from(file).write_all(key.as_bytes()).unwrap();
    let findings = found(folder.path(), &[]);
    assert_eq!((findings.len(), text(&findings[0], "/secret")), (1, key.as_str()));
    assert_eq!(text(&findings[0], "/location/path").len(), 5000 * 2 + 5);
    // The standard library cannot remove trees whose paths exceed PATH_MAX.
    let removed = std::process::Command::new("rm").arg("-rf").arg(folder.keep()).status().unwrap();
    assert!(removed.success());
}

#[test]
fn hostile_file_names() {
    let folder = tempfile::tempdir().unwrap();
    let name = "a\n::error::x\u{1b}[2J\u{202e}.env";
    let key = Random::new("names", 0).key();
    crate::common::put(folder.path(), name, &key);
    let findings = found(folder.path(), &[]);
    assert_eq!(text(&findings[0], "/location/path"), name);
    for format in ["text", "json", "jsonl", "sarif"] {
        let output = scan(folder.path(), &["--format", format]);
        let out = both(&output);
        assert_eq!(code(&output), 1);
        assert!(!out.contains(['\u{1b}', '\u{202e}']), "{format}: {out:?}");
        assert!(!out.lines().any(|line| line.starts_with("::")), "{format}: {out:?}");
    }
    use std::os::unix::ffi::OsStrExt;
    let strange = std::ffi::OsStr::from_bytes(b"caf\xE9.env");
    std::fs::write(folder.path().join(strange), &key).unwrap();
    let paths: Vec<String> =
        found(folder.path(), &[]).iter().map(|one| text(one, "/location/path").into()).collect();
    assert!(paths.contains(&"caf\\xE9.env".to_owned()), "{paths:?}");
}

#[test]
fn parallel_scan_of_large_file_is_deterministic() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("parts", 0);
    for (name, with_lines) in [("lines.log", true), ("one-line.js", false)] {
        let mut content = random.filler(52 * MIB, with_lines);
        content[..6].copy_from_slice("äöü".as_bytes());
        // Keys around each border between chunks of 16 MiB, some of them across it, plain and encoded.
        for border in [16 * MIB, 32 * MIB, 48 * MIB] {
            for offset in [-9000i64, -8192, -200, -29, 100, 8160, 9000] {
                let key = random.key();
                let text = match offset {
                    -200 => format!("'{}'", data_encoding::BASE64.encode(format!("k={key};;").as_bytes())),
                    100 => format!("'{}'", data_encoding::HEXLOWER.encode(key.as_bytes())),
                    _ => format!("'{key}'"),
                };
                let at = (border as i64 + offset) as usize;
                content[at..at + text.len()].copy_from_slice(text.as_bytes());
            }
        }
        std::fs::write(folder.path().join(name), &content).unwrap();
        let alone = found(folder.path(), &["--threads", "1", name]);
        assert_eq!(alone.len(), 21, "{name}");
        for threads in ["2", "5"] {
            assert_eq!(found(folder.path(), &["--threads", threads, name]), alone, "{name}");
        }
    }
}
