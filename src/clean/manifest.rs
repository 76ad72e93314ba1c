//! The list of what was changed: paths, masks and ids, but no secret.

use serde::Serialize;

use super::{Masked, Mode};
use crate::finding::KeyId;

/// What a run changed, or would change, and what it left as it was.
#[derive(Debug, Serialize)]
pub struct Manifest {
    tool: &'static str,
    version: &'static str,
    /// Whether nothing was changed, because only a list was wanted.
    dry_run: bool,
    /// The changed files, sorted by path.
    pub changed: Vec<Changed>,
    /// The files with credentials that were not changed, sorted by path.
    pub not_changed: Vec<NotChanged>,
}

/// A file that was changed.
#[derive(Debug, Serialize)]
pub struct Changed {
    /// The path as reports show it.
    pub path: String,
    /// The id of its place, if it is in one.
    pub place: Option<String>,
    /// How it was read.
    pub form: &'static str,
    /// Number of masks.
    pub masks: u64,
    /// Number of secrets that are left.
    pub left: usize,
    bytes_before: u64,
    bytes_after: u64,
    /// The secrets that it had.
    pub secrets: Vec<Gone>,
}

/// A secret that was masked.
#[derive(Debug, Serialize)]
pub struct Gone {
    rule_id: String,
    /// The masked secret.
    pub secret: String,
    secret_sha256: String,
    key_id: Option<String>,
}

/// A file that was not changed.
#[derive(Debug, Serialize)]
pub struct NotChanged {
    /// The path as reports show it.
    pub path: String,
    /// The id of its place, if it is in one.
    pub place: Option<String>,
    /// Why.
    pub reason: String,
    /// What to do by hand.
    pub steps: String,
}

impl Manifest {
    /// Creates an empty list.
    pub fn new(mode: Mode) -> Self {
        Self {
            tool: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            dry_run: mode == Mode::DryRun,
            changed: Vec::new(),
            not_changed: Vec::new(),
        }
    }

    /// Adds a changed file.
    pub fn add(&mut self, path: String, place: Option<String>, masked: &Masked) {
        let secrets = masked.secrets.iter().map(|(rule, secret)| Gone {
            rule_id: rule.clone(),
            secret: secret.masked(),
            secret_sha256: secret.sha256(),
            key_id: KeyId::of_key(secret.expose()).map(|id| id.as_str().to_owned()),
        });
        self.changed.push(Changed {
            path,
            place,
            form: masked.form,
            masks: masked.places,
            left: masked.left,
            bytes_before: masked.sizes.0,
            bytes_after: masked.sizes.1,
            secrets: secrets.collect(),
        });
    }

    /// Returns the list as JSON.
    ///
    /// # Errors
    /// Returns the error of the serializer, which does not happen with these types.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}
