//! Checks whether a file parses, with the parser of its language if that is installed.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::put;

/// Parsers by file name extension. The file name is appended to the arguments.
const PARSERS: [(&str, &[&str]); 15] = [
    ("py", &["python3", "-m", "py_compile"]),
    ("js", &["node", "--check"]),
    ("mjs", &["node", "--check"]),
    ("cjs", &["node", "--check"]),
    ("rb", &["ruby", "-c"]),
    ("php", &["php", "-l"]),
    ("java", &["javac", "-d", "."]),
    ("go", &["gofmt", "-e"]),
    ("rs", &["rustc", "--edition", "2021", "--emit", "metadata", "--out-dir", "."]),
    ("sh", &["bash", "-n"]),
    ("bash", &["bash", "-n"]),
    ("tf", &["terraform", "fmt", "-write=false"]),
    ("cs", &["mcs", "--parse"]),
    ("swift", &["swiftc", "-parse"]),
    ("dart", &["dart", "format", "--output=none"]),
];

/// Returns whether the file parses, or `None` if no parser is installed.
pub(crate) fn is_sound(name: &str, text: &str) -> Option<bool> {
    let ending = Path::new(name).extension()?.to_str()?;
    match ending {
        "json" => return Some(serde_json::from_str::<serde_json::Value>(text).is_ok()),
        "toml" => return Some(text.parse::<toml::Table>().is_ok()),
        _ => {}
    }
    let (_, words) = PARSERS.iter().find(|(of, _)| *of == ending)?;
    // Output files of a compiler must not be written to the fixed directory, because they contain the key.
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), name, text);
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).arg(name).current_dir(folder.path()).stdin(Stdio::null());
    match command.output() {
        Ok(output) => Some(output.status.success()),
        Err(_) => {
            eprintln!("{} is not installed: {name} was not checked", words[0]);
            None
        }
    }
}
