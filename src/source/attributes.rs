//! Text that belongs to a file or a directory without being its content: targets of links, extended attributes.

use std::ffi::CStr;
use std::os::fd::AsFd;

use rustix::fs::{fgetxattr, flistxattr, readlinkat};
use rustix::io::Errno;

/// Size of the buffer for the names of attributes; `XATTR_LIST_MAX` of Linux.
const NAMES_BYTES: usize = 64 << 10;
/// Size of the buffer for a value; `XATTR_SIZE_MAX` of Linux.
const VALUE_BYTES: usize = 64 << 10;
/// Namespace of the attributes that users set (xattr(7)).
const USER: &[u8] = b"user.";

/// Calls `visit` with the name and the value of each extended attribute of an open file that a user can have set.
/// File systems without attributes have none.
pub(super) fn each_attribute(file: impl AsFd, mut visit: impl FnMut(&str, &[u8])) {
    // Nearly all files have none, so that nothing is allocated.
    match flistxattr(&file, &mut [0_u8; 64][..]) {
        Ok(1..) | Err(Errno::RANGE) => {}
        _ => return,
    }
    let mut names = vec![0; NAMES_BYTES];
    let Ok(length) = flistxattr(&file, &mut names[..]) else { return };
    let mut value = vec![0; VALUE_BYTES];
    let mut rest = &names[..length.min(names.len())];
    while let Ok(name) = CStr::from_bytes_until_nul(rest) {
        rest = &rest[name.to_bytes_with_nul().len()..];
        if !name.to_bytes().starts_with(USER) {
            continue;
        }
        if let Ok(length) = fgetxattr(&file, name, &mut value[..]) {
            visit(&name.to_string_lossy(), &value[..length.min(VALUE_BYTES)]);
        }
    }
}

/// Returns the target of a link in an open directory; `None` if it is not a link any more.
pub(super) fn link_target(dir: impl AsFd, name: &CStr) -> Option<Vec<u8>> {
    readlinkat(dir, name, Vec::new()).ok().map(|target| target.into_bytes())
}
