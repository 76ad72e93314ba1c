//! The built-in rules.

/// Name and text of every rule file in `rules/`. The list is explicit, because including a whole directory would not
/// notice new files; a test compares it with the directory.
pub(super) const FILES: [(&str, &str); 8] = [
    ("ai.toml", include_str!("../../rules/ai.toml")),
    ("api-key.toml", include_str!("../../rules/api-key.toml")),
    ("mail.toml", include_str!("../../rules/mail.toml")),
    ("practice.toml", include_str!("../../rules/practice.toml")),
    ("storage.toml", include_str!("../../rules/storage.toml")),
    ("tokens.toml", include_str!("../../rules/tokens.toml")),
    ("v1.toml", include_str!("../../rules/v1.toml")),
    ("voice.toml", include_str!("../../rules/voice.toml")),
];
/// Digests of published examples.
pub(super) const PUBLISHED: &str = include_str!("../../rules/published.toml");
/// The rules that report suppressions.
pub(super) const SUPPRESSIONS: (&str, &str) =
    ("suppressions.toml", include_str!("../../rules/suppressions.toml"));
