//! `telleaks self-test`: it finds all that it plants, and says so when a configuration keeps it from that.

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{code, number, put, telleaks};

fn results(folder: &TempDir, args: &[&str]) -> (i32, Value) {
    let mut command = telleaks();
    command.current_dir(folder.path()).args(["self-test", "--format", "json"]).args(args);
    let output = command.output().unwrap();
    let report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (code(&output), report)
}

fn with(report: &Value, status: &str) -> usize {
    report["results"].as_array().unwrap().iter().filter(|one| one["status"] == status).count()
}

#[test]
fn everything_that_is_planted_is_found() {
    let folder = TempDir::new().unwrap();
    let (exit, report) = results(&folder, &[]);
    let missed: Vec<&Value> =
        report["results"].as_array().unwrap().iter().filter(|one| one["status"] != "found").collect();
    assert!(missed.is_empty(), "{missed:#?}");
    assert_eq!((exit, with(&report, "found")), (0, number(&report, "/planted") as usize));
    assert_eq!(report["not_read"], serde_json::json!([]));
    assert!(with(&report, "found") > 60);
}

#[test]
fn samples_are_planted_of_the_rules_that_there_are() {
    let folder = TempDir::new().unwrap();
    let (_, report) = results(&folder, &[]);
    let names = report["results"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap());
    let planted: Vec<&str> = names.filter_map(|name| name.strip_prefix("of ")?.split(',').next()).collect();
    let known = telleaks::rules::builtin().unwrap().known;
    assert!(planted.iter().all(|rule| known.iter().any(|id| id == rule)), "{planted:?}");
    // Of an id, a name, and what could be a key, there is no sample that every program has to find.
    let without = ["telnyx-api-key", "telnyx-api-key-id", "telnyx-api-key-loose", "telnyx-public-env-name"];
    let without = [&without[..], &["telnyx-signed-url"]].concat();
    for rule in known.iter().filter(|id| id.starts_with("telnyx-") && !without.contains(&id.as_str())) {
        assert!(planted.contains(&rule.as_str()), "there is no sample of {rule}");
    }
}

#[test]
fn a_configuration_that_hides_or_switches_off_is_found_out() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "telleaks.toml", "[[allow]]\nreason = 'x'\npaths = ['form-0*.txt']\n");
    let (exit, report) = results(&folder, &[]);
    assert_eq!((exit, with(&report, "hidden"), with(&report, "missed")), (1, 10, 0));
    let off = "[rules.telnyx-api-key]\nenabled = false\n[rules.telnyx-api-key-loose]\nenabled = false\n";
    put(folder.path(), "off.toml", off);
    let (exit, report) = results(&folder, &["--config", "off.toml"]);
    assert_eq!((exit, with(&report, "missed") > 30), (1, true));
    put(folder.path(), "broken.toml", "[[");
    let output = telleaks()
        .current_dir(folder.path())
        .args(["self-test", "--config", "broken.toml"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 2);
}
