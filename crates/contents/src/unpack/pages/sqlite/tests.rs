//! Databases that the tests build: records on several pages, in logs, and deleted.

use crate::unpack::Kind;
use crate::unpack::tests::{Record, recorded, streamed};

const PAGE: usize = 512;

fn varint(number: usize) -> Vec<u8> {
    if number < 128 { vec![number as u8] } else { vec![(number >> 7) as u8 | 0x80, number as u8 & 0x7F] }
}

/// Returns a record with one text.
fn record(text: &[u8]) -> Vec<u8> {
    let kind = varint(2 * text.len() + 13);
    [&[1 + kind.len() as u8][..], &kind, text].concat()
}

/// Returns the part of a record that is on its page, and the parts on other pages.
fn split(record: &[u8]) -> (&[u8], Vec<&[u8]>) {
    if record.len() <= PAGE - 35 {
        return (record, Vec::new());
    }
    let least = (PAGE - 12) * 32 / 255 - 23;
    let fitting = least + (record.len() - least) % (PAGE - 4);
    let local = if fitting <= PAGE - 35 { fitting } else { least };
    (&record[..local], record[local..].chunks(PAGE - 4).collect())
}

/// Returns a leaf page of a table with one row, whose record continues on page `next`. The page header is at offset
/// `from`.
fn leaf(record: &[u8], next: u32, from: usize) -> Vec<u8> {
    let (local, rest) = split(record);
    let mut cell = [varint(record.len()), vec![7], local.to_vec()].concat();
    if !rest.is_empty() {
        cell.extend(next.to_be_bytes());
    }
    let at = PAGE - cell.len();
    let mut page = vec![0; PAGE];
    page[from..from + 8].copy_from_slice(&[13, 0, 0, 0, 1, (at >> 8) as u8, at as u8, 0]);
    page[from + 8..from + 10].copy_from_slice(&(at as u16).to_be_bytes());
    page[at..].copy_from_slice(&cell);
    page
}

/// Returns the pages of the overflow chain of a record. The chain starts at page `first`; each next page number is
/// `step` higher.
fn chain(record: &[u8], first: u32, step: i32) -> Vec<Vec<u8>> {
    let (_, parts) = split(record);
    let count = parts.len();
    let page = |(index, part): (usize, &&[u8])| {
        let next = if index + 1 == count { 0 } else { first.wrapping_add_signed(step * (index as i32 + 1)) };
        let mut page = [&next.to_be_bytes()[..], part].concat();
        page.resize(PAGE, 0);
        page
    };
    parts.iter().enumerate().map(page).collect()
}

fn header(pages: u32) -> Vec<u8> {
    let mut page = leaf(b"\x06\x17\x0F\x0F\x01\x0Ftablekk\x02x", 0, 100);
    page[..16].copy_from_slice(b"SQLite format 3\0");
    page[16..18].copy_from_slice(&(PAGE as u16).to_be_bytes());
    page[28..32].copy_from_slice(&pages.to_be_bytes());
    page[56..60].copy_from_slice(&1u32.to_be_bytes());
    page
}

fn text() -> Vec<u8> {
    (0..400).flat_map(|number| format!("word {number} ").into_bytes()).collect()
}

fn only(record: &Record) -> (&str, Vec<u8>) {
    assert_eq!((&record.error, record.unseen.len()), (&None, 0), "{record:?}");
    let members = &record.members;
    let long: Vec<_> = members.iter().filter(|(_, bytes)| bytes.len() > 1000).collect();
    assert_eq!(long.len(), 1, "{:?}", record.names());
    (&long[0].0, long[0].1.clone())
}

#[test]
fn a_record_that_goes_on_on_other_pages_is_whole_and_named() {
    let record = record(&text());
    // The page numbers of the chain decrease.
    let mut pages = chain(&record, 12, -1);
    pages.reverse();
    let first = 12 - pages.len() as u32 + 1;
    let mut file = [header(12), leaf(&record, 12, 0)].concat();
    file.resize(PAGE * (first as usize - 1), 0);
    file.extend(pages.concat());
    let found = recorded(Kind::Sqlite, &file);
    let whole = [text(), b"\n".to_vec()].concat();
    assert_eq!(only(&found), ("k/7", whole));
    assert_eq!(found, streamed(Kind::Sqlite, &file));
    for end in (0..file.len()).step_by(61) {
        recorded(Kind::Sqlite, &file[..end]);
    }
}

#[test]
fn a_log_has_the_pages_of_its_own_transaction() {
    let (old, new) = (record(&[b'o'; 1500]), record(&text()));
    let mut log = b"\x37\x7F\x06\x82\0\0\0\0".to_vec();
    log.extend((PAGE as u32).to_be_bytes());
    log.resize(32, 0);
    for (record, row) in [(&old, 1u32), (&new, 2)] {
        let pages = [vec![leaf(record, 3, 0)], chain(record, 3, 1)].concat();
        for (index, page) in pages.iter().enumerate() {
            let commit = if index + 1 == pages.len() { row } else { 0 };
            log.extend((2 + index as u32).to_be_bytes());
            log.extend(commit.to_be_bytes());
            log.extend([0; 16]);
            log.extend(page);
        }
    }
    let found = recorded(Kind::Sqlite, &log);
    let texts: Vec<usize> = found.members.iter().map(|(_, bytes)| bytes.len()).collect();
    assert_eq!(texts, [1501, text().len() + 1]);
    assert_eq!(found.names(), ["page 2/7", "page 2/7"]);
}

#[test]
fn a_deleted_record_is_joined_by_the_numbers_that_are_left() {
    let record = record(&text());
    let mut leaf = leaf(&record, 3, 0);
    // All rows are deleted: the page has no cells, and the first bytes of the old cell are those of a free block.
    leaf[3..5].fill(0);
    let mut file = [vec![header(2), leaf], chain(&record, 3, 1)].concat().concat();
    file.extend(vec![0; PAGE]);
    let found = recorded(Kind::Sqlite, &file);
    let (name, bytes) = only(&found);
    assert_eq!(name, "page 2");
    let text = text();
    assert!(bytes.windows(text.len()).any(|part| part == text));
}

#[test]
fn a_compressed_column_on_its_page_is_a_container() {
    use std::io::Write;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(b"0123456789 0123456789 0123456789").unwrap();
    let bytes = gzip.finish().unwrap();
    let kind = varint(2 * bytes.len() + 12);
    let record = [&[1 + kind.len() as u8][..], &kind, &bytes].concat();
    let found = recorded(Kind::Sqlite, &[header(2), leaf(&record, 0, 0)].concat());
    let column = found.members.iter().find(|(name, _)| name == "k/7/column 1");
    assert_eq!(column.map(|(_, content)| content), Some(&bytes), "{:?}", found.names());
}
