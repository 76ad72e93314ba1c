//! The Unix side: `std::os::unix` and rustix.

pub(crate) mod dir;
pub mod faults;
pub(crate) mod file;
pub(crate) mod mode;
pub(crate) mod path;
pub(crate) mod pipe;
pub(crate) mod process;
pub(crate) mod replace;

use rustix::io::Errno;

use crate::Trouble;

/// Classifies the number of a system error.
pub(crate) fn trouble(number: i32) -> Option<Trouble> {
    match Errno::from_raw_os_error(number) {
        Errno::ACCESS | Errno::PERM => Some(Trouble::Denied),
        Errno::NOENT => Some(Trouble::Vanished),
        Errno::LOOP | Errno::NOTDIR => Some(Trouble::Replaced),
        Errno::MFILE | Errno::NFILE => Some(Trouble::TooManyFiles),
        _ => None,
    }
}
