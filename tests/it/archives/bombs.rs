//! Decompression bombs: they end in bounded time and memory, and never look clean.

use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::archives::{log, make};
use crate::common::random::Random;
use crate::common::{both, code, lines, put, scan, telleaks, text};

/// Maximum peak memory of a scan of containers, in KiB.
const MAX_RSS_KIB: u64 = 200 << 10;

/// Returns `count` GiB of zeros, compressed.
fn zeros(count: usize) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::new(6));
    let block = vec![0; 1 << 20];
    for _ in 0..count * 1024 {
        writer.write_all(&block).unwrap();
    }
    writer.finish().unwrap()
}

/// Scans one file and checks that the exit code is 3, the report contains `said`, and time and memory are bounded.
fn survives(name: &str, content: &[u8], said: &str) {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), name, content);
    let begun = Instant::now();
    let script = r#"ulimit -v 2000000; "$0" scan --no-progress; code=$?; exit $code"#;
    let program = telleaks().get_program().to_owned();
    let output =
        Command::new("sh").current_dir(folder.path()).args(["-c", script]).arg(program).output().unwrap();
    assert_eq!(code(&output), 3, "{name}: {}", both(&output));
    assert!(both(&output).contains(said), "{name}: {}", both(&output));
    // Far more than needed; a bomb that is not stopped takes hours.
    assert!(begun.elapsed() < Duration::from_secs(120), "{name}");
}

#[test]
fn endless_zeros() {
    let bomb = zeros(2);
    survives("zeros.gz", &bomb, "--max-ratio");
    survives("zeros.tgz", &make::zip(&[("zeros.gz", &bomb)]), "--max-ratio");
}

#[test]
fn nested_bombs() {
    // Sixteen of sixteen of sixteen, each 64 MiB of zeros: 256 GiB.
    let zeros = vec![0; 64 << 20];
    let wrap = |inner: &[u8]| {
        let names: Vec<String> = (0..16).map(|number| format!("lib {number}.zip")).collect();
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), inner)).collect();
        make::zip(&files)
    };
    let bomb = wrap(&wrap(&wrap(&make::zip(&[("0.dll", &zeros)]))));
    assert!(bomb.len() < 1 << 20);
    survives("bomb.zip", &bomb, "--max-ratio");
}

#[test]
fn many_members_and_wrong_sizes() {
    let names: Vec<String> = (0..100_000).map(|number| format!("{number}")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "many.tar", make::tar(&files));
    assert_eq!(code(&scan(folder.path(), &[])), 0);
    let limited = scan(folder.path(), &["--max-entries", "99999"]);
    assert_eq!(code(&limited), 3);
    assert!(both(&limited).contains("--max-entries"), "{}", both(&limited));
    // 2^60 bytes in base 256, the GNU tar format for large numbers.
    let mut tar = make::tar(&[("huge", b"little")]);
    tar[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0]);
    tar[148..156].copy_from_slice(b"        ");
    let sum: u32 = tar[..512].iter().map(|byte| u32::from(*byte)).sum();
    tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    survives("huge.tar", &tar, "too early");
}

#[test]
fn limits_are_reported_and_content_before_is_scanned() {
    let key = Random::new("limits", 0).key();
    let content = [log(&key).into_bytes(), vec![b'x'; 3 << 20]].concat();
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.gz", make::gzip(&content));
    put(folder.path(), "b.gz", make::gzip(&content[2000..]));
    for (option, value) in
        [("--max-expanded", "1M"), ("--max-expanded-total", "4M"), ("--max-unpack-time", "0")]
    {
        let output = scan(folder.path(), &[option, value, "--threads", "1"]);
        assert_eq!(code(&output), 1, "{option}: {}", both(&output));
        assert!(both(&output).contains(option), "{option}: {}", both(&output));
    }
    assert_eq!(code(&scan(folder.path(), &["--max-unpack-time", "soon"])), 2);
}

#[test]
fn memory_does_not_grow_with_decompressed_size() {
    let folder = tempfile::tempdir().unwrap();
    let bomb = zeros(1);
    put(folder.path(), "one.gz", &bomb);
    put(folder.path(), "two.zst", zstd::encode_all(&vec![0; 512 << 20][..], 1).unwrap());
    let peak = peak(folder.path());
    assert!(peak < MAX_RSS_KIB, "{peak} KiB");
}

