//! `telleaks staged` and `telleaks commits` as git itself calls them: real hooks in real repositories, made by the git
//! program in temporary directories with the configuration of nobody. What is read from the index and from objects in
//! detail is tested beside that code; here counts what a person at the prompt of git would see.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;

mod repo;

mod commits_gaps;
mod commits_history;
mod commits_inline;
mod commits_random;
mod commits_range;
mod hostile;
mod push;
mod receive;
mod staged_forms;
mod staged_hook;
mod staged_lines;
mod staged_merge;
mod staged_message;
mod targets;
