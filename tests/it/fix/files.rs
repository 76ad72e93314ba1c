//! Files: permissions, symbolic links, diffs that patch can apply, exit codes.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::common::random::Random;
use crate::common::{both, code, put, telleaks};

fn fix(folder: &Path, args: &[&str]) -> Output {
    telleaks().current_dir(folder).arg("fix").args(args).output().unwrap()
}

#[test]
fn permissions_stay_and_links_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("files", 0).key();
    put(folder.path(), "run.sh", format!("#!/bin/sh\nA={key}\n"));
    put(folder.path(), "elsewhere/real.sh", format!("A={key}\n"));
    let mode = |bits| fs::Permissions::from_mode(bits);
    fs::set_permissions(folder.path().join("run.sh"), mode(0o750)).unwrap();
    symlink("elsewhere/real.sh", folder.path().join("link.sh")).unwrap();
    let output = fix(folder.path(), &["--write", "link.sh"]);
    assert_eq!(code(&output), 3, "{}", both(&output));
    assert!(fs::read_to_string(folder.path().join("elsewhere/real.sh")).unwrap().contains(&key));
    assert_eq!(code(&fix(folder.path(), &["--write", "."])), 0);
    let bits = fs::metadata(folder.path().join("run.sh")).unwrap().permissions().mode();
    assert_eq!(bits & 0o777, 0o750);
    assert!(folder.path().join("link.sh").is_symlink());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn patch_applies_the_diff_with_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new("patch", 0);
    let key = random.key();
    let body = random.lines(30, "# ");
    let text = format!("import sys\n{body}a = \"{key}\"\n{body}b = [\"{key}\"]\nc = 1\nd = (\"{key}\")");
    put(folder.path(), "src/a.py", &text);
    put(folder.path(), "main.tf", format!("locals {{\n  a = \"{key}\"\n}}"));
    let masked = fix(folder.path(), &["."]);
    assert!(!both(&masked).contains(&key[36..]) && both(&masked).contains("Secrets are masked"));
    let shown = fix(folder.path(), &["--show-secrets", "."]);
    let Ok(mut patch) =
        Command::new("patch").args(["-p1", "-s"]).current_dir(folder.path()).stdin(Stdio::piped()).spawn()
    else {
        eprintln!("patch is absent: the difference was not applied");
        return;
    };
    patch.stdin.take().unwrap().write_all(&shown.stdout).unwrap();
    assert!(patch.wait().unwrap().success(), "{}", both(&shown));
    let patched = ["src/a.py", "main.tf"].map(|name| fs::read_to_string(folder.path().join(name)).unwrap());
    put(folder.path(), "src/a.py", &text);
    put(folder.path(), "main.tf", format!("locals {{\n  a = \"{key}\"\n}}"));
    assert_eq!(code(&fix(folder.path(), &["--write", "."])), 0);
    let written = ["src/a.py", "main.tf"].map(|name| fs::read_to_string(folder.path().join(name)).unwrap());
    assert_eq!(patched, written);
}

#[test]
fn one_declaration_for_a_directory() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("tf", 0).key();
    for name in ["a.tf", "b.tf"] {
        put(folder.path(), name, format!("locals {{\n  {}_key = \"{key}\"\n}}\n", &name[..1]));
    }
    assert_eq!(code(&fix(folder.path(), &["--write", "."])), 0);
    let all: String =
        ["a.tf", "b.tf"].map(|name| fs::read_to_string(folder.path().join(name)).unwrap()).concat();
    assert_eq!(all.matches("variable \"telnyx_api_key\"").count(), 1, "{all}");
}

#[test]
fn exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.py", "import sys\n");
    assert_eq!(code(&fix(folder.path(), &["."])), 0);
    assert_eq!(code(&fix(folder.path(), &["none"])), 2);
}
