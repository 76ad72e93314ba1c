//! The GitHub Action as a runner executes it: the steps of `action.yml` through bash with a simulated environment, in
//! real repositories and the clones that actions/checkout makes of them. Needs neither GitHub nor the network.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../hooks/repo.rs"]
#[allow(dead_code, reason = "made for the tests of hooks, which use all of it")]
mod repo;

mod download;
mod events;
mod hostile;
mod inputs;
mod platforms;
mod runner;
mod shallow;
mod site;
mod steps;
