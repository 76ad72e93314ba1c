//! `telleaks redact`: masked forms, independence of chunk boundaries, and the command line.

mod chops;
mod program;
mod samples;
