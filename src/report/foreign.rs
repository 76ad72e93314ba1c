//! Reads the reports of other scanners: what each finding says about a secret and its place. Does not decide which
//! rule of telleaks a secret belongs to.
//!
//! The files are untrusted, as in [`super::parse`]. Fields were read off reports of gitleaks 8.30, betterleaks 2.0 and
//! kingfisher 2.14; those of TruffleHog 3 are from descriptions of it and were not compared with a real report.

use std::path::Path;

use clap::ValueEnum;
use serde_json::Value;

use super::parse::{MAX_NUMBER, ReadError, load};
use crate::finding::Commit;

/// A report format of another scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum Foreign {
    /// gitleaks, as json.
    Gitleaks,
    /// betterleaks 1 or 2, as json or jsonl.
    Betterleaks,
    /// kingfisher, as json or jsonl.
    Kingfisher,
    /// TruffleHog 3, as json (one object in each line).
    Trufflehog,
    /// SARIF 2.1.0 of any scanner.
    Sarif,
}

impl Foreign {
    /// Returns the name as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gitleaks => "gitleaks",
            Self::Betterleaks => "betterleaks",
            Self::Kingfisher => "kingfisher",
            Self::Trufflehog => "trufflehog",
            Self::Sarif => "sarif",
        }
    }

    /// Returns the findings in a document of this format; `None` if it is not one.
    fn findings(self, document: &Value) -> Option<Vec<ForeignFinding>> {
        let list = match (self, document) {
            (_, Value::Array(list)) if self != Self::Sarif => list.iter().collect(),
            (Self::Betterleaks | Self::Kingfisher, Value::Object(all)) if all.contains_key("findings") => {
                match &all["findings"] {
                    Value::Array(list) => list.iter().collect(),
                    // The second line of kingfisher has numbers only.
                    Value::Null | Value::Number(_) => Vec::new(),
                    _ => return None,
                }
            }
            // One object in each line: the findings, and the run.
            (Self::Betterleaks, Value::Object(all)) if all.contains_key("finding") => vec![&all["finding"]],
            (Self::Betterleaks, Value::Object(all)) if all.contains_key("scan") => Vec::new(),
            (Self::Kingfisher, Value::Object(all)) if all.contains_key("audit") => Vec::new(),
            (Self::Sarif, Value::Object(all)) => return sarif(all.get("runs")?.as_array()?),
            (Self::Gitleaks, _) => return None,
            (_, Value::Object(_)) => vec![document],
            _ => return None,
        };
        let read = |one| match self {
            Self::Gitleaks => gitleaks(one),
            Self::Betterleaks => betterleaks(one).or_else(|| gitleaks(one)),
            Self::Kingfisher => kingfisher(one),
            Self::Trufflehog => trufflehog(one),
            Self::Sarif => None,
        };
        list.into_iter().map(read).collect()
    }
}

/// A finding of another scanner.
#[derive(Clone, Default)]
pub struct ForeignFinding {
    /// Its rule and the description of it.
    pub rule: String,
    /// The secret, if it is there and not masked.
    pub secret: Option<String>,
    /// Further text around it.
    pub around: Option<String>,
    /// Whether the report masks it.
    pub is_masked: bool,
    /// Path of its file, separated by `/`.
    pub path: String,
    /// First and last line, 1-based; 0 if unknown.
    pub lines: (u64, u64),
    /// The commit that holds it, if it was found in history.
    pub commit: Option<Commit>,
}

/// Reads the report of another scanner at `path`; `-` is standard input.
///
/// # Errors
/// Returns an error if the file cannot be read or has another format.
pub fn read_foreign(path: &Path, tool: Foreign) -> Result<Vec<ForeignFinding>, ReadError> {
    let bytes = load(path).map_err(|source| ReadError::File { path: path.to_owned(), source })?;
    parse(&bytes, tool).ok_or_else(|| ReadError::Foreign { path: path.to_owned(), tool: tool.name() })
}

/// Parses one JSON document, or one in each line.
fn parse(bytes: &[u8], tool: Foreign) -> Option<Vec<ForeignFinding>> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        // A report in lines without findings.
        return (tool != Foreign::Sarif && tool != Foreign::Gitleaks).then(Vec::new);
    }
    if let Ok(document) = serde_json::from_slice::<Value>(bytes) {
        return tool.findings(&document);
    }
    let mut all = Vec::new();
    for line in serde_json::Deserializer::from_slice(bytes).into_iter::<Value>() {
        all.extend(tool.findings(&line.ok()?)?);
    }
    Some(all)
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn number(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).filter(|number| *number <= MAX_NUMBER).unwrap_or(0)
}

