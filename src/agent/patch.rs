//! Patches in the format of `apply_patch`: which lines they add to which files.

/// Headers of the files of a patch.
const FILES: [&str; 3] = ["*** Add File: ", "*** Update File: ", "*** Delete File: "];

/// The lines that a patch adds to one file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Added {
    /// The path of the file.
    pub(super) path: String,
    /// The added lines.
    pub(super) text: String,
    /// The removed lines and those that stay.
    pub(super) before: String,
}

/// Returns the lines that a patch adds, by file; `None` if the text is not such a patch.
pub(super) fn added(text: &str) -> Option<Vec<Added>> {
    let mut all: Vec<Added> = Vec::new();
    for line in text.lines() {
        if let Some(path) = FILES.iter().find_map(|header| line.strip_prefix(header)) {
            let path = path.trim().to_owned();
            all.push(Added { path, text: String::new(), before: String::new() });
            continue;
        }
        let Some(file) = all.last_mut() else { continue };
        let (into, line) = match line.strip_prefix('+') {
            Some(line) => (&mut file.text, line),
            None => (&mut file.before, line.strip_prefix(['-', ' ']).unwrap_or(line)),
        };
        into.push_str(line);
        into.push('\n');
    }
    (!all.is_empty()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_each_file() {
        let text = "*** Begin Patch\n*** Update File: a.py\n@@\n-old\n+new\n same\n*** Add File: b\n+x\n*** End Patch";
        let all = added(text).unwrap();
        assert_eq!((all[0].path.as_str(), all[0].text.as_str()), ("a.py", "new\n"));
        assert!(all[0].before.contains("old\nsame\n"));
        assert_eq!((all[1].path.as_str(), all[1].text.as_str()), ("b", "x\n"));
        assert_eq!(added("ls -l"), None);
    }
}
