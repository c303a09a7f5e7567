//! Requests of HTTP/1.1 out of bytes (RFC 9112): no socket, no clock.

use super::Limits;
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
    /// The head is complete.
    Head(Head<'b>),
    /// Where the next request would begin is not known, or not waited for: the connection is of no
    /// further use.
    Refused(Refusal),
}

/// Request line and header fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head<'b> {
    pub(super) method: &'b str,
    pub(super) target: &'b str,
    /// Another request may follow on this connection.
    pub(super) keep: bool,
    /// The client waits for a word before it sends the body.
    pub(super) expects: bool,
    /// Length of the head.
    pub(super) bytes: usize,
    /// Length of the body behind it.
    pub(super) body_bytes: usize,
}

/// Looks at the head of a request. What it says of some bytes it says of any that begin with them,
/// unless it says that more are needed.
pub(super) fn parse<'b>(bytes: &'b [u8], limits: &Limits) -> Parsed<'b> {
    let head = &bytes[..bytes.len().min(limits.head_bytes)];
    let mut fields = [const { MaybeUninit::<Header<'b>>::uninit() }; FIELDS];
    let mut request = httparse::Request::new(&mut []);
    match request.parse_with_uninit_headers(head, &mut fields) {
        Ok(Status::Complete(bytes)) => {
            understand(&request, bytes, limits).map_or_else(Parsed::Refused, Parsed::Head)
        }
        Ok(Status::Partial) if bytes.len() < limits.head_bytes => Parsed::More,
        Ok(Status::Partial) | Err(Error::TooManyHeaders) => Parsed::Refused(Refusal::TooLarge),
        Err(Error::Version) if names_version(head) => Parsed::Refused(Refusal::Version),
        Err(_) => Parsed::Refused(Refusal::Malformed),
    }
}

/// The request line ends like one of HTTP, of a version that the library does not know.
fn names_version(head: &[u8]) -> bool {
    let version = head.split(|byte| *byte == b' ').nth(2);
    let number = version.and_then(|word| word.strip_prefix(b"HTTP/"));
    number.is_some_and(|number| number.first().is_some_and(u8::is_ascii_digit))
}

fn understand<'b>(
    request: &httparse::Request<'_, 'b>,
    bytes: usize,
    limits: &Limits,
) -> Result<Head<'b>, Refusal> {
    let (method, target) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
    // One of version 1.0 that asks to be kept may be closed all the same.
    let current = request.version == Some(1);
    let mut head = Head { method, target, keep: current, expects: false, bytes, body_bytes: 0 };
    let (mut hosts, mut length) = (0, None);
    for Header { name, value } in request.headers.iter() {
        // By length first: most fields are none of these.
        match name.len() {
            4 if name.eq_ignore_ascii_case("host") => hosts += 1,
            6 if name.eq_ignore_ascii_case("expect") => {
                head.expects = current && value.eq_ignore_ascii_case(b"100-continue");
            }
            10 if name.eq_ignore_ascii_case("connection") => head.keep &= !has_close(value),
            14 if name.eq_ignore_ascii_case("content-length") => {
                let said = body_bytes(value)?;
                if length.replace(said).is_some_and(|before| before != said) {
                    return Err(Refusal::Malformed);
                }
            }
            17 if name.eq_ignore_ascii_case("transfer-encoding") => {
                return Err(Refusal::NotImplemented);
            }
            _ => {}
        }
    }
    head.body_bytes = length.unwrap_or(0);
    if hosts > 1 || (hosts == 0 && current) {
        return Err(Refusal::Malformed);
    }
    if head.body_bytes > limits.body_bytes {
        return Err(Refusal::TooLarge);
    }
    Ok(head)
}

/// Is `close` in the list?
fn has_close(value: &[u8]) -> bool {
    value
        .split(|byte| *byte == b',')
        .any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
}

/// The length that a field states; the largest number where it is larger than any.
fn body_bytes(value: &[u8]) -> Result<usize, Refusal> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(Refusal::Malformed);
    }
    let add = |sum: usize, digit: &u8| sum.saturating_mul(10).saturating_add((digit - b'0').into());
    Ok(value.iter().fold(0, add))
}

#[cfg(test)]
mod tests;
