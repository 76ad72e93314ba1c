//! A simulated runner: one use of the action in a clone, with the environment that GitHub sets.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::action::repo::isolate;
use crate::action::steps::{Names, action, defaults};
use crate::common::code;

/// The repository of the workflow.
pub(crate) const REPOSITORY: &str = "acme/shop";

/// One use of the action, before it is run.
pub(crate) struct Use {
    event_name: String,
    event: Value,
    inputs: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
    workspace: PathBuf,
    files: PathBuf,
}

/// Result of a run.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) log: String,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) summary: String,
    /// The SARIF report, if there is one.
    pub(crate) sarif: Option<Value>,
    /// Whether the report would be uploaded.
    pub(crate) uploads: bool,
    /// Directory for temporary files of the job.
    pub(crate) temp: TempDir,
}

impl Use {
    /// Creates a use of the action in this clone for this event. `reference` and `id` are the ref and commit that
    /// GitHub passes beside the event.
    pub(crate) fn new(
        workspace: &Path,
        (event_name, event): (&str, Value),
        (reference, id): (&str, &str),
    ) -> Self {
        let event = with_repository(event);
        let environment = BTreeMap::from([
            ("GITHUB_REF".to_owned(), reference.to_owned()),
            ("GITHUB_SHA".to_owned(), id.to_owned()),
            (
                "GITHUB_BASE_REF".to_owned(),
                event["pull_request"]["base"]["ref"].as_str().unwrap_or("").to_owned(),
            ),
            (
                "GITHUB_HEAD_REF".to_owned(),
                event["pull_request"]["head"]["ref"].as_str().unwrap_or("").to_owned(),
            ),
            ("TELLEAKS_BINARY".to_owned(), env!("CARGO_BIN_EXE_telleaks").to_owned()),
        ]);
        Self {
            event_name: event_name.to_owned(),
            event,
            inputs: defaults(&action()),
            environment,
            workspace: workspace.to_owned(),
            files: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
        }
    }

    pub(crate) fn with(mut self, input: &str, value: &str) -> Self {
        assert!(
            self.inputs.insert(input.to_owned(), value.to_owned()).is_some(),
            "there is no input {input}"
        );
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.environment.remove(name);
        self
    }

    /// Sets the name of the default branch.
    pub(crate) fn default_branch(mut self, name: &str) -> Self {
        self.event["repository"]["default_branch"] = name.into();
        self
    }

    /// Sets the directory that contains the files of the action.
    pub(crate) fn action_at(mut self, folder: &Path) -> Self {
        self.files = folder.to_owned();
        self
    }

    /// Runs the steps.
    pub(crate) fn run(self) -> Outcome {
        let temp = TempDir::new().unwrap();
        let action = action();
        let mut names = Names { known: BTreeMap::new(), event: self.event.clone() };
        for (name, value) in &self.inputs {
            names.known.insert(format!("inputs.{name}"), value.clone());
        }
        let mut outcome = None;
        for step in action["runs"]["steps"].as_array().unwrap() {
            assert!(step["uses"].is_null(), "a nested action is fetched even where it is not used");
            assert_eq!(step["shell"], "sh");
            let (code, log) = self.step(step, &names, temp.path());
            let outputs = assignments(&temp.path().join("output"));
            for (name, value) in &outputs {
                names.known.insert(format!("steps.telleaks.outputs.{name}"), value.clone());
            }
            outcome = Some((code, log));
        }
        let (code, log) = outcome.unwrap();
        let public = action["outputs"].as_object().unwrap().iter();
        let outputs: BTreeMap<String, String> = public
            .map(|(name, output)| (name.clone(), names.fill(output["value"].as_str().unwrap())))
            .collect();
        // The outputs of the step are exactly those of the action.
        assert!(assignments(&temp.path().join("output")).keys().eq(outputs.keys()));
        let sarif = Some(&outputs["sarif-file"]).filter(|path| !path.is_empty());
        let sarif = sarif.map(|path| fs::read(self.workspace.join(path)).unwrap());
        let sarif = sarif.map(|text| serde_json::from_slice(&text).unwrap());
        let summary = fs::read_to_string(temp.path().join("summary")).unwrap();
        assert_eq!(fs::read_to_string(temp.path().join("env")).unwrap(), "");
        // The second step, telleaks/telleaks/upload, uploads a report if there is one.
        let uploads = self.inputs["upload-sarif"] == "true" && sarif.is_some();
        Outcome { code, log, outputs, summary, sarif, uploads, temp }
    }

