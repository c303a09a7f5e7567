//! What servers answer by how they divide their connections, how late, what a shot takes, what a
//! connection keeps.

mod latency;
mod look;
mod memory;
mod opening;
mod pairs;
mod shot;
mod throughput;

use super::{View, folded, section, titled};
use crate::report::html::paragraph;

pub(super) fn html(view: &View) -> String {
    let servers = &view.servers;
    let parts = [
        titled("Answers per second", throughput::html(servers)),
        titled("Latency at a fixed rate", latency::html(servers)),
        titled("A shot at a worker", shot::html(servers)),
        titled("What an idle connection keeps", memory::html(view)),
        titled("In pairs: from connection to connection, and on all CPUs", pairs::html(view)),
    ]
    .concat();
    if parts.is_empty() {
        return String::new();
    }
    section("servers", "Servers", &(opening::html(view) + &paragraph("", METHOD) + &parts))
}

/// What was measured.
const METHOD: &str = "Servers in Rust that share one handler, which answers HTTP/1.1 over loopback \
                      with a body of 64 bytes, and that differ in who waits for whom: processes \
                      forked beforehand or a pool of threads, as many as there are connections, of \
                      which each serves one; a thread started for each connection; one event loop \
                      (epoll) over all connections; an event loop on each CPU, one shared with the \
                      client. Unless something else is said, server and client have one CPU each; \
                      the loops per CPU alone have all CPUs, the client's too, so that what they \
                      answer more is the answer of more CPUs.";

/// Why there is no figure, where nothing failed.
const NO_LAUNCH: &str = "there are too few launches";

/// A note, or nothing where there are no words.
fn noted(words: &str) -> String {
    if words.is_empty() { String::new() } else { paragraph("note", words) }
}
