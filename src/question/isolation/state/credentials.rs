//! The effective user of threads: what the C library makes of a call that the kernel means for one
//! task.

use super::{SHARED, saw};
use crate::probe::Mechanism;
use crate::record::{Failure, ProbeRun, Result};
use crate::sys::child::OwnedChild;
use crate::sys::fork::die_with;
use crate::sys::memory::Mapping;
use crate::sys::single_thread::SingleThread;
use crate::sys::state::{other_than, set_effective_user};
use nix::errno::Errno;
use nix::sys::wait::WaitStatus;
use nix::unistd::{Uid, geteuid, getpid, seteuid};
use std::io;
use std::sync::atomic::Ordering;

/// Words of the memory in which the child answers.
const ERRNO: usize = 0;
const OF_THREAD: usize = 1;
const OF_OTHER: usize = 2;
const WORDS: usize = 3;

/// One thread changes the effective user, the other looks at its own; both in a child, which keeps
/// the new one. Without the mechanism the thread makes the system call itself.
pub(crate) fn credentials(mechanism: Mechanism) -> Result<ProbeRun> {
    let tried = "changing the effective user in a thread";
    let refused = |e: io::Error| Failure::os(tried, e);
    let alone = SingleThread::prove().map_err(refused)?;
    let words = Mapping::shared(WORDS * size_of::<u32>()).map_err(refused)?;
    let parent = getpid();
    let other = other_than(geteuid().as_raw());
    let tell = |word: usize, value: u32| words.words()[word].store(value, Ordering::Release);
    let child = OwnedChild::fork(&alone, || {
        let change = move || match mechanism {
            Mechanism::On => seteuid(Uid::from_raw(other)).map_err(io::Error::from),
            Mechanism::Off => set_effective_user(other),
        };
        let changed = std::thread::spawn(move || (change(), geteuid())).join();
        // A change of the user takes it back (prctl(2), PR_SET_PDEATHSIG).
        die_with(parent);
        let Ok((result, of_thread)) = changed else { return tell(ERRNO, Errno::EIO as u32) };
        tell(OF_THREAD, of_thread.as_raw());
        tell(OF_OTHER, geteuid().as_raw());
        let errno = result.err().map_or(0, |e| e.raw_os_error().unwrap_or(Errno::EIO as i32));
        tell(ERRNO, errno as u32);
    });
    match child.map_err(refused)?.wait() {
        Ok(WaitStatus::Exited(_, 0)) => {}
        ended => return Err(Failure::new(tried, format!("its process ended so: {ended:?}"))),
    }
    let told = |word: usize| words.words()[word].load(Ordering::Acquire);
    if told(ERRNO) != 0 {
        let error = io::Error::from_raw_os_error(told(ERRNO) as i32);
        return Err(refused(error).remedy("run as root"));
    }
    if told(OF_THREAD) != other {
        return Err(Failure::new(tried, "the thread is still the same user"));
    }
    let all = told(OF_OTHER) == other;
    Ok(ProbeRun { holds: all, seen: vec![saw("credentials through the C library", all, SHARED)] })
}