/// Returns the peak memory of a scan, in KiB.
fn peak(folder: &std::path::Path) -> u64 {
    let script = r#""$0" scan --no-progress --max-ratio 1000000 >/dev/null & pid=$!
        peak=0
        while [ -r /proc/$pid/status ] && now=$(grep VmHWM /proc/$pid/status 2>/dev/null); do
            now=$(echo "$now" | tr -dc 0-9); [ "${now:-0}" -gt "$peak" ] && peak=$now
            sleep 0.02
        done
        echo "$peak""#;
    let program = telleaks().get_program().to_owned();
    let output = Command::new("sh").current_dir(folder).args(["-c", script]).arg(program).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let peak = text.trim().parse().unwrap();
    assert!(peak > 0, "{text}");
    peak
}

/// Returns the paths of the findings and the standard error.
fn found(folder: &std::path::Path, name: &str) -> (Vec<String>, String) {
    let output = scan(folder, &["--format", "jsonl", name]);
    let path = |one: &serde_json::Value| text(one, "/location/path").to_owned();
    (lines(&output.stdout).iter().map(path).collect(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn bomb_is_skipped_and_following_members_are_scanned_or_named() {
    let folder = tempfile::tempdir().unwrap();
    let (bomb, text) = (zeros(1), log(&Random::new("bomb", 0).key()));
    let files = [("m.gz", &bomb[..]), ("z.txt", text.as_bytes())];
    put(folder.path(), "t.tgz", make::gzip(&make::tar(&files)));
    put(folder.path(), "t.zip", make::zip(&[("m.gz.gz", &make::gzip(&bomb)), ("z.txt", text.as_bytes())]));
    put(folder.path(), "t.tar.zip", make::zip(&[("t.tar", &make::tar(&files))]));
    for (name, inner, bombed) in [
        ("t.tgz", "t.tgz!/z.txt", "t.tgz!/m.gz: "),
        ("t.zip", "t.zip!/z.txt", "t.zip!/m.gz.gz: "),
        ("t.tar.zip", "t.tar.zip!/t.tar!/z.txt", "t.tar.zip!/t.tar!/m.gz: "),
    ] {
        let (paths, said) = found(folder.path(), name);
        assert_eq!(paths, [inner], "{said}");
        assert!(said.contains(bombed) && said.contains("--max-ratio"), "{said}");
        assert_eq!(said.lines().count(), 1, "once: {said}");
    }
    // Too many bombs end the archive, which is reported.
    let names: Vec<String> = (10..30).map(|number| format!("{number}.gz")).collect();
    let mut many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &bomb[..])).collect();
    many.push(("z.txt", text.as_bytes()));
    put(folder.path(), "many.tgz", make::gzip(&make::tar(&many)));
    let (paths, said) = found(folder.path(), "many.tgz");
    assert!(paths.is_empty(), "{paths:?}");
    assert!(said.contains("many.tgz: not scanned after ") && said.contains("many.tgz!/10.gz: "), "{said}");
}

#[test]
fn sparse_holes_are_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let key = Random::new("holes", 0).key();
    let script = format!(
        "printf 'one\\ntwo\\n' >s && truncate -s 60G s && printf '\\nk={key}\\n' >>s &&
         printf 'x\\n' >small && truncate -s 1M small && printf '\\nk={key}\\n' >>small && echo 'k={key}' >z"
    );
    let sh =
        |script: &str| Command::new("sh").current_dir(folder.path()).args(["-c", script]).status().unwrap();
    assert!(sh(&script).success());
    let forms = ["gnu", "pax --sparse-version=0.0", "pax --sparse-version=0.1", "pax --sparse-version=1.0"];
    for (number, form) in forms.into_iter().enumerate() {
        assert!(sh(&format!("tar -S --format={form} -cf {number}.tar s small z")).success());
    }
    assert!(sh("rm s").success());
    for (number, form) in forms.into_iter().enumerate() {
        let output = scan(folder.path(), &["--format", "jsonl", &format!("{number}.tar")]);
        let place = |one: &serde_json::Value| {
            let path = text(one, "/location/path").rsplit('/').next().unwrap().to_owned();
            (path, number_of(one, "start_line"), number_of(one, "byte_start"))
        };
        let mut places: Vec<_> = lines(&output.stdout).iter().map(place).collect();
        let byte = places.iter().position(|one| one.0 == "s").map(|at| std::mem::take(&mut places[at].2));
        assert!(byte.is_some_and(|byte| byte < 1 << 20), "{form}: {}", both(&output));
        let expected = [("s", 4, 0), ("small", 3, (1 << 20) + 3), ("z", 1, 2)];
        assert_eq!(places, expected.map(|(path, line, byte)| (path.to_owned(), line, byte)), "{form}");
        assert_eq!(output.stderr.len(), 0, "{form}: {}", both(&output));
    }
}

fn number_of(finding: &serde_json::Value, field: &str) -> u64 {
    finding["location"][field].as_u64().unwrap()
}
