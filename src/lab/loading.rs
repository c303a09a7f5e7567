//! The lab's end: load a server, until the input ends.

use super::serve::{die_with_driver, hear, pin, say};
use super::wire::{LoadRequest, LoadSpec, Reply};
use crate::load::{Client, Idle};
use crate::record::{Failure, Result};
use std::io::StdinLock;
use std::time::Duration;

pub(super) fn serve(driver: &mut StdinLock<'_>, spec: &LoadSpec) -> Result<()> {
    die_with_driver(spec.driver_pid)?;
    pin(spec.cpu)?;
    let settings = &spec.settings;
    // A client that is only to hold idle connections has none that load.
    let mut client = if settings.connections > 0 { Some(Client::connect(settings)?) } else { None };
    let mut idle = Idle::none(settings.address);
    say(&Reply::Connected)?;
    while let Some(request) = hear(driver)? {
        let reply = match request {
            LoadRequest::Closed { for_ns } => {
                let time = Duration::from_nanos(for_ns);
                Reply::Loaded(loader(&mut client)?.closed(time)?)
            }
            LoadRequest::Open { due_per_s, for_ns } => {
                let time = Duration::from_nanos(for_ns);
                Reply::Loaded(loader(&mut client)?.open(due_per_s, time)?)
            }
            LoadRequest::Shoot(shot) => Reply::Shot(loader(&mut client)?.shoot(&shot)?),
            LoadRequest::Hold { connections } => {
                idle.grow(connections)?;
                Reply::Connected
            }
        };
        say(&reply)?;
    }
    Ok(())
}

fn loader(client: &mut Option<Client>) -> Result<&mut Client> {
    let none = || Failure::new("loading a server", "this client was launched without connections");
    client.as_mut().ok_or_else(none)
}
