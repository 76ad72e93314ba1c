//! telleaks finds leaked Telnyx credentials.
//!
//! The flow of data, from left to right. All modules share the data model in [`finding`] and [`rules`].
//! `tests/layers.rs` lists and checks which module may use which.
//!
//! ```text
//! source ──▶ unpack ──▶ detect ──▶ collect ──▶ staged ──▶ report ──▶ suppress ──▶ probe ──▶ commands ──▶ main
//! files      gz zip tar  anchors    scan of an commits    text json  telleaks.    is the    one per      prints
//! stdin      xz zst 7z   decoding   input,     audit      jsonl      toml and     key       command,     and exits
//! objects    documents   rules      findings   scans of   sarif      baseline     alive?    returns the
//! git                                          git data                           respond   exit code
//! ```
//!
//! - `redact` (masks the credentials in a stream) and `fix` (edits that remove credentials from source files) use
//!   `detect` and serve one command each.
//! - `merge` uses `report`: it merges several reports into one.
//! - `hook` writes the git hooks that run the program.
//! - `unfinished` (temporary files, removed on every exit) and `faults` (fault injection for tests) are helpers.

pub(crate) mod assignments;
pub mod audit;
pub mod cli;
pub mod collect;
pub mod commands;
pub mod commits;
pub mod content;
pub mod detect;
pub mod documents;
pub mod faults;
pub mod finding;
pub mod fix;
pub mod git;
pub mod hook;
pub mod merge;
pub mod objects;
pub mod probe;
pub mod records;
pub mod redact;
pub mod report;
pub mod respond;
pub mod rules;
pub mod selftest;
pub mod source;
pub mod staged;
pub mod suppress;
pub mod unfinished;
pub mod unpack;
