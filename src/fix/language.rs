//! Detects the language of a file by its name or its first line.

/// The kinds of files that can be edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
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
    Swift,
    Dart,
    PowerShell,
    Shell,
    Batch,
    Yaml,
    Toml,
    Json,
    Properties,
    Dockerfile,
    Terraform,
    DotEnv,
    /// Markdown, plain text and similar files.
    Document,
}

/// Extensions of example files of environment variables.
const EXAMPLES: [&str; 5] = ["example", "sample", "template", "dist", "default"];

impl Language {
    /// Returns the language of the file at `path` with this content, if it is known.
    pub fn of(path: &str, content: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        if name == ".env" || name.starts_with(".env.") || name.ends_with(".env") || name == ".envrc" {
            let is_example = ending.is_some_and(|ending| EXAMPLES.contains(&ending.as_str()));
            return Some(if is_example { Self::Document } else { Self::DotEnv });
        }
        if ["Dockerfile", "Containerfile"].iter().any(|ending| name.ends_with(ending))
            || name.starts_with("Dockerfile.")
        {
            return Some(Self::Dockerfile);
        }
        if matches!(name, "Rakefile" | "Gemfile") {
            return Some(Self::Ruby);
        }
        if matches!(name, "README" | "CHANGELOG" | "NOTES" | "TODO" | "INSTALL") {
            return Some(Self::Document);
        }
        match ending {
            Some(ending) => Self::by_ending(&ending),
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
            // Groovy has the same look-ups and interpolations.
            "kt" | "kts" | "gradle" | "groovy" => Self::Kotlin,
            "go" => Self::Go,
            "cs" => Self::CSharp,
            "rs" => Self::Rust,
            "swift" => Self::Swift,
            "dart" => Self::Dart,
            "ps1" | "psm1" => Self::PowerShell,
            "sh" | "bash" | "zsh" | "ksh" => Self::Shell,
            "bat" | "cmd" => Self::Batch,
            "yml" | "yaml" => Self::Yaml,
            "toml" => Self::Toml,
            "json" | "jsonc" => Self::Json,
            "properties" => Self::Properties,
            "dockerfile" => Self::Dockerfile,
            "tf" | "tfvars" => Self::Terraform,
            "md" | "mdx" | "markdown" | "txt" | "rst" | "adoc" | "asciidoc" | "org" => Self::Document,
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
            "pwsh" => Self::PowerShell,
            "sh" | "bash" | "zsh" | "ksh" | "dash" => Self::Shell,
            _ => return None,
        })
    }

    /// Returns whether files of this kind are split into literals, comments and code.
    pub(super) fn has_literals(self) -> bool {
        !matches!(
            self,
            Self::Shell
                | Self::Batch
                | Self::Yaml
                | Self::Toml
                | Self::Json
                | Self::Properties
                | Self::Dockerfile
                | Self::DotEnv
                | Self::Document
        )
    }

    /// Returns whether the variables assigned in such a file are environment variables.
    pub(super) fn assigns_environment(self) -> bool {
        matches!(self, Self::Shell | Self::Batch | Self::Yaml | Self::Toml | Self::Json | Self::Dockerfile)
    }
}
