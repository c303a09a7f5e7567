//! Answers of HTTP/1.1, made beforehand.

/// An answer in which nothing varies.
#[derive(Debug)]
pub(super) struct Fixed {
    keep: &'static str,
    close: &'static str,
}

impl Fixed {
    /// Its bytes, for a connection that goes on or not.
    #[inline(always)]
    pub(super) fn bytes(&self, keep: bool) -> &'static [u8] {
        if keep { self.keep.as_bytes() } else { self.close.as_bytes() }
    }
}

macro_rules! fixed {
    ($status:literal, $body_bytes:literal, $body:literal) => {
        Fixed {
            keep: fixed!(@ $status, "", $body_bytes, $body),
            close: fixed!(@ $status, "Connection: close\r\n", $body_bytes, $body),
        }
    };
    (@ $status:literal, $fields:literal, $body_bytes:literal, $body:literal) => {
        concat!(
            "HTTP/1.1 ", $status, "\r\nContent-Type: text/plain\r\nContent-Length: ", $body_bytes,
            "\r\n", $fields, "\r\n", $body
        )
    };
}

/// What is asked for most.
pub(super) static ROOT: Fixed =
    fixed!("200 OK", 64, "What does isolation cost? This answer is sixty-four bytes long.\n");
/// There is nothing of this name.
pub(super) static NOT_FOUND: Fixed = fixed!("404 Not Found", 10, "not found\n");

static MALFORMED: Fixed = fixed!("400 Bad Request", 10, "malformed\n");
static SLOW: Fixed = fixed!("408 Request Timeout", 9, "too slow\n");
static TOO_LARGE: Fixed = fixed!("413 Content Too Large", 10, "too large\n");

/// Why a connection is of no further use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// 400: no GET request of HTTP/1.
    Malformed,
    /// 408: it began, and did not end in time.
    Slow,
    /// 413: a longer head than is read at once, or a body.
    TooLarge,
}

impl Refusal {
    /// What the client is told. The connection is closed then.
    pub(super) fn bytes(self) -> &'static [u8] {
        let answer = match self {
            Refusal::Malformed => &MALFORMED,
            Refusal::Slow => &SLOW,
            Refusal::TooLarge => &TOO_LARGE,
        };
        answer.bytes(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_announces_the_body_that_it_has() {
        for answer in [&ROOT, &NOT_FOUND, &MALFORMED, &SLOW, &TOO_LARGE] {
            for keep in [true, false] {
                let whole = std::str::from_utf8(answer.bytes(keep)).unwrap();
                let (head, body) = whole.split_once("\r\n\r\n").unwrap();
                let length = format!("\r\nContent-Length: {}", body.len());
                assert!(head.contains(&length), "{whole}");
                assert_eq!(head.ends_with("\r\nConnection: close"), !keep, "{whole}");
            }
        }
    }
}
