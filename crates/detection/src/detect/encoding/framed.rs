//! Frames: text blocks with a mark of their own (`detect/frames`). The scanner decodes a whole frame and searches it as a
//! stream (`detect/inflate.rs`).

use super::{
    Anchor, Candidate, Continuation, Decoder, Form, Interpretation, LiteralTable, Verification, Verified,
};
use crate::detect::frames::Kind;

/// The decoder of frames.
pub(crate) struct Framed;

impl Decoder for Framed {
    /// The shift is the index of the kind of frame. The literals are the same for all anchors.
    fn literals(&self, _index: usize, anchor: &Anchor, table: &mut LiteralTable) {
        if !anchor.is_in_all_forms() {
            return;
        }
        for (number, kind) in Kind::ALL.into_iter().enumerate() {
            for mark in kind.marks() {
                let meaning = Interpretation::new(Form::Framed, 0, number as u8, &[]);
                table.add(&mark, Interpretation { follow: Continuation::Any, ..meaning });
            }
        }
    }

    fn verify(&self, candidate: &Candidate<'_>, meaning: &Interpretation, _anchor: &Anchor) -> Verification {
        let Candidate { raw, at, .. } = *candidate;
        let number = usize::from(meaning.shift);
        if Kind::ALL[number].begins(raw, at) {
            Verification::Yes(Verified { at, rules: Vec::new(), width: number })
        } else {
            Verification::No
        }
    }
}
