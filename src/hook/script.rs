//! The hook scripts: POSIX shell, sealed with a hash so that later edits are detected.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use telleaks_platform::labelled;

/// Start of the last line of every script, followed by the hash of all lines before it.
const SEAL: &[u8] = b"# telleaks-hook sha256:";

/// The other hook that a script runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chain {
    /// The hook file that was here before.
    Before,
    /// The hook of the repository, which git ignores if `core.hooksPath` is set globally.
    Repository,
}

/// Who wrote a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    /// An unchanged script of telleaks.
    Telleaks,
    /// A script of telleaks that was edited.
    Changed,
    /// Another program.
    Other,
}

/// Returns who wrote this text.
pub(super) fn author(text: &[u8]) -> Author {
    let Some(at) = memchr::memmem::rfind(text, SEAL) else { return Author::Other };
    let (above, seal) = text.split_at(at);
    if *seal == sealed(above.to_vec())[at..] { Author::Telleaks } else { Author::Changed }
}

/// Returns whether this script of telleaks runs a scan, and does not only forward.
pub(super) fn runs_scan(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"\ntelleaks='").is_some()
}

/// Returns the path of the program that a script of telleaks runs.
pub(super) fn program_of(text: &[u8]) -> Option<PathBuf> {
    const START: &[u8] = b"\ntelleaks='";
    let at = memchr::memmem::find(text, START)? + START.len();
    let end = memchr::memmem::find(&text[at..], b"'\n")?;
    let path = String::from_utf8_lossy(&text[at..at + end]).replace("'\\''", "'");
    Some(PathBuf::from(path))
}

/// Returns the script that runs the other hook and then a scan with `program`.
///
/// The other hook runs first, since it may change what is staged.
pub(super) fn guarding_script(hook: &str, program: &OsStr, chain: Chain) -> Vec<u8> {
    let mut text = format!(
        "#!/bin/sh\n\
         # Runs telleaks to search for leaked Telnyx credentials before git continues. Written by `telleaks hook install`; do\n\
         # not edit: `telleaks hook install` and `telleaks hook remove` refuse to touch a changed file.\n\
         {}",
        other(hook, chain)
    )
    .into_bytes();
    text.extend_from_slice(match reads(hook) {
        true => {
            b"lines=$(cat && echo .) || exit\n\
              lines=${lines%.}\n\
              if [ -x \"$other\" ]; then\n    printf %s \"$lines\" | \"$other\" \"$@\" || exit\nfi\n"
        }
        false => b"if [ -x \"$other\" ]; then\n    \"$other\" \"$@\" || exit\nfi\n".as_slice(),
    });
    text.extend_from_slice(b"telleaks='");
    text.extend_from_slice(&quoted(&labelled(Path::new(program))));
    text.extend_from_slice(
        b"'\n[ -x \"$telleaks\" ] || telleaks=$(command -v telleaks) || {\n\
          \x20   echo \"telleaks: the program was not found, so nothing was searched and git is stopped; install it, or delete $0\" >&2\n\
          \x20   exit 2\n}\n",
    );
    text.extend_from_slice(match hook {
        "commit-msg" => b"exec \"$telleaks\" staged --message-only --message \"$1\"\n",
        "pre-push" => b"printf %s \"$lines\" | \"$telleaks\" commits --stdin --remote \"$1\"\n",
        "pre-receive" => b"printf %s \"$lines\" | \"$telleaks\" commits --stdin\n",
        _ => b"exec \"$telleaks\" staged\n".as_slice(),
    });
    sealed(text)
}

/// Returns the script that only forwards to the hook of the repository.
pub(super) fn forwarding_script(hook: &str) -> Vec<u8> {
    sealed(
        format!(
            "#!/bin/sh\n\
             # Git runs the hooks of this folder instead of those of the repository; this script runs that one. Written by\n\
             # `telleaks hook install --global`.\n\
             {}[ -x \"$other\" ] || exit 0\n\
             exec \"$other\" \"$@\"\n",
            other(hook, Chain::Repository)
        )
        .into_bytes(),
    )
}

/// Returns the lines that set `$other`.
fn other(hook: &str, chain: Chain) -> String {
    match chain {
        Chain::Before => format!("other=${{0%/*}}/{hook}{}\n", super::file::BACKUP_SUFFIX),
        Chain::Repository => format!("other=$(git rev-parse --git-common-dir)/hooks/{hook} || exit\n"),
    }
}

/// Returns whether git passes lines to this hook on standard input.
fn reads(hook: &str) -> bool {
    matches!(hook, "pre-push" | "pre-receive")
}

/// Escapes text for use between single quotes in a shell.
fn quoted(text: &[u8]) -> Vec<u8> {
    text.split(|&byte| byte == b'\'').collect::<Vec<_>>().join(&br"'\''"[..])
}

fn sealed(mut text: Vec<u8>) -> Vec<u8> {
    let hash: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    text.extend_from_slice(SEAL);
    text.extend_from_slice(hash.as_bytes());
    text.push(b'\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_script_breaks_seal() {
        for text in [
            guarding_script("pre-push", OsStr::new("/it's/telleaks"), Chain::Before),
            forwarding_script("update"),
        ] {
            assert_eq!(author(&text), Author::Telleaks);
            for at in [0, text.len() / 2, text.len() - 2] {
                let mut changed = text.clone();
                changed[at] ^= 1;
                assert_eq!(author(&changed), Author::Changed);
            }
            assert_eq!(author(&[text.as_slice(), b"echo more\n"].concat()), Author::Changed);
        }
        assert_eq!(author(b"#!/bin/sh\nexec telleaks staged\n"), Author::Other);
        assert!(runs_scan(&guarding_script("pre-commit", OsStr::new("/t"), Chain::Repository)));
        assert!(!runs_scan(&forwarding_script("pre-commit")));
    }
}
