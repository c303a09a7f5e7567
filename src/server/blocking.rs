//! A connection served by blocking calls: prefork, the pool and a thread for each connection.

#![allow(dead_code)] // base

use super::handler::Desk;
use std::io;
use std::net::TcpListener;

/// Accepts and serves one connection after the other: what a prefork process does, and a thread of the pool. Returns only
/// if it can accept no more.
///
/// # Errors
/// accept(2)'s, of those that concern the listening socket and not a connection that is gone already.
pub(super) fn in_turn(_listener: &TcpListener, _desk: &Desk<'_>) -> io::Result<()> {
    Err(io::Error::other("not built yet"))
}

/// Accepts, and starts a thread for each connection, which ends with it.
///
/// # Errors
/// As [`in_turn`]. A thread that cannot be started costs its connection and nothing else.
pub(super) fn thread_for_each(_listener: &TcpListener, _desk: &Desk<'_>) -> io::Result<()> {
    Err(io::Error::other("not built yet"))
}
