//! A body in chunks (RFC 9112, section 7.1), of which only the end is looked for.

use super::answer::wrong;
use std::io;

/// Longest line between two chunks, bytes.
const MOST_LINE: usize = 4 << 10;

/// Where a body in chunks has come to.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    part: Part,
    /// What has come of a line.
    line: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy)]
enum Part {
    /// The line that says the size of the next chunk.
    #[default]
    Size,
    /// A chunk and the line end after it, of which so many bytes are missing.
    Chunk(u64),
    /// The lines after the last chunk; an empty one is the end.
    Trailer,
}

impl Chunks {
    /// Begins anew.
    pub(super) fn clear(&mut self) {
        self.part = Part::Size;
        self.line.clear();
    }

    /// Takes what has come; `true` if the body is whole with that.
    ///
    /// # Errors
    /// What is no chunk, or bytes after the last one.
    pub(super) fn take(&mut self, mut more: &[u8]) -> io::Result<bool> {
        while !more.is_empty() {
            if let Part::Chunk(missing) = self.part {
                let here = missing.min(more.len() as u64);
                more = &more[here as usize..];
                self.part = if here == missing { Part::Size } else { Part::Chunk(missing - here) };
                continue;
            }
            let end = more.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let (line, rest) = more.split_at(end.unwrap_or(more.len()));
            self.line.extend_from_slice(line);
            if self.line.len() > MOST_LINE {
                return Err(wrong("a line between the chunks of the answer does not end"));
            }
            more = rest;
            if end.is_some() && self.line_is_last()? {
                return if more.is_empty() { Ok(true) } else { Err(wrong("more than its chunks")) };
            }
        }
        Ok(false)
    }

    /// Takes a whole line; `true` if it ends the body.
    fn line_is_last(&mut self) -> io::Result<bool> {
        let line = std::mem::take(&mut self.line);
        match self.part {
            Part::Trailer => return Ok(line.trim_ascii().is_empty()),
            _ => self.part = after(&line)?,
        }
        Ok(false)
    }
}

/// What follows the line that says a size.
fn after(line: &[u8]) -> io::Result<Part> {
    match httparse::parse_chunk_size(line) {
        Ok(httparse::Status::Complete((_, 0))) => Ok(Part::Trailer),
        Ok(httparse::Status::Complete((_, bytes))) => Ok(Part::Chunk(bytes.saturating_add(2))),
        _ => Err(wrong("a chunk of the answer does not say its size")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"3\r\nabc\r\n1;a=b\r\n\n\r\n0\r\nExpires: never\r\n\r\n";

    #[test]
    fn a_body_in_chunks_is_whole_with_its_last_byte_however_it_comes() {
        for parts in 1..=WHOLE.len() {
            let mut chunks = Chunks::default();
            let mut left = WHOLE.len();
            for part in WHOLE.chunks(parts) {
                left -= part.len();
                assert_eq!(chunks.take(part).unwrap(), left == 0, "{parts}");
            }
        }
    }

    #[test]
    fn what_is_no_body_in_chunks_is_an_error() {
        for body in [&b"x\r\n"[..], b"3\r\nabcd\r\nx\r\n", b"0\r\n\r\nmore"] {
            assert!(Chunks::default().take(body).is_err(), "{body:?}");
        }
        assert!(Chunks::default().take(&vec![b'1'; MOST_LINE + 1]).is_err());
    }
}
