//! The rules that are part of the program.

/// Name and text of every file in `rules/`. A list by hand, because an `include` over a folder would not notice new
/// files; a test compares it with the folder.
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
/// The published examples.
pub(super) const PUBLISHED: &str = include_str!("../../rules/published.toml");
/// The rules that tell of suppressions.
pub(super) const OWN: (&str, &str) = ("suppressions.toml", include_str!("../../rules/suppressions.toml"));
