//! telleaks finds leaked Telnyx credentials.
//!
//! One way through the house; a module uses only what stands to its left, and the plain data in [`finding`] and
//! [`rules`] (a test holds this):
//!
//! ```text
//! source ──▶ detect ──▶ collect ──▶ report ──▶ commands ──▶ main
//! files       anchors    one finding  text json   a command's  prints
//! stdin       decode     a secret,    jsonl       way to its   and exits
//!             rules      rule, path   sarif       exit code
//! ```

pub mod cli;
pub mod collect;
pub mod commands;
pub mod detect;
pub mod finding;
pub mod objects;
pub mod report;
pub mod rules;
pub mod source;
