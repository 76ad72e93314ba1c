//! `telleaks lsp`: a server of the Language Server Protocol on standard input and output.
//!
//! One thread handles all messages, in their order, and writes. Another one reads them, and scans of long texts and of
//! folders run in their own threads; their results arrive as events between the messages.

mod actions;
mod document;
mod features;
mod folders;
mod notebook;
mod project;
mod server;
mod workspace;

use std::io::{self, BufReader};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use anyhow::{Context, Result};

use super::{Console, Exit};
use crate::cli::LspArgs;
use crate::fault_injection;
use crate::lsp::{self, Hits, Incoming};

use server::Server;
use workspace::News;

/// What the main thread waits for.
enum Event {
    /// A message of the client.
    Incoming(Incoming),
    /// The client is gone.
    Closed,
    /// The findings of a whole text, after that many changes of it.
    Scanned { uri: String, changes: u64, hits: Hits },
    /// A part of the result of a scan of folders.
    News { job: u64, news: News },
}

pub(super) fn run(args: &LspArgs, console: &mut Console<'_>) -> Result<Exit> {
    let (sender, events) = channel();
    let messages = sender.clone();
    let reader = thread::Builder::new().name("messages".to_owned());
    reader.spawn(move || forward(&messages)).context("cannot start a thread")?;
    Server::new(&args.project, console.out, sender).run(&events)
}

/// Sends every message on standard input as an event.
fn forward(events: &Sender<Event>) {
    let mut input = BufReader::new(fault_injection::input(io::stdin()));
    while let Ok(Some(message)) = lsp::read(&mut input) {
        if events.send(Event::Incoming(message)).is_err() {
            return;
        }
    }
    // Nothing to do if the main thread has ended.
    let _ended = events.send(Event::Closed);
}
