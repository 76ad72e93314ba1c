//! Unreadable configuration and baseline files: the program does not start and names the file.

use crate::common::{both, code, put};
use crate::repo::line;
use crate::{fed, run};

#[test]
fn configuration_and_baseline() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.env", line("a"));
    put(folder.path(), "b.env", line("b"));
    let report = run("", folder.path(), &["scan", "a.env", "--format", "json"]).stdout;
    put(folder.path(), "report.json", &report);
    let add = ["baseline", "add", "report.json"];
    let added = run("short=1,interrupted=2", folder.path(), &add);
    assert_eq!(code(&added), 0, "{}", both(&added));
    put(folder.path(), "telleaks.toml", "[[allow]]\npaths = [\"b.env\"]\nreason = \"for a test\"\n");
    let clean = run("", folder.path(), &["scan", "."]);
    let short = run("short=3,interrupted=4", folder.path(), &["scan", "."]);
    assert!(short == clean, "{}", both(&short));
    for order in ["open-error", "read-error", "vanish"] {
        for name in ["telleaks.toml", ".telleaks-baseline.jsonl"] {
            let output = run(&format!("{order}=**/{name}"), folder.path(), &["scan", "."]);
            assert!(code(&output) == 2 && both(&output).contains(name), "{order} {name}: {}", both(&output));
        }
        for args in [&add[..], &["respond", "report.json"], &["merge", "report.json"]] {
            let output = run(&format!("{order}=**/report.json"), folder.path(), args);
            assert!(
                code(&output) == 2 && both(&output).contains("report.json"),
                "{args:?}: {}",
                both(&output)
            );
        }
    }
    let output = fed("read-error=pipe:*@100", folder.path(), &["respond", "-"], &report);
    assert_eq!(code(&output), 2, "{}", both(&output));
}
