//! Byte sets in the syntax of a regex character class, and the digits of base64 and hex.

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
    /// Parses a set: single characters and ranges such as `0-9`; a `-` at the start or end stands for itself.
    /// Characters outside ASCII are ignored.
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

    /// Returns whether `byte` is in the set.
    #[inline]
    pub(crate) fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }
}

/// Value in [`SEXTETS`] for bytes that are not base64 characters.
pub(crate) const NO_SEXTET: u8 = 0xFF;

/// Values of the base64 characters of the standard and URL-safe alphabets.
pub(crate) static SEXTETS: [u8; 256] = {
    let mut values = [NO_SEXTET; 256];
    let mut byte = 0;
    while byte < 256 {
        values[byte] = match byte as u8 {
            letter @ b'A'..=b'Z' => letter - b'A',
            letter @ b'a'..=b'z' => letter - b'a' + 26,
            digit @ b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => NO_SEXTET,
        };
        byte += 1;
    }
    values
};

/// Returns the value of a base64 character in the standard or URL-safe alphabet.
#[inline]
pub(crate) fn sextet(byte: u8) -> Option<u8> {
    let value = SEXTETS[usize::from(byte)];
    (value != NO_SEXTET).then_some(value)
}

/// Returns the value of a hexadecimal digit in either case.
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
    fn ranges_single_bytes_and_trailing_dash() {
        let class = Class::new("0-9A-F_-");
        assert!(b"09AF_-".iter().all(|&b| class.has(b)));
        assert!(b"aG. ".iter().all(|&b| !class.has(b)));
    }
}
