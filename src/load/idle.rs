//! Connections that are kept and do nothing, after one request each.

use super::answer;
use super::connection::refused;
use super::request;
use crate::machine;
use crate::record::{Failure, Result};
use crate::sys::linger::reset_on_close;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Time that the server has for each answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Idle connections; reset on drop.
#[derive(Debug)]
pub struct Idle {
    address: SocketAddr,
    request: Vec<u8>,
    connections: Vec<TcpStream>,
}

impl Idle {
    /// None yet.
    #[must_use]
    pub fn none(address: SocketAddr) -> Self {
        let request = request::get(request::ROOT, address, false);
        Idle { address, request, connections: Vec::new() }
    }

    /// Has as many, each with one request answered; more than that are reset.
    ///
    /// # Errors
    /// The server refuses or does not answer in time; a limit on descriptors or ports is reached. Those that were there
    /// before are kept.
    pub fn grow(&mut self, to: u32) -> Result<()> {
        machine::raise_descriptor_limit()
            .map_err(|e| Failure::os("raising the limit on descriptors", e))?;
        self.connections.truncate(to as usize);
        while self.connections.len() < to as usize {
            let connection = self.connect().map_err(|e| {
                let number = self.connections.len() + 1;
                refused(format!("keeping connection {number} of {to} to {}", self.address), e)
            })?;
            self.connections.push(connection);
        }
        Ok(())
    }

    /// How many there are.
    #[must_use]
    pub fn connections(&self) -> u32 {
        self.connections.len() as u32
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        reset_on_close(&stream)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(&self.request)?;
        let (mut answer, mut some) = (Vec::new(), [0; 4096]);
        while answer::parse(&answer)?.is_none() {
            match stream.read(&mut some) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(got) => answer.extend_from_slice(&some[..got]),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if e.kind() == ErrorKind::WouldBlock => {
                    let why = format!("no answer within {} s", PATIENCE.as_secs());
                    return Err(io::Error::new(ErrorKind::TimedOut, why));
                }
                Err(e) => return Err(e),
            }
        }
        Ok(stream)
    }
}
