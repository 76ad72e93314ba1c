//! `telleaks hook` with real git: installed hooks block leaks, call the previous hook, and are removed without leaving
//! anything.

#[allow(dead_code, reason = "shared with the tests of the hooks themselves")]
use crate::hook_runs::repo;

mod chain;
mod everywhere;
mod install;
mod moments;
mod refused;
