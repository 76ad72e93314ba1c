//! The hooks of coding agents: what an event of a client holds, and the answer in the client's own protocol.
//!
//! Takes bytes and returns values. Only `settings` reads and writes files, those in which the clients list their hooks.
//! Does not scan or print. Each client is one file in `clients`.

mod answer;
mod clients;
mod event;
mod mentions;
mod parts;
mod patch;
pub mod settings;
mod shell;
mod tools;

pub use answer::{Answer, Verdict};
pub use clients::{CLIENTS, Client, OnFailure, by_exit_code, named, sender};
pub use event::{Event, Moment};
pub use parts::{Body, Lines, Part, Place, inner_json, parts, result};
pub use shell::{Bypass, bypasses};
