//! What the replacement of a file keeps: its owner, permissions and attributes; and which programs write to it.

use std::ffi::CStr;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, fchown};

use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};

/// Size of the buffers for the names and for one value of attributes; the limits of Linux.
const ATTRIBUTE_BYTES: usize = 64 << 10;

/// The identity of a file: device and inode. On Windows always equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId(u64, u64);

impl FileId {
    /// Returns the identity of the file with these metadata.
    pub fn of(metadata: &Metadata) -> Self {
        Self(metadata.dev(), metadata.ino())
    }
}

/// Returns the number of names (hard links) of a file; 1 on Windows.
pub fn name_count(metadata: &Metadata) -> u64 {
    metadata.nlink()
}

/// Returns the id of the user of this process; `None` on Windows.
pub fn user_id() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

/// Returns whether the file with these metadata belongs to another user than the owner of `home`. Never on Windows.
pub fn is_foreign(metadata: &Metadata, home: &Metadata) -> bool {
    metadata.uid() != home.uid()
}

/// Gives `new` the owner, the group, the permissions and the extended attributes of `old`.
///
/// # Errors
///
/// Returns the I/O error of the owner or of the permissions. Attributes that the system does not let this user set are
/// left out.
pub fn keep_attributes(old: &File, new: &File) -> io::Result<()> {
    let (kept, made) = (old.metadata()?, new.metadata()?);
    if (kept.uid(), kept.gid()) != (made.uid(), made.gid()) {
        fchown(new, Some(kept.uid()), Some(kept.gid()))?;
    }
    new.set_permissions(kept.permissions())?;
    let mut names = vec![0; ATTRIBUTE_BYTES];
    let Ok(length) = flistxattr(old, &mut names[..]) else { return Ok(()) };
    let mut value = vec![0; ATTRIBUTE_BYTES];
    let mut rest = &names[..length.min(names.len())];
    while let Ok(name) = CStr::from_bytes_until_nul(rest) {
        rest = &rest[name.to_bytes_with_nul().len()..];
        if let Ok(length) = fgetxattr(old, name, &mut value[..]) {
            let _refused = fsetxattr(new, name, &value[..length.min(ATTRIBUTE_BYTES)], XattrFlags::empty());
        }
    }
    Ok(())
}

/// Returns the names of the other programs that have the file `id` open for writing, as far as this user may see them;
/// `None` if the system does not say. Only Linux says, in `/proc`.
pub fn writers(id: FileId) -> Option<Vec<String>> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let own = std::process::id().to_string();
    let mut programs = Vec::new();
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let name = process.file_name();
        let is_process = name.to_str().is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
        if !is_process || name.to_str() == Some(&own) {
            continue;
        }
        let folder = process.path();
        let Ok(open) = fs::read_dir(folder.join("fd")) else { continue };
        let writes = open.flatten().any(|one| {
            let is_same = fs::metadata(one.path()).is_ok_and(|metadata| FileId::of(&metadata) == id);
            is_same && is_for_writing(&folder.join("fdinfo").join(one.file_name()))
        });
        if writes {
            let program = fs::read_to_string(folder.join("comm")).unwrap_or_default();
            programs.push(format!("{} (process {})", program.trim(), name.to_string_lossy()));
        }
    }
    programs.sort();
    Some(programs)
}

/// Returns whether a file of `/proc/PID/fdinfo` (proc_pid_fdinfo(5)) says that a descriptor may write.
fn is_for_writing(info: &std::path::Path) -> bool {
    let text = fs::read_to_string(info).unwrap_or_default();
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
    // The lowest two bits are the access mode: 0 is for reading only.
    flags.is_some_and(|flags| flags & 3 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;
    use std::process::{Command, Stdio};

    #[test]
    fn permissions_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("old"), folder.path().join("new"));
        let old = File::create(old).unwrap();
        old.set_permissions(fs::Permissions::from_mode(0o640)).unwrap();
        let new = File::create(new).unwrap();
        keep_attributes(&old, &new).unwrap();
        assert_eq!(new.metadata().unwrap().mode() & 0o7777, 0o640);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn writer_is_found_and_reader_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "text").unwrap();
        let id = FileId::of(&fs::metadata(&path).unwrap());
        for (open, writes) in [("exec 3< file", false), ("exec 3>> file", true)] {
            let mut child = Command::new("sh")
                .args(["-c", &format!("{open}; echo; read line")])
                .current_dir(folder.path())
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut ready = [0];
            std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
            assert_eq!(writers(id).unwrap().len(), usize::from(writes), "{open}");
            child.stdin.take().unwrap().write_all(b"\n").unwrap();
            child.wait().unwrap();
        }
    }
}
