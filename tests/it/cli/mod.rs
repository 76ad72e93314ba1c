//! The command line: exit codes, outputs, streams, signals, and secrets that must never be shown.

mod exit;
mod explain;
mod inline;
mod masking;
mod output;
mod regions;
mod self_test;
mod shown_places;
mod streams;