/// Returns whether a scanner wrote this in place of a secret.
fn is_mask(text: &str) -> bool {
    text.contains("REDACTED") || text.contains("***") || text.ends_with("...") || text.contains('…')
}

impl ForeignFinding {
    /// Adds the secret and the text around it.
    fn with(mut self, secret: Option<String>, around: Option<String>) -> Self {
        self.is_masked = secret.as_deref().is_some_and(is_mask);
        self.secret = secret.filter(|_| !self.is_masked);
        self.around = around;
        self.path = self.path.replace('\\', "/").trim_start_matches("./").to_owned();
        self.lines.1 = self.lines.1.max(self.lines.0);
        self
    }
}

/// Returns the commit with these fields, if there is an id.
fn commit(value: &Value, fields: [&str; 5]) -> Option<Commit> {
    let [id, name, address, date, message] = fields.map(|pointer| text(value, pointer));
    let author = [name, address.map(|address| format!("<{address}>"))];
    let subject = message.unwrap_or_default().lines().next().unwrap_or_default().to_owned();
    let author = author.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Some(Commit { id: id?, author, date: date.unwrap_or_default(), subject })
}

fn gitleaks(one: &Value) -> Option<ForeignFinding> {
    let found = ForeignFinding {
        rule: format!("{} {}", text(one, "/RuleID")?, text(one, "/Description").unwrap_or_default()),
        path: text(one, "/File")?,
        lines: (number(one, "/StartLine"), number(one, "/EndLine")),
        commit: commit(one, ["/Commit", "/Author", "/Email", "/Date", "/Message"]),
        ..ForeignFinding::default()
    };
    Some(found.with(text(one, "/Secret"), text(one, "/Line").or_else(|| text(one, "/Match"))))
}

fn betterleaks(one: &Value) -> Option<ForeignFinding> {
    let of = |name: &str| format!("/attributes/git.{name}");
    let [sha, name, address, date, message] =
        ["sha", "author_name", "author_email", "date", "message"].map(of);
    let found = ForeignFinding {
        rule: format!("{} {}", text(one, "/rule_id")?, text(one, "/description").unwrap_or_default()),
        path: text(one, "/location/path")?,
        lines: (number(one, "/location/start_line"), number(one, "/location/end_line")),
        commit: commit(one, [&sha, &name, &address, &date, &message]),
        ..ForeignFinding::default()
    };
    Some(found.with(text(one, "/match/value"), text(one, "/match/full")))
}

fn kingfisher(one: &Value) -> Option<ForeignFinding> {
    let base = "/finding/git_metadata/commit";
    let [id, name, address, date] =
        ["id", "committer/name", "committer/email", "date"].map(|of| format!("{base}/{of}"));
    let line = number(one, "/finding/line");
    let found = ForeignFinding {
        rule: format!("{} {}", text(one, "/rule/id")?, text(one, "/rule/name").unwrap_or_default()),
        path: text(one, "/finding/path")?,
        lines: (line, line),
        commit: commit(one, [&id, &name, &address, &date, &format!("{base}/message")]),
        ..ForeignFinding::default()
    };
    Some(found.with(text(one, "/finding/snippet"), None))
}

fn trufflehog(one: &Value) -> Option<ForeignFinding> {
    let detector = text(one, "/DetectorName")?;
    let sources = one.pointer("/SourceMetadata/Data").and_then(Value::as_object);
    let place = sources.and_then(|all| all.values().next()).cloned().unwrap_or_default();
    let line = number(&place, "/line");
    let found = ForeignFinding {
        rule: detector,
        path: text(&place, "/file").or_else(|| text(&place, "/link")).unwrap_or_else(|| "unknown".to_owned()),
        lines: (line, line),
        commit: commit(&place, ["/commit", "/email", "", "/timestamp", "/message"]),
        ..ForeignFinding::default()
    };
    Some(found.with(text(one, "/Raw"), text(one, "/RawV2")))
}

