//! `telleaks fix`: snippets in each language, findings that need a manual edit, files and diffs.

#![allow(clippy::print_stderr, reason = "what could not be checked is said")]

mod by_hand;
mod corpus;
mod files;
mod forms;
mod sarif;
mod snippets;
mod sound;
