//! Reads that fail.
