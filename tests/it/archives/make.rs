//! Containers made at run time, so that the repository does not contain binary files or whole keys.

use std::io::Write;

use flate2::Compression;
use lzma_rust2::{LzmaOptions, LzmaWriter, XzOptions, XzWriter};

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), Compression::default());
    writer.write_all(content).unwrap();
    writer.finish().unwrap()
}

pub(crate) fn zlib(content: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
    writer.write_all(content).unwrap();
    writer.finish().unwrap()
}

pub(crate) fn deflate(content: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::DeflateEncoder::new(Vec::new(), Compression::default());
    writer.write_all(content).unwrap();
    writer.finish().unwrap()
}

pub(crate) fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    writer.write_all(content).unwrap();
    writer.finish().unwrap()
}

pub(crate) fn xz(content: &[u8]) -> Vec<u8> {
    let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(1)).unwrap();
    writer.write_all(content).unwrap();
    writer.finish().unwrap()
}

pub(crate) fn lzma(content: &[u8]) -> Vec<u8> {
    let options = LzmaOptions::with_preset(1);
    let mut writer = LzmaWriter::new_use_header(Vec::new(), &options, None).unwrap();
    writer.write_all(content).unwrap();
    writer.finish().unwrap()
}

pub(crate) fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::encode_all(content, 1).unwrap()
}

/// A frame that zstd and lz4 decoders skip.
pub(crate) fn skippable(content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len()).unwrap();
    [&[0x50, 0x2A, 0x4D, 0x18][..], &size.to_le_bytes(), content].concat()
}

pub(crate) fn lz4(content: &[u8]) -> Vec<u8> {
    let mut writer = lz4_flex::frame::FrameEncoder::new(Vec::new());
    writer.write_all(content).unwrap();
    writer.finish().unwrap()
}

/// Brotli without compression (RFC 7932 section 9.2), in meta-blocks of at most 64 KiB: ISLAST 0, MNIBBLES 4, MLEN - 1,
/// ISUNCOMPRESSED 1. The first byte of a stream encodes WBITS 16 in one bit.
pub(crate) fn brotli(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bits = 1;
    for chunk in content.chunks(1 << 16) {
        let length = chunk.len() as u32 - 1;
        // After the WBITS bit: 0 for ISLAST, 00 for four nibbles, 16 bits of length, 1 for ISUNCOMPRESSED.
        let head = (length << 3 | 1 << 19) << bits;
        out.extend_from_slice(&head.to_le_bytes()[..3]);
        bits = 0;
        out.extend_from_slice(chunk);
    }
    // ISLAST and ISLASTEMPTY.
    out.push(3);
    out
}

pub(crate) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        let field = &mut header.as_gnu_mut().unwrap().name;
        if name.len() < field.len() {
            // Copied without the checks of a regular tar writer.
            field[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            builder.append(&header, *content).unwrap();
        } else {
            builder.append_data(&mut header, name, *content).unwrap();
        }
    }
    builder.into_inner().unwrap()
}

/// Returns the local header and data of one zip entry, and the CRC-32.
fn entry(name: &str, content: &[u8]) -> (Vec<u8>, u32) {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    let packed = deflate(content);
    let mut out = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\x21\x58".to_vec();
    out.extend(crc.sum().to_le_bytes());
    out.extend((packed.len() as u32).to_le_bytes());
    out.extend((content.len() as u32).to_le_bytes());
    out.extend((name.len() as u16).to_le_bytes());
    out.extend([0, 0]);
    out.extend(name.as_bytes());
    out.extend(packed);
    (out, crc.sum())
}

/// Returns a zip archive with a central directory.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let (local, _) = entry(name, content);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&local[4..30]);
        directory.extend([0; 10]);
        directory.extend((out.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        out.extend(local);
    }
    let (count, size, at) = (files.len() as u16, directory.len() as u32, out.len() as u32);
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend([size.to_le_bytes(), at.to_le_bytes()].concat());
    out.extend([0, 0]);
    out
}
