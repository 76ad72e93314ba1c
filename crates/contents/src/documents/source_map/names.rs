//! Turns the name of a source in a map into a readable relative path without `..`.

/// Maximum characters of a name. Longer names lose their beginning, which says less than the end.
const MAX_NAME_CHARS: usize = 512;

/// Returns the display path of `source`: `webpack:///./src/api.ts?0f3a` becomes `src/api.ts`. `root` is prepended to
/// relative names; a source without a name is called by its 0-based `index`: `source-1` for index 0.
pub(super) fn display_path(root: &str, source: Option<&str>, index: usize) -> String {
    let source = source.unwrap_or_default();
    let whole = if source.is_empty() || source.contains("://") || source.starts_with('/') {
        source.to_owned()
    } else {
        format!("{root}/{source}")
    };
    let whole = whole.replace('\\', "/");
    let path = without_scheme(&whole);
    // Loaders of webpack distinguish files of the same name by a query.
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let parts: Vec<&str> =
        path.split('/').map(str::trim).filter(|part| !matches!(*part, "" | "." | "..")).collect();
    let name = parts.join("/");
    if name.is_empty() {
        return format!("source-{}", index.saturating_add(1));
    }
    let cut = name.char_indices().rev().nth(MAX_NAME_CHARS).map_or(0, |(at, _)| at);
    name[cut..].to_owned()
}

/// Returns the path of a URL. The host is kept for HTTP only: in `webpack://` URLs it is the name of the built package.
fn without_scheme(address: &str) -> &str {
    let Some((scheme, rest)) = address.split_once("://") else { return address };
    if !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')) {
        return address;
    }
    if matches!(scheme, "http" | "https") {
        return rest;
    }
    rest.split_once('/').map_or(rest, |(_, path)| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_names_become_paths() {
        for (root, source, name) in [
            ("", "webpack:///./src/api.ts", "src/api.ts"),
            ("", "webpack://shop/./src/api.ts?1f2e", "src/api.ts"),
            ("", "webpack:///../../etc/passwd", "etc/passwd"),
            ("", "../src/../../b.ts", "src/b.ts"),
            ("", "..\\src\\b.ts", "src/b.ts"),
            ("/root/", "./b.ts", "root/b.ts"),
            ("webpack:///", "./b.ts", "b.ts"),
            ("src", "/abs/b.ts", "abs/b.ts"),
            ("src", "https://example.org/b.ts?x=1", "example.org/b.ts"),
            ("", "file:///home/u/b.ts", "home/u/b.ts"),
            ("", "?", "source-3"),
            ("", "", "source-3"),
            ("src", "", "source-3"),
        ] {
            assert_eq!(display_path(root, Some(source), 2), name, "{root} {source}");
        }
        assert_eq!(display_path("src", None, 0), "source-1");
        assert_eq!(display_path("", Some(&"ä".repeat(9000)), 0).chars().count(), MAX_NAME_CHARS + 1);
    }
}
