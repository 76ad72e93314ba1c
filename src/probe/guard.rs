//! Keeps the process from leaving an image of its memory behind while keys are sent. It keeps nobody from reading the
//! memory of a running process.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// While this lives, a crash dumps no core. What was set before comes back when it is dropped.
pub(super) struct NoCore {
    limit: Rlimit,
    #[cfg(target_os = "linux")]
    dumpable: Option<rustix::process::DumpableBehavior>,
}

impl NoCore {
    /// Sets the limit on cores to 0. Linux hands a core to a program (systemd-coredump, apport) whatever that limit
    /// is, so there the process is also marked as one that is not dumped. Lowering a limit cannot fail.
    pub(super) fn set() -> Self {
        let limit = getrlimit(Resource::Core);
        let _lowered = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: limit.maximum });
        Self {
            limit,
            #[cfg(target_os = "linux")]
            dumpable: not_dumpable(),
        }
    }
}

/// Marks the process, and gives what was set before.
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
        // Without this, files such as /dev/stdout, which lead through /proc, could not be opened for reports.
        #[cfg(target_os = "linux")]
        if let Some(before) = self.dumpable {
            let _restored = rustix::process::set_dumpable_behavior(before);
        }
    }
}
