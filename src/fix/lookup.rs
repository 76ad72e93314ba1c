//! The expression with which each language reads an environment variable.

use super::{Language, Source};

/// Returns the expression that reads the variable `name`. `quote` is used around the name in Python.
pub(super) fn expression(source: &Source<'_>, name: &str, quote: &str) -> String {
    match source.language {
        Some(Language::Python) => format!("os.environ[{quote}{name}{quote}]"),
        Some(Language::JavaScript) => format!("process.env.{name}"),
        // Without `!` its type could be undefined, which strict projects reject.
        Some(Language::TypeScript) => format!("process.env.{name}!"),
        Some(Language::Ruby) => format!("ENV.fetch(\"{name}\")"),
        Some(Language::Php) => format!("getenv('{name}')"),
        Some(Language::Java | Language::Kotlin) => format!("System.getenv(\"{name}\")"),
        Some(Language::Go) => format!("os.Getenv(\"{name}\")"),
        // The qualified name does not require `using`.
        Some(Language::CSharp) if has_system(source.content) => {
            format!("Environment.GetEnvironmentVariable(\"{name}\")")
        }
        Some(Language::CSharp) => format!("System.Environment.GetEnvironmentVariable(\"{name}\")"),
        Some(Language::Rust) => format!("std::env::var(\"{name}\").expect(\"{name} is not set\")"),
        Some(Language::Swift) => format!("ProcessInfo.processInfo.environment[\"{name}\"] ?? \"\""),
        Some(Language::Dart) => format!("const String.fromEnvironment('{name}')"),
        Some(Language::PowerShell) => format!("$env:{name}"),
        Some(Language::Terraform) => format!("var.{}", name.to_ascii_lowercase()),
        _ => format!("${{{name}}}"),
    }
}

fn has_system(content: &str) -> bool {
    content.lines().any(|line| line.trim_start_matches('\u{feff}').trim_end() == "using System;")
}

/// Returns the interpolation for a literal; `hole` is the start of an interpolation, and `close` the closing quote of
/// the literal.
pub(super) fn interpolation(source: &Source<'_>, name: &str, hole: &str, close: &str) -> String {
    let quote = if close.starts_with('\'') { "\"" } else { "'" };
    let look_up = expression(source, name, quote);
    match source.language {
        Some(Language::TypeScript) => format!("${{{}}}", look_up.trim_end_matches('!')),
        Some(Language::PowerShell) => format!("${{env:{name}}}"),
        Some(Language::Dart) if close.starts_with('\'') => format!("${{{}}}", look_up.replace('\'', "\"")),
        _ if hole.ends_with('(') => format!("{hole}{look_up})"),
        _ => {
            let braces = hole.matches('{').count();
            format!("{hole}{look_up}{}", "}".repeat(braces))
        }
    }
}
