//! Layering: each module uses only modules below it, and only `main.rs` prints and exits. The packages under `crates/` let
//! the compiler check the largest steps.

use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The modules from the bottom up, each with the modules that it may use; CONTRIBUTING.md has the same order.
const ARROWS: [(&str, &[&str]); 36] = [
    ("platform", &[]),
    ("finding", &[]),
    ("assignments", &["finding"]),
    ("rules", &["assignments", "finding"]),
    ("detect", &["assignments", "finding", "rules"]),
    ("fault_injection", &[]),
    ("input", &["fault_injection"]),
    ("unpack", &["input"]),
    ("documents", &["input", "finding", "unpack"]),
    ("records", &[]),
    ("git", &["fault_injection", "finding"]),
    ("atomic_file", &[]),
    ("progress", &[]),
    ("source", &["input", "fault_injection", "finding", "git", "progress"]),
    ("places", &["fault_injection"]),
    ("report", &["fault_injection", "finding", "rules", "atomic_file"]),
    ("suppress", &["fault_injection", "finding", "report", "rules", "atomic_file"]),
    ("redact", &["assignments", "detect", "finding", "records", "rules"]),
    ("fix", &["detect", "finding"]),
    (
        "scan",
        &[
            "input",
            "detect",
            "documents",
            "fault_injection",
            "finding",
            "fix",
            "git",
            "progress",
            "records",
            "rules",
            "source",
            "unpack",
        ],
    ),
    ("clean", &["atomic_file", "detect", "fault_injection", "finding", "redact", "scan", "unpack"]),
    ("staged", &["scan", "input", "detect", "fault_injection", "finding", "git"]),
    ("commits", &["scan", "input", "detect", "finding", "git"]),
    (
        "audit",
        &["scan", "input", "detect", "fault_injection", "finding", "git", "progress", "report", "source"],
    ),
    ("probe", &["detect", "fault_injection", "finding", "report"]),
    ("respond", &["finding", "report", "rules"]),
    ("self_test", &["finding"]),
    ("merge", &["finding", "report"]),
    ("export", &["finding", "rules"]),
    ("hook", &["atomic_file"]),
    ("agent", &["atomic_file"]),
    ("mcp", &[]),
    ("lsp", &["finding", "report", "respond", "rules"]),
    ("cli", &["agent", "export", "fault_injection", "finding", "hook", "probe", "report", "suppress"]),
    (
        "commands",
        &[
            "agent",
            "audit",
            "clean",
            "cli",
            "places",
            "scan",
            "commits",
            "input",
            "detect",
            "export",
            "fault_injection",
            "finding",
            "fix",
            "git",
            "hook",
            "lsp",
            "mcp",
            "merge",
            "probe",
            "progress",
            "redact",
            "report",
            "respond",
            "rules",
            "self_test",
            "source",
            "staged",
            "suppress",
            "atomic_file",
            "unpack",
        ],
    ),
    ("main", &["cli", "commands", "report", "atomic_file"]),
];

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            out.push(path);
        }
    }
}

/// The source folders of all packages.
const PACKAGES: [&str; 5] =
    ["src", "crates/contents/src", "crates/detection/src", "crates/git/src", "crates/platform/src"];
/// The packages that are one module each.
const WHOLE: [&str; 2] = ["crates/git/src", "crates/platform/src"];

/// Returns every source file of all packages, relative to the root.
fn source_files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    PACKAGES.iter().for_each(|package| files(&root.join(package), &mut all));
    all.into_iter().map(|path| path.strip_prefix(root).unwrap().to_path_buf()).collect()
}

