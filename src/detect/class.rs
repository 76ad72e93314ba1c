//! Sets of bytes, written as between the brackets of a regex.

/// A set of bytes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Class([bool; 256]);

impl std::fmt::Debug for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let members: Vec<u8> = (0..=255).filter(|&b| self.has(b)).collect();
        write!(f, "Class({})", String::from_utf8_lossy(&members))
    }
}

impl Class {
    /// The set that `text` writes: single characters and ranges such as `0-9`; a `-` that is first or last is
    /// itself. Only ASCII; anything else is left out.
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut set = [false; 256];
        let mut at = 0;
        while at < bytes.len() {
            if at + 2 < bytes.len() && bytes[at + 1] == b'-' {
                for member in bytes[at]..=bytes[at + 2] {
                    set[usize::from(member)] = true;
                }
                at += 3;
            } else {
                set[usize::from(bytes[at])] = true;
                at += 1;
            }
        }
        Self(set)
    }

    /// Whether `byte` is in the set.
    #[inline]
    pub(crate) fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }
}

/// Value of a base64 character in the standard or the URL-safe alphabet.
pub(crate) const fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Value of a hexadecimal digit in either case.
pub(crate) fn nibble(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_single_bytes_and_a_last_dash() {
        let class = Class::new("0-9A-F_-");
        assert!(b"09AF_-".iter().all(|&b| class.has(b)));
        assert!(b"aG. ".iter().all(|&b| !class.has(b)));
    }
}
