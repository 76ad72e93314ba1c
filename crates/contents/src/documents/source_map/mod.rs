//! Source maps: extracts the sources they contain, maps locations in a generated file to its sources, and finds the map
//! of a generated file.
//!
//! The mappings are decoded on the fly and not kept: a map may be arbitrarily large, and the list of its tokens is
//! fourteen times larger.

mod lookup;
mod names;
mod raw;
mod reference;
mod vlq;

use std::io::{self, Cursor};

pub use lookup::original;
pub use reference::{MapAt, map_of};

use self::raw::{MAX_DEPTH, Map};
use super::read_whole;
use crate::input::Content;
use crate::unpack::{Budget, Sink};

/// Maximum size of a map, in bytes.
const MAX_MAP_BYTES: u64 = 256 << 20;

/// Hands over every source whose text the map contains. Input that is not a source map has no members.
///
/// # Errors
/// Returns an error if the input cannot be read, or if a limit is exceeded.
pub(super) fn extract(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let Some(bytes) = read_whole(input, MAX_MAP_BYTES)? else {
        sink.unseen("", "the source map is larger than 256 MiB; its sources were not extracted");
        return Ok(());
    };
    Map::of(&bytes).map_or(Ok(()), |map| sources(&map, budget, sink, MAX_DEPTH))
}

fn sources(map: &Map<'_>, budget: &Budget<'_>, sink: &mut dyn Sink, depth: usize) -> io::Result<()> {
    let mut outcome = Ok(());
    if let Some(contents) = map.sources_content {
        let names = names_of(map, budget);
        let root = map.root();
        raw::items(contents, |index, content| {
            let Some(text) = raw::bytes(content) else { return true };
            outcome = budget.entry();
            if outcome.is_ok() {
                let name = names.get(index).and_then(|name| raw::string(name));
                sink.member(
                    &names::display_path(&root, name.as_deref(), index),
                    &mut Cursor::new(text.as_slice()),
                );
            }
            outcome.is_ok()
        });
        outcome?;
    }
    let mut outcome = Ok(());
    if let Some(sections) = map.sections.filter(|_| depth > 0) {
        raw::items(sections, |_, section| {
            let section: Option<raw::Section<'_>> = serde_json::from_str(section.get()).ok();
            if let Some(map) = section.and_then(|section| section.map).and_then(Map::within) {
                outcome = sources(&map, budget, sink, depth - 1);
            }
            outcome.is_ok()
        });
    }
    outcome
}

/// Returns the names of the sources, at most as many as there may be members.
fn names_of<'m>(map: &Map<'m>, budget: &Budget<'_>) -> Vec<&'m serde_json::value::RawValue> {
    let most = budget.limits().entries;
    let mut names = Vec::new();
    if let Some(sources) = map.sources {
        raw::items(sources, |_, name| {
            names.push(name);
            (names.len() as u64) < most
        });
    }
    names
}
