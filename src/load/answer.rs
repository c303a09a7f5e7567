//! Answers of HTTP/1.1 and 1.0 out of bytes: whole or not yet, 200 or an error.

use super::chunks::Chunks;
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
    /// Where it comes in chunks, 0.
    pub(super) body_bytes: usize,
    /// Its head says how long it is: another one as long is whole as well.
    pub(super) counted: bool,
    /// The server ends the connection after it.
    pub(super) last: bool,
}

impl Answer {
    pub(super) fn bytes(&self) -> usize {
        self.head_bytes.saturating_add(self.body_bytes)
    }
}

/// How the end of a body is known (RFC 9112, section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Counted,
    InChunks,
    WithConnection,
}

/// An answer that comes.
#[derive(Debug, Default)]
pub(super) struct Coming {
    /// Its beginning.
    bytes: Vec<u8>,
    came: usize,
    /// What the head says, once it is whole.
    answer: Option<(Answer, Ending)>,
    chunks: Chunks,
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
        self.chunks.clear();
    }

    /// Takes what has come, and returns the answer if it is whole with that.
    ///
    /// # Errors
    /// Another status than 200, a body of unknown length, bytes after it, or what is not HTTP.
    pub(super) fn take(&mut self, more: &[u8]) -> io::Result<Option<Answer>> {
        let came_before = self.came;
        self.came += more.len();
        let room = MOST_BYTES.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(&more[..room.min(more.len())]);
        if self.answer.is_none() {
            self.answer = head(&self.bytes)?;
        }
        let Some((answer, ending)) = self.answer else { return Ok(None) };
        let whole = match ending {
            Ending::Counted => match self.came.cmp(&answer.bytes()) {
                Ordering::Greater => return Err(wrong("more bytes than the answer says it has")),
                order => order == Ordering::Equal,
            },
            Ending::InChunks => {
                let of_head = answer.head_bytes.saturating_sub(came_before);
                self.chunks.take(&more[of_head..])?
            }
            Ending::WithConnection => false,
        };
        Ok(whole.then_some(answer))
    }

    /// The connection has ended: the answer, if that makes it whole.
    pub(super) fn ended(&self) -> Option<Answer> {
        let (answer, ending) = self.answer?;
        (ending == Ending::WithConnection).then_some(answer)
    }

    /// The body of an answer, or its beginning.
    pub(super) fn body(&self) -> &[u8] {
        let head_bytes = self.answer.map_or(0, |(answer, _)| answer.head_bytes);
        self.bytes.get(head_bytes..).unwrap_or_default()
    }
}

/// What the head says that these bytes begin with, or `None` while some of it is missing.
fn head(bytes: &[u8]) -> io::Result<Option<(Answer, Ending)>> {
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
    let last = match response.version {
        Some(1) => has(&response, "connection", "close"),
        _ => !has(&response, "connection", "keep-alive"),
    };
    let length = values(&response, "content-length").next();
    let (body_bytes, ending) = match length.map(|length| length.trim().parse()) {
        _ if has(&response, "transfer-encoding", "chunked") => (0, Ending::InChunks),
        Some(Ok(body_bytes)) => (body_bytes, Ending::Counted),
        None if last => (0, Ending::WithConnection),
        _ => return Err(wrong("the answer does not say its Content-Length")),
    };
    let counted = ending == Ending::Counted;
    Ok(Some((Answer { head_bytes, body_bytes, counted, last }, ending)))
}

/// Values of the fields of this name, as far as they are text.
fn values<'r>(
    response: &'r httparse::Response<'_, '_>,
    name: &'r str,
) -> impl Iterator<Item = &'r str> {
    let named = response.headers.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
    named.filter_map(|field| std::str::from_utf8(field.value).ok())
}

/// Does a list of words have this one?
fn has(response: &httparse::Response<'_, '_>, name: &str, word: &str) -> bool {
    let mut words = values(response, name).flat_map(|list| list.split(','));
    words.any(|one| one.trim().eq_ignore_ascii_case(word))
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
            Some(Answer { head_bytes: WHOLE.len() - 3, body_bytes: 3, counted: true, last: false })
        );
    }

    #[test]
    fn an_answer_says_whether_its_connection_ends() {
        for (head, last) in [
            ("HTTP/1.1 200 OK\r\n", false),
            ("HTTP/1.1 200 OK\r\nConnection: Upgrade, Close\r\n", true),
            ("HTTP/1.0 200 OK\r\n", true),
            ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", false),
        ] {
            let whole = format!("{head}content-length: 3\r\n\r\nabc");
            assert_eq!(parse(whole.as_bytes()).unwrap().unwrap().last, last, "{head}");
        }
    }

    #[test]
    fn a_body_in_chunks_ends_with_the_last_one() {
        let whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
        for parts in 1..=whole.len() {
            let mut coming = Coming::default();
            let came = whole.chunks(parts).filter_map(|part| coming.take(part).unwrap());
            let came: Vec<Answer> = came.collect();
            assert!(matches!(came[..], [Answer { counted: false, last: false, .. }]), "{came:?}");
        }
    }

    #[test]
    fn a_body_without_a_length_ends_with_its_connection_if_that_ends() {
        for head in ["HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"] {
            let mut coming = Coming::default();
            assert_eq!(coming.take(&head.as_bytes()[..9]).unwrap(), None);
            assert_eq!(coming.ended(), None, "half a head");
            assert_eq!(coming.take(&head.as_bytes()[9..]).unwrap(), None);
            assert_eq!(coming.take(b"abc").unwrap(), None);
            assert!(coming.ended().unwrap().last);
        }
        let mut cut = Coming::default();
        cut.take(&WHOLE[..WHOLE.len() - 1]).unwrap();
        assert_eq!(cut.ended(), None);
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
