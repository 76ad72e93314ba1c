//! The text of the hooks: shell of POSIX, sealed by a hash so that a change made since is seen.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use sha2::{Digest, Sha256};

/// What the last line of every script begins with; behind it is the hash of all lines above.
const SEAL: &[u8] = b"# telleaks-hook sha256:";

/// Which hook is called besides telleaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chain {
    /// The file that was in this place before.
    Before,
    /// That of the repository, which git leaves out where `core.hooksPath` is set for all.
    Repository,
}

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    /// A script of telleaks as it was written.
    Telleaks,
    /// A script of telleaks that somebody has changed.
    Changed,
    /// Somebody else's.
    Other,
}

/// Whose this text is.
pub(super) fn author(text: &[u8]) -> Author {
    let Some(at) = memchr::memmem::rfind(text, SEAL) else { return Author::Other };
    let (above, seal) = text.split_at(at);
    if *seal == sealed(above.to_vec())[at..] { Author::Telleaks } else { Author::Changed }
}

/// Whether this script of telleaks searches, and does not only hand over.
pub(super) fn guards(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"\ntelleaks='").is_some()
}

/// The script that calls the other hook and then lets telleaks, at `program`, search.
///
/// The other one comes first: it may change what is staged.
pub(super) fn guard(hook: &str, program: &OsStr, chain: Chain) -> Vec<u8> {
    let mut text = format!(
        "#!/bin/sh\n\
         # Lets telleaks search for leaked Telnyx credentials before git goes on. Written by `telleaks hook install`; a change\n\
         # would be lost, and `telleaks hook remove` would refuse to take it away.\n\
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
    text.extend_from_slice(&quoted(program.as_bytes()));
    text.extend_from_slice(
        b"'\n[ -x \"$telleaks\" ] || telleaks=$(command -v telleaks) || {\n\
          \x20   echo \"telleaks: the program is gone, so nothing was searched and this is refused; install it, or delete $0\" >&2\n\
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

/// The script that only hands over to the hook of the repository.
pub(super) fn hand_over(hook: &str) -> Vec<u8> {
    sealed(
        format!(
            "#!/bin/sh\n\
             # Git runs the hooks of this folder in place of those of the repository; this hands over to that one. Written by\n\
             # `telleaks hook install --global`.\n\
             {}[ -x \"$other\" ] || exit 0\n\
             exec \"$other\" \"$@\"\n",
            other(hook, Chain::Repository)
        )
        .into_bytes(),
    )
}

/// The lines that set `$other`.
fn other(hook: &str, chain: Chain) -> String {
    match chain {
        Chain::Before => format!("other=${{0%/*}}/{hook}{}\n", super::file::BEFORE),
        Chain::Repository => format!("other=$(git rev-parse --git-common-dir)/hooks/{hook} || exit\n"),
    }
}

/// Whether git gives this hook lines to read.
fn reads(hook: &str) -> bool {
    matches!(hook, "pre-push" | "pre-receive")
}

/// For between two `'` of a shell.
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
    fn a_seal_breaks() {
        for text in [guard("pre-push", OsStr::new("/it's/telleaks"), Chain::Before), hand_over("update")] {
            assert_eq!(author(&text), Author::Telleaks);
            for at in [0, text.len() / 2, text.len() - 2] {
                let mut changed = text.clone();
                changed[at] ^= 1;
                assert_eq!(author(&changed), Author::Changed);
            }
            assert_eq!(author(&[text.as_slice(), b"echo more\n"].concat()), Author::Changed);
        }
        assert_eq!(author(b"#!/bin/sh\nexec telleaks staged\n"), Author::Other);
        assert!(guards(&guard("pre-commit", OsStr::new("/t"), Chain::Repository)));
        assert!(!guards(&hand_over("pre-commit")));
    }
}
