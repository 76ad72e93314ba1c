//! From the paths on the command line to inputs and trees, so that everything named is read once. Looks paths
//! up, opens nothing.

use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use super::scope::Scope;
use super::{Label, SourceError};

/// All that was named.
#[derive(Default)]
pub(super) struct Plan {
    /// Standard input, and files, pipes and devices.
    pub(super) named: Vec<Named>,
    /// Directories.
    pub(super) trees: Vec<Tree>,
}

/// One input that was named itself.
pub(super) struct Named {
    /// Where to read it.
    pub(super) origin: Origin,
    /// Its path as reports show it, not escaped yet.
    pub(super) label: Vec<u8>,
}

/// What kind of input it is.
pub(super) enum Origin {
    /// Standard input.
    Stdin,
    /// A regular file.
    Regular(PathBuf),
    /// A pipe, a device, or something that only an attempt to open it can tell.
    Special(PathBuf),
}

/// One directory to descend.
pub(super) struct Tree {
    /// The path as it was given.
    pub(super) path: PathBuf,
    /// What stands in front of the labels in it.
    pub(super) label: Vec<u8>,
    /// Its path in the repository round it, with a `/` at its end; empty if there is none.
    pub(super) prefix: Vec<u8>,
    /// What the repository round it says about it.
    pub(super) scope: Scope,
    /// Paths in it that were named too and are read on their own.
    pub(super) elsewhere: HashSet<Vec<u8>>,
}

/// A path that was named and exists.
struct Argument {
    path: PathBuf,
    /// Absolute and without links; what tells two names of one file.
    canonical: PathBuf,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Directory,
    Regular,
    Special,
}

impl Plan {
    /// Looks all paths up before anything is read.
    ///
    /// # Errors
    ///
    /// If one of them does not exist.
    pub(super) fn new(paths: &[PathBuf], no_ignore: bool) -> Result<Self, SourceError> {
        let mut plan = Self::default();
        let here = [PathBuf::from(".")];
        let paths = if paths.is_empty() { &here } else { paths };
        let mut arguments = Vec::new();
        let mut seen = HashSet::new();
        for path in paths {
            if path.as_os_str() == "-" {
                if seen.insert(path.clone()) {
                    plan.named.push(Named { origin: Origin::Stdin, label: b"<stdin>".to_vec() });
                }
                continue;
            }
            let argument = Argument::new(path)?;
            if seen.insert(argument.canonical.clone()) {
                arguments.push(argument);
            }
        }
        let alone = arguments.len() + plan.named.len() == 1;
        for argument in &arguments {
            let label = label(argument, &arguments, alone);
            match argument.kind {
                Kind::Directory => plan.trees.push(tree(argument, &arguments, label, no_ignore)),
                Kind::Regular => {
                    plan.named.push(Named { origin: Origin::Regular(argument.path.clone()), label });
                }
                Kind::Special => {
                    plan.named.push(Named { origin: Origin::Special(argument.path.clone()), label });
                }
            }
        }
        Ok(plan)
    }
}

impl Argument {
    fn new(path: &Path) -> Result<Self, SourceError> {
        let shown = || Label::whole(path.as_os_str().as_bytes()).to_string();
        let kind = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Kind::Directory,
            Ok(metadata) if metadata.is_file() => Kind::Regular,
            Ok(_) => Kind::Special,
            // It may well exist; that it was not read is for the report to say.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Kind::Special,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Err(SourceError::Missing(shown()));
            }
            Err(error) => return Err(SourceError::Unusable { path: shown(), error }),
        };
        // A pipe in /proc has no path to resolve, and is never in a tree that is scanned.
        let canonical = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        Ok(Self { path: path.to_path_buf(), canonical, kind })
    }

    /// The path of this argument in the directory `other`, if it lies in it.
    fn inside(&self, other: &Self) -> Option<&Path> {
        let lies_in = other.kind == Kind::Directory && other.canonical != self.canonical;
        lies_in.then(|| self.canonical.strip_prefix(&other.canonical).ok()).flatten()
    }
}

fn tree(argument: &Argument, arguments: &[Argument], mut label: Vec<u8>, no_ignore: bool) -> Tree {
    let (scope, prefix) = if no_ignore { Default::default() } else { Scope::round(&argument.canonical) };
    let elsewhere = arguments.iter().filter_map(|other| other.inside(argument)).map(bytes).collect();
    if !label.is_empty() && label != b"/" {
        label.push(b'/');
    }
    Tree { path: argument.path.clone(), label, prefix, scope, elsewhere }
}

/// How an argument is called in reports: as it was given, without `./`; not at all if it is the only directory;
/// and if it lies in another directory that was named, as that one's scan would call it.
fn label(argument: &Argument, arguments: &[Argument], alone: bool) -> Vec<u8> {
    let outermost = arguments
        .iter()
        .filter_map(|other| Some((other, argument.inside(other)?)))
        .min_by_key(|(other, _)| other.canonical.as_os_str().len());
    let path = match outermost {
        Some((other, inside)) => other.path.join(inside),
        None if alone && argument.kind == Kind::Directory => PathBuf::new(),
        None => argument.path.clone(),
    };
    bytes(&path.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>())
}

fn bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(paths: &[&str]) -> Vec<String> {
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let plan = Plan::new(&paths, true).unwrap();
        let labels = plan.named.into_iter().map(|named| named.label);
        labels
            .chain(plan.trees.into_iter().map(|tree| tree.label))
            .map(|l| String::from_utf8(l).unwrap())
            .collect()
    }

    #[test]
    fn labels_are_relative_to_one_root_and_as_given_for_several() {
        assert_eq!(labels(&[]), [""]);
        assert_eq!(labels(&["./src"]), [""]);
        assert_eq!(labels(&["/"]), [""]);
        assert_eq!(labels(&["./Cargo.toml"]), ["Cargo.toml"]);
        assert_eq!(labels(&["./src//source", "./Cargo.toml"]), ["Cargo.toml", "src/source/"]);
        assert_eq!(labels(&["src", "-", "-"]), ["<stdin>", "src/"]);
        assert_eq!(labels(&["src", "./src", "src/../src"]), [""]);
    }

    #[test]
    fn what_lies_in_a_named_directory_is_called_as_its_scan_would_call_it() {
        let absolute = fs::canonicalize("src/source/mod.rs").unwrap();
        let inner = absolute.to_str().unwrap();
        assert_eq!(labels(&["src", inner, "src/source"]), ["src/source/mod.rs", "src/", "src/source/"]);
    }

    #[test]
    fn a_path_that_does_not_exist_stops_everything() {
        let paths = ["src".into(), "does-not-exist".into()];
        assert!(
            matches!(Plan::new(&paths, true), Err(SourceError::Missing(path)) if path == "does-not-exist")
        );
    }
}
