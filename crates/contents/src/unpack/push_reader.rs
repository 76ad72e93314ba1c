//! Readers over push decoders. Unlike a decoder that implements `Read`, which drops its current buffer on an error, a
//! push decoder has returned every decoded byte before it fails.

use std::io::{self, BufRead, Read};

use lzma_rust2::{Action, LzipStream, Status, StreamResult, XzStream};

use super::peek_reader::{damaged, truncated};

/// Bytes passed to a decoder at a time: bytes decoded from the chunk in which it fails may be lost.
const MAX_INPUT_BYTES: usize = 512;

/// A push decoder: takes input and output slices.
pub(super) trait PushDecoder {
    /// Decodes some of `input` into `output`.
    ///
    /// # Errors
    /// Returns an error if the input is damaged, or ends early with [`Action::Finish`].
    fn step(&mut self, input: &[u8], output: &mut [u8], action: Action) -> io::Result<StreamResult>;

    /// Returns the number of bytes decoded so far, including those of a step that failed.
    fn bytes_out(&self) -> u64;

    /// Returns whether the decoder consumed bytes after the last of its streams.
    fn has_unused_input(&self) -> bool {
        false
    }
}

impl PushDecoder for XzStream {
    fn step(&mut self, input: &[u8], output: &mut [u8], action: Action) -> io::Result<StreamResult> {
        self.process(input, output, action)
    }

    fn bytes_out(&self) -> u64 {
        self.total_out()
    }
}

impl PushDecoder for LzipStream {
    fn step(&mut self, input: &[u8], output: &mut [u8], action: Action) -> io::Result<StreamResult> {
        self.process(input, output, action)
    }

    fn bytes_out(&self) -> u64 {
        self.total_out()
    }

    fn has_unused_input(&self) -> bool {
        !self.unused_input().is_empty()
    }
}

/// Reads the output of `decoder` for `input`. An error is returned after the last decoded byte.
pub(super) struct PushReader<R, D> {
    input: R,
    decoder: D,
    ended: bool,
    failed: Option<io::Error>,
    /// Whether data after the last stream is an error.
    strict: bool,
}

impl<R: BufRead, D: PushDecoder> PushReader<R, D> {
    /// Creates the reader.
    pub(super) fn new(input: R, decoder: D) -> Self {
        Self { input, decoder, ended: false, failed: None, strict: true }
    }

    /// Creates a reader of the first stream that ignores data after it.
    pub(super) fn embedded(input: R, decoder: D) -> Self {
        Self { strict: false, ..Self::new(input, decoder) }
    }

    /// Decodes one chunk of the input.
    fn advance(&mut self, output: &mut [u8]) -> io::Result<()> {
        let ready = self.input.fill_buf()?;
        let is_last = ready.is_empty();
        let action = if is_last { Action::Finish } else { Action::Run };
        let made = self.decoder.step(&ready[..ready.len().min(MAX_INPUT_BYTES)], output, action)?;
        self.input.consume(made.bytes_consumed);
        if made.status == Status::StreamEnd {
            self.ended = true;
            if self.strict && (self.decoder.has_unused_input() || !self.input.fill_buf()?.is_empty()) {
                return Err(damaged("unexpected data follows the last stream"));
            }
        } else if made.bytes_consumed == 0 && made.bytes_produced == 0 {
            return Err(if is_last { truncated() } else { damaged("its decoder makes no progress") });
        }
        Ok(())
    }
}

