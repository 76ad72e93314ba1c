//! Parser of one JSON record: its strings, each with its path, and the values that identify the stream of each string.
//!
//! Damaged JSON is not a record. The cost is linear in the length of the line.

use std::ops::Range;

use super::identity::{self, Name};

/// Maximum nesting depth of a record.
const DEPTH: usize = 64;
/// Maximum number of values of a record.
const MOST_VALUES: usize = 4096;

/// Hash of the path of the root value.
const ROOT: u64 = 1;

/// Returns the hash of the path of the root member `name`.
pub(super) fn member(name: &[u8]) -> u64 {
    identity::mix(ROOT, name)
}

/// A scalar value of a record.
#[derive(Debug)]
pub(super) struct Leaf {
    /// Hash of the path of names; indices in arrays of objects are ignored.
    pub(super) path: u64,
    /// Range in the line; a string is without its quotation marks.
    pub(super) range: Range<usize>,
    /// Whether it is a string.
    pub(super) string: bool,
    /// Role of its name for the identity of the stream.
    pub(super) name: Name,
    scope: usize,
}

/// A part of a record to which an identity applies: the root, or an object in an array.
#[derive(Debug, Default, Clone)]
struct Scope {
    parent: usize,
    /// Index in the array; used if no value identifies the object.
    position: u64,
    identity: u64,
}

/// The values of one record. The memory is reused for the next record.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) leaves: Vec<Leaf>,
    scopes: Vec<Scope>,
    /// Whether an array has more than one object.
    several: bool,
}

struct Level {
    array: bool,
    path: u64,
    position: u64,
    scope: usize,
}

impl Record {
    /// Parses the record in `line`, which may end with a comma. Returns whether `line` is a record.
    pub(super) fn read(&mut self, line: &[u8]) -> bool {
        self.read_first(line) == Some(line.len())
    }

    /// Parses the first record in `line`. Returns its length; another record may follow directly.
    pub(super) fn read_first(&mut self, line: &[u8]) -> Option<usize> {
        self.leaves.clear();
        self.scopes.clear();
        self.several = false;
        self.scopes.push(Scope::default());
        Parser { line, at: 0, record: self }.document()
    }

    /// Adds the value of `leaf` to the identity of its scope.
    pub(super) fn identify(&mut self, leaf: usize, value: u64) {
        let Leaf { path, scope, .. } = self.leaves[leaf];
        // XOR: the order of the members does not matter.
        self.scopes[scope].identity ^= identity::mix(path | 1, &value.to_le_bytes());
    }

    /// Returns the hash of all values that identify the scope of `leaf` and its parents.
    pub(super) fn identity(&self, leaf: &Leaf) -> u64 {
        let (mut scope, mut hash) = (leaf.scope, 0);
        loop {
            let Scope { parent, position, identity } = self.scopes[scope];
            let own = if identity == 0 { position } else { identity };
            hash = identity::mix(hash, &own.to_le_bytes());
            if scope == 0 {
                return hash;
            }
            scope = parent;
        }
    }

    /// Returns the strings that are text: they do not identify a stream.
    pub(super) fn texts(&self) -> impl Iterator<Item = &Leaf> {
        self.leaves.iter().filter(|leaf| leaf.string && leaf.name == Name::Other)
    }

    /// Returns the hash of all values that identify the scope of `leaf` without positions in arrays, if it is in an array
    /// of several objects that nothing else identifies: those are records of one stream.
    pub(super) fn sequence(&self, leaf: &Leaf) -> Option<u64> {
        let (mut scope, mut hash, mut several) = (leaf.scope, 0, false);
        loop {
            let Scope { parent, identity, .. } = self.scopes[scope];
            several |= scope > 0 && identity == 0 && self.several;
            hash = identity::mix(hash, &identity.to_le_bytes());
            if scope == 0 {
                return several.then_some(hash ^ 1);
            }
            scope = parent;
        }
    }

    /// Returns the kind and the string of an event in a terminal recording (asciicast): `[0.1, "o", "text"]`.
    pub(super) fn terminal_event(&self, line: &[u8]) -> Option<(u8, &Leaf)> {
        let [time, kind, text] = &self.leaves[..] else { return None };
        let is_event = line.first() == Some(&b'[') && !time.string && kind.string && text.string;
        (is_event && kind.range.len() == 1).then(|| (line[kind.range.start], text))
    }
}

