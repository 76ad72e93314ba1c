//! Maps a location in a generated file to the location in its source.

use super::names;
use super::raw::{self, MAX_DEPTH, Map, Offset, Section};
use super::vlq::{self, Source};
use crate::finding::Original;

/// Returns the original location of `line` and `column` (both 1-based, columns in Unicode characters) in the generated
/// file to which `map` belongs. `generated_line_text` is that line, or empty if it is unknown.
///
/// A map lists the starts of tokens. If it includes the source and the source text matches the generated line from
/// there on, the result is the exact location within the token, otherwise the start of the token. Returns `None` if the
/// map lists no source for the location, or is not a source map.
pub fn original(map: &[u8], generated_line_text: &str, line: u64, column: u64) -> Option<Original> {
    let map = Map::of(map)?;
    let before = usize::try_from(column.checked_sub(1)?).ok()?;
    let at = units(generated_line_text, before);
    let place = Offset { line: line.checked_sub(1)?, column: at };
    find(&map, place, &Generated { text: generated_line_text, before }, MAX_DEPTH)
}

/// A line of the generated file, and the number of its characters before the location.
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
    let path = names::display_path(&map.root(), raw::string(name).as_deref(), source.index);
    let since = place.column - segment.generated;
    let column = column_in_token(map, source, generated, since).unwrap_or(source.column);
    Some(Original { path, line: source.line.checked_add(1)?, column: column.checked_add(1)? })
}

/// Returns the 0-based column (in characters) in the line of the source. `since` is the number of UTF-16 code units of
/// the generated line between the start of the token and the location.
fn column_in_token(map: &Map<'_>, source: Source, generated: &Generated<'_>, since: u64) -> Option<u64> {
    let text = raw::bytes(raw::item(map.sources_content?, source.index)?)?;
    let text = String::from_utf8_lossy(&text);
    let line = text.split('\n').nth(usize::try_from(source.line).ok()?)?;
    let start = characters(line, source.column);
    let begin = line.char_indices().nth(start).map_or(line.len(), |(at, _)| at);
    let cut = generated.text.char_indices().nth(generated.before).map_or(generated.text.len(), |(at, _)| at);
    let before = &generated.text[..cut];
    let token = suffix(before, since)?;
    let same = |(one, other): (char, char)| one == other || quote(one) && quote(other);
    let length = token.chars().count();
    let matches = token.chars().zip(line[begin..].chars()).filter(|pair| same(*pair)).count() == length;
    Some((start + if matches { length } else { 0 }) as u64)
}

/// Minifiers change the kind of quotes.
fn quote(one: char) -> bool {
    matches!(one, '"' | '\'' | '`')
}

/// Returns the end of `text` that is `count` UTF-16 code units long.
fn suffix(text: &str, count: u64) -> Option<&str> {
    let mut left = count;
    for (at, one) in text.char_indices().rev() {
        if left == 0 {
            return Some(&text[at + one.len_utf8()..]);
        }
        left = left.checked_sub(one.len_utf16() as u64)?;
    }
    (left == 0).then_some(text)
}

/// Returns the UTF-16 length of the first `count` characters of `text`; missing characters count as one.
fn units(text: &str, count: usize) -> u64 {
    let (mut seen, mut units) = (0, 0);
    for one in text.chars().take(count) {
        seen += 1;
        units += one.len_utf16() as u64;
    }
    units + (count - seen) as u64
}

/// Returns the number of characters in the first `count` UTF-16 code units of `text`.
fn characters(text: &str, count: u64) -> usize {
    let mut units = 0;
    text.chars()
        .take_while(|one| {
            units += one.len_utf16() as u64;
            units <= count
        })
        .count()
}
