//! `telleaks machine`: every place is planted, found and cleaned, and nothing else changes.

mod cleaning;
mod databases;
mod interrupted;
mod kept;
mod level;
mod plants;
mod refused;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::common::{both, code, put, telleaks, text};
use plants::{plant, plants};

/// Runs `telleaks machine` on a home directory.
fn machine(home: &Path, args: &[&str]) -> Output {
    telleaks().args(["machine", "--home"]).arg(home).args(args).output().unwrap()
}

fn parsed(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", both(output)))
}

/// A file with its permissions and the time of its last change.
type Snapshot = BTreeMap<String, (Vec<u8>, u32, std::time::SystemTime)>;

/// Returns all files below a directory.
fn snapshot(home: &Path) -> Snapshot {
    fn add(home: &Path, folder: &Path, out: &mut Snapshot) {
        use std::os::unix::fs::PermissionsExt;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(home, &path, out);
            } else {
                let metadata = fs::metadata(&path).unwrap();
                let name = path.strip_prefix(home).unwrap().to_str().unwrap().to_owned();
                let (mode, time) = (metadata.permissions().mode(), metadata.modified().unwrap());
                out.insert(name, (fs::read(&path).unwrap(), mode, time));
            }
        }
    }
    let mut out = Snapshot::new();
    add(home, home, &mut out);
    out
}

#[test]
fn every_place_is_planted() {
    let home = tempfile::tempdir().unwrap();
    plant(home.path());
    let listed = parsed(&machine(home.path(), &["--list", "--format", "json"]));
    let listed = listed.as_array().unwrap();
    let ids: BTreeSet<&str> = listed.iter().map(|place| text(place, "/id")).collect();
    let planted: BTreeSet<&str> = plants().iter().map(|plant| plant.id).collect();
    assert_eq!(ids, planted);
    for place in listed {
        assert!(place["files"].as_u64().unwrap() >= 1, "{place}");
    }
}

