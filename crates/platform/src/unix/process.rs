//! The process and its user: core dumps, limits, owners, the folder of settings.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Disables core dumps while it is alive and restores the previous settings when dropped. Without effect on Windows.
#[derive(Debug)]
pub struct NoCore {
    limit: Rlimit,
    #[cfg(target_os = "linux")]
    dumpable: Option<rustix::process::DumpableBehavior>,
}

impl NoCore {
    /// Sets the core size limit to 0. Linux pipes a core to a program (systemd-coredump, apport) regardless of that
    /// limit, so there the process is also marked as not dumpable. Lowering a limit cannot fail.
    pub fn set() -> Self {
        let limit = getrlimit(Resource::Core);
        let _lowered = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: limit.maximum });
        Self {
            limit,
            #[cfg(target_os = "linux")]
            dumpable: not_dumpable(),
        }
    }
}

/// Marks the process as not dumpable and returns the previous value.
#[cfg(target_os = "linux")]
fn not_dumpable() -> Option<rustix::process::DumpableBehavior> {
    use rustix::process::{DumpableBehavior, dumpable_behavior, set_dumpable_behavior};

    let before = dumpable_behavior().ok();
    let _marked = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    before
}

impl Drop for NoCore {
    fn drop(&mut self) {
        let _restored = setrlimit(Resource::Core, self.limit);
        // Without this, files such as /dev/stdout, which resolve through /proc, could not be opened for reports.
        #[cfg(target_os = "linux")]
        if let Some(before) = self.dumpable {
            let _restored = rustix::process::set_dumpable_behavior(before);
        }
    }
}

/// Does nothing: a terminal of Unix knows colours. On Windows, lets the console read escape sequences.
pub fn enable_colours() {}

/// Returns the maximum number of open files of this process; `usize::MAX` if there is no limit.
pub fn open_file_limit() -> usize {
    getrlimit(Resource::Nofile).current.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}

/// Returns the user id of the owner of `path`, unless that is this user or the user who called `sudo`. Always `None` on
/// Windows, where an owner cannot be asked for without unsafe code.
pub fn foreign_owner(path: &Path) -> Option<u32> {
    let owner = fs::metadata(path).ok()?.uid();
    let me = rustix::process::geteuid().as_raw();
    let before_sudo = std::env::var("SUDO_UID").ok().and_then(|uid| uid.parse().ok());
    (owner != me && !(me == 0 && before_sudo == Some(owner))).then_some(owner)
}

/// Returns the folder of this user's settings: `$XDG_CONFIG_HOME`, `~/.config`, on Windows `%APPDATA%`.
pub fn settings_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|dir| !dir.is_empty()).map(PathBuf::from);
    set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))
}
