//! Parses the few repository settings that decide how it is read. Only the `config` file itself is read: includes are
//! not followed, nothing is run, and no setting can point outside the repository.

/// The settings of one file, in order.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// Pairs of a name, `section.key` or `section.sub.key` (section and key in lower case), and a value.
    values: Vec<(String, String)>,
}

impl Config {
    /// Parses a configuration file; lines that are not understood are ignored.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        let mut config = Self::default();
        let mut section = String::new();
        for line in text.lines() {
            let mut line = line.trim();
            if let Some((name, rest)) = line.strip_prefix('[').and_then(|head| head.split_once(']')) {
                section = section_name(name);
                line = rest.trim();
            }
            if line.is_empty() || line.starts_with(['#', ';', '[']) {
                continue;
            }
            let (key, value) = line.split_once('=').unwrap_or((line, "true"));
            let key = format!("{section}.{}", key.trim().to_ascii_lowercase());
            config.values.push((key, unquoted(value.trim())));
        }
        config
    }

    /// Returns the last value of `section.key`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns whether `section.key` is true.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        let on = |value: &str| matches!(value.to_ascii_lowercase().as_str(), "true" | "yes" | "on" | "1");
        self.get(name).is_some_and(on)
    }

    /// Iterates over the settings whose names start with `section`, with that prefix removed.
    pub(crate) fn all<'a>(&'a self, section: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let within =
            move |(key, value): &'a (String, String)| Some((key.strip_prefix(section)?, value.as_str()));
        self.values.iter().filter_map(within)
    }
}

/// Turns `remote "origin"` into `remote.origin`.
fn section_name(text: &str) -> String {
    match text.split_once('"') {
        Some((section, sub)) => {
            format!("{}.{}", section.trim().to_ascii_lowercase(), sub.trim_end().trim_end_matches('"'))
        }
        None => text.trim().to_ascii_lowercase(),
    }
}

fn unquoted(value: &str) -> String {
    match value.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        Some((inner, _)) => inner.to_owned(),
        None => value.split([';', '#']).next().unwrap_or_default().trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_keys_and_values() {
        let config = Config::parse(
            b"[core]\n\tbare = false ; no\n[remote \"o.x\"]\n url = \"a b\" # c\n promisor\n[Extensions] objectFormat = sha256\n",
        );
        assert_eq!(config.get("core.bare"), Some("false"));
        assert_eq!(config.get("remote.o.x.url"), Some("a b"));
        assert!(config.is_on("remote.o.x.promisor") && !config.is_on("core.bare"));
        assert_eq!(config.get("extensions.objectformat"), Some("sha256"));
        assert_eq!(config.all("remote.").count(), 2);
    }
}
