//! Where a server is: its port and its CPUs.

use crate::record::{Failure, Result};
use nix::errno::Errno;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::socket::{Backlog, listen};
use nix::unistd::Pid;
use std::net::{Ipv4Addr, TcpListener};

/// Listens on a port of 127.0.0.1, with a queue of connections as long as the kernel lets
/// (net.core.somaxconn): where a thousand connect at once, none is to wait for a second SYN.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_a_failure_with_its_remedy() {
        let first = listener(0).unwrap();
        let port = first.local_addr().unwrap().port();
        let failure = listener(port).unwrap_err();
        assert_eq!(failure.errno, Some(Errno::EADDRINUSE as i32), "{failure}");
        assert!(failure.tried.contains(&port.to_string()) && failure.remedy.is_some(), "{failure}");
    }

    #[test]
    fn cpus_that_are_not_there_are_refused_by_name() {
        let here = settle(&[]).unwrap();
        assert!(!here.is_empty());
        let absent = CpuSet::count() - 1;
        if !here.contains(&absent) {
            let failure = settle(&[here[0], absent]).unwrap_err();
            assert!(failure.why.contains(&absent.to_string()), "{failure}");
        }
        assert!(settle(&[CpuSet::count()]).unwrap_err().errno.is_some());
    }
}
