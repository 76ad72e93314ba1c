//! The place of a workstation in which a secret was found.

/// A place with the times of a secret in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachinePlace {
    /// The id of the place.
    pub id: String,
    /// What is in the place.
    pub what: String,
    /// The program that writes or reads it.
    pub program: String,
    /// The day on which the secret was recorded there, `2026-01-31`, if the record has a time.
    pub recorded: Option<String>,
    /// The day on which the file was last changed.
    pub changed: Option<String>,
}

impl MachinePlace {
    /// Formats the place and the time: `history of commands (zsh), recorded 2026-01-31`.
    pub fn shown(&self) -> String {
        let time = match (&self.recorded, &self.changed) {
            (Some(day), _) => format!(", recorded {day}"),
            (None, Some(day)) => format!(", in a file of {day}"),
            (None, None) => String::new(),
        };
        format!("{} ({}){time}", self.what, self.program)
    }
}
