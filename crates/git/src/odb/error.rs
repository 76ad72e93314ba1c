//! The reasons why an object could not be read, for display. They never contain content or paths of directories.

use thiserror::Error;

/// Why an object could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ObjectError {
    /// The compressed data does not inflate, or its checksum is wrong.
    #[error("its compressed data is damaged; run `git fsck` for details")]
    Stream,
    /// The actual size differs from the one in the header.
    #[error("its size differs from the one in its header; run `git fsck` for details")]
    Size,
    /// The instructions of its delta are invalid.
    #[error("its delta is damaged; run `git fsck` for details")]
    Delta,
    /// Its header in the pack or file is invalid.
    #[error("its header is damaged; run `git fsck` for details")]
    Header,
    /// The index of the pack gives an offset outside the pack.
    #[error("its offset is outside the pack; run `git fsck` for details")]
    Place,
    /// The base of its delta is missing or damaged, or the delta chain is a cycle.
    #[error("its delta base could not be read; run `git fsck` for details")]
    Base,
    /// It is larger than the caller or this reader allows; its size in bytes.
    #[error("it is too large ({0} bytes)")]
    TooLarge(u64),
    /// It is a delta, and result and base together exceed the memory budget; its size in bytes.
    #[error(
        "it is too large to decode in memory ({0} bytes); after `git -c core.bigFileThreshold=32m repack -a -d -F` it \
         can be streamed"
    )]
    TooLargeToHold(u64),
    /// An allocation of this many bytes failed.
    #[error("not enough memory for it ({0} bytes)")]
    Memory(u64),
    /// A panic in this program or a library. The panic message may contain content and is dropped.
    #[error("internal error while reading it; please report it")]
    Defect,
    /// An I/O error.
    #[error("{0}")]
    System(String),
}

impl From<std::io::Error> for ObjectError {
    fn from(error: std::io::Error) -> Self {
        Self::System(error.to_string())
    }
}
