//! The web address of `origin`, taken from the configuration and stripped of credentials. Does not use the network.

use super::config::Config;
use super::layout::{Layout, read_text};

/// Returns the web address of `origin` in the repository at `layout`, if its URL is https or ssh and plain enough to
/// convert.
pub fn web_address(layout: &Layout) -> Option<String> {
    let config = Config::parse(&read_text(&layout.common_dir.join("config"))?);
    address(config.get("remote.origin.url")?)
}

/// Returns the branch that is checked out.
pub fn branch(layout: &Layout) -> Option<String> {
    let head = read_text(&layout.git_dir.join("HEAD"))?;
    let name = String::from_utf8(head).ok()?;
    Some(name.trim().strip_prefix("ref: refs/heads/")?.to_owned())
}

fn address(url: &str) -> Option<String> {
    let (host, path) = match url.split_once("://") {
        Some(("https" | "http", rest)) => rest.split_once('/')?,
        Some(("ssh" | "git+ssh", rest)) => {
            let (host, path) = rest.split_once('/')?;
            // The port of ssh does not apply to the web.
            (host.rsplit_once(':').map_or(host, |(host, _)| host), path)
        }
        Some(_) => return None,
        None => url.split_once(':').filter(|(host, _)| !host.contains('/'))?,
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let plain = |text: &str, others: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
    };
    (plain(host, ".-:") && plain(path, "._~/-")).then(|| format!("https://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_https_without_credentials() {
        for (url, expected) in [
            ("https://github.com/o/r.git", Some("https://github.com/o/r")),
            ("https://user:token@github.com/o/r", Some("https://github.com/o/r")),
            ("http://host:8080/o/r/", Some("https://host:8080/o/r")),
            ("git@github.com:o/r.git", Some("https://github.com/o/r")),
            ("ssh://git@host:2222/group/sub/r.git", Some("https://host/group/sub/r")),
            ("/srv/git/r.git", None),
            ("../r", None),
            ("file:///srv/r", None),
            ("https://host/r?token=x", None),
            ("https://host", None),
            ("https:///r", None),
            ("C:\\r", None),
        ] {
            assert_eq!(address(url).as_deref(), expected, "{url}");
        }
    }
}
