//! Locations in SARIF: URIs, regions, and members of archives.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::model::{ArtifactLocation, Content, Context, Location, LogicalLocation, PhysicalLocation, Region};
use crate::finding::{self, Finding};
use crate::report::Options;
use crate::report::sanitize::visible;

/// Base id of the scanned directory, to which relative URIs belong; GitHub and editors know this name.
pub(super) const ROOT: &str = "%SRCROOT%";
/// Characters that are not percent-encoded in the path of a URI: RFC 3986's unreserved characters, `/`, and `!` for
/// archives. A colon in the first segment would be read as a scheme.
const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b'!');
/// Separator between an archive and the path inside it.
const INSIDE: &str = "!/";

/// Returns the location of a finding, with its masked line.
pub(super) fn place_of<'a>(finding: &'a Finding, options: &Options) -> Location<'a> {
    let mut location = location(&finding.location);
    let snippet = Content { text: Cow::Owned(visible(&options.shown(&finding.secret)).into_owned()) };
    if let Some(region) = &mut location.physical_location.region {
        region.snippet = Some(snippet);
    }
    let excerpt = &finding.excerpt;
    if !excerpt.text.is_empty() && !excerpt.clipped_left && !excerpt.clipped_right {
        location.physical_location.context_region = Some(Context {
            start_line: finding.location.start_line,
            end_line: finding.location.end_line,
            snippet: Content { text: visible(&excerpt.text) },
        });
    }
    if let Some(within) = &finding.within {
        location.logical_locations.push(LogicalLocation {
            name: visible(within),
            fully_qualified_name: Cow::Owned(format!(
                "{}: {}",
                visible(&finding.location.path),
                visible(within)
            )),
            kind: "property",
        });
    }
    location
}

/// Converts a location.
pub(super) fn location(place: &finding::Location) -> Location<'_> {
    let physical_location = PhysicalLocation {
        artifact_location: artifact_location(&place.path),
        region: Some(region(place)),
        context_region: None,
    };
    Location {
        id: None,
        physical_location,
        logical_locations: inside(&place.path).into_iter().collect(),
        message: None,
    }
}

/// Returns the region of a location.
pub(super) fn region(place: &finding::Location) -> Region<'static> {
    Region {
        start_line: place.start_line,
        start_column: place.start_column,
        end_line: place.end_line,
        end_column: place.end_column,
        byte_offset: Some(place.byte_start),
        byte_length: Some(place.byte_end.saturating_sub(place.byte_start)),
        snippet: None,
    }
}

/// Returns the logical location: the name of an archive member, or of a commit or tag.
fn inside(path: &str) -> Option<LogicalLocation<'_>> {
    let is_object = path.starts_with(".git/commit/") || path.starts_with(".git/tag/");
    let name = path.rsplit_once(INSIDE).map(|(_, name)| name).or(is_object.then_some(path))?;
    Some(LogicalLocation { name: visible(name), fully_qualified_name: visible(path), kind: "resource" })
}

/// Returns the URI of a file.
pub(super) fn artifact_location(path: &str) -> ArtifactLocation {
    let encoded = utf8_percent_encode(path, PATH);
    if path.starts_with('/') {
        return ArtifactLocation { uri: format!("file://{encoded}"), uri_base_id: None };
    }
    if let Some(drive) = windows_drive(path) {
        let rest = utf8_percent_encode(&path[2..], PATH);
        return ArtifactLocation { uri: format!("file:///{drive}:{rest}"), uri_base_id: None };
    }
    ArtifactLocation { uri: encoded.to_string(), uri_base_id: Some(ROOT) }
}

/// Returns the drive letter of `C:/…`. On systems other than Windows, `C:` is an ordinary directory name.
fn windows_drive(path: &str) -> Option<char> {
    match path.as_bytes() {
        [letter, b':', b'/', ..] if cfg!(windows) && letter.is_ascii_alphabetic() => {
            Some(char::from(*letter))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(path: &str) -> String {
        artifact_location(path).uri
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("src/a b#c?.js"), "src/a%20b%23c%3F.js");
        assert_eq!(uri("größe/100%.txt"), "gr%C3%B6%C3%9Fe/100%25.txt");
        assert_eq!(uri("site.zip!/a/app.js"), "site.zip!/a/app.js");
        assert_eq!(uri("http://evil\n"), "http%3A//evil%0A");
        assert_eq!(uri("/etc/a b"), "file:///etc/a%20b");
        assert!(artifact_location("/etc/a").uri_base_id.is_none());
    }
}
