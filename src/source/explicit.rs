//! Inputs named by the user: standard input, files, pipes, devices. Does not open directories.

use std::fs::File;
use std::io;

use telleaks_platform::{open_beside, open_no_wait, stdin_file};

use super::input::{Intake, ParentDir};
use super::roots::{NamedInput, Origin};
use super::{Label, NamedFile};
use crate::fault_injection;

/// Reads one named input. Follows links and waits for pipes, because the user asked for it.
pub(super) fn scan(intake: &Intake<'_>, input: &NamedInput) {
    let label = Label::whole(&input.label);
    if !matches!(input.origin, Origin::Stdin) {
        let name = input.label.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        intake.metadata(&|| label.to_string(), name);
    }
    let opened = open(&input.origin).and_then(|file| Ok((file.metadata()?, file)));
    match opened {
        Ok((metadata, file)) if metadata.is_file() => {
            let folder = match &input.origin {
                Origin::Regular(path) | Origin::Special(path) => ParentDir::Of(path),
                Origin::Stdin => ParentDir::Unknown,
            };
            intake.regular(&label, &file, metadata.len(), &folder);
        }
        Ok((_, file)) => intake.stream(&label, &file),
        Err(error) => intake.failed(label.to_string(), &error),
    }
}

/// Reads a regular file. Does not follow a link.
pub(super) fn scan_file(intake: &Intake<'_>, file: &NamedFile) {
    let label = Label::whole(file.label.as_bytes());
    let name = file.label.rsplit('/').next().unwrap_or_default();
    intake.metadata(&|| label.to_string(), name.as_bytes());
    let opened = open_beside(&file.path).and_then(fault_injection::opened);
    match opened.and_then(|file| Ok((file.metadata()?, file))) {
        Ok((metadata, open)) if metadata.is_file() => {
            intake.regular(&label, &open, metadata.len(), &ParentDir::Of(&file.path));
        }
        Ok(_) => {}
        Err(error) => intake.failed(label.to_string(), &error),
    }
}

fn open(origin: &Origin) -> io::Result<File> {
    let opened = match origin {
        Origin::Stdin => stdin_file(),
        Origin::Special(path) => File::open(path),
        // If it became a pipe since it was looked up, opening it must not wait for a writer.
        Origin::Regular(path) => open_no_wait(path),
    };
    opened.and_then(fault_injection::opened)
}
