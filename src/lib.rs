//! telleaks finds leaked Telnyx credentials.
//!
//! One way through the house; a module uses only what stands to its left, and the plain data in [`finding`] and
//! [`rules`] (a test holds this):
//!
//! ```text
//! source ──▶ unpack ──▶ detect ──▶ collect ──▶ staged ──▶ report ──▶ suppress ──▶ probe ──▶ commands ──▶ main
//! files      gz zip tar  anchors    looks in,  commits    text json  telleaks.    is it     a command's  prints
//! stdin      xz zst 7z   decode     a finding  audit      jsonl      toml and     alive?    way to its   and exits
//! objects    documents   rules      a secret,  git, led   sarif      baseline     respond:  exit code
//! git                               rule, path that way                           what now
//! ```
//!
//! Two modules stand on `detect` alone and serve a command each: `redact` (a stream with its credentials masked) and `fix`
//! (edits that take credentials out of source files). `merge` stands on `report`: many reports made one.
//! `hook` stands alone: it writes the hooks of git that call the program.
//! Two more may be used by all: `unfinished` (temporary files, taken away whatever happens) and `faults` (tests only).

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
