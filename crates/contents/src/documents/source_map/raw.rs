//! The JSON of a source map, parsed lazily.
//!
//! Parsing is lenient: a field of the wrong type counts as missing, and lists are never collected.

use std::fmt;

use serde::de::{Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::value::RawValue;

/// Maximum nesting of index maps. The format allows one level.
pub(super) const MAX_DEPTH: usize = 8;

/// The fields that are needed, as raw JSON. Fields: <https://tc39.es/ecma426/>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Map<'m> {
    #[serde(borrow)]
    pub(super) sources: Option<&'m RawValue>,
    #[serde(borrow)]
    pub(super) sources_content: Option<&'m RawValue>,
    #[serde(borrow)]
    pub(super) source_root: Option<&'m RawValue>,
    #[serde(borrow)]
    pub(super) mappings: Option<&'m RawValue>,
    #[serde(borrow)]
    pub(super) sections: Option<&'m RawValue>,
}

/// One section of an index map.
#[derive(Debug, Deserialize)]
pub(super) struct Section<'m> {
    pub(super) offset: Offset,
    #[serde(borrow)]
    pub(super) map: Option<&'m RawValue>,
}

/// Start of a section in the generated file: line and column (UTF-16 code units), both 0-based.
#[derive(Debug, Clone, Copy, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Offset {
    pub(super) line: u64,
    pub(super) column: u64,
}

impl<'m> Map<'m> {
    /// Parses the map in `bytes`, after an optional byte order mark and an optional line `)]}'` (a guard against
    /// inclusion as a script).
    pub(super) fn of(bytes: &'m [u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
        let bytes = match bytes.strip_prefix(b")]}") {
            Some(rest) => &rest[memchr::memchr(b'\n', rest)?..],
            None => bytes,
        };
        serde_json::from_slice(bytes).ok()
    }

    /// Parses a map inside another map.
    pub(super) fn within(raw: &'m RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok()
    }

    /// Returns the prefix of all sources; empty if there is none.
    pub(super) fn root(&self) -> String {
        self.source_root.and_then(string).unwrap_or_default()
    }
}

/// Returns the text of a JSON string.
pub(super) fn string(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// Returns the text of a JSON string as UTF-8. Unpaired surrogates, which JavaScript allows, become three bytes each.
pub(super) fn bytes(raw: &RawValue) -> Option<Vec<u8>> {
    struct Bytes;
    impl Visitor<'_> for Bytes {
        type Value = Vec<u8>;
        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a string")
        }
        fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }
    }
    if !raw.get().starts_with('"') {
        return None;
    }
    serde_json::Deserializer::from_str(raw.get()).deserialize_bytes(Bytes).ok()
}

/// Calls `each` with the items of a JSON list until it returns false. Returns false if `raw` is not a list.
pub(super) fn items<'m>(raw: &'m RawValue, each: impl FnMut(usize, &'m RawValue) -> bool) -> bool {
    struct Items<F>(F);
    impl<'m, F: FnMut(usize, &'m RawValue) -> bool> Visitor<'m> for Items<F> {
        type Value = ();
        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a list")
        }
        fn visit_seq<A: SeqAccess<'m>>(mut self, mut list: A) -> Result<(), A::Error> {
            let mut index = 0;
            while let Some(item) = list.next_element()? {
                if !(self.0)(index, item) {
                    while list.next_element::<IgnoredAny>()?.is_some() {}
                    return Ok(());
                }
                index = index.checked_add(1).ok_or_else(|| A::Error::custom("too long"))?;
            }
            Ok(())
        }
    }
    serde_json::Deserializer::from_str(raw.get()).deserialize_seq(Items(each)).is_ok()
}

/// Returns one item of a JSON list.
pub(super) fn item(raw: &RawValue, wanted: usize) -> Option<&RawValue> {
    let mut found = None;
    items(raw, |index, item| {
        if index == wanted {
            found = Some(item);
        }
        index < wanted
    });
    found
}
