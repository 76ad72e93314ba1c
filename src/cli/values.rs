//! Parsers for option values.

use clap::ValueEnum;
use std::path::PathBuf;
use std::time::Duration;

use super::args::Shard;
use crate::report::Format;
use crate::suppress;

pub(super) fn size(text: &str) -> Result<u64, String> {
    let written = suppress::size(text);
    written.ok_or_else(|| "write a number of bytes, or a number with K, M or G".to_owned())
}

/// Parses the name of an environment variable. The empty string is allowed.
pub(super) fn variable_name(text: &str) -> Result<String, String> {
    let is_name = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name && !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err("write letters, digits and underscores, and no digit first".to_owned())
}

pub(super) fn shard(text: &str) -> Result<Shard, String> {
    let wrong = || "write I/N, for example 0/8, or /8".to_owned();
    let (index, count) = text.split_once('/').ok_or_else(wrong)?;
    let count: u64 = count.parse().map_err(|_| wrong())?;
    let index = if index.is_empty() { None } else { Some(index.parse::<u64>().map_err(|_| wrong())?) };
    if count == 0 || index.is_some_and(|index| index >= count) {
        return Err("the index must be less than the count".to_owned());
    }
    Ok(Shard { index, count })
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "write a number of seconds, for example 10 or 0.5".to_owned())
}

pub(super) fn report(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = text.split_once('=').ok_or("write FORMAT=PATH, for example sarif=telleaks.sarif")?;
    if path.is_empty() {
        return Err("the path after `=` is missing".to_owned());
    }
    let format = <Format as ValueEnum>::from_str(format, false)?;
    Ok((format, PathBuf::from(path)))
}
