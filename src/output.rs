//! Where everything is printed: a reader that has left, a full disk or a closed terminal is met
//! here and ends nothing.
//!
//! `println!` and `eprintln!` panic where they cannot write, so that neither is used anywhere else.

use crate::record::{Failure, Result};
use crate::text;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};

/// Prints to standard output; a reader who has left (`| head`) is no error.
///
/// # Errors
/// It cannot be written to, as when a disk is full.
pub fn print(text: &str) -> Result<()> {
    match send(text.as_bytes()) {
        Err(failure) if failure.errno == Some(Errno::EPIPE as i32) => Ok(()),
        sent => sent,
    }
}

/// Writes to standard output what somebody must get whole.
///
/// # Errors
/// It cannot be written to; nobody reads it any more.
pub fn send(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    let flushed = loop {
        match out.flush() {
            Err(e) if e.kind() == ErrorKind::WouldBlock => match await_room(&out) {
                Ok(()) => {}
                refused => break refused,
            },
            flushed => break flushed,
        }
    };
    // By the descriptor: after an error, the standard library does not say how much it has written.
    let sent = flushed.and_then(|()| write_all(&out, bytes));
    sent.map_err(|e| {
        Failure::os("writing to standard output", e)
            .remedy("free space where it is redirected to, or redirect it to another place")
    })
}

fn write_all(to: impl AsFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match nix::unistd::write(&to, bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => await_room(&to)?,
            Err(e) => return Err(e.into()),
        }
    }
    Ok(())
}

/// Waits until more can be written, or writing would tell why not.
fn await_room(to: impl AsFd) -> io::Result<()> {
    let mut full = [PollFd::new(to.as_fd(), PollFlags::POLLOUT)];
    match poll(&mut full, PollTimeout::NONE) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(e) => Err(e.into()),
    }
}

/// Prints what is shown while measuring goes on. That it cannot be shown is said once, and no
/// reason to stop.
pub fn show(text: &str) {
    static SAID: AtomicBool = AtomicBool::new(false);
    if let Err(failure) = print(text) {
        if !SAID.swap(true, Ordering::Relaxed) {
            say(&format!("warning: {failure}; the run goes on"));
        }
    }
}

/// Says a line, or a few, on standard error, with nothing in it that steers a terminal. Where that
/// cannot be written to there is nowhere left to say so.
pub fn say(message: &str) {
    let _ = writeln!(io::stderr(), "{}", text::lines(message));
}

/// Hands on what another program or library has printed, as it is, to standard error.
pub fn pass_on(said: &[u8]) {
    let _ = io::stderr().write_all(said);
}

/// Puts a status line of a terminal in the place of the last one; with no text there is none.
pub fn status(line: &str) {
    let _ = write!(io::stderr(), "\r\x1b[2K{}", text::one_line(line));
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::fcntl::OFlag;
    use nix::unistd::pipe2;
    use std::io::Read;
    use std::time::Duration;

    #[test]
    fn a_slow_reader_of_a_non_blocking_pipe_gets_every_byte() {
        let (from, to) = pipe2(OFlag::O_CLOEXEC).unwrap();
        nix::fcntl::fcntl(&to, nix::fcntl::FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
        let bytes: Vec<u8> = (0..1_000_000u32).map(|number| number as u8).collect();
        let reader = std::thread::spawn(move || {
            let (mut from, mut all) = (std::fs::File::from(from), Vec::new());
            let mut some = vec![0; 100_000];
            loop {
                crate::sys::clock::pause(Duration::from_millis(1));
                match from.read(&mut some).unwrap() {
                    0 => return all,
                    count => all.extend_from_slice(&some[..count]),
                }
            }
        });
        write_all(&to, &bytes).unwrap();
        drop(to);
        assert!(reader.join().unwrap() == bytes);
    }

    #[test]
    fn a_reader_who_leaves_ends_the_waiting() {
        let (from, to) = pipe2(OFlag::O_NONBLOCK | OFlag::O_CLOEXEC).unwrap();
        let leaver = std::thread::spawn(move || {
            crate::sys::clock::pause(Duration::from_millis(20));
            drop(from);
        });
        let error = write_all(&to, &vec![0; 1 << 20]).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(Errno::EPIPE as i32));
        leaver.join().unwrap();
    }
}
