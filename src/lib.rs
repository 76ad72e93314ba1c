//! telleaks finds leaked Telnyx credentials.
//!
//! One way through the house; a module uses only what stands to its left, and the plain data in [`finding`] and
//! `rules`:
//!
//! ```text
//! source ──▶ detect ──▶ finding ──▶ report ──▶ exit code
//! files       anchors    Finding     text json
//! stdin       decode     Secret      jsonl
//!             rules      Location    sarif
//! ```

pub mod finding;
pub mod report;
pub mod rules;
pub mod source;
