//! `telleaks audit` from outside, on repositories that are made with the git program: keys in every place that git
//! has, what is not there, what is hostile, and the same answer however the same objects are stored.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;

mod cache;
mod gaps;
mod hostile;
mod places;
mod repo;
mod same;
