use super::*;

const LIMITS: Limits = Limits { head_bytes: 256, body_bytes: 1_000, patience_ms: 1 };

fn head(bytes: &[u8]) -> Parsed<'_> {
    parse(bytes, &LIMITS)
}

fn request<'b>(method: &'b str, target: &'b str, bytes: usize) -> Head<'b> {
    Head { method, target, keep: true, expects: false, bytes, body_bytes: 0 }
}

/// Requests, and what their heads say.
fn understood() -> Vec<(&'static str, Head<'static>)> {
    let get = request("GET", "/", 0);
    vec![
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", get),
        // As the library: line ends without a carriage return, and empty lines before the first.
        ("\r\n\r\nGET / HTTP/1.1\nhost: x\n\n", get),
        ("HEAD /a/b?c=d HTTP/1.1\r\nHOST:x\r\n\r\n", request("HEAD", "/a/b?c=d", 0)),
        ("BREW / HTTP/1.1\r\nHost: x\r\n\r\n", request("BREW", "/", 0)),
        ("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", Head { keep: false, ..get }),
        (
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: TE , Close\r\n\r\n",
            Head { keep: false, ..get },
        ),
        ("GET / HTTP/1.1\r\nHost: x\r\nConnection: closed\r\n\r\n", get),
        ("GET / HTTP/1.0\r\n\r\n", Head { keep: false, ..get }),
        ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", Head { keep: false, ..get }),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n",
            Head { body_bytes: 1_000, ..request("POST", "/", 0) },
        ),
        (
            "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 07\r\ncontent-length: 7\r\n\r\n",
            Head { body_bytes: 7, ..get },
        ),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n",
            Head { body_bytes: 3, expects: true, ..request("POST", "/", 0) },
        ),
        // Nobody who speaks 1.0 knows that word.
        (
            "POST / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
            Head { body_bytes: 3, keep: false, ..request("POST", "/", 0) },
        ),
    ]
}

/// What is refused, and why.
fn refused() -> Vec<(String, Refusal)> {
    let of = |requests: &[&str], why| {
        requests.iter().map(|request| ((*request).to_owned(), why)).collect::<Vec<_>>()
    };
    let malformed = [
        "GET\r\n\r\n",
        "GET /\r\n\r\n",
        " / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / FTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/one\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
        "G\0T / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}",
        "GET / HTTP/1.1\r\nHost x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
        // Which one is meant?
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n",
    ];
    let too_large = [
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999999\r\n\r\n",
    ];
    let mut all = of(&malformed, Refusal::Malformed);
    all.extend(of(&too_large, Refusal::TooLarge));
    let chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    all.extend(of(&[chunked], Refusal::NotImplemented));
    all.extend(of(
        &["GET / HTTP/2.0\r\nHost: x\r\n\r\n", "GET / HTTP/1.2\r\nHost: x\r\n\r\n"],
        Refusal::Version,
    ));
    all.extend(of(&["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], Refusal::Version));
    // The head as long as may be is understood, and one byte more is not, whatever that byte is.
    all.push((padded(257), Refusal::TooLarge));
    all.push((format!("{}\0", &padded(300)[..256]), Refusal::TooLarge));
    all
}

/// A request whose head has this many bytes.
fn padded(bytes: usize) -> String {
    let without = "GET / HTTP/1.1\r\nHost: x\r\nA: \r\n\r\n".len();
    let padding = "a".repeat(bytes - without);
    format!("GET / HTTP/1.1\r\nHost: x\r\nA: {padding}\r\n\r\n")
}

#[test]
fn heads_say_what_they_say() {
    for (bytes, expected) in understood() {
        let expected = Parsed::Head(Head { bytes: bytes.len(), ..expected });
        assert_eq!(head(bytes.as_bytes()), expected, "{bytes:?}");
    }
    let longest = padded(256);
    assert_eq!(head(longest.as_bytes()), Parsed::Head(request("GET", "/", 256)));
}

#[test]
fn what_has_no_one_meaning_is_refused() {
    for (bytes, why) in refused() {
        assert_eq!(head(bytes.as_bytes()), Parsed::Refused(why), "{bytes:?}");
    }
}

#[test]
fn too_many_fields_are_too_large() {
    let limits = Limits { head_bytes: 8 << 10, ..LIMITS };
    let with = |fields| {
        let line = "GET / HTTP/1.1\r\nHost: x\r\n";
        parse(format!("{line}{}\r\n", "A: b\r\n".repeat(fields)).as_bytes(), &limits)
            == Parsed::Refused(Refusal::TooLarge)
    };
    assert!(!with(FIELDS - 1) && with(FIELDS));
}

#[test]
fn it_is_the_same_in_whatever_pieces_bytes_come() {
    let mut all: Vec<String> =
        understood().into_iter().map(|(bytes, _)| bytes.to_owned()).collect();
    all.extend(refused().into_iter().map(|(bytes, _)| bytes));
    all.push(padded(256));
    for whole in all {
        let bytes = whole.as_bytes();
        let expected = head(bytes);
        let first = (0..=bytes.len()).find(|end| head(&bytes[..*end]) != Parsed::More);
        for end in first.expect("the whole is enough")..=bytes.len() {
            assert_eq!(head(&bytes[..end]), expected, "{end} bytes of {whole:?}");
        }
        if let Parsed::Head(head) = expected {
            assert_eq!(first, Some(head.bytes), "{whole:?} is understood at its last byte");
        }
    }
}

#[test]
fn what_follows_is_another_request() {
    let two = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nokGET /b HTTP/1.1\r\n";
    let Parsed::Head(first) = head(two) else { panic!() };
    assert_eq!((first.target, first.body_bytes), ("/a", 2));
    let rest = &two[first.bytes + first.body_bytes..];
    assert_eq!((head(rest), rest.starts_with(b"GET /b")), (Parsed::More, true));
}
