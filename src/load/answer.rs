//! Answers of HTTP/1.1 out of bytes: whole or not yet, 200 or an error.

use std::io;

/// What an answer of 200 begins with.
pub(super) const OK: &[u8] = b"HTTP/1.1 200 ";
/// A head of more bytes than this is no answer to what was asked.
const MOST_HEAD_BYTES: usize = 16 << 10;
const MOST_FIELDS: usize = 64;

/// A whole answer of 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Answer {
    pub(super) head_bytes: usize,
    pub(super) body_bytes: usize,
}

impl Answer {
    pub(super) fn bytes(&self) -> usize {
        self.head_bytes + self.body_bytes
    }
}

/// The one answer that these bytes are, or `None` while some are missing.
///
/// # Errors
/// Another status than 200, a body of unknown length, bytes after it, or what is not HTTP.
pub(super) fn parse(bytes: &[u8]) -> io::Result<Option<Answer>> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    let head_bytes = match response.parse(bytes) {
        Ok(httparse::Status::Complete(head_bytes)) => head_bytes,
        Ok(httparse::Status::Partial) if bytes.len() <= MOST_HEAD_BYTES => return Ok(None),
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
    let Some(body_bytes) = length else {
        return Err(wrong("the answer does not say its Content-Length"));
    };
    let answer = Answer { head_bytes, body_bytes };
    match bytes.len().checked_sub(head_bytes) {
        Some(there) if there < body_bytes => Ok(None),
        Some(there) if there > body_bytes => Err(wrong("more bytes than the answer says it has")),
        _ => Ok(Some(answer)),
    }
}

pub(super) fn wrong(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc";

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
    fn what_is_not_one_answer_of_200_is_an_error_that_says_why() {
        let long = [b"HTTP/1.1 200 OK\r\nX: ".as_slice(), &[b'x'; MOST_HEAD_BYTES]].concat();
        for (bytes, why) in [
            (&b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"[..], "404 Not Found"),
            (b"HTTP/1.1 200 OK\r\n\r\n", "Content-Length"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n", "Content-Length"),
            (b"SSH-2.0-OpenSSH\r\n", "no HTTP"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd", "more bytes"),
            (&long, "does not end"),
        ] {
            let error = parse(bytes).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
