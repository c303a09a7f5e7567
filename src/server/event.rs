//! Event loops: many connections by one thread (epoll(7)).

#![allow(dead_code)] // base

use super::handler::Desk;
use std::io;
use std::net::TcpListener;

/// Accepts and serves all connections by one loop. Several loops may accept on one listening socket: a new connection
/// wakes one of them (EPOLLEXCLUSIVE).
///
/// # Errors
/// epoll's, and accept(2)'s as for blocking calls.
pub(super) fn run(_listener: &TcpListener, _desk: &Desk<'_>) -> io::Result<()> {
    Err(io::Error::other("not built yet"))
}
