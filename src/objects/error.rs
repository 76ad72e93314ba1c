//! Why an object could not be read, in words for a person. No content and no path of a directory gets into them.

use thiserror::Error;

/// Why an object could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ObjectError {
    /// The compressed data does not inflate, or its checksum is wrong.
    #[error("its compressed data is damaged; `git fsck` says more")]
    Stream,
    /// It has another size than its header says.
    #[error("its size is not the one that its header gives; `git fsck` says more")]
    Size,
    /// The instructions by which it is made from another object are wrong.
    #[error("its delta is damaged; `git fsck` says more")]
    Delta,
    /// Its header in the pack or file makes no sense.
    #[error("its header is damaged; `git fsck` says more")]
    Header,
    /// The index of the pack gives a place outside the pack.
    #[error("its pack is shorter than its index says; `git fsck` says more")]
    Place,
    /// The object from which it is made is missing or damaged, or it is made from itself.
    #[error("the object from which it is made could not be read; `git fsck` says more")]
    Base,
    /// It is larger than the caller or this reader allows; its size in bytes.
    #[error("it is too large ({0} bytes)")]
    TooLarge(u64),
    /// It is made from another object, and both together are larger than what may be held; its size in bytes.
    #[error(
        "it is too large to be made in memory ({0} bytes); after `git -c core.bigFileThreshold=32m repack -a -d -F` it is \
         read as a stream"
    )]
    TooLargeToHold(u64),
    /// There was no memory for that many bytes.
    #[error("there was not enough memory for it ({0} bytes)")]
    Memory(u64),
    /// A defect of this program, or of a library that it uses. What the panic said may hold content and is not kept.
    #[error("the work on it failed inside telleaks; please report it")]
    Defect,
    /// The system gave an error.
    #[error("{0}")]
    System(String),
}

impl From<std::io::Error> for ObjectError {
    fn from(error: std::io::Error) -> Self {
        Self::System(error.to_string())
    }
}
