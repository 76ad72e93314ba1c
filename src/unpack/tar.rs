//! tar through the `tar` crate, read as a stream. Links, devices and `../` in names are nothing but names here.

use std::io::{self, Read};

use super::kind::is_tar;
use super::{Budget, Sink};
use crate::content::{Content, Stream};

/// Bytes in a block.
const BLOCK: usize = 512;

/// Hands the members of a tar archive to `sink`; a damaged header costs what lies up to the next good one.
///
/// # Errors
/// The archive is damaged or ends early.
pub(super) fn read(input: &mut dyn Content, budget: &Budget<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut archive = tar::Archive::new(Stream(input));
    members(&mut archive, budget, sink)
}

fn members<R: Read>(
    archive: &mut tar::Archive<R>,
    budget: &Budget<'_>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    for entry in archive.entries()? {
        let mut entry = entry?;
        budget.entry()?;
        let name = entry.path_bytes().into_owned();
        sink.member(&super::name(&name), &mut Stream(&mut entry));
    }
    Ok(())
}
