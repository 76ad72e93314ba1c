//! Leaks in every supported form, and text that only resembles leaks. The files are generated with fixed seeds and
//! scanned by the built program, one run per directory.

mod batch;
mod borders;
mod escaped;
mod harmless;
mod joined;
mod kinds;
mod packed;
mod plain;
mod table;
mod text;
mod written;
