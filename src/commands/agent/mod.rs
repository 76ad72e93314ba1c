//! `telleaks agent`: the hooks of coding agents.

mod doctor;
mod guard;
mod hook;
mod input;
mod message;
mod reading;
mod settings;

use anyhow::Result;

use super::{Console, Exit};
use crate::cli::AgentCommand;

pub(super) use guard::{Examined, Found, Guard};

pub(super) fn run(command: &AgentCommand, console: &mut Console<'_>) -> Result<Exit> {
    match command {
        AgentCommand::Hook(args) => hook::run(args, console),
        AgentCommand::Install(place) => settings::install(place, console),
        AgentCommand::Remove(place) => settings::remove(place, console),
        AgentCommand::Doctor(place) => doctor::run(place, console),
    }
}
