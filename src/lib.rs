//! telleaks finds leaked Telnyx credentials.
//!
//! The path of a content, from left to right. All modules share the data model in [`finding`] and [`rules`].
//! CONTRIBUTING.md lists the modules from the bottom up, and `tests/it/architecture.rs` checks that none climbs.
//!
//! ```text
//! source ──▶ input ──▶ scan ──▶ unpack     ──▶ detect ──▶ scan     ──▶ suppress ──▶ probe ──▶ report ──▶ main
//! git                  what     documents      literals   groups       telleaks.    is the    text       prints
//! files                is it?   members and    windows    matches      toml and     key       json       and exits
//! stdin                         texts          rules      to findings  baseline     alive?    sarif …
//! ```
//!
//! - `staged`, `commits` and `audit` scan what git holds; `commands` has one module per command and returns its exit code.
//! - `redact` (masks the credentials in a stream) and `fix` (edits that remove credentials from source files) use
//!   `detect` and serve one command each.
//! - `places` finds the files of a workstation where programs keep keys, `clean` masks credentials in files.
//! - `export` writes the rules for other scanners.
//! - `respond` plans what to do about a leak, `merge` merges several reports, `hook` writes git hooks, `agent` knows
//!   the hooks of coding agents, `mcp` the Model Context Protocol, `lsp` the Language Server Protocol.
//! - `atomic_file` (temporary files, removed on every exit) and `fault_injection` (for tests) are helpers.
//!
//! ```
//! use telleaks::detect::{Detector, Scratch};
//!
//! let detector = Detector::new(telleaks::rules::builtin()?, false)?;
//! let key = ["KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "hwqtpZbC4XD1PEQFaKWydG"].join("_");
//! let content = format!("TELNYX_API_KEY={key}\n");
//! let scan = detector.scan_reader(&mut content.as_bytes(), &mut Scratch::default());
//! assert_eq!(scan.found[0].location.start_line, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod agent;
pub mod atomic_file;
pub mod audit;
pub mod clean;
pub mod cli;
pub mod commands;
pub mod commits;
pub mod export;
pub mod fix;
pub mod hook;
pub mod lsp;
pub mod mcp;
pub mod merge;
pub mod places;
pub mod probe;
pub mod progress;
pub mod redact;
pub mod report;
pub mod respond;
pub mod rules;
pub mod scan;
pub mod self_test;
pub mod source;
pub mod staged;
pub mod suppress;

pub use telleaks_contents::{documents, fault_injection, input, records, unpack};
pub use telleaks_detection::{detect, finding};
pub use telleaks_git as git;

pub(crate) use telleaks_detection::assignments;
