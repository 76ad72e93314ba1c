//! Packages agree with the manifest: same version, same address, and no tool at install time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

#[test]
fn all_packages_name_the_same_repository() {
    let address = Regex::new(r"https://github\.com/telleaks/[a-z]+").unwrap();
    for name in [
        "Cargo.toml",
        "packaging/pypi/pyproject.toml",
        "packaging/pypi/README.md",
        "packaging/homebrew/telleaks.rb",
        "packaging/scoop/telleaks.json",
        "packaging/winget/telleaks.telleaks.yaml",
    ] {
        let text = read(name);
        let all: Vec<&str> = address.find_iter(&text).map(|found| found.as_str()).collect();
        assert!(!all.is_empty(), "{name}");
        assert!(all.iter().all(|one| *one == REPOSITORY), "{name}: {all:?}");
    }
}

#[test]
fn formula_has_manifest_version() {
    let formula = read("packaging/homebrew/telleaks.rb");
    let version = env!("CARGO_PKG_VERSION");
    assert!(formula.contains(&format!("version \"{version}\"")));
    assert_eq!(formula.matches(&format!("/v{version}/telleaks-v{version}-")).count(), 4);
}

#[test]
fn windows_manifests_have_manifest_version() {
    let version = env!("CARGO_PKG_VERSION");
    let archive = format!("/v{version}/telleaks-v{version}-x86_64-pc-windows-msvc.zip");
    let scoop: serde_json::Value = serde_json::from_str(&read("packaging/scoop/telleaks.json")).unwrap();
    assert_eq!(scoop["version"], version);
    assert!(scoop["architecture"]["64bit"]["url"].as_str().unwrap().ends_with(&archive));
    let winget = read("packaging/winget/telleaks.telleaks.yaml");
    assert!(winget.contains(&format!("PackageVersion: {version}\n")) && winget.contains(&archive));
}

#[test]
fn pre_commit_hooks_use_this_version() {
    let version = env!("CARGO_PKG_VERSION");
    let project: toml::Table = read("pyproject.toml").parse().unwrap();
    assert_eq!(project["project"]["version"].as_str(), Some(version));
    assert_eq!(project["project"]["dependencies"][0].as_str(), Some(&*format!("telleaks=={version}")));
    assert!(read(".pre-commit-hooks.yaml").contains(&format!("/telleaks:v{version} ")));
    for page in ["README.md", "docs/hooks.md"] {
        assert!(read(page).contains(&format!("rev: v{version}\n")), "{page}");
    }
}

#[test]
fn image_is_empty_and_unprivileged() {
    let dockerfile = read("Dockerfile");
    let last = dockerfile.rsplit("\nFROM ").next().unwrap();
    assert!(last.starts_with("scratch\n"), "{last}");
    assert!(last.contains("\nUSER 65534:65534\n"), "{last}");
    // The copied files exist and are not excluded by `.dockerignore`.
    let ignore = read(".dockerignore");
    for words in dockerfile
        .lines()
        .filter_map(|line| line.strip_prefix("COPY "))
        .filter(|line| !line.starts_with("--from"))
    {
        let names: Vec<&str> = words.split(' ').collect();
        for name in &names[..names.len() - 1] {
            assert!(root().join(name).exists(), "{name}");
            assert!(ignore.lines().any(|line| line.starts_with(&format!("!{name}"))), "{name}");
        }
    }
    let rust = Regex::new(r"FROM rust:([0-9.]+)-alpine").unwrap();
    assert_eq!(&rust.captures(&dockerfile).unwrap()[1], env!("CARGO_PKG_RUST_VERSION"));
}

/// Runs the npm packaging script with the program under test as the binary of one platform.
fn npm() -> (tempfile::TempDir, PathBuf) {
    let out = tempfile::tempdir().unwrap();
    let program = format!("linux-x64={}", env!("CARGO_BIN_EXE_telleaks"));
    let made = Command::new("python3")
        .arg(root().join("packaging/npm/make.py"))
        .arg(out.path())
        .arg(program)
        .status();
    assert!(made.unwrap().success());
    let folder = out.path().to_owned();
    (out, folder)
}

#[test]
fn npm_installs_platform_program_without_scripts() {
    let (_kept, folder) = npm();
    let package = |name: &str| -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(folder.join(name).join("package.json")).unwrap()).unwrap()
    };
    let main = package("telleaks");
    assert_eq!(main["version"], env!("CARGO_PKG_VERSION"));
    assert!(main.get("scripts").is_none() && main.get("dependencies").is_none());
    let optional = main["optionalDependencies"].as_object().unwrap();
    assert!(optional.values().all(|version| version == env!("CARGO_PKG_VERSION")) && optional.len() == 7);
    let platform = package("linux-x64");
    assert_eq!((&platform["os"][0], &platform["cpu"][0]), (&"linux".into(), &"x64".into()));
    assert!(optional.contains_key(platform["name"].as_str().unwrap()));
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn launcher_forwards_arguments_and_exit_codes_and_reports_missing_program() {
    if Command::new("node").arg("--version").output().is_err() {
        println!("skipped: node is not installed");
        return;
    }
    let (_kept, folder) = npm();
    let modules = folder.join("app/node_modules");
    fs::create_dir_all(modules.join("@telleaks")).unwrap();
    fs::rename(folder.join("telleaks"), modules.join("telleaks")).unwrap();
    let run = |words: &[&str]| {
        Command::new("node").arg(modules.join("telleaks/launcher.js")).args(words).output().unwrap()
    };
    let missing = run(&["--version"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&missing.stderr).contains("there is no package @telleaks/linux-x64 here")
    );
    fs::rename(folder.join("linux-x64"), modules.join("@telleaks/linux-x64")).unwrap();
    let version = run(&["--version"]);
    assert_eq!(version.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&version.stdout).contains(env!("CARGO_PKG_VERSION")));
    assert_eq!(run(&["scan", "no/such/path"]).status.code(), Some(2));
}
