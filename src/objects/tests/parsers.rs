//! The parsers with bytes that nobody wrote on purpose.

use super::*;
use crate::objects::buffer::Buffer;
use crate::objects::delta::{self, Changes};
use crate::objects::entry;
use crate::objects::index::Index;

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
        entry::parse(&bytes, HashFormat::Sha1);
        entry::parse(&bytes, HashFormat::Sha256);
        if bytes.len() > 2 {
            (bytes[0], bytes[1]) = (100, bytes[1] & 0x7f);
        }
        let Some(sizes) = delta::sizes(&bytes).filter(|sizes| sizes.result < 1 << 20) else { continue };
        let (mut changes, mut out) = (Changes::default(), Buffer::default());
        if delta::apply(&base, &bytes, sizes, &mut out, Some(&mut changes)).is_ok() {
            assert!(changes.ranges().iter().all(|range| range.end <= out.content().len()));
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
