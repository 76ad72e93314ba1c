//! What a shell command does, as far as it matters: the files that it prints, and whether it keeps git from running hooks.
//!
//! Splits POSIX shell, and PowerShell as far as both agree. Does not expand variables or run anything.

mod git;
mod reads;
mod split;

pub use git::{Bypass, bypasses};
pub(super) use reads::shown;
