//! What a process has from the one that started it, over exec: read, and put to what programs
//! start with.

use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use std::io;

/// What personality(2) returns without changing anything.
const LOOK: libc::c_ulong = 0xffff_ffff;

/// The execution domain's number with its flags, such as `ADDR_NO_RANDOMIZE` (personality(2)).
///
/// # Errors
/// A filter refuses the call.
pub fn personality() -> io::Result<i32> {
    // SAFETY: takes a number and changes nothing for this one.
    super::check(unsafe { libc::personality(LOOK) }.into()).map(|found| found as i32)
}

/// Has the programs that this process execs start as Linux programs do.
///
/// # Errors
/// A filter refuses the call.
pub fn set_plain_personality() -> io::Result<()> {
    // SAFETY: takes a number; what is mapped stays where it is.
    super::check(unsafe { libc::personality(0) }.into()).map(drop)
}

/// The scheduling policy's number (sched_getscheduler(2)), by the system call itself: musl's
/// wrapper always says ENOSYS.
///
/// # Errors
/// A filter refuses the call.
pub fn policy() -> io::Result<i32> {
    // SAFETY: takes a number; 0 is the calling task.
    super::check(unsafe { libc::syscall(libc::SYS_sched_getscheduler, 0) })
        .map(|found| found as i32)
}

/// The nice value, by the system call, which returns it as 20 to 1 below (getpriority(2)).
///
/// # Errors
/// A filter refuses the call.
pub fn nice() -> io::Result<i32> {
    // SAFETY: takes two numbers; 0 is the calling task.
    let found = unsafe { libc::syscall(libc::SYS_getpriority, libc::PRIO_PROCESS, 0) };
    super::check(found).map(|found| 20 - found as i32)
}

/// Sets the nice value (setpriority(2)).
///
/// # Errors
/// EACCES: a lower one needs CAP_SYS_NICE or RLIMIT_NICE.
pub fn set_nice(nice: i32) -> io::Result<()> {
    // SAFETY: takes three numbers.
    super::check(unsafe { libc::syscall(libc::SYS_setpriority, libc::PRIO_PROCESS, 0, nice) })
        .map(drop)
}

/// Unblocks every signal but these.
///
/// # Errors
/// None is expected.
pub fn unblock_but(kept: &[Signal]) -> io::Result<()> {
    let mut all = SigSet::all();
    kept.iter().for_each(|signal| all.remove(*signal));
    Ok(sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&all), None)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_a_policy_a_nice_value_and_a_personality() {
        assert!((0..=7).contains(&policy().unwrap()));
        assert!((-20..20).contains(&nice().unwrap()));
        assert!(personality().is_ok());
    }
}
