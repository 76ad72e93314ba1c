//! The parts of the Language Server Protocol that need no project: messages, texts with positions, findings of a text
//! that is edited, and what editors show about them.
//!
//! Types and messages are those of `lsp-server` and `lsp-types`. Does not read files, scan or print.

mod client;
mod framing;
mod hits;
mod shown;
mod text;
mod uri;

pub use client::{Client, capabilities};
pub use framing::{Incoming, read, write};
pub use hits::{Edits, Hit, Hits, Window};
pub use shown::{Page, comment, hover, masked_edit};
pub use text::{Edit, Text, Units};
pub use uri::{path_of, uri_of};
