//! The fields of a HAR that are needed (<http://www.softwareishard.com/blog/har-12-spec/>), parsed as a stream.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A request and its response.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    pub(super) request: Option<Message>,
    pub(super) response: Option<Message>,
}

/// A request or a response.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Message {
    pub(super) headers: Headers,
    pub(super) content: Option<Body>,
    pub(super) post_data: Option<Body>,
}

/// A body.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Body {
    pub(super) text: Option<String>,
    pub(super) encoding: Option<String>,
}

/// The headers that are needed.
#[derive(Debug, Default)]
pub(super) struct Headers {
    /// The value of `Content-Encoding` in lower case; empty if there is none.
    pub(super) content_encoding: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Header {
    name: Option<String>,
    value: Option<String>,
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(HeaderList)
    }
}

struct HeaderList;

impl<'de> Visitor<'de> for HeaderList {
    type Value = Headers;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list of headers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Headers, A::Error> {
        let mut headers = Headers::default();
        while let Some(Header { name, value }) = list.next_element()? {
            if name.is_some_and(|name| name.eq_ignore_ascii_case("content-encoding")) {
                headers.content_encoding = value.unwrap_or_default().to_ascii_lowercase();
            }
        }
        Ok(headers)
    }
}

/// Receives the entries in order.
pub(super) trait EntryVisitor {
    /// Receives one entry. Returning false stops the parser.
    fn entry(&mut self, entry: Entry) -> bool;
}

/// A deserialization seed that descends to the entries.
pub(super) struct EntriesSeed<'v, V> {
    keys: &'static [&'static str],
    visit: &'v mut V,
}

impl<'v, V: EntryVisitor> EntriesSeed<'v, V> {
    /// Descends to the entries of `log`.
    pub(super) fn log_entries(visit: &'v mut V) -> Self {
        Self { keys: &["log", "entries"], visit }
    }

    /// Parses a document to its end.
    pub(super) fn read<'de, R: serde_json::de::Read<'de>>(
        self,
        reader: &mut serde_json::Deserializer<R>,
    ) -> serde_json::Result<()> {
        self.deserialize(reader)
    }
}

impl<'de, V: EntryVisitor> DeserializeSeed<'de> for EntriesSeed<'_, V> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.keys.is_empty() {
            deserializer.deserialize_seq(self)
        } else {
            deserializer.deserialize_map(self)
        }
    }
}

impl<'de, V: EntryVisitor> Visitor<'de> for EntriesSeed<'_, V> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a HAR")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((wanted, keys)) = self.keys.split_first() else { return Ok(()) };
        while let Some(key) = map.next_key::<String>()? {
            if key == *wanted {
                map.next_value_seed(EntriesSeed { keys, visit: &mut *self.visit })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(entry) = list.next_element()? {
            if !self.visit.entry(entry) {
                return Err(A::Error::custom("no more is wanted"));
            }
        }
        Ok(())
    }
}
