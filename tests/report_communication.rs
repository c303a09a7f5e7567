//! What a person sees of communication.

mod fixture;

use fixture::page::{self, said};
use process_vs_thread::question::communication::plan::{CARRIERS, MESSAGE_BYTES, stream};
use process_vs_thread::record::{Failure, Id, Record, Stop};
use std::sync::OnceLock;

/// The record with everything of communication, and its page.
fn page() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| page::made(&fixture::communication(), "communication"))
}

/// The page's section on communication.
fn section(page: &str) -> &str {
    page::section(page, "communication")
}

/// A part of the section, from its heading to the next.
fn part<'p>(page: &'p str, heading: &str) -> &'p str {
    page::part(section(page), heading)
}

const ROUND_TRIPS: &str = "From a cached load to a wake-up";
const STREAMS: &str = "What each mechanism carries";

#[test]
fn the_opening_is_made_of_the_figures_of_the_record() {
    let (_, lead) = section(page()).split_once("<p class=\"lead\">").unwrap();
    said(
        lead.split_once("</p>").unwrap().0,
        &[
            "A read of a shared word in a loop, which nobody writes, takes 0.300\u{a0}ns or less, \
             as reads overlap; to ask for it through a pipe on the same core takes 3.40\u{a0}µs: ",
            "A word goes to another core and back in 130\u{a0}ns between threads that spin, and in \
             130\u{a0}ns between processes (1.00× [",
            "Where the other sleeps, a round trip takes 2.60 µs to 4.79 µs on one core and 99.8 \
             µs to 112 µs on two",
            "Shared memory carries up to 9.33 GiB/s, the kernel up to 2.33 GiB/s.",
        ],
    );
}

#[test]
fn every_way_has_a_mark_for_threads_and_one_for_processes() {
    let ways = part(page(), ROUND_TRIPS);
    for row in [
        "read of a shared word in a loop, one actor alone",
        "system calls of two pipes, one actor alone",
        "word that both spin on, two cores",
        "futex, one core",
        "mutex and condition variable, one core",
        "two pipes, one core",
        "two eventfds, one core",
        "pair of Unix sockets, one core",
        "futex, two cores",
        "mutex and condition variable, two cores",
        "two pipes, two cores",
        "two eventfds, two cores",
        "pair of Unix sockets, two cores",
    ] {
        said(ways, &[&format!("<span class=\"label\">{row}</span>")]);
    }
    // Two ways of one actor, of condition variables on one core only threads, ten of both; two
    // marks of the key.
    assert_eq!(ways.matches("class=\"dot").count(), 2 + 1 + 2 * 10 + 2);
    said(
        ways,
        &[
            "A read of a shared word takes 0.300 ns of a loop or less as long as nobody writes it.",
            "] or less: reads overlap; the empty loop ",
        ],
    );
    let mut bare = fixture::communication();
    bare.benches.clear();
    let bare = fixture::report::page(&bare);
    said(part(&bare, ROUND_TRIPS), &["] or less: reads overlap</td>"]);
    said(ways, &["0.300 ns</span>", "130 ns · 130 ns", "2.60 µs · 2.90 µs"]);
}

#[test]
fn every_length_is_a_point_of_its_mechanism_and_a_row() {
    let streams = part(page(), STREAMS);
    for carrier in ["pipe", "Unix socket", "shared memory"] {
        for actor in ["threads", "processes"] {
            said(streams, &[&format!("{carrier}, {actor}</")]);
        }
    }
    for length in ["64\u{a0}B", "1\u{a0}KiB", "16\u{a0}KiB", "256\u{a0}KiB", "1\u{a0}MiB"] {
        said(streams, &[&format!("<tr><th>{length}</th>"), &format!(">{length}</text>")]);
    }
    // Six series of five points each, and their marks in the key.
    let marks = streams.matches("class=\"dot").count();
    assert_eq!(marks, 2 * CARRIERS.len() * (MESSAGE_BYTES.len() + 1));
}

#[test]
fn what_could_not_be_measured_is_named_with_its_reason() {
    let mut record = fixture::communication();
    let failed = |record: &mut Record, id: &Id| {
        let cell = fixture::cell_mut(record, id);
        cell.launches.clear();
        cell.stop = Stop::Failed(Failure::new("placing it", "this <process> may use one CPU"));
    };
    failed(&mut record, &fixture::id("communication/equal/spin"));
    failed(&mut record, &stream("socket", 64));
    let page = fixture::report::page(&record);
    let why = "placing it: this &lt;process&gt; may use one CPU";
    let spin = format!("Not measured: word that both spin on, two cores: {why}");
    said(part(&page, ROUND_TRIPS), &[&spin]);
    let socket = format!("Not measured: Unix socket, messages of 64\u{a0}B: {why}");
    said(part(&page, STREAMS), &[&socket]);
    assert!(!section(&page).contains("threads that spin, and in"), "no figure, no sentence");
}

#[test]
fn a_run_without_it_has_no_such_section() {
    let page = fixture::report::page(&fixture::small());
    assert!(!page.contains("<section id=\"communication\">"));
}
