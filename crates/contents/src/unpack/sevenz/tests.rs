//! Supported and unsupported 7z archives.

use super::samples::{AES, AESHDR, BIG, BZ, COPY, D64, LZMA, NONSOLID, PPMD};
use crate::unpack::Kind;
use crate::unpack::tests::{all_ways, recorded, streamed};

const ONE: (&str, &str) = ("d/one.txt", "the first member\n");
const TWO: (&str, &str) = ("d/two.txt", "the second member of it\n");

fn bytes(hex: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap()
}

#[test]
fn all_methods_in_all_ways() {
    for (hex, expected) in [
        (LZMA, vec![ONE, TWO, ("empty.txt", "")]),
        (COPY, vec![ONE, TWO]),
        (NONSOLID, vec![ONE, TWO]),
        (PPMD, vec![ONE]),
        (BZ, vec![ONE]),
        (D64, vec![ONE]),
    ] {
        let record = all_ways(Kind::SevenZip, &bytes(hex));
        assert_eq!(record.texts(), expected);
        assert_eq!((record.unseen, record.error), (vec![], None));
    }
}

#[test]
fn unsupported_archives_are_reported() {
    let reports = |hex, reason: &str| {
        let record = recorded(Kind::SevenZip, &bytes(hex));
        assert_eq!(record.unseen, [(ONE.0.to_owned(), reason.to_owned())]);
        assert!(record.members.is_empty());
    };
    reports(AES, "is encrypted");
    reports(BIG, "needs 512 MiB of memory to be decoded; the limit is 96 MiB");
    let record = recorded(Kind::SevenZip, &bytes(AESHDR));
    assert_eq!(record.error.as_deref(), Some("is encrypted, with the names in it"));
}

#[test]
fn damaged_size_of_the_header_is_not_an_empty_archive() {
    let mut damaged = bytes(COPY);
    damaged[20..28].fill(0);
    let record = recorded(Kind::SevenZip, &damaged);
    assert_eq!(record.error.as_deref(), Some("the checksum of its start header is wrong"));
}

#[test]
fn damaged_block_loses_its_members() {
    let mut damaged = bytes(NONSOLID);
    damaged[36] ^= 0x55;
    let record = recorded(Kind::SevenZip, &damaged);
    assert_eq!(record.unseen.len(), 1);
    assert!(record.texts().contains(&TWO));
}

/// An archive with this plain header and correct checksums.
fn with_header(header: &[u8]) -> Vec<u8> {
    let sum = |bytes: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum().to_le_bytes()
    };
    let start = [&0u64.to_le_bytes(), &(header.len() as u64).to_le_bytes(), sum(header).as_slice()].concat();
    [b"7z\xBC\xAF\x27\x1C\0\x04".as_slice(), &sum(&start), &start, header].concat()
}

#[test]
fn excessive_headers_are_rejected() {
    let files = [vec![1, 5, 0xE0, 0, 0, 16], vec![0; 64]].concat();
    let blocks = [vec![1, 4, 7, 11, 0xE0, 0, 0, 16, 0], vec![0; 64]].concat();
    let packed = [vec![1, 4, 6, 0, 0xE0, 0, 0, 16, 9], vec![0; 64]].concat();
    for (header, text) in [(files, "members"), (blocks, "blocks"), (packed, "packed streams")] {
        let record = streamed(Kind::SevenZip, &with_header(&header));
        assert!(record.error.as_deref().is_some_and(|error| error.contains(text)), "{record:?}");
    }
    let mut huge = with_header(&[1, 0]);
    huge[20..28].fill(0xFF);
    assert!(recorded(Kind::SevenZip, &huge).error.is_some());
    let mut interrupted = with_header(&[1, 0]);
    interrupted[8..12].fill(0);
    assert!(recorded(Kind::SevenZip, &interrupted).error.is_some_and(|error| error.contains("interrupted")));
}
