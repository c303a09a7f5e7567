//! Connections that are kept and do nothing, after one request each.

use super::answer::Coming;
use super::connection::refused;
use super::request;
use crate::machine;
use crate::record::{Failure, Result};
use crate::sys::so_linger::reset_on_close;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Time that the server has for each answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that are made at once: no queue of a server that listens is as short.
const AT_ONCE: usize = 64;

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
    /// The server refuses or does not answer in time; a limit on descriptors or ports is reached.
    /// Those that were there before are kept.
    pub fn grow(&mut self, to: u32) -> Result<()> {
        machine::raise_descriptor_limit()
            .map_err(|e| Failure::os("raising the limit on descriptors", e))?;
        let to = to as usize;
        self.connections.truncate(to);
        while self.connections.len() < to {
            self.grow_at_once((to - self.connections.len()).min(AT_ONCE)).map_err(|e| {
                let number = self.connections.len() + 1;
                refused(format!("opening connection {number} of {to} to {}", self.address), e)
            })?;
        }
        Ok(())
    }

    /// So many more, each asked before the first is heard: one by one, client and server would wake
    /// each other up each time, and that takes longer than all else.
    fn grow_at_once(&mut self, many: usize) -> io::Result<()> {
        let (mut asked, mut refused) = (Vec::with_capacity(many), Ok(()));
        while asked.len() < many && refused.is_ok() {
            refused = self.ask().map(|stream| asked.push(stream));
        }
        for stream in asked {
            self.connections.push(answered(stream)?);
        }
        refused
    }

    /// How many there are.
    #[must_use]
    pub fn connections(&self) -> u32 {
        self.connections.len() as u32
    }

    /// A connection with its request sent.
    fn ask(&self) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        reset_on_close(&stream)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(&self.request)?;
        Ok(stream)
    }
}

/// The connection, once its answer is whole.
fn answered(mut stream: TcpStream) -> io::Result<TcpStream> {
    let (mut answer, mut some) = (Coming::default(), [0; 4096]);
    loop {
        match stream.read(&mut some) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(got) if answer.take(&some[..got])?.is_some() => return Ok(stream),
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                let why = format!("no answer within {} s", PATIENCE.as_secs());
                return Err(io::Error::new(ErrorKind::TimedOut, why));
            }
            Err(e) => return Err(e),
        }
    }
}
