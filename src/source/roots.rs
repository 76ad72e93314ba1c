//! From the paths on the command line to inputs and trees, so that each named path is read once. Looks paths up; opens
//! nothing.

use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use telleaks_platform::{canonicalize, labelled, path_bytes};

use super::scope::Scope;
use super::{Label, SourceError};

/// All inputs named by the user.
#[derive(Default)]
pub(super) struct Plan {
    /// Standard input, and files, pipes and devices.
    pub(super) named: Vec<NamedInput>,
    /// Directories.
    pub(super) trees: Vec<Tree>,
}

/// A named input that is not a directory.
pub(super) struct NamedInput {
    /// Where to read it.
    pub(super) origin: Origin,
    /// Its path in reports, not escaped yet.
    pub(super) label: Vec<u8>,
}

/// The kind of a named input.
pub(super) enum Origin {
    /// Standard input.
    Stdin,
    /// A regular file.
    Regular(PathBuf),
    /// A pipe, a device, or a path whose type is known only after opening it.
    Special(PathBuf),
}

/// A directory to walk.
pub(super) struct Tree {
    /// The path as given.
    pub(super) path: PathBuf,
    /// Prefix of the labels in it.
    pub(super) label: Vec<u8>,
    /// Its path in the repository that contains it, with a trailing `/`; empty if there is none.
    pub(super) prefix: Vec<u8>,
    /// The ignore rules of the repository that contains it.
    pub(super) scope: Scope,
    /// Paths in it that are named separately and read there.
    pub(super) elsewhere: HashSet<Vec<u8>>,
}

/// A named path that exists.
struct Argument {
    path: PathBuf,
    /// Absolute and without links; identifies two names of one file.
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
    /// Looks up all paths before anything is read.
    ///
    /// # Errors
    ///
    /// Returns an error if one of them does not exist.
    pub(super) fn new(paths: &[PathBuf], no_ignore: bool) -> Result<Self, SourceError> {
        let mut plan = Self::default();
        let here = [PathBuf::from(".")];
        let paths = if paths.is_empty() { &here } else { paths };
        let mut arguments = Vec::new();
        let mut seen = HashSet::new();
        for path in paths {
            if path.as_os_str() == "-" {
                if seen.insert(path.clone()) {
                    plan.named.push(NamedInput { origin: Origin::Stdin, label: b"<stdin>".to_vec() });
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
                    plan.named.push(NamedInput { origin: Origin::Regular(argument.path.clone()), label });
                }
                Kind::Special => {
                    plan.named.push(NamedInput { origin: Origin::Special(argument.path.clone()), label });
                }
            }
        }
        Ok(plan)
    }
}

impl Argument {
    fn new(path: &Path) -> Result<Self, SourceError> {
        let shown = || Label::whole(path_bytes(path)).to_string();
        let kind = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Kind::Directory,
            Ok(metadata) if metadata.is_file() => Kind::Regular,
            Ok(_) => Kind::Special,
            // It may exist; the report will say that it could not be read.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Kind::Special,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Err(SourceError::Missing(shown()));
            }
            Err(error) => return Err(SourceError::Unusable { path: shown(), error }),
        };
        // A pipe in /proc has no path to resolve, and is never in a scanned tree.
        let canonical = canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        Ok(Self { path: path.to_path_buf(), canonical, kind })
    }

    /// Returns the path of this argument relative to the directory `other`, if it is in it.
    fn inside(&self, other: &Self) -> Option<&Path> {
        let lies_in = other.kind == Kind::Directory && other.canonical != self.canonical;
        lies_in.then(|| self.canonical.strip_prefix(&other.canonical).ok()).flatten()
    }
}

fn tree(argument: &Argument, arguments: &[Argument], mut label: Vec<u8>, no_ignore: bool) -> Tree {
    let (scope, prefix) = if no_ignore { Default::default() } else { Scope::around(&argument.canonical) };
    let elsewhere = arguments.iter().filter_map(|other| other.inside(argument)).map(bytes).collect();
    if !label.is_empty() && label != b"/" {
        label.push(b'/');
    }
    Tree { path: argument.path.clone(), label, prefix, scope, elsewhere }
}

/// Returns the label of an argument: as given, without `./`; empty if it is the only directory; and if it is in another
/// named directory, the label that the scan of that directory would use.
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
    labelled(path).into_owned()
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
    fn labels_depend_on_number_of_roots() {
        assert_eq!(labels(&[]), [""]);
        assert_eq!(labels(&["./src"]), [""]);
        assert_eq!(labels(&["/"]), [""]);
        assert_eq!(labels(&["./Cargo.toml"]), ["Cargo.toml"]);
        assert_eq!(labels(&["./src//source", "./Cargo.toml"]), ["Cargo.toml", "src/source/"]);
        assert_eq!(labels(&["src", "-", "-"]), ["<stdin>", "src/"]);
        assert_eq!(labels(&["src", "./src", "src/../src"]), [""]);
    }

    #[test]
    fn nested_argument_is_labelled_by_outer_root() {
        let absolute = fs::canonicalize("src/source/mod.rs").unwrap();
        let inner = absolute.to_str().unwrap();
        assert_eq!(labels(&["src", inner, "src/source"]), ["src/source/mod.rs", "src/", "src/source/"]);
    }

    #[test]
    fn missing_path_is_an_error() {
        let paths = ["src".into(), "does-not-exist".into()];
        assert!(
            matches!(Plan::new(&paths, true), Err(SourceError::Missing(path)) if path == "does-not-exist")
        );
    }
}
