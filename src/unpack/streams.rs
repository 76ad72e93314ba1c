//! Compressed streams without members: each decoder reads its input to the end, piece by piece.

use std::io;

use flate2::read::MultiGzDecoder;

use super::{Budget, Sink};
use crate::content::{Content, Stream};

/// gzip, all members of it.
pub(super) fn gzip(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let counted = budget.compressed(input);
    let from = counted.count();
    let decoder = budget.expanding(MultiGzDecoder::new(counted), from);
    sink.member("", &mut Stream(decoder));
    Ok(())
}
