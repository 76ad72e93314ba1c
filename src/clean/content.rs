//! Decides what a content is, and masks it accordingly.

use std::io::Read;
use std::path::Path;

use crate::detect::Detector;
use crate::redact::{MaskStyle, Moment, Redactor};
use crate::scan::Scanner;
use crate::unpack::{self, Kind};

use super::known::KnownSecrets;
use super::{json, leveldb, sqlite, zsh};

/// Bytes at the start of a content from which its format is detected.
const HEAD_BYTES: usize = 4096;

/// How a content is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Json,
    JsonLines,
    /// A history of zsh with bytes in its own encoding.
    Zsh,
    /// Data in which masks have the length of the secret and no checksum is affected: core dumps, swap files of vim.
    Memory,
    Sqlite,
    /// A log or a table of LevelDB.
    LevelDb,
    /// Compressed data, an archive or a database of another kind.
    Container,
    /// Data of another format, which masks could damage.
    Binary,
}

impl Form {
    /// Detects the form of a content; `path` gives its name.
    pub(super) fn of(bytes: &[u8], path: &Path) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let head = &bytes[..bytes.len().min(HEAD_BYTES)];
        if bytes.starts_with(sqlite::MAGIC) {
            return Self::Sqlite;
        }
        if is_memory(head) {
            return Self::Memory;
        }
        let tail = &bytes[bytes.len().saturating_sub(unpack::TAIL as usize)..];
        match unpack::sniff(head, &|| name.clone()).or_else(|| unpack::sniff_end(tail)) {
            Some(Kind::LevelTable | Kind::LevelLog) => return Self::LevelDb,
            Some(_) => return Self::Container,
            None => {}
        }
        let is_wide = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
        if !is_wide && unpack::is_binary(bytes) {
            return Self::Binary;
        }
        // The encoding of zsh has no zero byte.
        let is_history = name.contains("hist") && name.contains("zsh");
        if is_history || name.contains("zhistory") || name == ".histfile" {
            return Self::Zsh;
        }
        match bytes.trim_ascii_start().first() {
            Some(b'{' | b'[') if json::shape(bytes).is_some() => Self::Json,
            Some(b'{' | b'[') if json::is_first_line(bytes) => Self::JsonLines,
            _ => Self::Text,
        }
    }

    /// Returns the name for reports.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::JsonLines => "json-lines",
            Self::Zsh => "zsh-history",
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
            Self::LevelDb => "leveldb",
            Self::Container => "container",
            Self::Binary => "binary",
        }
    }

    /// Returns whether the content is text.
    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Json | Self::JsonLines | Self::Zsh)
    }
}

/// Returns whether this is the start of an image of memory without checksums: an ELF or Mach-O core, a swap file of vim
/// (`memline.c`) or its undo file (`undo.c`, whose hash is of the text of another file).
fn is_memory(head: &[u8]) -> bool {
    let elf_core = head.starts_with(b"\x7FELF")
        && (head.get(16..18) == Some(b"\x04\0") || head.get(16..18) == Some(b"\0\x04"));
    let mach_core = head.starts_with(b"\xCF\xFA\xED\xFE") && head.get(12..16) == Some(b"\x04\0\0\0");
    elf_core || mach_core || head.starts_with(b"b0VIM ") || head.starts_with(b"Vim\x9FUnDo\xE5")
}

/// Masks contents.
pub(super) struct Masker<'a> {
    detector: &'a Detector,
    scanner: &'a Scanner<'a>,
}

impl<'a> Masker<'a> {
    pub(super) fn new(detector: &'a Detector, scanner: &'a Scanner<'a>) -> Self {
        Self { detector, scanner }
    }

    /// Returns the masked content and the number of masks. `known` are secrets that the content has; where only their own
    /// text shows that they are secrets, they are masked, too.
    ///
    /// # Errors
    /// Returns why the content cannot be masked.
    pub(super) fn masked(
        &self,
        form: Form,
        bytes: &[u8],
        known: &KnownSecrets,
    ) -> Result<(Vec<u8>, u64), String> {
        let same_length = form == Form::Text && known.has_lengths(bytes);
        let style = if same_length { MaskStyle::SameLength } else { MaskStyle::Plain };
        let (masked, count) = match form {
            Form::Text => self.plain(bytes, style),
            Form::Json => json::masked(self, bytes),
            Form::JsonLines => json::masked_lines(self, bytes),
            Form::Zsh => zsh::masked(self, bytes),
            Form::Memory => self.plain(bytes, MaskStyle::SameLength),
            Form::Sqlite => return sqlite::masked(self, bytes, known),
            Form::LevelDb => return leveldb::masked(self, bytes),
            Form::Container => {
                return Err("it is a compressed file, an archive or a database of another kind".to_owned());
            }
            Form::Binary => return Err("it is a binary file of a format that masks could damage".to_owned()),
        };
        if form == Form::Memory {
            return Ok((masked, count));
        }
        let (masked, more) = known.mask(masked, same_length);
        if !json::is_same(form, bytes, &masked) {
            return Err("two members of an object would get the same name".to_owned());
        }
        Ok((masked, count + more))
    }

    /// Masks the content as the text of one field: JSON, lines or any text; data that is no text keeps its length.
    pub(super) fn masked_value(&self, bytes: &[u8], known: &KnownSecrets) -> Option<(Vec<u8>, u64)> {
        if !known.is_in(bytes) && !self.scanner.may_hold(bytes) {
            return None;
        }
        let form = match Form::of(bytes, Path::new("")) {
            form @ (Form::Text | Form::Json | Form::JsonLines) => form,
            // A mask inside compressed data would damage it.
            Form::Binary if !unpack::has_embedded(bytes, bytes) => Form::Memory,
            _ => return None,
        };
        self.masked(form, bytes, known).ok().filter(|(_, count)| *count > 0)
    }

    /// Returns whether a scan finds nothing in the content.
    pub(super) fn is_free_of_secrets(&self, bytes: &[u8]) -> bool {
        self.scanner.scan_bytes("", bytes).found.is_empty()
    }

    /// Returns a copy with masks of this style, and their number.
    pub(super) fn plain(&self, bytes: &[u8], style: MaskStyle) -> (Vec<u8>, u64) {
        let mut redactor = Redactor::new(self.detector).with_style(style);
        let (mut rest, mut out) = (bytes, Vec::with_capacity(bytes.len()));
        // Neither reads from memory nor writes to it can fail.
        while let Ok(count @ 1..) = rest.read(redactor.room()) {
            redactor.arrived(count);
            let _written = redactor.send(Moment::More, &mut out);
        }
        let _written = redactor.send(Moment::End, &mut out);
        (out, redactor.masked())
    }
}
