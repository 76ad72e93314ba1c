//! `telleaks audit` on repositories created with the git program: keys in every place that git has, missing objects,
//! hostile repositories, and the same report however the same objects are stored.

mod cache;
mod gaps;
mod hostile;
mod places;
pub(crate) mod repo;
mod same;
mod tracked;