impl<R: BufRead, D: PushDecoder> Read for PushReader<R, D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut count = 0;
        while count < buffer.len() && !self.ended && self.failed.is_none() {
            let before = self.decoder.bytes_out();
            self.failed = self.advance(&mut buffer[count..]).err();
            count += usize::try_from(self.decoder.bytes_out() - before).unwrap_or_default();
        }
        match self.failed.take_if(|_| count == 0) {
            Some(error) => {
                self.ended = true;
                Err(error)
            }
            None => Ok(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};
    use lzma_rust2::{LzipOptions, LzipWriter, LzmaOptions, LzmaWriter, XzOptions, XzWriter};

    use crate::unpack::Kind;
    use crate::unpack::tests::{recorded, streamed};

    /// Words that compress to about half their size.
    fn text(length: usize) -> Vec<u8> {
        let mut state = 7u32;
        let mut out = Vec::new();
        while out.len() < length {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            out.extend_from_slice(format!("{:x} ", state >> 4).as_bytes());
        }
        out
    }

    fn xz(text: &[u8]) -> Vec<u8> {
        let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(1)).unwrap();
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    fn lzma(text: &[u8]) -> Vec<u8> {
        let mut writer = LzmaWriter::new_use_header(Vec::new(), &LzmaOptions::with_preset(1), None).unwrap();
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    fn lzip(text: &[u8]) -> Vec<u8> {
        let mut writer = LzipWriter::new(Vec::new(), LzipOptions::with_preset(1));
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    fn lz4(text: &[u8], mode: BlockMode, size: BlockSize) -> Vec<u8> {
        let info = FrameInfo::new().block_mode(mode).block_size(size).content_checksum(true);
        let mut writer = FrameEncoder::with_frame_info(info, Vec::new());
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    fn packed(text: &[u8]) -> Vec<(Kind, &'static str, Vec<u8>)> {
        vec![
            (Kind::Xz, "xz", xz(text)),
            (Kind::Lzma, "lzma", lzma(text)),
            (Kind::Lzip, "lzip", lzip(text)),
            (Kind::Lz4, "lz4", lz4(text, BlockMode::Linked, BlockSize::Max64KB)),
            (Kind::Lz4, "lz4 of large blocks", lz4(text, BlockMode::Independent, BlockSize::Max4MB)),
        ]
    }

    /// All but a few bytes of what a truncated stream contains is decoded.
    #[test]
    fn truncated_stream_is_decoded_up_to_the_end() {
        let text = text(200_000);
        for (kind, name, packed) in packed(&text) {
            let whole = recorded(kind, &packed);
            assert!(whole.error.is_none() && whole.unseen.is_empty(), "{name}: {whole:?}");
            assert!(whole.members.len() == 1 && whole.members[0].1 == text, "{name}");
            for part in 1..16 {
                let cut = &packed[..packed.len() * part / 16];
                let record = streamed(kind, cut);
                assert!(record.error.is_some() || !record.unseen.is_empty(), "{name}: nothing is said");
                let got = &record.members[0].1;
                let least = (text.len() * part / 16).saturating_sub(3000);
                assert!(text.starts_with(got) && got.len() >= least, "{name}, {part}: {}", got.len());
            }
        }
    }

    /// Everything before a changed byte is decoded.
    #[test]
    fn damaged_stream_is_decoded_up_to_the_damage() {
        let text = text(200_000);
        for (kind, name, mut packed) in packed(&text) {
            let middle = packed.len() / 2;
            packed[middle..middle + 40].fill(0xFF);
            let record = recorded(kind, &packed);
            let got = &record.members[0].1;
            let same = got.iter().zip(&text).take_while(|(one, other)| one == other).count();
            assert!(same >= text.len() / 2 - 4000, "{name}: {same} of {}", got.len());
        }
    }

    #[test]
    fn trailing_data_is_an_error() {
        for (kind, name, packed) in [(Kind::Lzip, "lzip", lzip(b"one")), (Kind::Xz, "xz", xz(b"one"))] {
            let record = recorded(kind, &[&packed[..], &packed].concat());
            assert!(record.error.is_none() && record.members[0].1 == b"oneone", "{name}: {record:?}");
            let record = recorded(kind, &[&packed[..], b"and a text of some length"].concat());
            assert_eq!(record.members[0].1, b"one", "{name}");
            assert!(record.error.is_some() || !record.unseen.is_empty(), "{name}");
        }
    }
}
