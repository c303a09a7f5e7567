//! Is a server.

use super::small::Padding;
use crate::cgroup;
use crate::lab::pipe::{recv, send};
use crate::lab::protocol::ServeSpec;
use crate::record::Result;
use crate::server::Master;
use std::io::StdinLock;
use std::os::fd::AsFd;

pub(super) fn connections(driver: &mut StdinLock<'_>, spec: &ServeSpec) -> Result<()> {
    if let Some(folder) = &spec.group {
        cgroup::enter(folder)?;
    }
    // What a worker that is forked keeps depends on its master as what a fork costs does.
    let _padding = Padding::add()?;
    let mut master = Master::start(spec.settings.clone(), 0)?;
    send(master.address())?;
    loop {
        // The driver sends a line when the last one is answered, so none is read ahead of this
        // look.
        master.supervise(driver.as_fd())?;
        match recv(driver)? {
            Some(()) => send(master.account()?)?,
            None => return Ok(()),
        }
    }
}
