//! The bytes of requests, made once.

use std::net::SocketAddr;

/// Asks for what is measured.
pub(super) const ROOT: &str = "/";
/// Asks a process of the server who it is and what it has counted.
pub(super) const STATE: &str = "/state";
/// Kills the process that serves it.
pub(super) const CRASH: &str = "/crash";

/// Header fields as a browser sends them: a server spends its time on parsing a request of the size
/// that servers get, and not on one line. `scripts/wrk.sh` sends the same.
const FIELDS: &str = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) process-vs-thread/0.1\r\n\
    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
    Accept-Language: en-US,en;q=0.5\r\n\
    Accept-Encoding: gzip, deflate\r\n";

/// A GET request; the last one of its connection, or not.
pub(super) fn get(path: &str, host: SocketAddr, last: bool) -> Vec<u8> {
    let connection = if last { "close" } else { "keep-alive" };
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{FIELDS}Connection: {connection}\r\n\r\n")
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_one_that_the_parser_knows_and_as_long_as_a_browsers() {
        let bytes = get(ROOT, "127.0.0.1:8080".parse().unwrap(), true);
        let mut fields = [httparse::EMPTY_HEADER; 16];
        let mut request = httparse::Request::new(&mut fields);
        assert_eq!(request.parse(&bytes), Ok(httparse::Status::Complete(bytes.len())));
        let names: Vec<&str> = request.headers.iter().map(|field| field.name).collect();
        assert_eq!(names[0], "Host");
        assert_eq!(names.len(), 6);
        assert_eq!(request.headers[5].value, b"close");
        assert!((200..300).contains(&bytes.len()), "{}", bytes.len());
    }
}
