//! What an input contains apart from its bytes: members of archives, compressed streams, pages of databases, parts of
//! documents, and texts whose parts are separate.
//!
//! [`input`] has the interfaces of inputs; [`unpack`] reads containers and [`documents`] structured documents, each within
//! limits, and hands their members to a sink; [`records`] joins the records of one stream and the runs of one text.
//! [`fault_injection`] lets reads fail in tests. Does not open files and does not search for secrets.
//!
//! ```
//! use telleaks_contents::unpack::{self, Kind};
//!
//! let head = b"\x1F\x8B\x08\0\0\0\0\0";
//! assert_eq!(unpack::sniff(head, &String::new), Some(Kind::Gzip));
//! assert_eq!(unpack::sniff(b"plain text", &String::new), None);
//! ```

pub mod documents;
pub mod fault_injection;
pub mod input;
pub mod records;
pub mod unpack;

pub(crate) use telleaks_detection::finding;
