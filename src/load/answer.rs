//! Answers of HTTP/1.1 out of bytes: whole or not yet, 200 or an error.

use std::cmp::Ordering;
use std::io;

/// What an answer of 200 begins with.
pub(super) const OK: &[u8] = b"HTTP/1.1 200 ";
const MOST_FIELDS: usize = 64;
/// Most bytes of an answer that are buffered, and the longest head; the rest is only counted.
const MOST_BYTES: usize = 16 << 10;

/// A whole answer of 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Answer {
    pub(super) head_bytes: usize,
    pub(super) body_bytes: usize,
}

impl Answer {
    pub(super) fn bytes(&self) -> usize {
        self.head_bytes.saturating_add(self.body_bytes)
    }
}

/// An answer that comes.
#[derive(Debug, Default)]
pub(super) struct Coming {
    /// Its beginning.
    bytes: Vec<u8>,
    came: usize,
    /// What the head says, once it is whole.
    answer: Option<Answer>,
}

impl Coming {
    /// Nothing has come.
    pub(super) fn is_empty(&self) -> bool {
        self.came == 0
    }

    /// Begins anew.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        (self.came, self.answer) = (0, None);
    }

    /// Takes what has come, and returns the answer if it is whole with that.
    ///
    /// # Errors
    /// Another status than 200, a body of unknown length, bytes after it, or what is not HTTP.
    pub(super) fn take(&mut self, more: &[u8]) -> io::Result<Option<Answer>> {
        self.came += more.len();
        let room = MOST_BYTES.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(&more[..room.min(more.len())]);
        if self.answer.is_none() {
            self.answer = head(&self.bytes)?;
        }
        let Some(answer) = self.answer else { return Ok(None) };
        match self.came.cmp(&answer.bytes()) {
            Ordering::Less => Ok(None),
            Ordering::Equal => Ok(Some(answer)),
            Ordering::Greater => Err(wrong("more bytes than the answer says it has")),
        }
    }

    /// The body of an answer, or its beginning.
    pub(super) fn body(&self) -> &[u8] {
        let head_bytes = self.answer.map_or(0, |answer| answer.head_bytes);
        self.bytes.get(head_bytes..).unwrap_or_default()
    }
}

/// What the head says that these bytes begin with, or `None` while some of it is missing.
fn head(bytes: &[u8]) -> io::Result<Option<Answer>> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    let head_bytes = match response.parse(bytes) {
        Ok(httparse::Status::Complete(head_bytes)) => head_bytes,
        Ok(httparse::Status::Partial) if bytes.len() < MOST_BYTES => return Ok(None),
        Ok(httparse::Status::Partial) => return Err(wrong("the answer's head does not end")),
        Err(e) => return Err(wrong(format!("the answer is no HTTP: {e}"))),
    };
    let status = response.code.unwrap_or(0);
    if status != 200 {
        let reason = response.reason.unwrap_or("");
        return Err(wrong(format!("the answer is {status} {reason}").trim_end()));
    }
    let length =
        response.headers.iter().find(|field| field.name.eq_ignore_ascii_case("content-length"));
    let length =
        length.and_then(|field| std::str::from_utf8(field.value).ok()?.trim().parse().ok());
    match length {
        Some(body_bytes) => Ok(Some(Answer { head_bytes, body_bytes })),
        None => Err(wrong("the answer does not say its Content-Length")),
    }
}

pub(super) fn wrong(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc";

    fn parse(bytes: &[u8]) -> io::Result<Option<Answer>> {
        Coming::default().take(bytes)
    }

    #[test]
    fn an_answer_is_whole_with_its_last_byte_and_not_before() {
        for end in 0..WHOLE.len() {
            assert_eq!(parse(&WHOLE[..end]).unwrap(), None, "{end}");
        }
        assert_eq!(
            parse(WHOLE).unwrap(),
            Some(Answer { head_bytes: WHOLE.len() - 3, body_bytes: 3 })
        );
    }

    #[test]
    fn a_long_answer_is_counted_and_not_buffered() {
        let mut coming = Coming::default();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 1 << 20);
        assert_eq!(coming.take(head.as_bytes()).unwrap(), None);
        for number in 1..=64 {
            assert_eq!(coming.take(&vec![b'x'; 16 << 10]).unwrap().is_some(), number == 64);
        }
        assert_eq!(coming.bytes.len(), MOST_BYTES);
    }

    #[test]
    fn what_is_not_one_answer_of_200_is_an_error_that_says_why() {
        for (bytes, why) in [
            (&b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"[..], "404 Not Found"),
            (b"HTTP/1.1 200 OK\r\n\r\n", "Content-Length"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n", "Content-Length"),
            (b"SSH-2.0-OpenSSH\r\n", "no HTTP"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd", "more bytes"),
        ] {
            let error = parse(bytes).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
