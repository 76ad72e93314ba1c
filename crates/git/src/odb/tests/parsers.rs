//! The parsers with random input.

use super::*;
use crate::odb::buffer::Buffer;
use crate::odb::delta::{self, Changes};
use crate::odb::error::ObjectError;
use crate::odb::index::Index;
use crate::odb::pack_entry;
use std::io::Read;

/// Builds an index of these names.
fn index_of(names: &[[u8; 20]]) -> Index {
    let mut bytes = b"\xfftOc\0\0\0\x02".to_vec();
    bytes.resize(8 + 255 * 4, 0);
    bytes.extend((names.len() as u32).to_be_bytes());
    names.iter().for_each(|name| bytes.extend(name));
    bytes.resize(bytes.len() + names.len() * 8 + 40, 0);
    Index::parse(bytes, HashFormat::Sha1).unwrap()
}

#[test]
fn names_are_found_for_any_distribution() {
    let mut random = Random(11);
    for (count, same) in [(0, 0), (1, 0), (40, 0), (3000, 0), (3000, 1), (300, 7), (300, 8), (300, 19)] {
        // Names with a common prefix, as an attacker could choose them.
        let name = |_| -> [u8; 20] {
            let bytes = random.bytes(20);
            std::array::from_fn(|at| if at < same { 9 } else { bytes[at] })
        };
        let mut names: Vec<[u8; 20]> = (0..count).map(name).collect();
        names.sort_unstable();
        names.dedup();
        let index = index_of(&names);
        for (position, name) in names.iter().enumerate() {
            assert_eq!(index.find(&ObjectId::from_bytes(name).unwrap()), Some(position));
            let mut other = *name;
            other[19] = other[19].wrapping_add(1);
            let found = index.find(&ObjectId::from_bytes(&other).unwrap());
            assert_eq!(found, names.binary_search(&other).ok());
        }
        for edge in [[0; 20], [0xFF; 20]] {
            assert_eq!(index.find(&ObjectId::from_bytes(&edge).unwrap()), names.binary_search(&edge).ok());
        }
    }
}

#[test]
fn random_indexes() {
    let mut random = Random(1);
    let repo = Repo::with_history(HashFormat::Sha1, 4);
    repo.git(&["repack", "-adq"]);
    let good = fs::read(repo.pack_file("idx")).unwrap();
    let mut accepted = 0;
    for _ in 0..3000 {
        let mut bytes = good.clone();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            bytes[at] = random.next() as u8;
        }
        if random.below(4) == 0 {
            bytes.truncate(random.below(bytes.len()));
        }
        if let Ok(index) = Index::parse(bytes, HashFormat::Sha1) {
            accepted += 1;
            for position in 0..index.count() {
                index.offset(position);
                index.find(&index.id(position).unwrap());
            }
        }
    }
    assert!(accepted > 0);
}

#[test]
fn random_packs() {
    let mut random = Random(2);
    let repo = Repo::with_history(HashFormat::Sha1, 4);
    repo.git(&["repack", "-adq"]);
    repo.git(&["prune-packed"]);
    let path = repo.pack_file("pack");
    let good = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    for _ in 0..150 {
        let mut bytes = good.clone();
        let at = random.below(bytes.len());
        let end = bytes.len().min(at + 1 + random.below(200));
        let noise = random.bytes(end - at);
        bytes[at..end].copy_from_slice(&noise);
        fs::write(&path, &bytes).unwrap();
        repo.store().scan(2, &Everything::default());
    }
}

#[test]
fn random_headers_and_deltas() {
    let mut random = Random(3);
    let mut base = Buffer::default();
    base.resize(100).unwrap();
    for _ in 0..100_000 {
        let len = random.below(30);
        let mut bytes = random.bytes(len);
        pack_entry::parse(&bytes, HashFormat::Sha1);
        pack_entry::parse(&bytes, HashFormat::Sha256);
        if bytes.len() > 2 {
            (bytes[0], bytes[1]) = (100, bytes[1] & 0x7f);
        }
        let Some(sizes) = delta::sizes(&bytes).filter(|sizes| sizes.result < 1 << 20) else { continue };
        let (mut changes, mut out) = (Changes::default(), Buffer::default());
        let whole = delta::apply(&base, &bytes, sizes, &mut out, Some(&mut changes));
        if whole.is_ok() {
            assert!(changes.ranges().iter().all(|range| range.end <= out.content().len()));
        }
        assert_eq!(streamed(&base, &bytes, 7).is_ok(), whole.is_ok(), "{bytes:?}");
    }
}

/// Returns the result of a delta, read `room` bytes at a time.
fn streamed(base: &Buffer, delta: &[u8], room: usize) -> Result<Vec<u8>, ObjectError> {
    let mut made = delta::DeltaReader::new(base, delta, delta::sizes(delta).unwrap())?;
    let (mut out, mut piece) = (Vec::new(), vec![0; room]);
    while let Ok(count @ 1..) = made.read(&mut piece) {
        out.extend_from_slice(&piece[..count]);
    }
    made.finish().map(|()| out)
}

#[test]
fn streamed_delta_equals_applied_delta() {
    let mut random = Random(4);
    let mut base = Buffer::default();
    base.resize(100).unwrap();
    base.with_slack_mut()[..100].copy_from_slice(&random.bytes(100));
    for _ in 0..2000 {
        let (mut ops, mut want) = (Vec::new(), Vec::new());
        for _ in 0..random.below(6) {
            if random.below(2) == 0 {
                let from = random.below(100);
                let len = 1 + random.below(100 - from);
                ops.extend([0x91, from as u8, len as u8]);
                want.extend_from_slice(&base.content()[from..from + len]);
            } else {
                let count = 1 + random.below(30);
                let new = random.bytes(count);
                ops.push(new.len() as u8);
                ops.extend_from_slice(&new);
                want.extend_from_slice(&new);
            }
        }
        let size = [want.len() as u8 & 0x7f | 0x80, (want.len() >> 7) as u8];
        let delta = [&[100][..], &size, &ops].concat();
        let mut out = Buffer::default();
        delta::apply(&base, &delta, delta::sizes(&delta).unwrap(), &mut out, None).unwrap();
        for room in [1, 13, 1000] {
            assert_eq!((streamed(&base, &delta, room), out.content()), (Ok(want.clone()), &want[..]));
        }
        // Another base size, a result one byte too short or too long, a truncated instruction.
        let other = [&[99][..], &size, &ops].concat();
        assert!(delta::DeltaReader::new(&base, &other, delta::sizes(&other).unwrap()).is_err());
        if let [.., last] = &ops[..] {
            let cut = &delta[..delta.len() - 1];
            assert_eq!(streamed(&base, cut, 5), Err(ObjectError::Delta), "{last}");
            let more = [&delta[..], &[1, b'x']].concat();
            assert_eq!(streamed(&base, &more, 5), Err(ObjectError::Delta));
        }
    }
}

#[test]
fn object_names() {
    let hex = "00ff10AB".repeat(5);
    let id = ObjectId::from_hex(&hex).unwrap();
    assert_eq!(id.to_string(), hex.to_lowercase());
    assert!(!id.is_zero() && ObjectId::from_bytes(&[0; 32]).unwrap().is_zero());
    for wrong in ["", "00", &hex[1..], &"g".repeat(40), &"0".repeat(66)] {
        assert!(ObjectId::from_hex(wrong).is_none());
    }
}
