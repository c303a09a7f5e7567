//! What a person sees of memory.

mod fixture;

use fixture::page::{self, said};
use process_vs_thread::record::{Footprint, Limit, MemorySource, Record};
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The page of the fixture, and where it lies to be looked at.
fn page() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| page::made(&fixture::memory(), "memory"))
}

/// The page's section on memory.
fn section(page: &str) -> &str {
    page::section(page, "memory")
}

/// A part of the section, from its heading to the next.
fn part<'p>(page: &'p str, heading: &str) -> &'p str {
    page::part(section(page), heading)
}

fn footprint<'r>(record: &'r mut Record, id: &str) -> &'r mut Footprint {
    record
        .footprints
        .iter_mut()
        .find(|footprint| footprint.id.to_string() == id)
        .expect("a footprint")
}

const KEPT: &str = "What one of them keeps";
const SPACE: &str = "Address space and memory";
const LIMITS: &str = "Which limit comes first";
const CONNECTIONS: &str = "Ten thousand connections, extrapolated";
const BOOKS: &str = "Where these figures come from";

#[test]
fn the_opening_is_made_of_the_figures_of_the_record() {
    let (_, lead) = section(page()).split_once("<p class=\"lead\">").unwrap();
    let (lead, _) = lead.split_once("</p>").unwrap();
    assert_eq!(
        lead,
        "An idle thread keeps 34.8\u{a0}KiB of memory here, the kernel&#39;s included: 1/236 of \
         the 8.00\u{a0}MiB of address space that it takes. A process forked by a small parent \
         keeps 121\u{a0}KiB. One forked by a parent of 64\u{a0}MiB keeps 254\u{a0}KiB, though it \
         writes none of it. What more and more threads would meet first is kernel.pid_max, after \
         32,379 more threads with 1.07 GiB in use (computed, not tried). What more and more \
         processes would meet first is kernel.pid_max, after 32,379 more processes with 3.75 GiB \
         in use (computed, not tried)."
    );
}

#[test]
fn every_kind_has_a_bar_of_its_parts_and_a_row_of_its_figures() {
    let kept = part(page(), KEPT);
    let names = [
        "thread, default stack",
        "thread, 64 KiB stack",
        "thread, stack in huge pages",
        "process with CLONE_VM",
        "forked process",
        "forked process, 64\u{a0}MiB parent",
        "TCP connection, both ends",
    ];
    for name in names {
        said(
            kept,
            &[&format!("<span class=\"label\">{name}</span>"), &format!(">{name}</span></th>")],
        );
    }
    assert_eq!(kept.matches("beyond the axis").count(), 1, "the stack in huge pages");
    said(
        kept,
        &[
            "data-name=\"In use\">34.8 KiB <span class=\"below\">[34.7, 34.9]</span></td>",
            "data-name=\"kernel stack\">16.0 KiB <span class=\"below\">[16.0, 16.0]</span></td>",
            "data-name=\"page tables\">180 KiB <span class=\"below\">[180, 180]</span></td>",
            "data-name=\"other\">-1.83 KiB <span class=\"below\">[-1.83, -1.83]</span></td>",
            "data-name=\"sockets\">1.00 KiB <span class=\"below\">[0.998, 1.00]</span></td>",
            "Where other is less than nothing",
        ],
    );
}

#[test]
fn parts_that_stay_below_their_total_are_not_explained() {
    let mut record = fixture::memory();
    record.footprints.retain(|footprint| footprint.id.to_string() == "memory/thread");
    assert!(!part(&fixture::report::page(&record), KEPT).contains("less than nothing"));
}

#[test]
fn address_space_is_no_memory() {
    said(
        part(page(), SPACE),
        &[
            "data-name=\"Address space\">8.00 MiB</td>",
            "data-name=\"Resident\">8.00 KiB [7.98, 8.02]</td>",
            "data-name=\"Address space over in use\">236× [235, 236]</td>",
            "data-name=\"Address space\">-</td><td class=\"figure\" data-name=\"Resident\">-</td>\
             <td class=\"figure\" data-name=\"Proportional share\">36.1 KiB [36.1, 36.2]</td>",
        ],
    );
}

