//! Reader of the visible text of markup: removes tags and comments, decodes entities, ends a line at each block
//! element.

use super::entities::{character, is_invisible};
use super::runs::{Format, Output};

/// Maximum number of bytes of a tag that are kept for its name.
const NAME_BYTES: usize = 32;
/// Start of a comment.
const COMMENT: &[u8] = b"<!--";
/// Maximum length of an entity, in bytes.
const ENTITY_BYTES: usize = 24;

/// Elements that end a line.
const BLOCKS: [&[u8]; 48] = [
    b"comment",
    b"p",
    b"div",
    b"br",
    b"li",
    b"tr",
    b"td",
    b"th",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"pre",
    b"table",
    b"ul",
    b"ol",
    b"dl",
    b"dt",
    b"dd",
    b"section",
    b"article",
    b"header",
    b"footer",
    b"title",
    b"option",
    b"hr",
    b"body",
    b"head",
    b"blockquote",
    b"form",
    b"fieldset",
    b"figure",
    b"nav",
    b"main",
    b"aside",
    b"button",
    b"textarea",
    b"h",
    b"line-break",
    b"table-cell",
    b"tab",
    b"list-item",
    b"si",
    b"is",
    b"tc",
    b"cr",
];
/// Elements whose content is not text.
const UNSEEN: [&[u8]; 2] = [b"script", b"style"];
/// Tags and entities of HTML runs that identify content that does not start with a known tag.
const RUNS: [&[u8]; 12] = [
    b"</span>",
    b"</b>",
    b"</i>",
    b"</em>",
    b"</strong>",
    b"</font>",
    b"</code>",
    b"</mark>",
    b"</u>",
    b"<wbr",
    b"&shy;",
    b"&#8203;",
];
/// Tags and namespaces (ECMA-376, transitional and strict) of the parts of Office Open XML; any prefix may be that
/// of a namespace.
const OFFICE: [&[u8]; 8] = [
    b"<w:",
    b"<a:t>",
    b"<a:p>",
    b"<sst",
    b"<worksheet",
    b"<comments",
    b"schemas.openxmlformats.org/",
    b"purl.oclc.org/ooxml/",
];
/// First tags of HTML pages and fragments.
const PAGES: [&[u8]; 20] = [
    b"<!doctype html",
    b"<html",
    b"<head",
    b"<body",
    b"<div",
    b"<p",
    b"<span",
    b"<table",
    b"<pre",
    b"<ul",
    b"<ol",
    b"<section",
    b"<article",
    b"<b",
    b"<i",
    b"<a",
    b"<h",
    b"<code",
    b"<svg",
    b"<em",
];

