//! Answers of HTTP/1.1, made beforehand.

/// An answer in which nothing varies.
#[derive(Debug)]
pub(super) struct Fixed {
    keep: &'static str,
    close: &'static str,
    body_bytes: usize,
}

impl Fixed {
    /// Its bytes, for a connection that goes on or not, with or without the body that they
    /// announce.
    #[inline(always)]
    pub(super) fn bytes(&self, keep: bool, with_body: bool) -> &'static [u8] {
        let all = if keep { self.keep } else { self.close };
        let left_out = if with_body { 0 } else { self.body_bytes };
        &all.as_bytes()[..all.len() - left_out]
    }
}

macro_rules! fixed {
    ($status:literal, $fields:literal, $body_bytes:literal, $body:literal) => {
        Fixed {
            keep: fixed!(@ $status, $fields, $body_bytes, $body),
            close: fixed!(@ $status, concat!($fields, "Connection: close\r\n"), $body_bytes, $body),
            body_bytes: $body_bytes,
        }
    };
    (@ $status:literal, $fields:expr, $body_bytes:literal, $body:literal) => {
        concat!(
            "HTTP/1.1 ", $status, "\r\nContent-Type: text/plain\r\nContent-Length: ", $body_bytes,
            "\r\n", $fields, "\r\n", $body
        )
    };
}

/// What is asked for most.
pub(super) static ROOT: Fixed =
    fixed!("200 OK", "", 64, "What does isolation cost? This answer is sixty-four bytes long.\n");
/// There is nothing of this name.
pub(super) static NOT_FOUND: Fixed = fixed!("404 Not Found", "", 10, "not found\n");
/// Nothing here knows this method.
pub(super) static NOT_ALLOWED: Fixed =
    fixed!("405 Method Not Allowed", "Allow: GET, HEAD, POST\r\n", 12, "not allowed\n");

static MALFORMED: Fixed = fixed!("400 Bad Request", "", 10, "malformed\n");
static SLOW: Fixed = fixed!("408 Request Timeout", "", 9, "too slow\n");
static TOO_LARGE: Fixed = fixed!("413 Content Too Large", "", 10, "too large\n");
static NOT_IMPLEMENTED: Fixed = fixed!("501 Not Implemented", "", 16, "not implemented\n");
static VERSION: Fixed = fixed!("505 HTTP Version Not Supported", "", 17, "not this version\n");

/// The word that a client waits for before it sends a body.
pub(super) static CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// Why a connection is of no further use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// 400: no request of HTTP, or one with two meanings.
    Malformed,
    /// 408: it began, and did not end in time.
    Slow,
    /// 413: longer than the limits.
    TooLarge,
    /// 501: a body whose end is told otherwise than by its length.
    NotImplemented,
    /// 505: of HTTP, but not 1.0 or 1.1.
    Version,
}

impl Refusal {
    /// What the client is told. The connection is closed then.
    pub(super) fn bytes(self) -> &'static [u8] {
        let answer = match self {
            Refusal::Malformed => &MALFORMED,
            Refusal::Slow => &SLOW,
            Refusal::TooLarge => &TOO_LARGE,
            Refusal::NotImplemented => &NOT_IMPLEMENTED,
            Refusal::Version => &VERSION,
        };
        answer.bytes(false, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_announces_the_body_that_it_has() {
        let all = [
            &ROOT,
            &NOT_FOUND,
            &NOT_ALLOWED,
            &MALFORMED,
            &SLOW,
            &TOO_LARGE,
            &NOT_IMPLEMENTED,
            &VERSION,
        ];
        for answer in all {
            for keep in [true, false] {
                let whole = answer.bytes(keep, true);
                let mut fields = [httparse::EMPTY_HEADER; 4];
                let mut parsed = httparse::Response::new(&mut fields);
                let head_bytes = parsed.parse(whole).unwrap().unwrap();
                let field = |name| {
                    let found = parsed.headers.iter().find(|field| field.name == name);
                    found.map(|field| std::str::from_utf8(field.value).unwrap())
                };
                let body_bytes = (whole.len() - head_bytes).to_string();
                assert_eq!(field("Content-Length"), Some(&*body_bytes), "{answer:?}");
                assert_eq!(field("Connection"), (!keep).then_some("close"), "{answer:?}");
                assert_eq!(answer.bytes(keep, false), &whole[..head_bytes]);
            }
        }
        assert_eq!(ROOT.body_bytes, 64);
    }
}