/// Returns the top-level module of a file.
fn module_of(path: &Path) -> String {
    let package = PACKAGES.iter().find(|package| path.starts_with(package)).unwrap();
    if WHOLE.contains(package) {
        return Path::new(package).parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
    }
    let inside = path.strip_prefix(package).unwrap();
    inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// Returns every source file with its top-level module and its text without comments.
fn sources() -> Vec<(PathBuf, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let comment = Regex::new(r"(?m)//.*$").unwrap();
    let read = |path: PathBuf| {
        let text = comment.replace_all(&fs::read_to_string(root.join(&path)).unwrap(), "").into_owned();
        let module = module_of(&path);
        (path, module, text)
    };
    source_files().into_iter().map(read).collect()
}

/// Returns the modules of the crate that are named in a text.
fn used(text: &str) -> BTreeSet<String> {
    let path = Regex::new(r"\b(?:crate|telleaks)::(?:\{([^;]*?)\}\s*;|(\w+))").unwrap();
    let first = Regex::new(r"(?:^|,)\s*(\w+)").unwrap();
    let braces = Regex::new(r"\{[^{}]*\}").unwrap();
    let mut out = BTreeSet::new();
    for found in path.captures_iter(text) {
        if let Some(one) = found.get(2) {
            out.insert(one.as_str().to_owned());
        }
        if let Some(list) = found.get(1) {
            let mut list = list.as_str().to_owned();
            while braces.is_match(&list) {
                list = braces.replace_all(&list, "").into_owned();
            }
            out.extend(first.captures_iter(&list).map(|one| one[1].to_owned()));
        }
    }
    out
}

#[test]
fn reader_of_this_test_sees_used_modules() {
    let text = "use crate::finding::{A, B};\nuse crate::{rules::Rule, report::{self, X}, source};\nlet x = crate::cli::Y;";
    let seen: Vec<String> = used(text).into_iter().collect();
    assert_eq!(seen, ["cli", "finding", "report", "rules", "source"]);
}

#[test]
fn modules_use_only_allowed_modules() {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (path, module, text) in sources() {
        // Unit tests may build their inputs with other modules.
        if module == "lib" || path.ends_with("tests.rs") {
            continue;
        }
        let allowed = arrows.get(module.as_str());
        let is_whole = WHOLE.iter().any(|package| path.starts_with(package));
        let is_inside = |other: &str| is_whole && !arrows.contains_key(other);
        for other in used(&text).iter().filter(|other| **other != module && !is_inside(other)) {
            if !allowed.is_some_and(|allowed| allowed.contains(&other.as_str())) {
                wrong.push(format!("{} uses {other}", path.display()));
            }
        }
        seen.insert(module);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Added and removed modules must be added to and removed from the list above.
    assert!(seen.iter().map(String::as_str).eq(arrows.into_keys()), "{seen:?}");
}

#[test]
fn modules_use_only_modules_below_them() {
    let order: Vec<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    for (index, (name, used)) in ARROWS.iter().enumerate() {
        let climbs: Vec<_> = used.iter().filter(|other| !order[..index].contains(other)).collect();
        assert!(climbs.is_empty(), "{name} uses {climbs:?}, which come later");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let row = Regex::new(r"(?m)^\| `(?:(?:crates/\w+/)?src|crates)/(\w+)(?:/|\.rs)` \|").unwrap();
    let rows: Vec<&str> = row.captures_iter(&table).map(|row| row.get(1).unwrap().as_str()).collect();
    assert_eq!(rows, order, "the table in CONTRIBUTING.md");
    let read = |package: &&str| fs::read_to_string(root.join(package).join("lib.rs")).unwrap();
    let libs: String = PACKAGES.iter().map(read).collect();
    let modules = order.iter().filter(|name| !["platform", "git", "main"].contains(*name));
    for name in modules {
        assert!(libs.contains(&format!("mod {name};")), "{name} is not a module");
    }
}

/// What exists on some systems only.
const SYSTEM_NAMES: &str = r"\bos::(?:unix|windows|fd|linux|macos)\b|\brustix\b|\bwindows_sys\b|\blibc::";

#[test]
fn only_platform_names_one_system() {
    let names = Regex::new(SYSTEM_NAMES).unwrap();
    let in_tests = Regex::new(r"(?s)#\[cfg\(test\)\]\s*(?:#\[cfg\(\w+\)\]\s*)?mod \w+ \{.*").unwrap();
    let mut counted = 0;
    for (path, module, text) in sources() {
        if path.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        let text = in_tests.replace(&text, "");
        let found: Vec<&str> = names.find_iter(&text).map(|one| one.as_str()).collect();
        counted += found.len();
        assert!(module == "platform" || found.is_empty(), "{}: {found:?}", path.display());
    }
    assert!(counted > 0);
}

#[test]
fn only_main_prints_and_exits() {
    let forbidden = Regex::new(
        r"\b(?:e?println!|e?print!|dbg!|process::exit|process::abort|io::stdout|io::stderr|stdout\(\)|stderr\(\))",
    )
    .unwrap();
    let in_tests = Regex::new(r"(?s)#\[cfg\(test\)\]\s*mod \w+ \{.*").unwrap();
    let mut counted = 0;
    for (path, module, text) in sources() {
        let text = in_tests.replace(&text, "");
        let found: Vec<&str> = forbidden.find_iter(&text).map(|one| one.as_str()).collect();
        counted += found.len();
        assert!(module == "main" || found.is_empty(), "{}: {found:?}", path.display());
    }
    assert!(counted > 0);
}

#[test]
fn files_are_short_and_have_module_docs() {
    for path in source_files() {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&path)).unwrap();
        assert!(text.starts_with("//!"), "{}", path.display());
        assert!(text.lines().count() < 400, "{}", path.display());
    }
}

/// Words of a private language that comments and messages should not use; CONTRIBUTING.md has the glossary.
pub(crate) const PRIVATE_WORDS: &str = r"(?i)\b(?:told|tells?|behind|stands?|stood|lies|whoever|nobody|somebody|what comes|by the way|for a person|goes on|so many)\b";
/// Comments and string literals of `src` that hold such a word. The number may only fall.
const MAX_PRIVATE_WORDS: usize = 25;

#[test]
fn comments_and_messages_use_the_terms_of_the_glossary() {
    let words = Regex::new(PRIVATE_WORDS).unwrap();
    let comment_or_text = Regex::new(r#"//.*$|"(?:[^"\\]|\\.)*""#).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for path in source_files() {
        for (number, line) in fs::read_to_string(root.join(&path)).unwrap().lines().enumerate() {
            if comment_or_text.find_iter(line).any(|part| words.is_match(part.as_str())) {
                found.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(found.len() <= MAX_PRIVATE_WORDS, "{} lines:\n{}", found.len(), found.join("\n"));
}

/// Function parameters of `src` that are patterns of two values. Three or more are not allowed. The number may only fall.
const MAX_PAIR_PARAMETERS: usize = 14;

/// Returns the text up to the bracket that closes the one before it, split at its outermost commas.
fn arguments(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            ')' | ']' | '}' if depth == 0 => {
                parts.push(&text[start..at]);
                break;
            }
            ')' | ']' | '}' => depth -= 1,
            '>' if before != '-' && before != '=' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        before = c;
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// Returns the names of the functions of a text and the number of values of each parameter that is a tuple pattern.
fn tuple_parameters(text: &str) -> Vec<(String, usize)> {
    let head = Regex::new(r"\bfn (\w+)(?:<[^(]*>)?\(").unwrap();
    let mut out = Vec::new();
    for found in head.captures_iter(text) {
        for parameter in arguments(&text[found.get(0).unwrap().end()..]) {
            if let Some(pattern) = parameter.trim().strip_prefix('(') {
                out.push((found[1].to_owned(), arguments(pattern).len()));
            }
        }
    }
    out
}

#[test]
fn reader_of_this_test_sees_tuple_parameters() {
    let text =
        "fn a<T>(&self, (x, y): (u8, Vec<(u8, u8)>), z: (u8, u8)) {}\nfn b(\n    (p, (q, r), s): C,\n) {}";
    assert_eq!(tuple_parameters(text), [("a".to_owned(), 2), ("b".to_owned(), 3)]);
}

#[test]
fn parameters_have_names_of_their_own() {
    let mut pairs = Vec::new();
    for (path, _, text) in sources() {
        if path.ends_with("tests.rs") || path.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        for (name, values) in tuple_parameters(&text) {
            assert!(values <= 2, "{}: {name} takes {values} values as one parameter", path.display());
            pairs.push(format!("{}: {name}", path.display()));
        }
    }
    assert!(pairs.len() <= MAX_PAIR_PARAMETERS, "{} parameters:\n{}", pairs.len(), pairs.join("\n"));
}
