//! A descriptor that can be read once a process has ended (pidfd_open(2), Linux 5.3).

use nix::unistd::Pid;
use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

/// Opens one; it is closed in programs that this process executes.
///
/// # Errors
/// There is no such process, or it is a thread; the kernel knows no such call or refuses it.
pub fn open(process: Pid) -> io::Result<OwnedFd> {
    // SAFETY: the call takes two numbers and no memory.
    let returned = unsafe { libc::syscall(libc::SYS_pidfd_open, process.as_raw(), 0) };
    let number = super::check(returned)?;
    // SAFETY: the kernel has just made this descriptor, which nobody else has.
    Ok(unsafe { OwnedFd::from_raw_fd(number as RawFd) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use std::os::fd::AsFd;
    use std::process::{Command, Stdio};

    #[test]
    fn it_can_be_read_once_the_process_has_ended() {
        let mut cat = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let opened = open(Pid::from_raw(cat.id() as i32));
        let ended = |end: &OwnedFd, patience: PollTimeout| {
            poll(&mut [PollFd::new(end.as_fd(), PollFlags::POLLIN)], patience).unwrap() == 1
        };
        let before = opened.as_ref().map(|end| ended(end, PollTimeout::ZERO));
        drop(cat.stdin.take());
        let after = opened.as_ref().map(|end| ended(end, PollTimeout::from(10_000u16)));
        cat.wait().unwrap();
        match before.and_then(|before| after.map(|after| [before, after])) {
            Ok(found) => assert_eq!(found, [false, true]),
            // A kernel before 5.3 has none, and what asks goes without.
            Err(refused) => assert_eq!(refused.raw_os_error(), Some(libc::ENOSYS), "{refused}"),
        }
    }
}
