//! LevelDB files, written and read as `log_format.md` and `table_format.md` of google/leveldb describe them.

/// Returns the CRC-32C of `bytes` as LevelDB stores it.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82F6_3B78 } else { crc >> 1 };
        }
    }
    ((!crc).rotate_right(15).wrapping_add(0xa282_ead8)).to_le_bytes()
}

fn varint(mut number: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
    out
}

/// Returns a write batch with one value.
fn batch(key: &str, value: &str) -> Vec<u8> {
    let mut out = vec![7, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1];
    for text in [key, value] {
        out.extend(varint(text.len()));
        out.extend(text.as_bytes());
    }
    out
}

fn record(kind: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap().to_le_bytes();
    let sum = checksum(&[&[kind], data].concat());
    [sum.as_slice(), &length, &[kind], data].concat()
}

/// Returns a log with two records: one with the key, and one with the key across two blocks.
pub(super) fn log(key: &str) -> Vec<u8> {
    let mut out = record(1, &batch("_https://portal\0\u{1}token", &format!("\u{1}{{\"apiKey\":\"{key}\"}}")));
    let filler = (32 << 10) - out.len() - 7 - 7 - 50;
    out.extend(record(1, &vec![b'.'; filler]));
    let long = batch("_https://portal\0\u{1}again", &format!("\u{1}{}{key}", "-".repeat(5)));
    // 50 bytes are left for the first fragment, in which the key begins.
    out.extend(record(2, &long[..50]));
    assert_eq!(out.len(), 32 << 10);
    out.extend(record(4, &long[50..]));
    out
}

/// Returns a table with the key in two values of one compressed block; the second is a copy of the first.
pub(super) fn table(key: &str) -> Vec<u8> {
    let value = format!("\u{1}{{\"apiKey\":\"{key}\"}}");
    let entry =
        |name: &str| [vec![0], varint(name.len()), varint(value.len()), name.as_bytes().to_vec()].concat();
    let (first, second) = (entry("_https://portal\0\u{1}a"), entry("_https://portal\0\u{1}b"));
    let end = [0, 0, 0, 0, 1, 0, 0, 0];
    let plain_length = first.len() + second.len() + 2 * value.len() + end.len();
    let literal = |bytes: &[u8]| {
        let mut out = if bytes.len() <= 60 {
            vec![(bytes.len() as u8 - 1) << 2]
        } else {
            vec![60 << 2, bytes.len() as u8 - 1]
        };
        out.extend(bytes);
        out
    };
    let back = value.len() + second.len();
    // A copy has at most 64 bytes.
    let (one, rest) = (value.len().min(60), value.len() - value.len().min(60));
    let copy =
        |count: usize| [vec![(count as u8 - 1) << 2 | 2], (back as u16).to_le_bytes().to_vec()].concat();
    let mut block = varint(plain_length);
    block.extend(literal(&[first.as_slice(), value.as_bytes(), second.as_slice()].concat()));
    block.extend(copy(one));
    block.extend(copy(rest));
    block.extend(literal(&end));
    let mut out = Vec::new();
    let mut add = |block: &[u8], kind: u8| {
        let at = out.len();
        out.extend(block);
        out.push(kind);
        let sum = checksum(&out[at..]);
        out.extend(sum);
        [varint(at), varint(block.len())].concat()
    };
    let data = add(&block, 1);
    let meta = add(&end, 0);
    let index = [vec![0], varint(1), varint(data.len()), b"c".to_vec(), data, end.to_vec()].concat();
    let index = add(&index, 0);
    let mut footer = [meta, index].concat();
    footer.resize(40, 0);
    footer.extend(0xdb47_7524_8b80_fb57_u64.to_le_bytes());
    [out, footer].concat()
}

/// Checks the checksums of a log.
pub(super) fn check_log(bytes: &[u8]) {
    let mut at = 0;
    while at + 7 <= bytes.len() {
        let length = usize::from(u16::from_le_bytes([bytes[at + 4], bytes[at + 5]]));
        let end = at + 7 + length;
        assert_eq!(bytes[at..at + 4], checksum(&bytes[at + 6..end]), "record at {at}");
        at = end;
    }
    assert_eq!(at, bytes.len());
}

/// Checks the checksum of the first block of a table, which has the size of `old`'s, and that nothing else changed.
pub(super) fn check_table(bytes: &[u8], old: &[u8]) {
    assert_eq!(bytes.len(), old.len());
    let last = (0..old.len()).rev().find(|at| old[*at] != bytes[*at]).unwrap();
    let first = old.iter().zip(bytes).position(|(old, new)| old != new).unwrap();
    // The checksum of the only data block is the last that changes.
    let end = (last - 4..=last).find(|end| bytes[*end..*end + 4] == checksum(&bytes[..*end])).unwrap();
    assert!(first > 20 && end < last + 1 && bytes[end - 1] == 1);
}
