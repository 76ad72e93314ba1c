//! The Windows side: `std::os::windows` alone, without unsafe code. Compare `unix/`, which has the same items.

pub(crate) mod dir;
pub(crate) mod file;
pub(crate) mod mode;
pub(crate) mod path;
pub(crate) mod pipe;
pub(crate) mod process;
pub(crate) mod replace;

use crate::Trouble;

/// Classifies the number of a system error (winerror.h).
pub(crate) fn trouble(number: i32) -> Option<Trouble> {
    match number {
        // ERROR_ACCESS_DENIED
        5 => Some(Trouble::Denied),
        // ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND, ERROR_DELETE_PENDING
        2 | 3 | 303 => Some(Trouble::Vanished),
        // ERROR_DIRECTORY, ERROR_STOPPED_ON_SYMLINK, ERROR_CANT_RESOLVE_FILENAME
        267 | 681 | 1921 => Some(Trouble::Replaced),
        // ERROR_TOO_MANY_OPEN_FILES, ERROR_NO_SYSTEM_RESOURCES
        4 | 1450 => Some(Trouble::TooManyFiles),
        // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
        32 | 33 => Some(Trouble::InUse),
        _ => None,
    }
}