#[test]
fn every_plant_is_found_in_its_place() {
    let home = tempfile::tempdir().unwrap();
    let plants = plant(home.path());
    let output = machine(home.path(), &["--format", "json"]);
    let report = parsed(&output);
    assert_eq!(code(&output), 1, "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!both(&output).contains(&plants[0].key));
    let findings = report["findings"].as_array().unwrap();
    for plant in &plants {
        let id = &plant.key[..35];
        let mut of_key = findings.iter().filter(|finding| text(finding, "/key_id") == id);
        let place = of_key.next().map(|finding| text(finding, "/place/id"));
        assert_eq!(place, Some(plant.id), "{}", plant.path);
    }
    let found: BTreeSet<&str> = findings.iter().map(|finding| text(finding, "/key_id")).collect();
    assert_eq!(found.len(), plants.len());
    let recorded = |id: &str| {
        let of_place = findings.iter().find(|finding| text(finding, "/place/id") == id).unwrap();
        text(of_place, "/place/recorded").to_owned()
    };
    assert_eq!(recorded("bash-history"), "2023-11-14");
    assert_eq!(recorded("zsh-history"), "2023-11-14");
    assert_eq!(recorded("codex-transcripts"), "2026-03-04");
    assert_eq!(recorded("rclone"), "");
}

#[test]
fn one_card_has_all_places_of_a_key() {
    let home = tempfile::tempdir().unwrap();
    let key = crate::common::random::Random::new("card", 0).key();
    put(home.path(), ".netrc", format!("machine api.telnyx.com password {key}\n"));
    put(home.path(), ".zsh_history", format!(": 1700000000:0;curl -H 'Authorization: Bearer {key}' x\n"));
    put(home.path(), "elsewhere/file.txt", format!("{key}\n"));
    let output = machine(home.path(), &[]);
    let shown = both(&output);
    assert_eq!((code(&output), shown.matches("error[telnyx-api-key]").count()), (1, 1), "{shown}");
    assert!(shown.contains("= place: credentials (curl, git), in a file of "), "{shown}");
    let other =
        format!("{}/.zsh_history:1 (history of commands (zsh), recorded 2023-11-14)", home.path().display());
    assert!(shown.contains(&other), "{shown}");
    assert!(
        !shown.contains("elsewhere") && !shown.contains(&key) && !shown.contains("false positive?"),
        "{shown}"
    );
}

#[test]
fn places_are_chosen_by_id_group_and_program() {
    let home = tempfile::tempdir().unwrap();
    plant(home.path());
    let count = |args: &[&str]| {
        let report = parsed(&machine(home.path(), &[args, &["--format", "json"]].concat()));
        let places =
            report["findings"].as_array().unwrap().iter().map(|one| text(one, "/place/id").to_owned());
        places.collect::<BTreeSet<String>>()
    };
    assert_eq!(count(&["--place", "aws"]), BTreeSet::from(["aws".to_owned(), "aws-history".to_owned()]));
    assert_eq!(
        count(&["--place", "Postman", "--place", "netrc"]),
        BTreeSet::from(["netrc".to_owned(), "postman".to_owned()])
    );
    assert!(count(&["--place", "shells"]).len() > 15);
    let output = machine(home.path(), &["--place", "nothing"]);
    assert_eq!(code(&output), 2);
    assert!(both(&output).contains("no such place"), "{}", both(&output));
    assert_eq!(code(&machine(&home.path().join("none"), &[])), 2);
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(code(&machine(empty.path(), &[])), 0);
}

#[test]
fn links_are_followed_inside_the_home_only() {
    let home = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let random = |name| crate::common::random::Random::new(name, 0).key();
    let (inner, outer) = (random("inner"), random("outer"));
    put(home.path(), "dotfiles/zshrc", format!("export TELNYX_API_KEY={inner}\n"));
    put(outside.path(), "bashrc", format!("export TELNYX_API_KEY={outer}\n"));
    std::os::unix::fs::symlink("dotfiles/zshrc", home.path().join(".zshrc")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("bashrc"), home.path().join(".bashrc")).unwrap();
    std::os::unix::fs::symlink("..", home.path().join("dotfiles/loop")).unwrap();
    let report = parsed(&machine(home.path(), &["--format", "json"]));
    let ids: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|one| text(one, "/key_id")).collect();
    assert_eq!(ids, [&inner[..35]]);
    assert_eq!(report["summary"]["links_not_followed"], 1);
    let output = machine(home.path(), &["--clean"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    // The link is still one, and its target is masked.
    assert!(fs::symlink_metadata(home.path().join(".zshrc")).unwrap().is_symlink());
    assert!(!fs::read_to_string(home.path().join("dotfiles/zshrc")).unwrap().contains(&inner));
    assert!(fs::read_to_string(outside.path().join("bashrc")).unwrap().contains(&outer));
}

#[test]
fn paths_of_the_system_are_those_of_the_user() {
    let (home, system) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let uid =
        fs::metadata(home.path()).map(|metadata| std::os::unix::fs::MetadataExt::uid(&metadata)).unwrap();
    let random = |name| crate::common::random::Random::new(name, 0).key();
    let (own, other) = (random("own"), random("other"));
    put(system.path(), &format!("var/log/journal/1/user-{uid}.journal"), format!("MESSAGE={own}\n"));
    put(system.path(), "var/log/journal/1/user-98765.journal", format!("MESSAGE={other}\n"));
    let root = system.path().to_str().unwrap();
    let report = parsed(&machine(home.path(), &["--system-root", root, "--format", "json"]));
    let paths: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|one| text(one, "/location/path")).collect();
    assert_eq!(paths, [format!("/var/log/journal/1/user-{uid}.journal")]);
}

#[test]
fn doctor_covers_the_machine() {
    let home = tempfile::tempdir().unwrap();
    let doctor = |args: &[&str]| {
        let output = telleaks()
            .arg("doctor")
            .arg(home.path())
            .arg("--home")
            .arg(home.path())
            .args(args)
            .output()
            .unwrap();
        both(&output)
    };
    put(home.path(), ".netrc", "machine example.org password x\n");
    fs::create_dir(home.path().join(".gemini")).unwrap();
    let said = doctor(&["--machine"]);
    assert!(said.contains("ok: places: 1 of 121 are here, with 1 files"), "{said}");
    assert!(said.contains("ok: keys: none in these places"), "{said}");
    assert!(said.contains("not in order: Gemini CLI: no hook of telleaks"), "{said}");
    let key = crate::common::random::Random::new("doctor", 0).key();
    put(home.path(), ".bash_history", format!("export TELNYX_API_KEY={key}\n"));
    let install = telleaks()
        .env("HOME", home.path())
        .args(["agent", "install", "--client", "gemini"])
        .output()
        .unwrap();
    assert_eq!(code(&install), 0, "{}", both(&install));
    let said = doctor(&[]);
    assert!(said.contains("not in order: keys: 1 in 1 files"), "{said}");
    assert!(said.contains("ok: alive: not asked") && said.contains("ok: Gemini CLI: has the hook"), "{said}");
    assert!(!said.contains(&key), "{said}");
}
