//! Loads a server.

use super::pin;
use crate::lab::pipe::{hear, say};
use crate::lab::protocol::{LoadRequest, LoadSpec};
use crate::load::{Client, Idle};
use crate::record::{Failure, Result};
use std::io::StdinLock;

pub(super) fn a_server(driver: &mut StdinLock<'_>, spec: &LoadSpec) -> Result<()> {
    pin(spec.cpu)?;
    let settings = &spec.settings;
    // A client that is only to hold idle connections has none that load.
    let mut client = if settings.connections > 0 { Some(Client::connect(settings)?) } else { None };
    let mut idle = Idle::none(settings.address);
    say(())?;
    while let Some(request) = hear(driver)? {
        match request {
            LoadRequest::Closed { time } => say(loader(&mut client)?.closed(time)?)?,
            LoadRequest::Open { due_per_s, time } => {
                say(loader(&mut client)?.open(due_per_s, time)?)?;
            }
            LoadRequest::Shoot(shot) => say(loader(&mut client)?.shoot(&shot)?)?,
            LoadRequest::Hold { connections } => say(idle.grow(connections)?)?,
        }
    }
    Ok(())
}

fn loader(client: &mut Option<Client>) -> Result<&mut Client> {
    let none = || Failure::new("loading a server", "this client was launched without connections");
    client.as_mut().ok_or_else(none)
}
