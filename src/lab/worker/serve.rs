//! Is a server.

use crate::cgroup;
use crate::lab::pipe::{hear, say};
use crate::lab::protocol::ServeSpec;
use crate::record::Result;
use crate::server::Master;
use std::io::StdinLock;
use std::os::fd::AsFd;

pub(super) fn connections(driver: &mut StdinLock<'_>, spec: &ServeSpec) -> Result<()> {
    if let Some(folder) = &spec.group {
        cgroup::enter(folder)?;
    }
    let mut master = Master::start(spec.settings.clone(), 0)?;
    say(master.address())?;
    loop {
        // The driver sends a line when the last one is answered, so none is read ahead of this look.
        master.supervise(driver.as_fd())?;
        match hear(driver)? {
            Some(()) => say(master.account()?)?,
            None => return Ok(()),
        }
    }
}
