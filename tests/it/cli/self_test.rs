//! `telleaks self-test`: finds everything it plants, and reports a configuration that prevents this.

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
fn every_planted_sample_is_found() {
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
fn samples_are_planted_for_the_existing_rules() {
    let folder = TempDir::new().unwrap();
    let (_, report) = results(&folder, &[]);
    let names = report["results"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap());
    let planted: Vec<&str> = names.filter_map(|name| name.strip_prefix("of ")?.split(',').next()).collect();
    let known = telleaks::rules::builtin().unwrap().known;
    assert!(planted.iter().all(|rule| known.iter().any(|id| id == rule)), "{planted:?}");
    // Ids, names and possible keys have no sample that every program must find.
    let without = ["telnyx-api-key", "telnyx-api-key-id", "telnyx-api-key-loose", "telnyx-public-env-name"];
    let without = [&without[..], &["telnyx-signed-url"]].concat();
    for rule in known.iter().filter(|id| id.starts_with("telnyx-") && !without.contains(&id.as_str())) {
        assert!(planted.contains(&rule.as_str()), "there is no sample of {rule}");
    }
}

#[test]
fn hiding_or_disabling_configuration_is_reported() {
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
