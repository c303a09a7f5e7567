//! Loads a server.

use super::pin;
use crate::lab::pipe::{recv, send};
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
    send(())?;
    while let Some(request) = recv(driver)? {
        match request {
            LoadRequest::Closed { time } => send(loader(&mut client)?.closed(time)?)?,
            LoadRequest::Open { due_per_s, time } => {
                send(loader(&mut client)?.open(due_per_s, time)?)?;
            }
            LoadRequest::Shoot(shot) => send(loader(&mut client)?.shoot(&shot)?)?,
            LoadRequest::Hold { connections } => send(idle.grow(connections)?)?,
        }
    }
    Ok(())
}

fn loader(client: &mut Option<Client>) -> Result<&mut Client> {
    let none = || Failure::new("loading a server", "this client was launched without connections");
    client.as_mut().ok_or_else(none)
}
