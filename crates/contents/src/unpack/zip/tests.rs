//! zip archives: valid ones written by Python's `zipfile`, and hostile ones written by hand.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::is_appended;
use crate::unpack::tests::{all_ways, recorded, recorded_within, streamed};
use crate::unpack::{Kind, Limits};

/// Runs a Python script, which has `zipfile`, `io` and the file object `out`, and returns what it writes to `out`.
fn python(script: &str) -> Vec<u8> {
    let program = format!(
        "import io, sys, zipfile\nout = io.BytesIO()\n{script}\nsys.stdout.buffer.write(out.getvalue())\n"
    );
    let output = Command::new("python3").arg("-c").arg(program).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The same for an archive that is written as a stream, with descriptors.
fn python_stream(script: &str) -> Vec<u8> {
    python(&format!(
        "class Pipe(io.RawIOBase):\n  def writable(self): return True\n  def write(self, b): return out.write(b)\npipe = Pipe()\n{script}"
    ))
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn local(name: &str, (flags, method): (u16, u16), (crc, packed, size): (u32, usize, usize)) -> Vec<u8> {
    let mut out = b"PK\x03\x04\x14\0".to_vec();
    [flags, method, 0, 0].iter().for_each(|field| out.extend_from_slice(&field.to_le_bytes()));
    [crc, packed as u32, size as u32].iter().for_each(|field| out.extend_from_slice(&field.to_le_bytes()));
    [name.len() as u16, 0].iter().for_each(|field| out.extend_from_slice(&field.to_le_bytes()));
    out.extend_from_slice(name.as_bytes());
    out
}

fn central(name: &str, offset: usize) -> Vec<u8> {
    let mut out = b"PK\x01\x02\x14\0\x14\0".to_vec();
    out.resize(28, 0);
    out.extend_from_slice(&(name.len() as u16).to_le_bytes());
    out.resize(42, 0);
    out.extend_from_slice(&(offset as u32).to_le_bytes());
    out.extend_from_slice(name.as_bytes());
    out
}

fn end(directory: usize) -> Vec<u8> {
    let mut out = b"PK\x05\x06".to_vec();
    out.resize(16, 0);
    out.extend_from_slice(&(directory as u32).to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}

fn stored(name: &str, content: &[u8]) -> Vec<u8> {
    [local(name, (0, 0), (crc(content), content.len(), content.len())), content.to_vec()].concat()
}

/// Local members with a correct directory.
fn whole(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, part) in parts {
        directory.extend_from_slice(&central(name, out.len()));
        out.extend_from_slice(part);
    }
    let at = out.len();
    [out, directory, end(at)].concat()
}

const MEMBERS: &str = "
z.writestr('a.txt', 'alpha ' * 40)
z.writestr('dir/', '')
z.writestr('dir/b.txt', 'beta', zipfile.ZIP_STORED)
z.writestr('win\\\\c.txt', 'gamma')
z.writestr('a.txt', 'again')
z.writestr('bz', 'bzip ' * 30, zipfile.ZIP_BZIP2)
z.writestr('lz', 'lzma ' * 30, zipfile.ZIP_LZMA)
z.comment = b'a comment of the archive'
z.close()";

#[test]
fn regular_and_streamed_archives() {
    let plain = python(&format!("z = zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED){MEMBERS}"));
    let piped = python_stream(&format!("z = zipfile.ZipFile(pipe, 'w', zipfile.ZIP_DEFLATED){MEMBERS}"));
    for bytes in [plain, piped] {
        let record = all_ways(Kind::Zip, &bytes);
        let names: Vec<_> = record.names().into_iter().filter(|name| !name.ends_with('/')).collect();
        assert_eq!(names, ["a.txt", "dir/b.txt", "win/c.txt", "a.txt", "bz", "lz"]);
        let texts = record.texts();
        for (name, text) in [("dir/b.txt", "beta"), ("a.txt", "again"), ("win/c.txt", "gamma")] {
            assert!(texts.contains(&(name, text)), "{name}");
        }
        assert!(texts.contains(&("lz", "lzma ".repeat(30).as_str())));
        assert!(texts.contains(&("bz", "bzip ".repeat(30).as_str())));
        assert!(record.own_text().contains("a comment of the archive"));
        assert_eq!((record.unseen, record.error), (vec![], None));
    }
}

#[test]
fn zip64_with_and_without_descriptors() {
    let script = "
with z.open('wide.txt', 'w', force_zip64=True) as f: f.write(b'wide ' * 20)
z.writestr('next', 'narrow')
z.close()";
    for (open, method) in [("out", "STORED"), ("out", "DEFLATED"), ("pipe", "STORED"), ("pipe", "DEFLATED")] {
        let script = format!("z = zipfile.ZipFile({open}, 'w', zipfile.ZIP_{method}){script}");
        let record = all_ways(Kind::Zip, &python_stream(&script));
        assert_eq!(record.texts(), [("wide.txt", "wide ".repeat(20).as_str()), ("next", "narrow")]);
        assert_eq!((record.unseen, record.error), (vec![], None));
    }
}

#[test]
fn stored_nested_archive_is_one_member() {
    let script = "
inner = io.BytesIO()
with zipfile.ZipFile(inner, 'w') as i: i.writestr('deep', 'x' * 50)
z = zipfile.ZipFile(OUT, 'w')
z.writestr('inner.zip', inner.getvalue())
z.writestr('after', 'y')
z.close()";
    for out in ["out", "pipe"] {
        let record = all_ways(Kind::Zip, &python_stream(&script.replace("OUT", out)));
        assert_eq!(record.names(), ["inner.zip", "after"]);
        let inner = recorded(Kind::Zip, &record.members[0].1);
        assert_eq!(inner.names(), ["deep"]);
    }
}

#[test]
fn data_before_the_archive_is_metadata() {
    let archive = whole(&[("one", stored("one", b"1")), ("two", stored("two", b"2"))]);
    let script = [b"#!/usr/bin/env python3\n# PK\x03\x04 is the mark\n".to_vec(), archive].concat();
    let record = all_ways(Kind::Zip, &script);
    assert_eq!(record.texts(), [("one", "1"), ("two", "2")]);
    assert_eq!(
        record.metadata.iter().find(|(offset, _)| *offset == 0).map(|(_, bytes)| bytes[..10].to_vec()),
        Some(b"#!/usr/bin".to_vec())
    );
    assert_eq!((record.unseen, record.error), (vec![], None));
    assert!(is_appended(&script));
    assert!(!is_appended(&script[..script.len() - 1]));
    assert!(!is_appended(b"PK\x05\x06") && !is_appended(b""));
}

#[test]
fn encrypted_and_unsupported_members_are_skipped() {
    let body = b"not to be read".as_slice();
    let sizes = (0, body.len(), body.len());
    let closed = |name, how| [local(name, how, sizes), body.to_vec()].concat();
    let archive = whole(&[
        ("old", closed("old", (1, 8))),
        ("strong", closed("strong", (1 << 6 | 1, 8))),
        ("masked", closed("masked", (1 << 13, 8))),
        ("aes", closed("aes", (1, 99))),
        ("jpeg", closed("jpeg", (0, 96))),
        ("open", stored("open", b"open")),
    ]);
    let record = all_ways(Kind::Zip, &archive);
    assert_eq!(record.texts(), [("open", "open")]);
    for name in ["old", "strong", "masked", "aes"] {
        assert_eq!(record.reasons(name), ["is encrypted"]);
    }
    assert_eq!(record.reasons("jpeg"), ["uses an unsupported compression method (96)"]);
}

#[test]
fn damaged_member_does_not_affect_others() {
    let text = b"some text that is long enough to be deflated, some text".as_slice();
    let packed = deflated(text);
    let member = |crc, packed: &[u8]| {
        [local("bad", (0, 8), (crc, packed.len(), text.len())), packed.to_vec()].concat()
    };
    let torn = [&packed[..packed.len() / 2], &[0xFF; 9]].concat();
    for (bad, seen) in [(member(crc(text) ^ 1, &packed), true), (member(crc(text), &torn), false)] {
        let archive = whole(&[("a", stored("a", b"A")), ("bad", bad), ("z", stored("z", b"Z"))]);
        let record = recorded(Kind::Zip, &archive);
        assert_eq!(record.names(), ["a", "bad", "z"]);
        assert_eq!(record.members[1].1 == text, seen);
        assert_eq!(record.reasons("bad").len(), 1, "{record:?}");
    }
}

#[test]
fn missing_checksum_is_reported() {
    let (text, changed) = (b"some text", b"some tent");
    let sizes = (crc(text), text.len(), text.len());
    // The descriptor flag may be damaged; then the header has the checksum.
    let before = [local("bad", (8, 0), sizes), changed.to_vec()].concat();
    let with_descriptor = |crc: u32| {
        let packed = deflated(changed);
        let [packed_size, size] = [packed.len(), changed.len()].map(|size| (size as u32).to_le_bytes());
        let descriptor = [&b"PK\x07\x08"[..], &crc.to_le_bytes(), &packed_size, &size].concat();
        [local("bad", (8, 8), (0, 0, 0)), packed, descriptor].concat()
    };
    let mut cut = with_descriptor(crc(changed));
    let size = cut.len() - 1;
    cut[size] ^= 1;
    for bad in [before, with_descriptor(crc(text)), cut] {
        let archive = whole(&[("bad", bad), ("z", stored("z", b"Z"))]);
        let record = recorded(Kind::Zip, &archive);
        assert_eq!(record.members[0].1, changed);
        assert_eq!(record.reasons("bad").len(), 1, "{record:?}");
    }
    let good = whole(&[("bad", with_descriptor(crc(changed))), ("z", stored("z", b"Z"))]);
    assert!(recorded(Kind::Zip, &good).reasons("bad").is_empty());
    let marked = [local("bad", (8, 0), sizes), text.to_vec()].concat();
    let record = recorded(Kind::Zip, &whole(&[("bad", marked), ("z", stored("z", b"Z"))]));
    assert!(record.reasons("bad").is_empty(), "{record:?}");
}

#[test]
fn members_listed_only_in_directory() {
    let inner = stored("hidden", b"in another member");
    let outer = stored("outer", &inner);
    let at = outer.len() - inner.len();
    let lines =
        [central("outer", 0), central("hidden", at), central("lost", 7), central("hidden", at)].concat();
    let archive = [outer.clone(), lines, end(outer.len())].concat();
    let record = recorded(Kind::Zip, &archive);
    assert_eq!(record.names(), ["outer", "hidden"]);
    assert_eq!(record.reasons("lost").len(), 1);
    let record = streamed(Kind::Zip, &archive);
    assert_eq!(record.names(), ["outer"]);
    assert_eq!((record.reasons("lost").len(), record.reasons("hidden").len()), (1, 1));
}

#[test]
fn missing_directory_is_reported() {
    let record = recorded(Kind::Zip, &stored("one", b"1"));
    assert_eq!(record.texts(), [("one", "1")]);
    assert!(record.error.is_some_and(|error| error.contains("directory")));
    assert!(recorded(Kind::Zip, b"PK\x03\x04").error.is_some());
}

/// Ten thousand names for one member that expands a thousandfold.
#[test]
fn overlapping_members_do_not_multiply() {
    let kernel = deflated(&vec![b'a'; 1 << 20]);
    let sum = crc(&vec![b'a'; 1 << 20]);
    let member = [local("kernel", (0, 8), (sum, kernel.len(), 1 << 20)), kernel].concat();
    let same: Vec<u8> = (0..10_000).flat_map(|index| central(&format!("{index}"), 0)).collect();
    let archive = [member.clone(), same, end(member.len())].concat();
    let record = recorded(Kind::Zip, &archive);
    assert_eq!((record.members.len(), record.unseen.len()), (1, 0));
}

/// Consecutive headers, each of a stored member that extends to the end of the archive.
#[test]
fn nested_stored_members_are_bounded() {
    let (count, header) = (2_000, local("x0000", (0, 0), (0, 0, 0)).len());
    let end_of_all = count * header;
    let mut data = Vec::new();
    let mut directory = Vec::new();
    for index in 0..count {
        let (name, left) = (format!("x{index:04}"), end_of_all - (index + 1) * header);
        directory.extend_from_slice(&central(&name, index * header));
        data.extend_from_slice(&local(&name, (0, 0), (0, left, left)));
    }
    let archive = [data, directory, end(end_of_all)].concat();
    let limits = Limits { expanded: 10 << 20, ..Limits::default() };
    let record = recorded_within(Kind::Zip, &archive, &limits);
    assert!(record.members.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() < 11 << 20);
    assert!(record.error.is_some_and(|error| error.contains("max-expanded")));
    assert_eq!(streamed(Kind::Zip, &archive).unseen.len(), count - 1 + 1);
}

#[test]
fn member_limit_ends_the_archive() {
    let parts: Vec<_> = (0..20).map(|_| ("n", stored("n", b""))).collect();
    let limits = Limits { entries: 5, ..Limits::default() };
    let record = recorded_within(Kind::Zip, &whole(&parts), &limits);
    assert_eq!(record.members.len(), 5);
    assert!(record.error.is_some_and(|error| error.contains("--max-entries")));
}

#[test]
fn python_is_available() {
    let version = Command::new("python3").arg("--version").stdout(Stdio::null()).status();
    assert!(version.is_ok_and(|status| status.success()), "the tests of archives need python3");
}

/// A central directory entry with these values.
fn central_with(name: &str, offset: usize, (crc, packed, size): (u32, usize, usize)) -> Vec<u8> {
    let mut out = central(name, offset);
    out[16..20].copy_from_slice(&crc.to_le_bytes());
    out[20..24].copy_from_slice(&(packed as u32).to_le_bytes());
    out[24..28].copy_from_slice(&(size as u32).to_le_bytes());
    out
}

/// One member with a correct directory: its header, its packed bytes, and the data after them.
fn single(head: Vec<u8>, packed: &[u8], after: &[u8], content: &[u8]) -> Vec<u8> {
    let parts = [&head, packed, after].concat();
    let directory = central_with("a", 0, (crc(content), packed.len(), content.len()));
    let mut end = end(parts.len());
    end[12..16].copy_from_slice(&(directory.len() as u32).to_le_bytes());
    [parts, directory, end].concat()
}

#[test]
fn sizes_from_directory_or_descriptor() {
    let content = "content of the member, twice: content of the member".as_bytes();
    let (packed, sum, size) = (deflated(content), crc(content), content.len());
    let descriptor =
        [&sum.to_le_bytes()[..], &(packed.len() as u32).to_le_bytes(), &(size as u32).to_le_bytes()];
    let descriptor = [b"PK\x07\x08", &descriptor.concat()[..]].concat();
    let text = std::str::from_utf8(content).unwrap();
    // As written by bsdtar, also as a stream; and with a meaningless size.
    for stated in [size, u32::MAX as usize, 0] {
        let bytes = single(local("a", (8, 8), (0, 0, stated)), &packed, &descriptor, content);
        for record in [recorded(Kind::Zip, &bytes), streamed(Kind::Zip, &bytes)] {
            assert_eq!(record.texts(), [("a", text)], "{stated}");
            assert_eq!((record.unseen, record.error), (vec![], None), "{stated}");
        }
    }
    // Wrong values without a descriptor: the directory is right.
    for numbers in
        [(sum, packed.len(), 0), (0, packed.len(), size), (sum, 0, size), (0, 0, 0), (sum, 7, size)]
    {
        let bytes = single(local("a", (0, 8), numbers), &packed, b"", content);
        let record = recorded(Kind::Zip, &bytes);
        assert_eq!(record.texts(), [("a", text)], "{numbers:?}");
        assert_eq!((record.unseen, record.error), (vec![], None), "{numbers:?}");
    }
    for numbers in [(0, 0, 0), (sum, 3, 3), (sum, u32::MAX as usize, u32::MAX as usize)] {
        let bytes = single(local("a", (0, 0), numbers), content, b"", content);
        let record = recorded(Kind::Zip, &bytes);
        assert_eq!(record.texts(), [("a", text)], "{numbers:?}");
        assert_eq!((record.unseen, record.error), (vec![], None), "{numbers:?}");
    }
}

#[test]
fn wrong_directory_hides_nothing() {
    let content = "content of the member, twice: content of the member".as_bytes();
    let (packed, sum, size) = (deflated(content), crc(content), content.len());
    let text = std::str::from_utf8(content).unwrap();
    for numbers in [(0, 0, 0), (sum, 5, size), (1, packed.len(), 2), (0, u32::MAX as usize, 7)] {
        let head = local("a", (0, 8), (sum, packed.len(), size));
        let parts = [&head[..], &packed].concat();
        let directory = central_with("a", 0, numbers);
        let mut end = end(parts.len());
        end[12..16].copy_from_slice(&(directory.len() as u32).to_le_bytes());
        let record = recorded(Kind::Zip, &[parts, directory, end].concat());
        assert_eq!(record.texts(), [("a", text)], "{numbers:?}");
        assert!(record.unseen.is_empty(), "{numbers:?}");
    }
}
