//! Where a server is: its port and its CPUs.

use crate::record::{Failure, Result};
use nix::errno::Errno;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::socket::{Backlog, listen, setsockopt, sockopt};
use nix::unistd::Pid;
use std::net::{Ipv4Addr, TcpListener};

/// Listens on a port of 127.0.0.1, with a queue of connections as long as the kernel lets
/// (net.core.somaxconn): where a thousand connect at once, none is to wait for a second SYN.
/// Connections inherit that answers are sent at once (tcp(7), TCP_NODELAY).
pub(super) fn listener(port: u16) -> Result<TcpListener> {
    let refused = |e: Errno| {
        let failure = Failure::os(format!("listening on 127.0.0.1:{port}"), e);
        match e {
            Errno::EADDRINUSE => failure.remedy("choose another port, or 0 for one that is free"),
            Errno::EACCES => {
                failure.remedy("choose a port from 1024 on, or 0 for one that is free")
            }
            _ => failure,
        }
    };
    let errno = |e: std::io::Error| Errno::from_raw(e.raw_os_error().unwrap_or(0));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|e| refused(errno(e)))?;
    listen(&listener, Backlog::MAXALLOWABLE).map_err(refused)?;
    setsockopt(&listener, sockopt::TcpNoDelay, &true).map_err(refused)?;
    Ok(listener)
}

/// Moves the calling process to these CPUs, or leaves it where it is for none. Returns those that
/// it may use then.
pub(super) fn settle(cpus: &[usize]) -> Result<Vec<usize>> {
    let refused = |e| Failure::os(format!("moving a server to the CPUs {cpus:?}"), e);
    let itself = Pid::from_raw(0);
    if !cpus.is_empty() {
        let mut wanted = CpuSet::new();
        cpus.iter().try_for_each(|cpu| wanted.set(*cpu)).map_err(refused)?;
        sched_setaffinity(itself, &wanted).map_err(refused)?;
    }
    let granted = sched_getaffinity(itself).map_err(refused)?;
    let granted: Vec<usize> =
        (0..CpuSet::count()).filter(|cpu| granted.is_set(*cpu).unwrap_or(false)).collect();
    // The kernel takes those that it may give, and says nothing of the others.
    match cpus.iter().find(|cpu| !granted.contains(cpu)) {
        None => Ok(granted),
        Some(missing) => {
            let tried = format!("moving a server to the CPUs {cpus:?}");
            Err(Failure::new(tried, format!("CPU {missing} is not allowed here")))
        }
    }
}
