//! From a place in a generated file to the place in the source.

use super::names;
use super::raw::{self, DEPTH, Map, Offset, Section};
use super::vlq::{self, Source};
use crate::finding::Original;

/// The original place of `line` and `column` (both from 1, columns in Unicode characters) of the generated file to
/// which `map` belongs. `generated_line_text` is that line of it, or nothing if it is not known.
///
/// A map names the beginnings of tokens. Where the map carries the source and it goes on as the generated line does,
/// the place within the token is told, else its beginning. `None` if the map knows of no source there, or is none.
pub fn original(map: &[u8], generated_line_text: &str, line: u64, column: u64) -> Option<Original> {
    let map = Map::of(map)?;
    let before = usize::try_from(column.checked_sub(1)?).ok()?;
    let at = units(generated_line_text, before);
    let place = Offset { line: line.checked_sub(1)?, column: at };
    find(&map, place, &Generated { text: generated_line_text, before }, DEPTH)
}

/// The line of the generated file, and how many of its characters stand before the place.
struct Generated<'t> {
    text: &'t str,
    before: usize,
}

fn find(map: &Map<'_>, place: Offset, generated: &Generated<'_>, depth: usize) -> Option<Original> {
    if let Some(sections) = map.sections {
        let mut best: Option<Section<'_>> = None;
        raw::items(sections, |_, section| {
            if let Ok(section) = serde_json::from_str::<Section<'_>>(section.get())
                && section.offset <= place
                && best.as_ref().is_none_or(|best| best.offset <= section.offset)
            {
                best = Some(section);
            }
            true
        });
        let section = best?;
        let inner = Map::within(section.map?)?;
        let column = if section.offset.line == place.line { section.offset.column } else { 0 };
        let place = Offset { line: place.line - section.offset.line, column: place.column - column };
        return find(&inner, place, generated, depth.checked_sub(1)?);
    }
    let mappings = map.mappings?.get();
    let decoded;
    let mappings = if mappings.contains('\\') {
        decoded = raw::string(map.mappings?)?;
        &decoded
    } else {
        mappings.trim_matches('"')
    };
    let segment = vlq::find(mappings.as_bytes(), place.line, place.column)?;
    let source = segment.source?;
    let name = raw::item(map.sources?, source.index)?;
    let path = names::shown(&map.root(), raw::string(name).as_deref(), source.index);
    let since = place.column - segment.generated;
    let column = exact(map, source, generated, since).unwrap_or(source.column);
    Some(Original { path, line: source.line.checked_add(1)?, column: column.checked_add(1)? })
}

/// The column (from 0, in characters) in the source's line; `since` is how many UTF-16 units of the generated line
/// lie between the token's beginning and the place.
fn exact(map: &Map<'_>, source: Source, generated: &Generated<'_>, since: u64) -> Option<u64> {
    let text = raw::bytes(raw::item(map.sources_content?, source.index)?)?;
    let text = String::from_utf8_lossy(&text);
    let line = text.split('\n').nth(usize::try_from(source.line).ok()?)?;
    let start = characters(line, source.column);
    let begin = line.char_indices().nth(start).map_or(line.len(), |(at, _)| at);
    let cut = generated.text.char_indices().nth(generated.before).map_or(generated.text.len(), |(at, _)| at);
    let before = &generated.text[..cut];
    let token = backwards(before, since)?;
    let same = |(one, other): (char, char)| one == other || quote(one) && quote(other);
    let length = token.chars().count();
    let goes_on = token.chars().zip(line[begin..].chars()).filter(|pair| same(*pair)).count() == length;
    Some((start + if goes_on { length } else { 0 }) as u64)
}

/// Minifiers choose quotes as they like.
fn quote(one: char) -> bool {
    matches!(one, '"' | '\'' | '`')
}

/// The end of `text` that is `count` UTF-16 units long.
fn backwards(text: &str, count: u64) -> Option<&str> {
    let mut left = count;
    for (at, one) in text.char_indices().rev() {
        if left == 0 {
            return Some(&text[at + one.len_utf8()..]);
        }
        left = left.checked_sub(one.len_utf16() as u64)?;
    }
    (left == 0).then_some(text)
}

/// UTF-16 units of the first `count` characters of `text`; one for each that is missing.
fn units(text: &str, count: usize) -> u64 {
    let (mut seen, mut units) = (0, 0);
    for one in text.chars().take(count) {
        seen += 1;
        units += one.len_utf16() as u64;
    }
    units + (count - seen) as u64
}

/// Characters in the first `count` UTF-16 units of `text`.
fn characters(text: &str, count: u64) -> usize {
    let mut units = 0;
    text.chars()
        .take_while(|one| {
            units += one.len_utf16() as u64;
            units <= count
        })
        .count()
}
