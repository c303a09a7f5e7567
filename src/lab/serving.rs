//! The lab's end: be a server, until the input ends.

use super::serve::{die_with_driver, hear, say};
use super::wire::{AccountRequest, Reply, ServeSpec};
use crate::cgroup;
use crate::record::Result;
use crate::server::Master;
use std::io::StdinLock;
use std::os::fd::AsFd;

pub(super) fn serve(driver: &mut StdinLock<'_>, spec: &ServeSpec) -> Result<()> {
    die_with_driver(spec.driver_pid)?;
    if let Some(folder) = &spec.group {
        cgroup::enter(folder)?;
    }
    let mut master = Master::start(spec.settings.clone(), 0)?;
    say(&Reply::Serving(master.address()))?;
    loop {
        // The driver sends a line when the last one is answered, so none is read ahead of this look.
        master.supervise(driver.as_fd())?;
        match hear(driver)? {
            Some(AccountRequest {}) => say(&Reply::Accounted(master.account()?))?,
            None => return Ok(()),
        }
    }
}
