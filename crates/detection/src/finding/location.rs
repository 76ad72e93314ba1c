//! Locations of findings, and the masked excerpt for reports.

/// A span in the raw bytes of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Path relative to the scanned root, separated by `/`. Bytes that are not UTF-8 are escaped as `\xNN`.
    pub path: String,
    /// Line of the first character, 1-based.
    pub start_line: u64,
    /// Column of the first character in Unicode characters, 1-based.
    pub start_column: u64,
    /// Line of the last character, 1-based.
    pub end_line: u64,
    /// Column after the last character in Unicode characters, 1-based.
    pub end_column: u64,
    /// Offset of the first byte, 0-based.
    pub byte_start: u64,
    /// Offset after the last byte.
    pub byte_end: u64,
}

impl Location {
    /// Returns the location of the first byte of the file at `path`, for results that concern the whole file.
    pub fn of_first_byte(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            start_line: 1,
            start_column: 1,
            end_line: 1,
            end_column: 2,
            byte_start: 0,
            byte_end: 1,
        }
    }
}

/// An edit: text that replaces a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The span to replace; empty for an insertion.
    pub at: Location,
    /// The new text.
    pub text: String,
}

impl Replacement {
    /// Returns the same edit for the file at `path`.
    pub fn under(mut self, path: &str) -> Self {
        self.at.path = path.to_owned();
        self
    }
}

/// The location in the source file from which a generated file (a bundle) was made, according to its source map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// The source's name in the map, normalised to a plain path: without scheme, query and leading `../`.
    pub path: String,
    /// Line, 1-based.
    pub line: u64,
    /// Column, 1-based, in Unicode characters if the map contains the source, else in UTF-16 code units.
    pub column: u64,
}

/// One line of the file, or a part of a long one, in which every secret is masked, so that a report can show it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The text. May contain control characters, which a report must escape.
    pub text: String,
    /// Byte range of the masked secret in `text`.
    pub highlight: std::ops::Range<usize>,
    /// Whether the line continues to the left of `text`.
    pub clipped_left: bool,
    /// Whether the line continues to the right of `text`.
    pub clipped_right: bool,
}
