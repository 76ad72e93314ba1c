//! Which language a file is written in, by its name or its first line.

use super::Reason;

/// Why a file of no known language is left alone.
pub(super) const UNKNOWN: Reason = "no look-up in the environment is known for this kind of file";

/// The languages for which edits are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "they are what they are called")]
pub enum Language {
    Python,
    JavaScript,
    TypeScript,
    Ruby,
    Php,
    Java,
    Kotlin,
    Go,
    CSharp,
    Rust,
    Shell,
    Yaml,
    Dockerfile,
    Terraform,
    DotEnv,
}

impl Language {
    /// The language of the file at `path` with this content, if it is one of these.
    pub fn of(path: &str, content: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        if name == ".env" || name.starts_with(".env.") || name.ends_with(".env") {
            return Some(Self::DotEnv);
        }
        if matches!(name, "Dockerfile" | "Containerfile") || name.starts_with("Dockerfile.") {
            return Some(Self::Dockerfile);
        }
        if matches!(name, "Rakefile" | "Gemfile") {
            return Some(Self::Ruby);
        }
        match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some(ending) => Self::by_ending(ending),
            None => Self::by_shebang(content),
        }
    }

    fn by_ending(ending: &str) -> Option<Self> {
        Some(match ending {
            "py" | "pyw" => Self::Python,
            "js" | "mjs" | "cjs" | "jsx" => Self::JavaScript,
            "ts" | "mts" | "cts" | "tsx" => Self::TypeScript,
            "rb" | "rake" => Self::Ruby,
            "php" => Self::Php,
            "java" => Self::Java,
            "kt" | "kts" => Self::Kotlin,
            "go" => Self::Go,
            "cs" => Self::CSharp,
            "rs" => Self::Rust,
            "sh" | "bash" | "zsh" | "ksh" => Self::Shell,
            "yml" | "yaml" => Self::Yaml,
            "dockerfile" => Self::Dockerfile,
            "tf" => Self::Terraform,
            _ => return None,
        })
    }

    fn by_shebang(content: &str) -> Option<Self> {
        let line = content.lines().next()?.strip_prefix("#!")?;
        let program = |word: &str| word.rsplit('/').next().unwrap_or(word).to_owned();
        let name =
            line.split_whitespace().map(program).find(|word| word != "env" && !word.starts_with('-'))?;
        Some(match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
            "python" => Self::Python,
            "node" => Self::JavaScript,
            "ruby" => Self::Ruby,
            "php" => Self::Php,
            "sh" | "bash" | "zsh" | "ksh" | "dash" => Self::Shell,
            _ => return None,
        })
    }
}