struct Parser<'l, 'r> {
    line: &'l [u8],
    at: usize,
    record: &'r mut Record,
}

/// Where a value is in its document.
struct ValuePath {
    /// Identity of its path.
    path: u64,
    /// Index of the scope that contains it.
    scope: usize,
    /// What its name says.
    name: Name,
}

impl Parser<'_, '_> {
    fn document(&mut self) -> Option<usize> {
        let mut levels: Vec<Level> = Vec::new();
        self.value(&mut levels, ValuePath { path: ROOT, scope: 0, name: Name::Other })?;
        while let Some(level) = levels.last_mut() {
            self.blanks();
            match self.line.get(self.at)? {
                b']' | b'}' => {
                    self.at += 1;
                    levels.pop();
                    continue;
                }
                b',' => self.at += 1,
                _ => {}
            }
            self.blanks();
            let next = if level.array {
                level.position += 1;
                let path = identity::mix(level.path, &level.position.to_le_bytes());
                ValuePath { path, scope: level.scope, name: Name::Other }
            } else {
                let key = self.string()?;
                self.blanks();
                if self.line.get(self.at) != Some(&b':') {
                    return None;
                }
                self.at += 1;
                let key = &self.line[key];
                ValuePath {
                    path: identity::mix(level.path, key),
                    scope: level.scope,
                    name: identity::of_name(key),
                }
            };
            if self.line.get(self.at).is_some_and(|byte| matches!(byte, b']' | b'}')) {
                continue;
            }
            self.value(&mut levels, next)?;
        }
        self.blanks();
        if self.line.get(self.at) == Some(&b',') {
            self.at += 1;
        }
        self.blanks();
        (self.at == self.line.len() || self.line[self.at] == b'{').then_some(self.at)
    }

    /// Parses a scalar value, or the start of an object or an array.
    fn value(&mut self, levels: &mut Vec<Level>, at: ValuePath) -> Option<()> {
        let ValuePath { path, scope, name } = at;
        self.blanks();
        let start = self.at;
        match self.line.get(start)? {
            b'{' | b'[' => {
                self.at += 1;
                if levels.len() >= DEPTH {
                    return None;
                }
                let array = self.line[start] == b'[';
                let (mut path, mut scope) = (path, scope);
                if let Some(outer) = levels.last().filter(|outer| outer.array && !array) {
                    path = identity::mix(outer.path, b"[]");
                    self.record.several |= outer.position > 1;
                    self.record.scopes.push(Scope { parent: scope, position: outer.position, identity: 0 });
                    scope = self.record.scopes.len() - 1;
                }
                levels.push(Level { array, path, position: 0, scope });
                return Some(());
            }
            b'"' => {
                let range = self.string()?;
                self.leaf(Leaf { path, range, string: true, name, scope })?;
            }
            _ => {
                let other = |byte: &u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.'));
                let rest = &self.line[start..];
                let length = rest.iter().position(other).unwrap_or(rest.len());
                if length == 0 {
                    return None;
                }
                self.at += length;
                self.leaf(Leaf { path, range: start..self.at, string: false, name, scope })?;
            }
        }
        Some(())
    }

    fn leaf(&mut self, leaf: Leaf) -> Option<()> {
        self.record.leaves.push(leaf);
        (self.record.leaves.len() <= MOST_VALUES).then_some(())
    }

    /// Parses a string and returns the range between its quotation marks.
    fn string(&mut self) -> Option<Range<usize>> {
        if self.line.get(self.at) != Some(&b'"') {
            return None;
        }
        let start = self.at + 1;
        let mut at = start;
        loop {
            at += memchr::memchr2(b'"', b'\\', self.line.get(at..)?)?;
            if self.line[at] == b'"' {
                self.at = at + 1;
                return Some(start..at);
            }
            at += 2;
        }
    }

    fn blanks(&mut self) {
        while self.line.get(self.at).is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }
}

