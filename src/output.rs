//! Where everything is printed: a reader that has left, a full disk or a closed terminal is met here and ends nothing.
//!
//! `println!` and `eprintln!` panic where they cannot write, so that neither is used anywhere else.

use crate::record::{Failure, Result};
use crate::text;
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Prints to standard output as it is; a reader who has left (`| head`) is no error.
///
/// # Errors
/// It cannot be written to, as when a disk is full.
pub fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::os("writing to standard output", e)
                .remedy("free space where it is redirected to, or redirect it elsewhere"))
        }
        _ => Ok(()),
    }
}

/// Prints what is shown while measuring goes on. That it cannot be shown is said once, and no reason to stop.
pub fn show(text: &str) {
    static SAID: AtomicBool = AtomicBool::new(false);
    if let Err(failure) = print(text) {
        if !SAID.swap(true, Ordering::Relaxed) {
            say(&format!("warning: {failure}; the run goes on"));
        }
    }
}

/// Says a line, or a few, on standard error, with nothing in it that steers a terminal. Where that cannot be written to
/// there is nowhere left to say so.
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