/// Returns the markup format of content that starts with `head`.
pub(super) fn sniff(head: &[u8]) -> Option<Format> {
    // A script starts like markup and is not.
    if head.first() == Some(&b'<') && !head.starts_with(b"<?php") {
        let starts = |word: &&[u8]| {
            let starts = head.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
            starts && head.get(word.len()).is_none_or(|next| !next.is_ascii_alphabetic())
        };
        if PAGES.iter().any(starts) {
            return Some(Format::Html);
        }
        let has = |word: &[u8]| memchr::memmem::find(head, word).is_some();
        if has(b"<text:") || has(b"<office:") || has(b"office:version") {
            return Some(Format::OpenDocument);
        }
        if OFFICE.iter().any(|mark| has(mark)) {
            return Some(Format::Office);
        }
        if has(b"<html") || has(b"<svg") {
            return Some(Format::Html);
        }
    }
    let marks = memchr::memchr2_iter(b'<', b'&', head);
    let is_run = |at: usize| {
        let next = head.get(at + 1).is_some_and(|next| matches!(next, b'/' | b'w' | b's' | b'#'));
        next && RUNS.iter().any(|run| head[at..].starts_with(run))
    };
    marks.take(64).any(is_run).then_some(Format::Html)
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum State {
    Text,
    /// In a tag; the quotation mark of an attribute value, if in one.
    Tag(Option<u8>),
    Comment,
    Entity,
}

/// The state of the reader.
#[derive(Debug)]
pub(super) struct Markup {
    format: Format,
    state: State,
    /// The start of the tag, or the entity, as raw bytes.
    kept: Vec<u8>,
    /// The last two bytes of a comment or a tag.
    last: [u8; 2],
    /// Name of the current element whose content is not text.
    unseen: Option<&'static [u8]>,
    /// Whether character data is text: always, or only in a `t` element.
    in_text: bool,
    /// Whether only white space followed the last line end.
    indented: bool,
}

impl Markup {
    pub(super) fn new(format: Format) -> Self {
        let in_text = format != Format::Office;
        Self {
            format,
            state: State::Text,
            kept: Vec::new(),
            last: [0; 2],
            unseen: None,
            in_text,
            indented: false,
        }
    }

    pub(super) fn push(&mut self, mut bytes: &[u8], out: &mut Output) {
        while !bytes.is_empty() {
            let used = match self.state {
                State::Text => self.text(bytes, out),
                State::Tag(quote) => self.tag(bytes, quote, out),
                State::Comment => self.comment(bytes, out),
                State::Entity => self.entity(bytes, out),
            };
            bytes = &bytes[used..];
        }
    }

    fn text(&mut self, bytes: &[u8], out: &mut Output) -> usize {
        let length = memchr::memchr2(b'<', b'&', bytes).unwrap_or(bytes.len());
        let text = &bytes[..length];
        if !self.in_text || self.unseen.is_some() {
            out.skip(text);
        } else if self.format == Format::OpenDocument {
            self.unindented(text, out);
        } else {
            out.copy(text);
        }
        match bytes.get(length) {
            Some(b'<') => (self.state, self.last) = (State::Tag(None), [0; 2]),
            Some(_) => self.state = State::Entity,
            None => {}
        }
        self.kept.clear();
        length
    }

    /// Adds text without line ends and the white space after them, which only indent the markup.
    fn unindented(&mut self, mut text: &[u8], out: &mut Output) {
        while let Some(&byte) = text.first() {
            let ends = matches!(byte, b'\n' | b'\r' | b'\t');
            let blank = |byte: &u8| matches!(byte, b'\n' | b'\r' | b'\t' | b' ');
            let length = if ends || self.indented && byte == b' ' {
                self.indented = true;
                text.iter().take_while(|byte| blank(byte)).count()
            } else {
                text.iter().take_while(|byte| !matches!(byte, b'\n' | b'\r' | b'\t')).count()
            };
            if blank(&byte) && self.indented {
                out.skip(&text[..length]);
            } else {
                self.indented = false;
                out.copy(&text[..length]);
            }
            text = &text[length..];
        }
    }

    fn tag(&mut self, bytes: &[u8], quote: Option<u8>, out: &mut Output) -> usize {
        if self.kept.len() < COMMENT.len() {
            return self.start_of_tag(bytes[0], out);
        }
        let end = match quote {
            Some(mark) => memchr::memchr(mark, bytes),
            None => memchr::memchr3(b'>', b'"', b'\'', bytes),
        };
        let room = NAME_BYTES.saturating_sub(self.kept.len());
        let length = end.map_or(bytes.len(), |at| at + 1);
        self.kept.extend_from_slice(&bytes[..length.min(room)]);
        out.skip(&bytes[..length]);
        let before = if length > 1 { bytes[length - 2] } else { self.last[1] };
        self.last[1] = bytes[length - 1];
        match (quote, end.map(|at| bytes[at])) {
            (_, None) => {}
            (None, Some(byte)) => self.in_tag(byte, before, out),
            (Some(_), Some(_)) => self.state = State::Tag(None),
        }
        length
    }

    /// Reads the first bytes of a tag one by one. Returns the number of bytes that were read.
    fn start_of_tag(&mut self, byte: u8, out: &mut Output) -> usize {
        let other = self.unseen.is_none() && (byte.is_ascii_alphabetic() || matches!(byte, b'!' | b'?'));
        let starts = other || byte == b'/';
        if self.kept.len() == 1 && !starts {
            // A less-than sign that starts no tag.
            self.state = State::Text;
            if self.in_text && self.unseen.is_none() {
                out.copy(b"<");
            } else {
                out.skip(b"<");
            }
            return 0;
        }
        self.kept.push(byte);
        match self.kept.len() {
            1 => return 1,
            2 => out.skip(&[b'<', byte]),
            _ => out.skip(&[byte]),
        }
        let before = std::mem::replace(&mut self.last[1], byte);
        if self.kept == COMMENT {
            (self.state, self.last) = (State::Comment, [0; 2]);
        } else {
            self.in_tag(byte, before, out);
        }
        1
    }

    /// Handles a byte of a tag outside an attribute value.
    fn in_tag(&mut self, byte: u8, before: u8, out: &mut Output) {
        match byte {
            b'>' => self.end_tag(before == b'/', out),
            // A script contains no tags except its end tag.
            b'"' | b'\'' if self.unseen.is_some() => self.state = State::Text,
            b'"' | b'\'' => self.state = State::Tag(Some(byte)),
            _ => {}
        }
    }

    fn end_tag(&mut self, empty: bool, out: &mut Output) {
        self.state = State::Text;
        let tag = &self.kept[1..];
        let (closing, tag) = tag.strip_prefix(b"/").map_or((false, tag), |tag| (true, tag));
        let length = tag.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
        let name = &tag[..length.unwrap_or(tag.len())];
        let name = &name[name.iter().position(|&byte| byte == b':').map_or(0, |colon| colon + 1)..];
        let is = |other: &[u8]| name.eq_ignore_ascii_case(other);
        if let Some(unseen) = self.unseen {
            if closing && is(unseen) {
                self.unseen = None;
            }
            return;
        }
        if self.format == Format::Office && is(b"t") {
            self.in_text = !closing && !empty;
        }
        if self.format == Format::Html && !closing && !empty {
            self.unseen = UNSEEN.into_iter().find(|unseen| is(unseen));
        }
        if self.format == Format::OpenDocument && is(b"s") {
            out.add(b' ');
        }
        if out.last().is_some_and(|last| last != b'\n') && BLOCKS.iter().any(|block| is(block)) {
            out.add(b'\n');
        }
    }

    fn comment(&mut self, bytes: &[u8], out: &mut Output) -> usize {
        let Some(at) = memchr::memchr(b'>', bytes) else {
            for &byte in &bytes[bytes.len().saturating_sub(2)..] {
                self.last = [self.last[1], byte];
            }
            out.skip(bytes);
            return bytes.len();
        };
        for &byte in &bytes[at.saturating_sub(2)..at] {
            self.last = [self.last[1], byte];
        }
        if self.last == *b"--" {
            self.state = State::Text;
        }
        self.last = [self.last[1], b'>'];
        out.skip(&bytes[..=at]);
        at + 1
    }

    fn entity(&mut self, bytes: &[u8], out: &mut Output) -> usize {
        for (index, &byte) in bytes.iter().enumerate() {
            let part = self.kept.is_empty() || byte.is_ascii_alphanumeric() || byte == b'#';
            if part && self.kept.len() < ENTITY_BYTES {
                self.kept.push(byte);
                continue;
            }
            self.state = State::Text;
            let ended = byte == b';';
            if ended {
                self.kept.push(byte);
            }
            self.write_entity(ended, out);
            return index + usize::from(ended);
        }
        bytes.len()
    }

    fn write_entity(&mut self, ended: bool, out: &mut Output) {
        let kept = std::mem::take(&mut self.kept);
        if !self.in_text || self.unseen.is_some() {
            return out.skip(&kept);
        }
        match character(kept[1..].strip_suffix(b";").unwrap_or_default()).filter(|_| ended) {
            Some(character) if is_invisible(character) => out.skip(&kept),
            Some(character) => out.decode(&kept, character),
            None => out.copy(&kept),
        }
    }
}