/// Decodes the string in `bytes`, the part of a line between quotation marks. Calls `write` with each decoded part, its
/// offset in `bytes` and the number of bytes that encode it.
pub(super) fn unescape(bytes: &[u8], mut write: impl FnMut(&[u8], usize, usize)) {
    let mut at = 0;
    while at < bytes.len() {
        let plain = memchr::memchr(b'\\', &bytes[at..]).unwrap_or(bytes.len() - at);
        if plain > 0 {
            write(&bytes[at..at + plain], at, plain);
            at += plain;
            continue;
        }
        let (character, length) = escape(&bytes[at..]);
        let mut buffer = [0; 4];
        write(character.encode_utf8(&mut buffer).as_bytes(), at, length);
        at += length;
    }
}

/// Returns the length of the escape sequence at the start of `bytes`, or `None` if it may continue after `bytes`.
pub(super) fn escape_length(bytes: &[u8]) -> Option<usize> {
    let length = match bytes.get(1)? {
        b'u' if matches!(bytes.get(2..4), Some([b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B'])) => 12,
        b'u' => 6,
        _ => 2,
    };
    (bytes.len() >= length).then_some(length)
}

/// Returns the character of the escape sequence at the start of `bytes`, and its length in bytes.
pub(super) fn escape(bytes: &[u8]) -> (char, usize) {
    let unit = |at: usize| {
        let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let character = match bytes.get(1) {
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => {
            let Some(first) = unit(0) else { return ('\\', 1) };
            let second = unit(6).filter(|low| (0xDC00..0xE000).contains(low));
            return match second.filter(|_| (0xD800..0xDC00).contains(&first)) {
                Some(low) => {
                    let code = 0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00);
                    (char::from_u32(code).unwrap_or('\u{fffd}'), 12)
                }
                None => (char::from_u32(first).unwrap_or('\u{fffd}'), 6),
            };
        }
        Some(byte) if byte.is_ascii() => char::from(*byte),
        _ => return ('\\', 1),
    };
    (character, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Option<Vec<String>> {
        let mut record = Record::default();
        record
            .read(line.as_bytes())
            .then(|| record.leaves.iter().map(|leaf| line[leaf.range.clone()].to_owned()).collect())
    }

    #[test]
    fn values_of_a_record() {
        assert_eq!(
            texts(r#"{"a": "x\"y", "b": [1, {"c": true}], "d": {}}"#).unwrap(),
            ["x\\\"y", "1", "true"]
        );
        assert_eq!(texts(r#"[0.1, "o", "x"],"#).unwrap(), ["0.1", "o", "x"]);
        for damaged in ["{", "{\"a\"}", "{\"a\": }", "{} x", "[1", "{\"a\": \"x}", "{\"a\\"] {
            assert_eq!(texts(damaged), None, "{damaged}");
        }
        assert_eq!(texts(&format!("{}{}", "[".repeat(100), "]".repeat(100))), None);
    }

    #[test]
    fn escape_sequences() {
        let mut text = Vec::new();
        let raw = r#"a\"\u00e9\ud83d\ude00\n\q\ud83d"#;
        unescape(raw.as_bytes(), |bytes, at, length| {
            assert!(at + length <= raw.len());
            text.extend_from_slice(bytes);
        });
        assert_eq!(String::from_utf8(text).unwrap(), "a\"é😀\nq\u{fffd}");
    }

    #[test]
    fn objects_in_an_array_are_identified_by_their_own_values() {
        let identities = |line: &str| {
            let mut record = Record::default();
            assert!(record.read(line.as_bytes()));
            for index in 0..record.leaves.len() {
                if record.leaves[index].name != Name::Other {
                    let value = identity::mix(0, line[record.leaves[index].range.clone()].as_bytes());
                    record.identify(index, value);
                }
            }
            let texts = record.leaves.iter().filter(|leaf| leaf.name == Name::Other);
            texts.map(|leaf| (leaf.path, record.identity(leaf))).collect::<Vec<_>>()
        };
        let both = identities(r#"{"c": [{"index": 0, "t": "a"}, {"t": "b", "index": 1}]}"#);
        let second = identities(r#"{"c": [{"t": "x", "index": 1}]}"#);
        assert!(both[0] != both[1] && both[1] == second[0]);
        let session = identities(r#"{"c": [{"t": "x", "index": 1}], "meta": {"session_id": "s"}}"#);
        assert_ne!(session[0], second[0]);
    }
}
