//! Disables core dumps while keys are sent. Does not protect the memory of the running process from being read.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Disables core dumps while it is alive and restores the previous settings when dropped.
pub(super) struct NoCore {
    limit: Rlimit,
    #[cfg(target_os = "linux")]
    dumpable: Option<rustix::process::DumpableBehavior>,
}

impl NoCore {
    /// Sets the core size limit to 0. Linux pipes a core to a program (systemd-coredump, apport) regardless of that
    /// limit, so there the process is also marked as not dumpable. Lowering a limit cannot fail.
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
