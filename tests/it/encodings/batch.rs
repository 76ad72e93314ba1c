//! A directory of generated files, the secrets in each of them, and one run of the program over all files.

use serde_json::Value;
use std::collections::BTreeSet;
use tempfile::TempDir;

use crate::common::random::Random;
use crate::common::{both, code, lines, number, put, scan, text};
use crate::encodings::text::Text;

/// A secret that must be found.
struct Wanted {
    path: String,
    secret: String,
    /// Line of its first character, where it is unambiguous.
    line: Option<u64>,
    /// Rule that must report it, where only one can.
    rule: Option<&'static str>,
}

pub(crate) struct Batch {
    folder: TempDir,
    wanted: Vec<Wanted>,
    files: usize,
    args: Vec<&'static str>,
}

impl Batch {
    pub(crate) fn new() -> Self {
        let args = vec!["--format", "jsonl", "--show-secrets", "--no-config"];
        Self { folder: tempfile::tempdir().unwrap(), wanted: Vec::new(), files: 0, args }
    }

    /// Adds an argument to the run.
    pub(crate) fn with(mut self, arg: &'static str) -> Self {
        self.args.push(arg);
        self
    }

    /// Adds `count` files of one shape, each with a key that `make` inserts.
    pub(crate) fn shape(
        &mut self,
        name: &str,
        count: usize,
        make: impl Fn(&mut Random, usize, Text) -> Text,
    ) {
        for variant in 0..count {
            let mut random = Random::new(name, variant);
            let key = random.key();
            let content = make(&mut random, variant, Text::new(&key));
            self.leak(name, None, &content, &key);
        }
    }

    /// Adds a file with one secret, which must be reported by `rule` if that is given.
    pub(crate) fn leak(&mut self, name: &str, rule: Option<&'static str>, content: &Text, secret: &str) {
        let path = self.file(name, &content.bytes);
        self.wanted.push(Wanted { path, secret: secret.into(), line: Some(content.line()), rule });
    }

    /// Adds a file with any number of secrets, whose lines are not checked.
    pub(crate) fn leaks(&mut self, name: &str, content: &[u8], secrets: &[String]) {
        let path = self.file(name, content);
        for secret in secrets {
            self.wanted.push(Wanted { path: path.clone(), secret: secret.clone(), line: None, rule: None });
        }
    }

    /// Adds a file that must not have findings above the severity note.
    pub(crate) fn harmless(&mut self, name: &str, content: impl AsRef<[u8]>) {
        self.file(name, content.as_ref());
    }

    fn file(&mut self, name: &str, content: &[u8]) -> String {
        self.files += 1;
        let path = format!("{name}/{}.txt", self.files);
        put(self.folder.path(), &path, content);
        path
    }

    /// Scans all files in one run and checks that every secret is found at its location, and nothing else above a note.
    pub(crate) fn check(self) {
        let findings = self.run();
        let serious: Vec<&Value> = findings.iter().filter(|one| text(one, "/severity") != "note").collect();
        let mut wrong = Vec::new();
        for wanted in &self.wanted {
            if let Err(problem) = wanted.among(&serious) {
                wrong.push(format!("{}: {problem}", wanted.path));
            }
        }
        let known: BTreeSet<(&str, &str)> =
            self.wanted.iter().map(|wanted| (wanted.path.as_str(), wanted.secret.as_str())).collect();
        for one in serious {
            if !known.contains(&(text(one, "/location/path"), text(one, "/secret"))) {
                wrong.push(format!("found without being there: {one}"));
            }
        }
        if !wrong.is_empty() {
            let kept = self.folder.keep();
            let all = self.wanted.len();
            panic!("{} of {all} in {}:\n{}", wrong.len(), kept.display(), wrong.join("\n"));
        }
    }

    /// Scans all files in one run and returns all findings, including notes.
    pub(crate) fn run(&self) -> Vec<Value> {
        let output = scan(self.folder.path(), &self.args);
        let expected = i32::from(!self.wanted.is_empty());
        let findings = lines(&output.stdout);
        let found = i32::from(findings.iter().any(|one| text(one, "/severity") != "note"));
        assert_eq!(code(&output), found, "{}", both(&output));
        assert!(found >= expected, "nothing was found");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        findings
    }
}

impl Wanted {
    fn among(&self, findings: &[&Value]) -> Result<(), String> {
        let here = findings.iter().filter(|one| text(one, "/location/path") == self.path);
        let Some(found) = here.clone().find(|one| text(one, "/secret") == self.secret) else {
            let others: Vec<&str> = here.map(|one| text(one, "/secret")).collect();
            return Err(format!("missed {}; found {others:?}", self.secret));
        };
        let line = number(found, "/location/start_line");
        if self.line.is_some_and(|wanted| wanted != line) {
            return Err(format!("on line {line} in place of {:?}", self.line));
        }
        let rule = text(found, "/rule_id");
        if self.rule.is_some_and(|wanted| wanted != rule) {
            return Err(format!("reported by {rule} instead of {:?}", self.rule));
        }
        Ok(())
    }
}

/// Puts the text on its own line between other lines, each of which starts with `comment`.
pub(crate) fn host(random: &mut Random, text: Text, (before, after): (&str, &str), comment: &str) -> Text {
    let head = random.some_lines(comment) + before;
    let tail = after.to_owned() + &random.some_lines(comment);
    text.within(head, tail)
}

/// Puts the key at a random offset in plain text.
pub(crate) fn around(random: &mut Random, key: Text) -> Text {
    let length = random.between(1, 30);
    let word = random.words(length);
    match random.between(0, 6) {
        0 => key.within(word, ""),
        1 => key.within("Authorization: Bearer ", "\r\n"),
        2 => key.within(format!("{{\"{word}\": 1, \"api_key\": \""), "\", \"z\": 1}"),
        3 => key.within(format!("https://{word}.example/?key="), "&z=1"),
        4 => key.within(format!("{word}\nTELNYX_API_KEY="), "\nPORT=80\n"),
        _ => key.within(format!("{word}: '"), "'\n"),
    }
}

/// Puts the key after `before` bytes of plain text.
pub(crate) fn behind(random: &mut Random, key: Text, before: usize) -> Text {
    let length = random.between(3, 40);
    key.within(random.words(before), format!("\n{}", random.words(length)))
}
