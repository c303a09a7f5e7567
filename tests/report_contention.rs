//! What a person sees of contention and of the drill.

mod fixture;

use fixture::{cell_mut, stretch_b};
use process_vs_thread::record::{Failure, Record, Stop};

/// A section of the page.
fn section(record: &Record, id: &str) -> String {
    let page = fixture::report::page(record);
    let (_, rest) = page.split_once(&format!("<section id=\"{id}\">")).expect("a section");
    rest.split_once("</section>").expect("its end").0.to_owned()
}

fn said(html: &str, all: &[&str]) {
    all.iter().for_each(|words| assert!(html.contains(words), "{words}\n{html}"));
}

#[test]
fn where_processes_win_by_how_much_and_why() {
    let html = section(&fixture::contention(), "contention");
    said(
        &html,
        &[
            "Processes are the faster ones here for mmap + touch + munmap (4.42×), faults + \
             madvise(DONTNEED) (2.00×), pread of one descriptor (1.36×), open + close (1.26×).",
            ">4.42× [4.4",
            "each unmapping interrupts the other cores",
            "glibc gives each an arena with a lock, which it skips in a process of one thread",
            "False sharing is about lines: counters on one line instead of lines apart take \
             threads about 8.19× as long, and processes about 8.46×.",
            ">mmap + touch + munmap, threads</",
        ],
    );
    // Two rows for each of ten kinds.
    assert_eq!(html.matches("<g class=\"thread\">").count(), 10 + 7);
    assert_eq!(html.matches("<g class=\"process\">").count(), 10 + 7);
}

#[test]
fn nothing_is_concluded_where_the_control_differs() {
    let mut record = fixture::contention();
    stretch_b(cell_mut(&mut record, "contention/private"), 1.05);
    let html = section(&record, "contention");
    said(
        &html,
        &["Of what goes through the kernel nothing is concluded: the negative control is off: "],
    );
    assert!(!html.contains("Processes are the faster"), "{html}");
}

#[test]
fn what_was_not_measured_has_its_reason() {
    let mut record = fixture::contention();
    for id in ["contention/read", "contention/open", "contention/drill/100000"] {
        let cell = cell_mut(&mut record, id);
        cell.launches.clear();
        cell.stop = Stop::Failed(Failure::new("preparing <workers>", "no memory"));
    }
    let why = "preparing &lt;workers&gt;: no memory";
    let kinds = format!("Not measured: pread of one descriptor; open + close: {why}");
    said(&section(&record, "contention"), &[&kinds]);
    said(&section(&record, "drill"), &[&format!("Not measured: 100 k turns: {why}")]);
}

#[test]
fn the_drill_is_drawn_told_and_extrapolated_under_its_name() {
    let html = section(&fixture::contention(), "drill");
    assert_eq!(html.matches("<div class=\"plot\"").count(), 1);
    said(
        &html,
        &[
            "threads, one counter",
            ">3.96× [3.9",
            "take 47.1×",
            ">ten processes</span>",
            ">1.18 MiB [0.922, ",
            ", in steps of 256 KiB",
            "A control group is charged for 64 pages at a time",
            " The line of the counter goes from core to core.",
            "So threads lead by creation alone.",
            "At 100 M turns processes take 1.00× [1.00, 1.00] as long as threads.",
            "Threads that share one atomic counter come last by far: they take 47.1× [",
            "the largest single one, not their sum",
            "<h3>The ranking, and what would change with 128 CPUs</h3>",
            "<b>Extrapolated, not measured</b>: on a machine of 128 such CPUs",
            "Here a thread takes 20.2 µs",
            "the two add up",
        ],
    );
    let mut short = fixture::contention();
    short.cells.retain(|cell| cell.id.to_string() != "contention/drill/1000");
    let html = section(&short, "drill");
    assert!(!html.contains("Extrapolated"), "without creation there is no model");
}

#[test]
fn nothing_measured_is_no_section() {
    let page = fixture::report::page(&fixture::empty(true));
    assert!(!page.contains("id=\"contention\"") && !page.contains("id=\"drill\""));
}

#[test]
fn words_of_the_drill_follow_its_figures() {
    let mut record = fixture::contention();
    record.machine.cpus = vec![0];
    let travels = "goes from core to core";
    assert!(!section(&record, "drill").contains(travels), "one CPU has nowhere to send it");
    let mut record = fixture::contention();
    stretch_b(cell_mut(&mut record, "contention/drill-atomic/100000"), 1.0 / 47.1);
    stretch_b(cell_mut(&mut record, "contention/drill/100000000"), 1.05);
    let html = section(&record, "drill");
    assert!(!html.contains(travels) && !html.contains("come last"), "{html}");
    assert!(!html.contains("finish together"), "{html}");
    said(&html, &["At 100 M turns processes take 1.05× ["]);
}

#[test]
fn where_nothing_of_the_kernel_holds_that_is_said_of_what_is_decided() {
    let mut record = fixture::contention();
    for kind in ["mmap", "fault", "read", "open"] {
        let cell = cell_mut(&mut record, format!("contention/{kind}"));
        cell.launches.clear();
        cell.stop = Stop::Failed(Failure::new("mapping", "no memory"));
    }
    let words = "Processes are not the faster ones here by a tenth for malloc + free.";
    said(&section(&record, "contention"), &[words]);
}