    /// Runs one step with a script as the runner does. Returns its exit code and all output.
    fn step(&self, step: &Value, names: &Names, temp: &Path) -> (i32, String) {
        for file in ["output", "summary", "env", "path"] {
            fs::write(temp.join(file), "").unwrap();
        }
        fs::write(temp.join("event.json"), self.event.to_string()).unwrap();
        fs::write(temp.join("script.sh"), step["run"].as_str().unwrap()).unwrap();
        let mut command = Command::new("sh");
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        isolate(&mut command, temp);
        let file = |name: &str| temp.join(name);
        command
            .args(["-ec", r#"exec 2>&1; . "$0""#])
            .arg(file("script.sh"))
            .current_dir(&self.workspace)
            .env("CI", "true")
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_ACTION_PATH", &self.files)
            .env("GITHUB_WORKSPACE", &self.workspace)
            .env("GITHUB_REPOSITORY", REPOSITORY)
            .env("GITHUB_SERVER_URL", "https://github.invalid")
            .env("GITHUB_EVENT_NAME", &self.event_name)
            .env("GITHUB_EVENT_PATH", file("event.json"))
            .env("GITHUB_OUTPUT", file("output"))
            .env("GITHUB_STEP_SUMMARY", file("summary"))
            .env("GITHUB_ENV", file("env"))
            .env("GITHUB_PATH", file("path"))
            .env("RUNNER_TEMP", temp)
            .env("RUNNER_OS", "Linux")
            .envs(&self.environment);
        for (name, value) in step["env"].as_object().unwrap() {
            command.env(name, names.fill(value.as_str().unwrap()));
        }
        let output = command.output().unwrap();
        (code(&output), String::from_utf8(output.stdout).unwrap())
    }
}

impl Outcome {
    /// Checks that a leak was found and that exit code, outputs, annotation, summary and SARIF agree.
    #[track_caller]
    pub(crate) fn found(&self, count: usize) {
        let log = &self.log;
        assert_eq!(self.code, 1, "{log}");
        assert_eq!(self.outputs["findings"], count.to_string(), "{log}");
        assert_eq!(self.outputs["exit-code"], "1");
        assert_eq!(self.annotations("error").len(), count, "{log}");
        assert!(self.summary.contains("telnyx-api-key"), "{}", self.summary);
        let results = self.sarif.as_ref().unwrap()["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), count);
    }

    /// Checks that everything was scanned and nothing was found.
    #[track_caller]
    pub(crate) fn clean(&self) {
        let log = &self.log;
        assert_eq!(self.code, 0, "{log}");
        let said: Vec<&str> =
            ["findings", "active", "incomplete", "exit-code"].map(|name| &*self.outputs[name]).to_vec();
        assert_eq!(said, ["0", "0", "false", "0"], "{log}");
        assert_eq!(self.annotations("error"), Vec::<&str>::new(), "{log}");
        assert_eq!(self.annotations("warning"), Vec::<&str>::new(), "{log}");
    }

    /// Checks that nothing was found but the run fails because some input was skipped.
    #[track_caller]
    pub(crate) fn incomplete(&self) {
        let log = &self.log;
        assert_eq!(self.code, 3, "{log}");
        assert_eq!(self.outputs["incomplete"], "true");
        assert_eq!(self.outputs["exit-code"], "3");
        assert!(!self.annotations("warning").is_empty() || !self.annotations("error").is_empty(), "{log}");
        assert!(self.summary.contains("not a clean result"), "{}", self.summary);
    }

    /// Checks that the run did not start and reported `why`.
    #[track_caller]
    pub(crate) fn refused(&self, why: &str) {
        assert_eq!(self.code, 2, "{}", self.log);
        assert_eq!(self.outputs["exit-code"], "2");
        assert_eq!(self.outputs["incomplete"], "true");
        assert_eq!(self.outputs["sarif-file"], "");
        assert!(self.log.contains(why), "{}", self.log);
    }

    /// Returns the annotations of a kind.
    pub(crate) fn annotations(&self, kind: &str) -> Vec<&str> {
        self.log.lines().filter(|line| line.starts_with(&format!("::{kind} "))).collect()
    }
}

/// Parses the `name=value` lines that a step wrote. Each name must occur once.
fn assignments(file: &Path) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for line in fs::read_to_string(file).unwrap().lines() {
        let (name, value) = line.split_once('=').unwrap();
        assert!(out.insert(name.to_owned(), value.to_owned()).is_none(), "{name} is set twice");
    }
    out
}

fn with_repository(mut event: Value) -> Value {
    event["repository"] = serde_json::json!({ "full_name": REPOSITORY, "default_branch": "main" });
    event
}
