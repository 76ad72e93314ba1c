//! The GitHub Action as a runner executes it: the steps of `action.yml` through bash with a simulated environment, in
//! real repositories and the clones that actions/checkout makes of them. Needs neither GitHub nor the network.

use crate::hook_runs::repo;

mod download;
mod events;
mod hostile;
mod inputs;
mod platforms;
mod runner;
mod shallow;
mod site;
mod steps;
