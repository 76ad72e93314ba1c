//! The encoding of zsh's history: bytes that zsh uses itself are written as 0x83 and the byte with bit 5 flipped
//! (`Meta` in `zsh.h`, `metafy` in `utils.c`).

use super::content::Masker;
use crate::redact::MaskStyle;

/// The escape byte.
const META: u8 = 0x83;
/// The bit that is flipped in an escaped byte.
const FLIP: u8 = 0x20;

/// Masks a history in its own encoding. If the file is not written as zsh writes it, its raw bytes are masked.
pub(super) fn masked(masker: &Masker<'_>, bytes: &[u8]) -> (Vec<u8>, u64) {
    let plain = decoded(bytes);
    if encoded(&plain) != bytes {
        return masker.plain(bytes, MaskStyle::Plain);
    }
    let (masked, count) = masker.plain(&plain, MaskStyle::Plain);
    (encoded(&masked), count)
}

fn decoded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(&byte) = rest.next() {
        match byte {
            META => out.extend(rest.next().map(|next| next ^ FLIP)),
            byte => out.push(byte),
        }
    }
    out
}

fn encoded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        // NUL, the escape byte, and the tokens from `Pound` to `Marker`.
        if byte == 0 || (META..=0xA2).contains(&byte) {
            out.extend([META, byte ^ FLIP]);
        } else {
            out.push(byte);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_is_that_of_zsh() {
        // `echo ä…` as zsh 5.9 writes it: of the bytes C3 A4 E2 80 A6 none is escaped; `é!` has A9, `“` has 9C.
        assert_eq!(encoded("echo “ä”".as_bytes()), b"echo \xE2\x80\x83\xBC\xC3\xA4\xE2\x80\x83\xBD");
        for text in ["plain", "“ä” \0 ć ど", "\u{83}\u{a2}"] {
            assert_eq!(decoded(&encoded(text.as_bytes())), text.as_bytes());
        }
    }
}
