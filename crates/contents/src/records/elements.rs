//! Names of elements of markup: which end a line, which have no text, and by which a format is detected.

use super::markup::Dialect;

/// Elements that end a line.
pub(super) const BLOCKS: [&[u8]; 53] = [
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
    b"para",
    b"simpara",
    b"entry",
    b"listitem",
    b"programlisting",
];
/// Elements whose content is not text.
pub(super) const UNSEEN: [&[u8]; 2] = [b"script", b"style"];
/// Tags and entities of HTML runs that identify content that does not start with a known tag.
const RUNS: [&[u8]; 16] = [
    b"</span>",
    b"</b>",
    b"</i>",
    b"</em>",
    b"</strong>",
    b"</font>",
    b"</code>",
    b"</mark>",
    b"</u>",
    b"</emphasis>",
    b"</phrase>",
    b"</tspan>",
    b"</small>",
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
pub(super) fn sniff(head: &[u8]) -> Option<Dialect> {
    // A script starts like markup and is not.
    if head.first() == Some(&b'<') && !head.starts_with(b"<?php") {
        let starts = |word: &&[u8]| {
            let starts = head.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
            starts && head.get(word.len()).is_none_or(|next| !next.is_ascii_alphabetic())
        };
        if PAGES.iter().any(starts) {
            return Some(Dialect::Html);
        }
        let has = |word: &[u8]| memchr::memmem::find(head, word).is_some();
        if has(b"<text:") || has(b"<office:") || has(b"office:version") {
            return Some(Dialect::OpenDocument);
        }
        if OFFICE.iter().any(|mark| has(mark)) {
            return Some(Dialect::Office);
        }
        if has(b"<html") || has(b"<svg") {
            return Some(Dialect::Html);
        }
    }
    let marks = memchr::memchr2_iter(b'<', b'&', head);
    let is_run = |at: usize| {
        let next = head.get(at + 1).is_some_and(|next| matches!(next, b'/' | b'w' | b's' | b'#'));
        next && RUNS.iter().any(|run| head[at..].starts_with(run))
    };
    marks.take(64).any(is_run).then_some(Dialect::Html)
}
