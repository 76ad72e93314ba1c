//! Inputs named by the user: standard input, files, pipes, devices. Does not open directories.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::OFlags;

use super::Label;
use super::input::{Intake, ParentDir};
use super::roots::{NamedInput, Origin};
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

fn open(origin: &Origin) -> io::Result<File> {
    let opened = match origin {
        Origin::Stdin => io::stdin().as_fd().try_clone_to_owned().map(File::from),
        Origin::Special(path) => File::open(path),
        // If it became a pipe since it was looked up, opening it must not wait for a writer.
        Origin::Regular(path) => {
            let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or(0);
            OpenOptions::new().read(true).custom_flags(flags).open(path)
        }
    };
    opened.and_then(fault_injection::opened)
}
