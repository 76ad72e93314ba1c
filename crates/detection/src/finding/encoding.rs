//! Names of the encodings in which a secret can be written. Decoding is in `detect`.

use std::fmt;

/// One layer of encoding between the raw bytes and the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
    /// UTF-32, little-endian.
    Utf32Le,
    /// UTF-32, big-endian.
    Utf32Be,
    /// Base64 in the standard alphabet (RFC 4648 section 4).
    Base64,
    /// Base64 in the URL-safe alphabet (RFC 4648 section 5).
    Base64Url,
    /// gzip stream (RFC 1952), inside base64 or hexadecimal digits.
    Gzip,
    /// zlib stream (RFC 1950), inside base64 or hexadecimal digits.
    Zlib,
    /// Raw deflate stream (RFC 1951), inside base64.
    Deflate,
    /// Pairs of hexadecimal digits.
    Hex,
    /// Percent-encoding: `%4B`.
    Percent,
    /// `\x4b`.
    HexEscape,
    /// `\u004b` and `\u{4b}`.
    UnicodeEscape,
    /// `\113`.
    OctalEscape,
    /// `\\`, `\"`, `\/`: a string literal inside a string literal, as in JSON in JSON.
    StringEscape,
    /// `&#75;` and `&#x4B;`.
    HtmlEntity,
    /// `=4B` and soft line breaks (RFC 2045).
    QuotedPrintable,
    /// `75, 69, 89`.
    CharCodes,
    /// Characters in reverse order.
    Reversed,
    /// Terminal colour sequences between the characters.
    Ansi,
    /// Several string literals concatenated by the program.
    Concat,
    /// A string that continues on the next line.
    LineWrap,
    /// zip archive, inside base64 or hexadecimal digits.
    Zip,
    /// Zstandard stream (RFC 8878), inside base64 or hexadecimal digits.
    Zstd,
    /// xz stream, inside base64 or hexadecimal digits.
    Xz,
    /// bzip2 stream, inside base64 or hexadecimal digits.
    Bzip2,
    /// lzma stream in the format before xz, inside base64 or hexadecimal digits.
    Lzma,
    /// Base32 (RFC 4648 section 6).
    Base32,
    /// Ascii85: `<~ … ~>`.
    Ascii85,
    /// uuencode: `begin 644 name`.
    Uuencode,
    /// Base85 and zlib of a git binary patch.
    GitBinary,
    /// Output of `od`, `hexdump` or `xxd`.
    Dump,
    /// Records of one stream, or runs of one text, put together as their reader does it.
    Joined,
}

impl Encoding {
    /// All encodings.
    pub const ALL: [Self; 33] = [
        Self::Utf16Le,
        Self::Utf16Be,
        Self::Utf32Le,
        Self::Utf32Be,
        Self::Base64,
        Self::Base64Url,
        Self::Gzip,
        Self::Zlib,
        Self::Deflate,
        Self::Hex,
        Self::Percent,
        Self::HexEscape,
        Self::UnicodeEscape,
        Self::OctalEscape,
        Self::StringEscape,
        Self::HtmlEntity,
        Self::QuotedPrintable,
        Self::CharCodes,
        Self::Reversed,
        Self::Ansi,
        Self::Concat,
        Self::LineWrap,
        Self::Zip,
        Self::Zstd,
        Self::Xz,
        Self::Bzip2,
        Self::Lzma,
        Self::Base32,
        Self::Ascii85,
        Self::Uuencode,
        Self::GitBinary,
        Self::Dump,
        Self::Joined,
    ];

    /// Returns whether the bytes of a secret cannot be located in the encoded text, so that all of the text counts as its
    /// place.
    pub fn is_container(self) -> bool {
        matches!(
            self,
            Self::Gzip
                | Self::Zlib
                | Self::Deflate
                | Self::Zip
                | Self::Zstd
                | Self::Xz
                | Self::Bzip2
                | Self::Lzma
                | Self::Ascii85
                | Self::Uuencode
                | Self::GitBinary
                | Self::Dump
        )
    }

    /// Returns the encoding with this name; the inverse of [`Self::as_str`].
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encoding| encoding.as_str() == name)
    }

    /// Returns the name used in reports, in kebab-case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Utf32Le => "utf-32le",
            Self::Utf32Be => "utf-32be",
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Deflate => "deflate",
            Self::Hex => "hex",
            Self::Percent => "percent",
            Self::HexEscape => "hex-escape",
            Self::UnicodeEscape => "unicode-escape",
            Self::OctalEscape => "octal-escape",
            Self::StringEscape => "string-escape",
            Self::HtmlEntity => "html-entity",
            Self::QuotedPrintable => "quoted-printable",
            Self::CharCodes => "char-codes",
            Self::Reversed => "reversed",
            Self::Ansi => "ansi",
            Self::Concat => "concat",
            Self::LineWrap => "line-wrap",
            Self::Zip => "zip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Bzip2 => "bzip2",
            Self::Lzma => "lzma",
            Self::Base32 => "base32",
            Self::Ascii85 => "ascii85",
            Self::Uuencode => "uuencode",
            Self::GitBinary => "git-binary-patch",
            Self::Dump => "dump",
            Self::Joined => "joined",
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
