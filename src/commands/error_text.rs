//! Errors without credentials: a path or an argument that an error repeats may contain one.

use crate::detect::Detector;
use crate::scan::Scanner;
use crate::unpack::Limits;

/// Returns the text of an error with every credential in it masked by the built-in rules.
pub fn without_secrets(text: &str) -> String {
    let detector = crate::rules::builtin().ok().and_then(|set| Detector::new(set, false).ok());
    // The built-in rules are valid, as a test of them holds.
    let Some(detector) = detector else { return String::new() };
    let scanner = Scanner::new(&detector, Limits::default());
    text.split_inclusive('\n').map(|line| scanner.masked(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_errors_are_masked() {
        let key = ["KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "hwqtpZbC4XD1PEQFaKWydG"].join("_");
        let shown = without_secrets(&format!("cannot open {key}/none: not found\n  help: '{key}'"));
        assert!(shown.starts_with("cannot open KEY0198C0FFEE") && shown.contains("/none"), "{shown}");
        assert!(!shown.contains("hwqtpZbC4XD1"), "{shown}");
        assert_eq!(without_secrets("cannot open a/b: not found"), "cannot open a/b: not found");
    }
}
