//! TCP connections over loopback, both ends in the lab, whose serving ends one epoll set watches.

use super::Units;
use crate::machine;
use crate::record::{Failure, Result};
use crate::sys::so_linger::reset_on_close;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};

struct Connections {
    listener: TcpListener,
    watch: Epoll,
    /// Both ends of each.
    ends: Vec<[TcpStream; 2]>,
}

pub(super) fn over_loopback() -> Result<Box<dyn Units>> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)
        .map_err(|e| Failure::os("reading the limit on descriptors", e))?;
    // As a server would.
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)
        .map_err(|e| Failure::os(format!("raising the limit on descriptors to {hard}"), e))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .map_err(|e| Failure::os("listening on 127.0.0.1", e))?;
    let watch = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)
        .map_err(|e| Failure::os("making an epoll set", e))?;
    Ok(Box::new(Connections { listener, watch, ends: Vec::new() }))
}

impl Connections {
    fn add(&mut self) -> io::Result<()> {
        let client = TcpStream::connect(self.listener.local_addr()?)?;
        let (server, _) = self.listener.accept()?;
        reset_on_close(&client)?;
        reset_on_close(&server)?;
        let number = self.ends.len() as u64;
        self.watch.add(&server, EpollEvent::new(EpollFlags::EPOLLIN, number))?;
        self.ends.push([client, server]);
        Ok(())
    }
}

impl Units for Connections {
    fn grow(&mut self, to: u32) -> Result<()> {
        while self.ends.len() < to as usize {
            self.add().map_err(|e| {
                let tried = format!("opening {to} idle connections");
                machine::advised(Failure::os(tried, e), "socket(2) or connect(2)")
            })?;
        }
        Ok(())
    }
}