fn sarif(runs: &[Value]) -> Option<Vec<ForeignFinding>> {
    let mut all = Vec::new();
    for run in runs {
        for result in run.get("results").and_then(Value::as_array).into_iter().flatten() {
            let message = text(result, "/message/text").unwrap_or_default();
            let rule = format!("{} {message}", text(result, "/ruleId").unwrap_or_default());
            let places = result.get("locations").and_then(Value::as_array).into_iter().flatten();
            for place in places.filter_map(|place| place.get("physicalLocation")) {
                let fields = ["commitSha", "author", "email", "date", "commitMessage"];
                let fields = fields.map(|name| format!("/partialFingerprints/{name}"));
                let [id, name, address, date, subject] = &fields;
                let uri = text(place, "/artifactLocation/uri")?;
                let path =
                    percent_encoding::percent_decode_str(&uri).decode_utf8().map_or(uri.clone(), Into::into);
                let found = ForeignFinding {
                    rule: rule.clone(),
                    path: path.strip_prefix("file://").unwrap_or(&path).to_owned(),
                    lines: (number(place, "/region/startLine"), number(place, "/region/endLine")),
                    commit: commit(result, [id, name, address, date, subject]),
                    ..ForeignFinding::default()
                };
                let around = text(place, "/contextRegion/snippet/text");
                all.push(found.with(text(place, "/region/snippet/text"), around));
            }
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(tool: Foreign, text: &str) -> Vec<ForeignFinding> {
        parse(text.as_bytes(), tool).unwrap()
    }

    #[test]
    fn fields_of_each_tool() {
        let gitleaks = json!([{"RuleID": "r", "Description": "d", "StartLine": 3, "EndLine": 4, "Match": "k=s",
            "Secret": "s", "File": "./a\\b", "Commit": "c", "Author": "n", "Email": "e", "Message": "m\nx"}]);
        let better = json!({"findings": [{"rule_id": "r", "description": "d", "match": {"full": "k=s", "value": "s"},
            "attributes": {"git.sha": "c", "git.author_name": "n", "git.author_email": "e", "git.message": "m\nx"},
            "location": {"path": "a/b", "start_line": 3, "end_line": 4}}]});
        for (tool, document) in [
            (Foreign::Gitleaks, &gitleaks),
            (Foreign::Betterleaks, &gitleaks),
            (Foreign::Betterleaks, &better),
        ] {
            let one = &read(tool, &document.to_string())[0];
            assert_eq!((one.rule.as_str(), one.path.as_str(), one.lines), ("r d", "a/b", (3, 4)));
            assert_eq!((one.secret.as_deref(), one.around.as_deref()), (Some("s"), Some("k=s")));
            let commit = one.commit.as_ref().unwrap();
            assert_eq!(
                (commit.id.as_str(), commit.author.as_str(), commit.subject.as_str()),
                ("c", "n <e>", "m")
            );
        }
        let king = json!({"findings": [{"rule": {"id": "r", "name": "d"}, "finding": {"snippet": "s", "line": 2, "path": "p"}}]});
        let one = &read(Foreign::Kingfisher, &format!("{king}\n{{\"findings\":1}}\n"))[0];
        assert_eq!((one.path.as_str(), one.lines, one.secret.as_deref()), ("p", (2, 2), Some("s")));
        let line = king["findings"][0].to_string();
        assert_eq!(read(Foreign::Kingfisher, &format!("{line}\n{{\"audit\": {{}}}}\n")).len(), 1);
        let line = json!({"schema_version": "1", "finding": better["findings"][0]}).to_string();
        assert_eq!(read(Foreign::Betterleaks, &format!("{line}\n{{\"scan\": {{}}}}\n")).len(), 1);
        let hog = json!({"DetectorName": "Telnyx", "Raw": "s",
            "SourceMetadata": {"Data": {"Git": {"file": "p", "line": 2, "commit": "c"}}}});
        let all = read(Foreign::Trufflehog, &format!("{hog}\n{hog}\n"));
        assert_eq!((all.len(), all[1].commit.as_ref().unwrap().id.as_str()), (2, "c"));
        let sarif = json!({"runs": [{"results": [{"ruleId": "r", "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": "a%20b"}, "region": {"startLine": 5, "snippet": {"text": "s"}}}}]}]}]});
        let one = &read(Foreign::Sarif, &sarif.to_string())[0];
        assert_eq!((one.path.as_str(), one.lines, one.secret.as_deref()), ("a b", (5, 5), Some("s")));
    }

    #[test]
    fn masked_and_wrong_reports() {
        let one = json!([{"RuleID": "r", "Secret": "REDACTED", "File": "a"}]);
        let one = &read(Foreign::Gitleaks, &one.to_string())[0];
        assert!(one.is_masked && one.secret.is_none());
        for (tool, text) in [
            (Foreign::Gitleaks, "{}"),
            (Foreign::Gitleaks, ""),
            (Foreign::Gitleaks, "[{\"RuleID\": 1}]"),
            (Foreign::Sarif, "[]"),
            (Foreign::Sarif, "{\"runs\": 1}"),
            (Foreign::Kingfisher, "{\"findings\": {}}"),
            (Foreign::Trufflehog, "{} x"),
        ] {
            assert!(parse(text.as_bytes(), tool).is_none(), "{tool:?} {text}");
        }
        assert!(read(Foreign::Gitleaks, "[]").is_empty() && read(Foreign::Trufflehog, "\n").is_empty());
    }
}
