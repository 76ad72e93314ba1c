//! `telleaks staged` and `telleaks commits` as called by git: real hooks in real repositories, created by the git
//! program in temporary directories without user configuration. The readers of the index and of objects have unit tests
//! of their own; these tests check what a git user sees.

pub(crate) mod repo;

mod advice;
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
mod staged_worktree;
mod targets;
mod teams;
