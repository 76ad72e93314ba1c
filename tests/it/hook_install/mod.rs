//! `telleaks hook` with real git: installed hooks block leaks, call the previous hook, and are removed without leaving
//! anything.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;
#[allow(dead_code, reason = "shared with the tests of the hooks themselves")]
#[path = "../hooks/repo.rs"]
mod repo;

mod chain;
mod everywhere;
mod install;
mod moments;
mod refused;