#[test]
fn limits_stand_in_the_order_in_which_they_are_met() {
    let limits = part(page(), LIMITS);
    said(
        limits,
        &[
            "Computed, not tried",
            "<th colspan=\"6\">threads more</th>",
            "<th colspan=\"6\">processes more</th>",
            "<td class=\"number\" data-name=\"Left of it\">65,500</td><td class=\"number\" \
             data-name=\"One takes\">2</td><td class=\"number\" data-name=\"So many \
             fit\">32,750</td>",
            "<td class=\"\" data-name=\"\">of &lt;one&gt; process</td>",
            "data-name=\"Left of it\">20.0 GiB</td><td class=\"number\" data-name=\"One \
             takes\">34.8 KiB</td>",
            "<li>RLIMIT_NPROC does not bound threads and processes here: 1000, which does not \
             bind &lt;root&gt;</li>",
            "<li>pids.max does not bound threads and processes here: it allows any number</li>",
        ],
    );
    assert_eq!(limits.matches("<b>met first</b>").count(), 2);
    assert_eq!(limits.matches("<li>").count(), 3);
    let order = ["kernel.pid_max", "vm.max_map_count", "kernel.threads-max", "available memory"];
    let places = order.map(|name| limits.find(&format!("<th>{name}</th>")).expect(name));
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn ten_thousand_are_labelled_as_extrapolated_and_as_not_allowed_where_they_are_not() {
    said(
        part(page(), CONNECTIONS),
        &[
            "data-name=\"Memory in use, extrapolated\">340 MiB [339, 341]</td>",
            "data-name=\"Extrapolated from\">1,000 of TCP connection, both ends; 4,000 of thread, \
             default stack</td>",
            "do not allow it: RLIMIT_NOFILE allows 4,080</td>",
            ">allow 10,000</td>",
        ],
    );
    let mut record = fixture::memory();
    record.machine.limits.clear();
    let page = fixture::report::page(&record);
    said(part(&page, CONNECTIONS), &["no limits in the record"]);
    assert!(!section(&page).contains(LIMITS));
}

#[test]
fn who_kept_the_books_what_was_capped_and_what_failed_is_said() {
    said(
        part(page(), BOOKS),
        &[
            "<li>thread, default stack; thread, 64 KiB stack; process with CLONE_VM; forked \
             process; forked process, 64\u{a0}MiB parent; TCP connection, both ends: the total, \
             private pages and buffers of sockets are those of a control group (version 1)",
            "<li>thread, stack in huge pages: total and parts are those of a control group \
             (version 2)",
            "<li>Fewer units than planned: TCP connection, both ends: 1000 at most: RLIMIT_NOFILE \
             &lt;4,096&gt;</li>",
            "<li>Not measured: process after exec, dynamic: looking for a dynamic &lt;cat&gt;: not \
             in PATH (install coreutils)</li>",
        ],
    );
}

#[test]
fn without_a_control_group_the_reason_is_said_and_what_a_record_says_is_escaped() {
    let mut record = fixture::memory();
    let why = "<script>alert(1)</script>".to_owned();
    for footprint in &mut record.footprints {
        for launch in &mut footprint.launches {
            launch.source = MemorySource::Meminfo { why: why.clone() };
        }
    }
    let strange = footprint(&mut record, "memory/vm-process");
    strange.kind = "<b>&".into();
    strange.id = process_vs_thread::question::memory::plan::SPACE.named("<i>");
    record.machine.limits.push(Limit { name: "<u>".into(), ..record.machine.limits[0].clone() });
    record.machine.limits[2].name = "pids.max".into();
    record.machine.limits[2].unit = "<em>".into();
    let page = fixture::report::page(&record);
    said(
        part(&page, BOOKS),
        &[
            "<li>All: total and parts are changes of the whole machine&#39;s figures",
            "&lt;script&gt;",
        ],
    );
    said(part(&page, KEPT), &["<span class=\"label\">&lt;b&gt;&amp;</span>"]);
    for raw in ["<script", "<b>&", "<i>", "<u>", "<em>"] {
        assert!(!page.contains(raw), "{raw}");
    }
}

#[test]
fn a_part_alone_is_shown_and_what_is_missing_is_said() {
    let mut record = fixture::memory();
    record.footprints.retain(|footprint| footprint.id.to_string() == "memory/exec-dynamic");
    let page = fixture::report::page(&record);
    let section = section(&page);
    assert_eq!(section.matches("<h3>").count(), 1);
    said(
        section,
        &["Not measured: what is kept by: thread, default stack; forked process.</p>", BOOKS],
    );
    let mut record = fixture::memory();
    record.footprints.retain(|footprint| footprint.id.to_string().starts_with("memory/drill"));
    assert!(!fixture::report::page(&record).contains("<h3>What one of them keeps"));
}

#[test]
fn a_record_without_footprints_has_no_section() {
    let mut record = fixture::memory();
    record.footprints.clear();
    assert!(!fixture::report::page(&record).contains("<section id=\"memory\">"));
}

#[test]
fn the_claims_show_bytes_on_the_page_and_in_the_terminal() {
    said(
        page(),
        &[
            "<text class=\"tick\"",
            "8.00 MiB [8.00, 8.00]",
            "the first limit is kernel.pid_max, after 32,379 more threads with 1.07 GiB in use",
        ],
    );
    let table = fixture::report::table(&fixture::memory(), 100, false);
    fs::write(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("memory.txt"), &table).unwrap();
    said(&table, &["in use, default stack", "34.8 KiB [34.7, 34.9]", "3.49× [3.4"]);
    assert!(table.lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn the_page_is_balanced_and_needs_no_script() {
    let page = page();
    for tag in
        ["section", "table", "tr", "td", "th", "div", "p", "svg", "text", "tspan", "ul", "li"]
    {
        let open =
            page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(open, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    assert!(!page.contains("<script") && !page.contains("NaN") && !page.contains("inf%"));
}
