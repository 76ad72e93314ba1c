//! `telleaks audit` on repositories created with the git program: keys in every place that git has, missing objects,
//! hostile repositories, and the same report however the same objects are stored.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;

mod cache;
mod gaps;
mod hostile;
mod places;
mod repo;
mod same;
