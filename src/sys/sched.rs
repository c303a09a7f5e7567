//! Scheduling policy, by the system call itself: musl's wrapper always says ENOSYS.

use nix::unistd::Pid;
use std::io;

/// Priority of the measured actors: the lowest but nine, above everything that is not real-time.
pub const FIFO_PRIORITY: i32 = 10;

/// Puts a task under `SCHED_FIFO`. The caller sees to it that it does not run so for longer than 50
/// ms.
///
/// # Errors
/// EPERM without CAP_SYS_NICE and without an RLIMIT_RTPRIO of at least 10.
pub fn set_fifo(task: Pid) -> io::Result<()> {
    set(task, libc::SCHED_FIFO, FIFO_PRIORITY)
}

/// Puts a task back under `SCHED_OTHER`.
///
/// # Errors
/// ESRCH when the task has ended.
pub fn set_other(task: Pid) -> io::Result<()> {
    set(task, libc::SCHED_OTHER, 0)
}

fn set(task: Pid, policy: libc::c_int, priority: libc::c_int) -> io::Result<()> {
    let parameter: [libc::c_int; 1] = [priority];
    // SAFETY: the kernel reads one int, the whole of its `struct sched_param`
    // (sched_setscheduler(2)).
    let returned = unsafe {
        libc::syscall(libc::SYS_sched_setscheduler, task.as_raw(), policy, parameter.as_ptr())
    };
    super::check(returned).map(drop)
}
