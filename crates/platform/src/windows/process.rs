//! The process and its user. Safe code cannot ask for an owner, nor keep Windows from writing a dump of a crash.

use std::path::{Path, PathBuf};

/// Without effect on Windows: telleaks does not crash by itself, and dumps of Windows Error Reporting are off by default.
#[derive(Debug)]
pub struct NoCore(());

impl NoCore {
    /// Does nothing.
    pub fn set() -> Self {
        Self(())
    }
}

/// Lets the console read escape sequences; before Windows 10, and where output goes elsewhere, without effect.
pub fn enable_colours() {
    let _unknown_there = anstyle_query::windows::enable_ansi_colors();
}

/// Returns the maximum number of open files of this process: Windows has no limit that a scan reaches.
pub fn open_file_limit() -> usize {
    usize::MAX
}

/// Returns `None`: an owner cannot be asked for without unsafe code.
pub fn foreign_owner(_path: &Path) -> Option<u32> {
    None
}

/// Returns the folder of this user's settings: `%XDG_CONFIG_HOME%` if set, else `%APPDATA%`.
pub fn settings_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|dir| !dir.is_empty()).map(PathBuf::from);
    set("XDG_CONFIG_HOME").or_else(|| set("APPDATA"))
}
