//! Blocks of 7z that are compressed by Deflate64 alone, which the library does not read.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::Crc;
use sevenz_rust2::{Archive, BlockDecoder, Password};

use super::{BlockMembers, SIGNATURE_HEADER_BYTES};

/// The method, with its id as 7-Zip gives it.
const METHOD: &[u8] = &[4, 1, 9];

/// Where the packed data of a block is, if it is compressed by this method alone: offset and length, in bytes.
fn place(archive: &Archive, index: usize) -> Option<(u64, u64)> {
    let block = archive.blocks.get(index)?;
    let sizes = archive.pack_sizes();
    let alone = block.coders.len() == 1 && block.coders[0].encoder_method_id() == METHOD;
    // With one stream for each block, the number of the stream is that of the block.
    if !alone || sizes.len() != archive.blocks.len() {
        return None;
    }
    let before = sizes[..index].iter().try_fold(0u64, |sum, size| sum.checked_add(*size))?;
    let offset = (SIGNATURE_HEADER_BYTES as u64).checked_add(archive.pack_pos())?.checked_add(before)?;
    Some((offset, sizes[index]))
}

/// Hands the members of a block to its sink, if it is of this method. False if not.
///
/// # Errors
/// The block is damaged or could not be read.
pub(super) fn read<R: Read + Seek>(
    archive: &Archive,
    index: usize,
    source: &mut R,
    members: &mut BlockMembers<'_, '_>,
) -> Result<bool, sevenz_rust2::Error> {
    let Some((offset, length)) = place(archive, index) else { return Ok(false) };
    let password = Password::empty();
    let entries = BlockDecoder::new(1, index, archive, &password, source).entries().to_vec();
    let failed = |error: io::Error| sevenz_rust2::Error::Io(error, "".into());
    source.seek(SeekFrom::Start(offset.min(i64::MAX.unsigned_abs()))).map_err(failed)?;
    let mut decoder = deflate64::Deflate64Decoder::with_buffer(BufReader::new(source.take(length)));
    for entry in &entries {
        let mut data = CrcReader { inner: (&mut decoder).take(entry.size), crc: Crc::new() };
        if !members.next(entry, &mut data)? {
            break;
        }
        if entry.has_stream && entry.has_crc && u64::from(data.crc.sum()) != entry.crc {
            members.sink.unseen(&entry.name, "its checksum does not match");
        }
    }
    Ok(true)
}

/// A reader that computes the CRC-32 of its data.
struct CrcReader<R> {
    inner: R,
    crc: Crc,
}

impl<R: Read> Read for CrcReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.crc.update(&buffer[..count]);
        Ok(count)
    }
}
