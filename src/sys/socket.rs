//! accept4(2) and write(2) by the system calls themselves: in a program with threads, glibc's
//! wrappers switch cancellation on and off around each call, which processes would not pay.

use super::call::call;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd};

/// What calls on an accepted connection do where they would have to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenEmpty {
    /// They wait.
    Wait,
    /// They return EAGAIN.
    Return,
}

/// Accepts a connection; an exec closes it.
///
/// # Errors
/// accept(2)'s: those of the listening socket, and of connections that ended before they were
/// accepted.
#[inline(always)]
pub fn accept(listener: &TcpListener, when: WhenEmpty) -> io::Result<TcpStream> {
    let how = match when {
        WhenEmpty::Wait => libc::SOCK_CLOEXEC,
        WhenEmpty::Return => libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK,
    };
    let arguments = [listener.as_raw_fd() as usize, 0, 0, how as usize];
    // SAFETY: the kernel is given no address to write to.
    let number = unsafe { call(libc::SYS_accept4, arguments) }?;
    // SAFETY: the kernel has just opened it for this caller.
    Ok(unsafe { TcpStream::from_raw_fd(number as i32) })
}

/// Writes once; returns how many bytes were taken. A closed connection is an error and no
/// signal, as Rust's start of a program has SIGPIPE ignored.
///
/// # Errors
/// The kernel's: EAGAIN where the connection does not wait or has waited long enough, EINTR, EPIPE,
/// ECONNRESET.
#[inline(always)]
pub fn send(into: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let (number, address) = (into.as_raw_fd() as usize, bytes.as_ptr().expose_provenance());
    // SAFETY: the kernel reads as many bytes as there are from a live slice.
    unsafe { call(libc::SYS_write, [number, address, bytes.len(), 0]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{ErrorKind, Read, Write};

    #[test]
    fn a_connection_is_accepted_and_written_to() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut server = accept(&listener, WhenEmpty::Return).unwrap();
        let early = server.read(&mut [0]).unwrap_err();
        assert_eq!(early.kind(), ErrorKind::WouldBlock, "it does not wait");
        client.write_all(b"?").unwrap();
        assert_eq!(send(&server, b"!").unwrap(), 1);
        let mut answer = [0];
        client.read_exact(&mut answer).unwrap();
        assert_eq!(answer, *b"!");
        let _another = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let waits = accept(&listener, WhenEmpty::Wait).unwrap();
        let flags = nix::fcntl::fcntl(&waits, nix::fcntl::F_GETFL).unwrap();
        assert_eq!(flags & libc::O_NONBLOCK, 0);
    }

    #[test]
    fn a_connection_that_is_gone_is_an_error_and_no_signal() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let server = accept(&listener, WhenEmpty::Wait).unwrap();
        server.shutdown(std::net::Shutdown::Write).unwrap();
        let gone = send(&server, b"!").unwrap_err();
        assert_eq!(gone.kind(), ErrorKind::BrokenPipe);
        drop(client);
    }
}
