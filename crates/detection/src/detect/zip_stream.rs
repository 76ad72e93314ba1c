//! The contents of a zip archive as one stream, member after member, without its directory. For archives inside text;
//! `unpack::zip` reads archives that are files.

use std::io::{self, BufRead, Read};

use flate2::bufread::DeflateDecoder;

/// Length of a local header without the name and the extra field, in bytes.
const LOCAL_HEADER_BYTES: usize = 30;
/// Signature of a local header (APPNOTE.TXT 4.3.7).
const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";
/// Signature of a data descriptor (4.3.9), which may be missing.
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
/// Bit of the flags: the sizes are in a data descriptor after the content.
const HAS_DESCRIPTOR: u16 = 1 << 3;
/// Bit of the flags: the member is encrypted.
const ENCRYPTED: u16 = 1;

/// What is read next.
enum State<R> {
    Header(R),
    Deflated(DeflateDecoder<R>),
    Stored(io::Take<R>),
    End,
}

/// A reader of all contents, with a newline after each member.
pub(super) struct ZipStream<R>(State<R>);

impl<R: BufRead> ZipStream<R> {
    /// Creates a reader for an archive that starts at the first byte of `inner`.
    pub(super) fn new(inner: R) -> Self {
        Self(State::Header(inner))
    }

    /// Reads the next local header. The directory ends the stream.
    fn next_member(mut inner: R) -> io::Result<State<R>> {
        let mut signature = [0; 4];
        inner.read_exact(&mut signature)?;
        if signature == DESCRIPTOR {
            skip(&mut inner, 12)?;
            inner.read_exact(&mut signature)?;
        }
        if signature != LOCAL_HEADER {
            return Ok(State::End);
        }
        let mut header = [0; LOCAL_HEADER_BYTES - 4];
        inner.read_exact(&mut header)?;
        let two = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        let size = u32::from_le_bytes([header[14], header[15], header[16], header[17]]);
        skip(&mut inner, u64::from(two(22)) + u64::from(two(24)))?;
        let flags = two(2);
        match two(4) {
            _ if flags & ENCRYPTED != 0 => Err(io::Error::other("encrypted member")),
            8 => Ok(State::Deflated(DeflateDecoder::new(inner))),
            0 if flags & HAS_DESCRIPTOR == 0 => Ok(State::Stored(inner.take(size.into()))),
            _ => Err(io::Error::other("compression method that is not supported")),
        }
    }
}

fn skip(inner: &mut impl Read, bytes: u64) -> io::Result<()> {
    io::copy(&mut inner.take(bytes), &mut io::sink()).map(|_| ())
}

impl<R: BufRead> Read for ZipStream<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.0, State::End) {
                State::Header(inner) => self.0 = Self::next_member(inner)?,
                State::Deflated(mut decoder) => {
                    let count = decoder.read(out)?;
                    if count > 0 || out.is_empty() {
                        self.0 = State::Deflated(decoder);
                        return Ok(count);
                    }
                    self.0 = State::Header(decoder.into_inner());
                    return Ok(newline(out));
                }
                State::Stored(mut inner) => {
                    let count = inner.read(out)?;
                    if count > 0 || out.is_empty() {
                        self.0 = State::Stored(inner);
                        return Ok(count);
                    }
                    self.0 = State::Header(inner.into_inner());
                    return Ok(newline(out));
                }
                State::End => return Ok(0),
            }
        }
    }
}

fn newline(out: &mut [u8]) -> usize {
    out[0] = b'\n';
    1
}
