//! SO_LINGER (socket(7)): how a connection ends.

use std::io;
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::ptr;

/// Makes close(2) reset the connection, so that its port is free at once, not after a minute.
///
/// # Errors
/// None is expected for a live socket.
pub fn reset_on_close(stream: &TcpStream) -> io::Result<()> {
    let at_once = libc::linger { l_onoff: 1, l_linger: 0 };
    let (value, bytes) = (ptr::from_ref(&at_once).cast(), size_of::<libc::linger>());
    let (socket, level, option) = (stream.as_raw_fd(), libc::SOL_SOCKET, libc::SO_LINGER);
    // SAFETY: the kernel reads as many bytes from a live variable.
    let set = unsafe { libc::setsockopt(socket, level, option, value, bytes as libc::socklen_t) };
    super::check(set.into()).map(drop)
}
