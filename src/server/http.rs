//! Requests of HTTP/1.1 out of bytes: no socket, no clock. Only what is measured is understood: a
//! GET without a body.

use super::accept::INBOX_BYTES;
use super::answer::Refusal;
use httparse::{Error, Header, Status};
use std::mem::MaybeUninit;

/// Header fields of a request at most.
const FIELDS: usize = 64;

/// What bytes at the beginning of a request amount to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parsed<'b> {
    /// More are needed.
    More,
    /// The request is complete.
    Request(Request<'b>),
    /// Where the next request would begin is not known: the connection is of no further use.
    Refused(Refusal),
}

/// A GET request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Request<'b> {
    pub(super) target: &'b str,
    /// Another request may follow on this connection.
    pub(super) keep: bool,
    pub(super) bytes: usize,
}

/// Looks for a request in what has come of it.
pub(super) fn parse(bytes: &[u8]) -> Parsed<'_> {
    let mut fields = [const { MaybeUninit::<Header<'_>>::uninit() }; FIELDS];
    let mut request = httparse::Request::new(&mut []);
    match request.parse_with_uninit_headers(bytes, &mut fields) {
        Ok(Status::Complete(bytes)) => {
            understand(&request, bytes).map_or_else(Parsed::Refused, Parsed::Request)
        }
        Ok(Status::Partial) if bytes.len() < INBOX_BYTES => Parsed::More,
        Ok(Status::Partial) | Err(Error::TooManyHeaders) => Parsed::Refused(Refusal::TooLarge),
        Err(_) => Parsed::Refused(Refusal::Malformed),
    }
}

fn understand<'b>(
    request: &httparse::Request<'_, 'b>,
    bytes: usize,
) -> Result<Request<'b>, Refusal> {
    let (method, target) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
    if method != "GET" {
        return Err(Refusal::Malformed);
    }
    // One of version 1.0 that asks for its connection to stay open may be closed all the same.
    let mut keep = request.version == Some(1);
    for Header { name, value } in request.headers.iter() {
        // By length first: most fields are none of these.
        match name.len() {
            10 if name.eq_ignore_ascii_case("connection") => {
                keep &= !value.eq_ignore_ascii_case(b"close");
            }
            14 if name.eq_ignore_ascii_case("content-length") && *value != b"0" => {
                return Err(Refusal::TooLarge);
            }
            17 if name.eq_ignore_ascii_case("transfer-encoding") => return Err(Refusal::TooLarge),
            _ => {}
        }
    }
    Ok(Request { target, keep, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(target: &str, keep: bool, bytes: usize) -> Parsed<'_> {
        Parsed::Request(Request { target, keep, bytes })
    }

    #[test]
    fn a_request_is_understood_at_its_last_byte_and_not_before() {
        for (whole, keep) in [
            ("GET /a HTTP/1.1\r\nHost: x\r\n\r\n", true),
            ("GET /a HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n", false),
            ("GET /a HTTP/1.1\r\ncontent-length: 0\r\n\r\n", true),
            ("GET /a HTTP/1.0\r\n\r\n", false),
        ] {
            for end in 0..whole.len() {
                assert_eq!(parse(&whole.as_bytes()[..end]), Parsed::More, "{end} of {whole:?}");
            }
            assert_eq!(parse(whole.as_bytes()), request("/a", keep, whole.len()));
            let two = whole.repeat(2);
            assert_eq!(parse(two.as_bytes()), request("/a", keep, whole.len()));
        }
    }

    #[test]
    fn what_is_no_get_and_what_is_too_large_are_refused() {
        let long = format!("GET / HTTP/1.1\r\nA: {}", "a".repeat(INBOX_BYTES));
        let fields = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(FIELDS + 1));
        for (bytes, why) in [
            ("what is this?\r\n\r\n", Refusal::Malformed),
            ("PUT / HTTP/1.1\r\n\r\n", Refusal::Malformed),
            ("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", Refusal::Malformed),
            ("GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\n", Refusal::TooLarge),
            ("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", Refusal::TooLarge),
            (&long, Refusal::TooLarge),
            (&fields, Refusal::TooLarge),
        ] {
            assert_eq!(parse(bytes.as_bytes()), Parsed::Refused(why), "{bytes:?}");
        }
    }
}
