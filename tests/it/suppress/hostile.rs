//! Suppression files in a repository cannot hang the scan, exhaust memory, or make it read other files.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::common::{both, code};
use crate::suppress::repo::{Repo, key, line};
use crate::suppress::{BASELINE, CONFIG, refused};

/// A function that adds something to a repository.
type Make<'a> = &'a dyn Fn(&Repo);

#[test]
fn pipes_devices_links_and_huge_files_are_refused() {
    for name in [CONFIG, BASELINE] {
        let make: [(&str, Make<'_>); 6] = [
            ("not a regular file", &|repo| {
                assert!(Command::new("mkfifo").arg(repo.dir().join(name)).status().unwrap().success());
            }),
            ("leads out", &|repo| symlink("/dev/zero", repo.dir().join(name)).unwrap()),
            ("leads out", &|repo| {
                fs::write(repo.beside("outside"), "fail-on = 'error'\n").unwrap();
                symlink("../outside", repo.dir().join(name)).unwrap();
            }),
            ("larger than", &|repo| {
                fs::File::create(repo.dir().join(name)).unwrap().set_len(1 << 30).unwrap();
            }),
            ("not a regular file", &|repo| fs::create_dir(repo.dir().join(name)).unwrap()),
            ("is not UTF-8", &|repo| repo.put(name, b"\n\xff\xfe")),
        ];
        for (words, make) in make {
            let repo = Repo::with(&[("a.txt", &line(1))]);
            make(&repo);
            let start = Instant::now();
            for command in ["scan", "audit"] {
                let said = refused(&repo, &[command]);
                assert!(said.contains(words) && said.contains(name), "{command} {name}: {said}");
            }
            assert!(start.elapsed() < Duration::from_secs(20));
            assert_eq!(code(&repo.run(&["scan", "a.txt", "--no-config"])), 1);
        }
    }
}

#[test]
fn hostile_content_is_an_error_and_never_shown() {
    let repo = Repo::with(&[("a.txt", &line(1))]);
    let secret = key(9);
    for text in [
        format!("x = {}", "[".repeat(200_000)),
        format!("[{}x]", "a.".repeat(200_000)),
        "\0\0\0\0".to_owned(),
        format!("{secret} = 1\n"),
        format!("[rules.{secret}]\n"),
        format!("fail-on = '{secret}'\n"),
        format!("[[allow]]\nreason = '{secret}'\n"),
        format!("[[allow]]\nreason = 'r'\npaths = ['[{secret}']\n"),
        format!("\"\\u001b[31m{secret}\" = 1\n"),
        format!("baseline = '{secret}/../../x'\n"),
        format!("{secret}\n"),
        "baseline = '../../../../etc/passwd'\n".to_owned(),
        "baseline = '/etc/passwd'\n".to_owned(),
    ] {
        repo.put(CONFIG, &text);
        let output = repo.run(&["scan"]);
        let said = both(&output);
        let shown: String = text.chars().take(80).collect();
        assert_eq!(code(&output), 2, "{shown}: {said}");
        assert!(!said.contains(&secret[36..]) || shown.starts_with("baseline"), "{shown}: {said}");
        assert!(!said.contains('\x1b') && said.len() < 2000, "{said}");
    }
    fs::remove_file(repo.dir().join(CONFIG)).unwrap();
    for line in [secret.clone(), format!("{{\"hash\":\"{secret}\",\"rule\":\"r\"}}"), "[".repeat(10_000)] {
        repo.put(BASELINE, format!("{{\"baseline\":1,\"salt\":\"{}\"}}\n{line}\n", "0".repeat(64)));
        let said = refused(&repo, &["scan"]);
        assert!(said.contains(".telleaks-baseline.jsonl:2: ") && !said.contains(&secret[36..]), "{said}");
    }
}

#[test]
fn secret_in_reason_is_masked_in_reports() {
    let repo = Repo::with(&[("a.txt", &line(1))]);
    let secret = key(9);
    repo.put(
        CONFIG,
        format!(
            "[[allow]]\nreason = '{secret}'\nrules = ['telnyx-api-key']\n\
             [[allow]]\nreason = 'r'\npaths = ['docs/of/{secret}']\n[[allow]] # {secret}\nreason = 'r'\npaths = ['x']\n"
        ),
    );
    for format in ["text", "json", "sarif"] {
        let output = repo.run(&["scan", "--verbose", "--format", format]);
        assert!(!both(&output).contains(&secret[36..48]), "{format}: {}", both(&output));
    }
}

#[test]
fn files_with_many_lines_are_fast() {
    let repo = Repo::with(&[("a.txt", &line(1))]);
    let one = |number: usize| format!("{{\"hash\":\"{number:064x}\",\"rule\":\"telnyx-api-key\"}}\n");
    let many: String = (0..50_000).map(one).collect();
    repo.put(BASELINE, format!("{{\"baseline\":1,\"salt\":\"{}\"}}\n{many}", "0".repeat(64)));
    let start = Instant::now();
    assert_eq!(code(&repo.run(&["scan", "--format", "jsonl"])), 1);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    let path = |number: usize| {
        format!("{{\"hash\":\"{number:064x}\",\"rule\":\"telnyx-api-key\",\"path\":\"p{number}\"}}\n")
    };
    let many: String = (0..10_000).map(path).collect();
    repo.put(BASELINE, format!("{{\"baseline\":1,\"salt\":\"{}\"}}\n{many}", "0".repeat(64)));
    assert!(refused(&repo, &["scan"]).contains("different paths"));
    fs::remove_file(repo.dir().join(BASELINE)).unwrap();
    let word = "'*a?',".repeat(1_500);
    repo.put(CONFIG, format!("[[allow]]\nreason = 'r'\npaths = [{word}]\n").repeat(2));
    assert!(refused(&repo, &["scan"]).contains("globs in one file"));
    assert!(start.elapsed() < Duration::from_secs(120), "{:?}", start.elapsed());
}
