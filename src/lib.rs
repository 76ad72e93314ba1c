//! telleaks finds leaked Telnyx credentials.
//!
//! One way through the house; a module uses only what stands to its left, and the plain data in [`finding`] and
//! [`rules`] (a test holds this):
//!
//! ```text
//! source ──▶ detect ──▶ collect ──▶ staged ──▶ report ──▶ commands ──▶ main
//! files       anchors    one finding  commits    text json   a command's  prints
//! stdin       decode     a secret,    audit      jsonl       way to its   and exits
//! objects     rules      rule, path   git, led   sarif       exit code
//! git                                 that way
//! ```

pub mod audit;
pub mod cli;
pub mod collect;
pub mod commands;
pub mod commits;
pub mod content;
pub mod detect;
pub mod documents;
pub mod finding;
pub mod git;
pub mod objects;
pub mod report;
pub mod rules;
pub mod source;
pub mod staged;
pub mod unpack;
