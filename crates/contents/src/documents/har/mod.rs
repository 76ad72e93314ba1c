//! HAR: requests and responses recorded by a browser. Their texts are plain JSON strings; only base64 bodies that are
//! containers, or compressed as the response header says, are decoded here.
//!
//! Reads entry by entry, because a file may be larger than memory; the `har` crate holds all of it.

mod body;
mod model;
mod strings;

use std::io::{self, BufReader};

use self::model::{EntriesSeed, Entry, EntryVisitor};
use self::strings::BoundedStrings;
use crate::input::Content;
use crate::unpack::{Budget, Sink};

/// Hands over the bodies that need decoding.
///
/// # Errors
/// Returns an error if the input cannot be read, or if a limit is exceeded.
pub(super) fn extract(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut reader = serde_json::Deserializer::from_reader(BufReader::new(BoundedStrings::new(input)));
    let mut bodies = Bodies { budget, sink, count: 0, outcome: Ok(()) };
    let read = EntriesSeed::log_entries(&mut bodies).read(&mut reader);
    let Bodies { sink, count, outcome, .. } = bodies;
    outcome?;
    match read {
        Err(error) if error.is_io() => return Err(error.into()),
        // Without a single entry it was not a HAR.
        Err(_) if count > 0 => {
            sink.unseen(
                "",
                &format!("not valid HAR from entry {} on; the rest was scanned as plain text", count + 1),
            );
        }
        _ => {}
    }
    Ok(())
}

/// Visits the entries and decodes their bodies.
struct Bodies<'a, 'l, 's> {
    budget: &'a Budget<'l>,
    sink: &'s mut dyn Sink,
    count: u64,
    outcome: io::Result<()>,
}

impl EntryVisitor for Bodies<'_, '_, '_> {
    fn entry(&mut self, entry: Entry) -> bool {
        self.count += 1;
        for (message, what) in [(entry.request, "request"), (entry.response, "response")] {
            let Some(message) = message else { continue };
            let encoding = message.headers.content_encoding;
            for body in [message.content, message.post_data].into_iter().flatten() {
                let name = format!("entry {} {what}", self.count);
                self.outcome = body::hand_over(body, &encoding, &name, self.budget, self.sink);
                if self.outcome.is_err() {
                    return false;
                }
            }
        }
        true
    }
}
