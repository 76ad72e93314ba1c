//! The recipes of docs/ci.md and `ci/gitlab.yml`: runs their scripts with the environment of each platform in a
//! repository with a leak and in a clean one. Also compares the tables of that page with `action.yml`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use regex::Regex;
use serde_json::Value;

use crate::action::repo::isolate;
use crate::action::site::{Site, ZERO};
use crate::action::steps::action;
use crate::common::{both, code};

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// Returns the recipe of docs/ci.md with this marker.
fn recipe(mark: &str) -> String {
    let fence = Regex::new(&format!(r"(?s)<!-- {mark} -->\n```\w+\n(.*?)```")).unwrap();
    fence.captures(&read("docs/ci.md")).unwrap()[1].to_owned()
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

/// Joins the lines of a script that run in one shell.
fn joined(lines: &Value) -> String {
    lines.as_array().unwrap().iter().map(|line| format!("{}\n", line.as_str().unwrap())).collect()
}

/// Runs a script in a directory as a platform does: in a shell that stops at the first failure.
fn run(script: &str, folder: &Path, environment: &[(&str, &str)]) -> Output {
    let programs = PathBuf::from(env!("CARGO_BIN_EXE_telleaks"));
    let path = std::env::var("PATH").unwrap();
    let mut command = Command::new("sh");
    command.env_clear().env("PATH", format!("{}:{path}", programs.parent().unwrap().display()));
    isolate(&mut command, folder.parent().unwrap());
    command.args(["-ec", script]).current_dir(folder).envs(environment.iter().copied()).output().unwrap()
}

/// Environment variables of a platform.
type Variables = Vec<(&'static str, String)>;

/// Checks the exit code of the script for a change on a branch, with and without a leak.
fn changes(script: &str, environment: &dyn Fn(&Site, &str) -> Variables) {
    for leaks in [false, true] {
        let site = Site::new();
        // An old leak, which does not belong to the change.
        site.leak(1);
        site.push("main");
        site.work.git(&["checkout", "-q", "-b", "topic"]);
        let head = if leaks {
            site.work.commit(&[("new.env", &crate::action::repo::line(2))])
        } else {
            site.tidy("a")
        };
        site.push("topic");
        let folder = site.checkout("refs/heads/topic", &head, None);
        let owned = environment(&site, &head);
        let set: Vec<(&str, &str)> = owned.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let output = run(script, &folder, &set);
        assert_eq!(code(&output), i32::from(leaks), "{}", both(&output));
    }
}

/// Checks the exit code for a whole repository, with and without a leak in its history.
fn wholes(script: &str, environment: &[(&str, &str)]) {
    for leaks in [false, true] {
        let site = Site::new();
        if leaks {
            site.leak(1);
        }
        let head = site.work.commit(&[("src/sms.env", "nothing\n")]);
        site.push("main");
        let folder = site.checkout("refs/heads/main", &head, None);
        let output = run(script, &folder, environment);
        assert_eq!(code(&output), i32::from(leaks), "{}", both(&output));
    }
}

fn owned<const N: usize>(pairs: [(&'static str, &str); N]) -> Variables {
    pairs.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
}

#[test]
fn gitlab() {
    let job = yaml(&read("ci/gitlab.yml"))["telleaks"].clone();
    let script = joined(&job["before_script"]) + &joined(&job["script"]);
    let report = job["artifacts"]["reports"]["secret_detection"].as_str().unwrap();
    changes(&script, &|site, head| {
        let base = site.work.id("refs/remotes/origin/main");
        owned([
            ("CI_PIPELINE_SOURCE", "merge_request_event"),
            ("CI_MERGE_REQUEST_DIFF_BASE_SHA", &base),
            ("CI_COMMIT_BEFORE_SHA", ZERO),
            ("CI_COMMIT_SHA", head),
            ("CI_DEFAULT_BRANCH", "main"),
        ])
    });
    for first in [false, true] {
        changes(&script, &|site, head| {
            let before = if first { ZERO.to_owned() } else { site.work.id("refs/remotes/origin/main") };
            owned([
                ("CI_PIPELINE_SOURCE", "push"),
                ("CI_COMMIT_BRANCH", "topic"),
                ("CI_COMMIT_BEFORE_SHA", &before),
                ("CI_COMMIT_SHA", head),
                ("CI_DEFAULT_BRANCH", "main"),
            ])
        });
    }
    wholes(&format!("{script}test -s {report}"), &[("CI_PIPELINE_SOURCE", "schedule")]);
}

#[test]
fn azure() {
    let steps = yaml(&recipe("azure-pipelines"))["steps"].clone();
    let script =
        steps.as_array().unwrap().iter().find_map(|step| step["script"].as_str()).unwrap().to_owned();
    for target in ["refs/heads/main", "main"] {
        changes(&script, &|site, head| {
            owned([
                ("BUILD_REASON", "PullRequest"),
                ("SYSTEM_PULLREQUEST_TARGETBRANCH", target),
                ("BUILD_SOURCEVERSION", head),
                ("BUILD_ARTIFACTSTAGINGDIRECTORY", site.work.beside("").to_str().unwrap()),
            ])
        });
    }
    wholes(&script, &[("BUILD_REASON", "IndividualCI"), ("BUILD_ARTIFACTSTAGINGDIRECTORY", ".")]);
}

#[test]
fn bitbucket() {
    let pipelines = yaml(&recipe("bitbucket-pipelines"))["pipelines"].clone();
    let script = joined(&pipelines["pull-requests"]["**"][0]["step"]["script"]);
    changes(&script, &|_, head| {
        owned([("BITBUCKET_PR_DESTINATION_BRANCH", "main"), ("BITBUCKET_COMMIT", head)])
    });
    let audit = joined(&pipelines["custom"]["audit"][0]["step"]["script"]);
    wholes(&format!("{audit}test -s test-results/telleaks.xml"), &[]);
}

#[test]
fn jenkins() {
    let stage = recipe("jenkins");
    let script = Regex::new(r"(?s)sh '''\n(.*?)'''").unwrap().captures(&stage).unwrap()[1].to_owned();
    changes(&script, &|_, _| owned([("CHANGE_TARGET", "main")]));
    wholes(&format!("{script}test -s telleaks.sarif"), &[]);
}

#[test]
fn shallow_clone_does_not_pass() {
    let job = yaml(&read("ci/gitlab.yml"))["telleaks"].clone();
    let site = Site::new();
    let head = site.tidy("a");
    site.push("main");
    let folder = site.checkout("refs/heads/main", &head, Some(1));
    let output =
        run(&joined(&job["script"]), &folder, &[("CI_PIPELINE_SOURCE", "web"), ("CI_COMMIT_SHA", &head)]);
    assert_eq!(code(&output), 3, "{}", both(&output));
}

/// Returns the backquoted names in the first cells of the table below this header.
fn table(head: &str) -> BTreeSet<String> {
    let page = read("docs/ci.md");
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with(head))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let name = Regex::new(r"`([a-z-]+)`").unwrap();
    rows.flat_map(|row| {
        let cell = row.split('|').nth(1).unwrap();
        name.captures_iter(cell).map(|found| found[1].to_owned()).collect::<Vec<_>>()
    })
    .collect()
}

#[test]
fn page_documents_every_input_and_output() {
    let action = action();
    let names = |what: &str| action[what].as_object().unwrap().keys().cloned().collect::<BTreeSet<String>>();
    assert_eq!(table("| Input |"), names("inputs"));
    assert_eq!(table("| Output |"), names("outputs"));
}
