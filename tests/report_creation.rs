//! What a person sees of creation.

mod fixture;

use fixture::page::{self, said};
use process_vs_thread::question::creation::plan::{FLAG_SETS, WAYS};
use process_vs_thread::question::primitive;
use process_vs_thread::record::{Failure, Record, Stop};
use std::sync::OnceLock;

/// The record with everything of creation, and its page.
fn page() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| page::made(&fixture::creation(), "creation"))
}

/// The page's section on creation.
fn section(page: &str) -> &str {
    page::section(page, "creation")
}

/// A part of the section, from its heading to the next.
fn part<'p>(page: &'p str, heading: &str) -> &'p str {
    page::part(section(page), heading)
}

/// A record of these experiments of creation, and of the comparisons of like with like.
fn only(wanted: impl Fn(&str) -> bool) -> Record {
    let mut record = fixture::creation();
    record.cells.retain(|cell| {
        let id = cell.id.to_string();
        wanted(&id) || id.starts_with("creation/aa-")
    });
    record.probes.clear();
    record.checks.retain(|check| check.id != "cpuid");
    record
}

#[test]
fn the_opening_is_made_of_the_figures_of_the_record() {
    let (_, lead) = section(page()).split_once("<p class=\"lead\">").unwrap();
    said(
        lead.split_once("</p>").unwrap().0,
        &[
            "a thread 12.5\u{a0}µs, a forked process 84.9\u{a0}µs, a process that runs a tiny \
             program without a C library 140\u{a0}µs, one that runs a dynamic program \
             1.05\u{a0}ms.",
            "The memory of its parent decides what a fork costs: 74.1 ns for each page-table \
             entry of a base page; it crosses a millisecond at 48.2 MiB [48.1, 48.4].",
            "In huge pages there are fewer entries: it stays below a millisecond, at 1024 MiB \
             596 µs.",
            "Flat whatever the parent holds: pthread_create, vfork, posix_spawn.",
            "a fork is ready first from 8.69 threads on [8.68, 8.70] (small parent, the child \
             writes 16 pages); it is ready first from 25.7 threads on",
        ],
    );
}

#[test]
fn every_set_of_flags_has_a_mark_for_each_parent_and_each_step_its_price() {
    let spectrum = part(page(), "From thread to process, flag by flag");
    for (_, flags) in FLAG_SETS {
        said(spectrum, &[&format!("<span class=\"label\">{flags}</span>")]);
    }
    // Eight sets in two parents, and two marks of the key.
    let marks = spectrum.matches("class=\"dot").count();
    assert_eq!(marks, 2 * 8 + 2);
    said(
        spectrum,
        &[
            "Nowhere does sharing less certainly cost less.</p>",
            "so that the wait may sleep once more",
            "<span class=\"value\">54.1 µs · 1.27 ms</span>",
            "data-name=\"Costs more, small parent\">44.3 µs [44.2, 44.5]</td>",
            "data-name=\"Costs more, 64\u{a0}MiB parent\">1.26 ms [1.26, 1.26]</td>",
        ],
    );
}

#[test]
fn sharing_less_for_less_is_called_out() {
    let mut record = only(|id| id.starts_with("creation/flags/"));
    fixture::stretch_b(fixture::cell_mut(&mut record, "creation/flags/none"), 0.05);
    let page = fixture::report::page(&record);
    said(
        part(&page, "From thread to process, flag by flag"),
        &["contradicts the kernel&#39;s work"],
    );
}

#[test]
fn an_order_that_was_not_judged_is_not_said_to_follow_anything() {
    let heading = "From thread to process, flag by flag";
    let mut record = only(|id| id.starts_with("creation/flags/"));
    fixture::kill(fixture::cell_mut(&mut record, "creation/flags/fs-files"));
    let words = "Nowhere does sharing less certainly cost less. Not judged, as not measured far \
                 enough: 1 step.";
    said(part(&fixture::report::page(&record), heading), &[words]);
    fixture::stretch_b(fixture::cell_mut(&mut record, "creation/aa-thread"), 1.07);
    let page = fixture::report::page(&record);
    let order = "Whether the order contradicts the kernel&#39;s work was not judged: the A/A \
                 controls failed or are missing.";
    said(part(&page, heading), &[order]);
    assert!(!part(&page, heading).contains("Nowhere"));
}

#[test]
fn every_way_has_its_four_times_and_a_dash_where_it_cannot_tell() {
    let ways = part(page(), "All ways to start");
    for id in WAYS {
        let name = primitive(id).unwrap().name;
        said(ways, &[&format!(">{name}</span></th>")]);
    }
    said(
        ways,
        &[
            ">fork</span></th><td class=\"figure\" data-name=\"Call returns\">36.0 µs [35.9, \
             36.0]</td><td class=\"figure\" data-name=\"First instruction\">61.9 µs [61.8, 62.1]\
             </td><td class=\"figure\" data-name=\"Created to reaped\">84.9 µs [84.7, 85.1]</td>\
             <td class=\"figure\" data-name=\"Then, per page written\">1.60 µs [1.59, 1.60]</td>\
             <td class=\"figure\" data-name=\"Over a pthread\">6.80× [6.79, 6.81]</td>",
            "A dash: the program does not tell when it starts",
        ],
    );
    assert_eq!(ways.matches("data-name=\"First instruction\">-</td>").count(), 2);
}

#[test]
fn what_makes_a_fork_dear_is_drawn_fitted_and_crossed() {
    let dear = part(page(), "What makes a fork dear");
    assert_eq!(dear.matches("<div class=\"plot\"").count(), 4);
    said(
        dear,
        &[
            "textbook: a process takes 1-10 ms</text>",
            ">1 ms at 48.2 MiB</text>",
            "<th>mapping</th><td class=\"figure\" data-name=\"A fork costs more (95 % interval)\">\
             799 ns [797, 801]</td>",
            ">1145 mappings [1143, 1149]</td>",
            ">not up to 10000\u{a0}descriptors</td>",
            "<th>5000\u{a0}mappings</th>",
            "<th>idle thread&#39;s stack</th>",
            "Fork copies no thread but the calling one",
            "<b>flat</b>: the same in every parent",
        ],
    );
}

#[test]
fn a_parent_that_could_not_be_made_is_a_reason_and_a_gap_in_the_line() {
    let mut record = only(|id| id.starts_with("creation/fork/"));
    let cell = fixture::cell_mut(&mut record, "creation/fork/256MiB-huge");
    cell.launches.clear();
    cell.stop = Stop::Failed(Failure::new("preparing the parent", "no <huge> pages here"));
    let page = fixture::report::page(&record);
    said(
        part(&page, "What makes a fork dear"),
        &["<li>Not measured: 256\u{a0}MiB in huge pages: preparing the parent: no &lt;huge&gt; \
             pages"],
    );
}

#[test]
fn two_points_have_no_correlation_and_what_broke_off_crosses_nothing() {
    let wanted = ["creation/fork", "creation/fork/1000mappings", "creation/fork/5000mappings"];
    let mut record = only(|id| wanted.contains(&id));
    fixture::kill(fixture::cell_mut(&mut record, wanted[2]));
    let page = fixture::report::page(&record);
    let row = "<th>mapping (two points)</th>";
    let dear = part(&page, "What makes a fork dear");
    said(dear, &[row, "data-name=\"R\">-</td>", ">not up to 1000\u{a0}mappings</td>"]);
}

#[test]
fn who_pays_is_not_said_of_what_broke_off() {
    let mut record = only(|id| id.starts_with("creation/write/"));
    fixture::kill(fixture::cell_mut(&mut record, "creation/write/child"));
    let page = fixture::report::page(&record);
    assert!(!part(&page, "Copy-on-write at work").contains("Whoever writes first pays"));
}

#[test]
fn what_virtualisation_inflates_is_marked_wherever_it_is_shown() {
    said(
        part(page(), "What CPUID takes of an exec"),
        &[
            ">68</td>",
            ">44.1\u{a0}% [44.0, 44.2]</td>",
            "<b>inflated by virtualisation</b>",
            "not certainly more than 30\u{a0}%",
            ">fork + exec, dynamic libc, 64\u{a0}MiB</span>",
        ],
    );
    said(page(), &["inconclusive, inflated</span>", "inflated by virtualisation: 68 CPUIDs at"]);
    let table = fixture::report::table(&fixture::creation(), 100, false);
    let line = "      inflated by virtualisation: exec of a dynamic program (1 of 2), exec of a \
                static program\n";
    assert!(table.contains(line), "{table}");
}

#[test]
fn races_break_even_in_a_chart_each_and_refused_pools_say_why_once() {
    let races = part(page(), "Fork against building a pool");
    assert_eq!(races.matches("<div class=\"plot\"").count(), 5);
    said(
        races,
        &[
            ">even at 8.69</text>",
            "<b>64\u{a0}MiB parent, the child writes 16 pages</b>: the fork is ready first from \
             25.7 threads on [25.7, 25.7].",
            "data-name=\"Child over pool, in pairs\">13.2× [13.2, 13.3]</td>",
            "<li>Not measured: a pool of 64 threads, in every race: preparing a pool of 64 \
             threads: 16 threads for each of 2 CPUs at most</li>",
        ],
    );
    assert_eq!(races.matches("<li>").count(), 2);
}

#[test]
fn between_sizes_far_apart_a_race_breaks_even_somewhere() {
    let sizes = ["creation/pool/small/x1", "creation/pool/small/x16"];
    let page = fixture::report::page(&only(|id| sizes.contains(&id)));
    let words = "is ready first from somewhere between 1 and 16 threads on";
    let races = part(&page, "Fork against building a pool");
    said(races, &[&format!(": the fork {words}."), "<rect class=\"band\""]);
    let (_, lead) = section(&page).split_once("<p class=\"lead\">").unwrap();
    said(lead.split_once("</p>").unwrap().0, &[words]);
    assert!(!page.contains(">even at"));
}

#[test]
fn a_pool_that_is_slower_at_every_size_is_never_caught_by_a_fork() {
    let mut record = only(|id| id.starts_with("creation/pool/small/"));
    for cell in &mut record.cells {
        for pair in cell.launches.iter_mut().flat_map(|launch| &mut launch.pairs) {
            pair.b.first_ns *= 100;
        }
    }
    let page = fixture::report::page(&record);
    let words = "is ready first against no pool of up to 32 threads";
    said(part(&page, "Fork against building a pool"), &[words]);
    assert!(!page.contains(">even at"));
}

#[test]
fn dispatch_stands_against_creation_and_pays_after_tasks() {
    said(
        part(page(), "A task for a worker that waits"),
        &[
            ">29.3× [29.3, 29.4]</td>",
            ">with 2 tasks for each worker</td>",
            ">round trip by pipe to a thread</span>",
        ],
    );
}

#[test]
fn the_wake_up_has_a_row_of_its_own_beside_creations_elsewhere() {
    let placed = part(page(), "On one core and elsewhere");
    said(placed, &["<span class=\"label\">round trip by futex to a thread</span>"]);
    let sentence = "All creations cost about as much extra, whatever they create";
    said(placed, &["The last row creates nothing", "changes by +97.3 µs", sentence]);
    let without = only(|id| id.starts_with("creation/placed/") && !id.contains("futex"));
    let page = fixture::report::page(&without);
    let words = "What waking an actor on another core costs by itself was not measured.";
    said(part(&page, "On one core and elsewhere"), &[words]);
}

#[test]
fn who_pays_for_a_copied_page_is_said_and_what_the_probes_saw() {
    said(
        part(page(), "Copy-on-write at work"),
        &[
            "Whoever writes first pays for the copy, parent and child alike.",
            "<th>the parent, while the child lives</th>",
            "after four forks the pages are shared by all five",
            "<b>so it is</b>, in 2 runs",
            "resident in the parent: 16.0\u{a0}MiB",
            "private to the parent: 0\u{a0}B\u{a0}to\u{a0}4.00\u{a0}KiB",
        ],
    );
}

#[test]
fn runs_of_a_probe_that_disagree_and_one_that_failed_are_told() {
    let mut record = only(|_| false);
    record.probes = fixture::creation().probes;
    record.probes[0].runs[1].holds = false;
    record.probes[0].failure = Some(Failure::new("forking", "the limit is reached"));
    let page = fixture::report::page(&record);
    said(
        part(&page, "Copy-on-write at work"),
        &["<b>runs disagree</b>: so in 1 of 2 runs", "forking: the limit is reached</span>"],
    );
    assert_eq!(section(&page).matches("<h3>").count(), 1);
}

#[test]
fn a_part_of_the_record_is_a_part_of_the_section() {
    let parts = [
        ("creation/flags/", "From thread to process, flag by flag"),
        ("creation/stamped/", "All ways to start"),
        ("creation/fork/", "What makes a fork dear"),
        ("creation/flat/", "What makes a fork dear"),
        ("creation/pool/", "Fork against building a pool"),
        ("creation/dispatch/", "A task for a worker that waits"),
        ("creation/placed/", "On one core and elsewhere"),
        ("creation/write/", "Copy-on-write at work"),
    ];
    for (prefix, heading) in parts {
        let page = fixture::report::page(&only(|id| id.starts_with(prefix)));
        part(&page, heading);
        assert!(section(&page).contains("Not measured: the life of"), "{prefix}");
        balanced(&page);
    }
}

#[test]
fn a_run_without_creation_has_no_section() {
    for record in [fixture::empty(true), fixture::full(&["switching/futex"])] {
        assert!(!fixture::report::page(&record).contains("<section id=\"creation\">"));
    }
}

#[test]
fn no_text_of_a_record_of_creation_is_markup() {
    let mut record = fixture::creation();
    for id in ["creation/fork/16MiB", "creation/stamped/thread-std", "creation/write/child"] {
        let cell = fixture::cell_mut(&mut record, id);
        cell.launches.clear();
        cell.stop = Stop::Failed(Failure::new("preparing", "why"));
    }
    record.probes[0].failure = Some(Failure::new("forking", "why"));
    let mut value = serde_json::to_value(&record).unwrap();
    fixture::infect(&mut value, "");
    let record: Record = serde_json::from_value(value).unwrap();
    let page = fixture::report::page(&record);
    assert!(!page.contains("<script") && !page.contains("\"'>"));
    assert!(section(&page).matches("&lt;script&gt;").count() >= 6);
    balanced(&page);
}

#[test]
fn the_page_of_creation_fetches_nothing_runs_nothing_and_is_balanced() {
    let lower = page().to_lowercase();
    for forbidden in
        ["<script", "<link", "<img", "<iframe", "@import", "url(", "src=", "http:", "https:"]
    {
        assert!(!lower.contains(forbidden), "{forbidden}");
    }
    assert!(!page().contains("NaN") && !page().contains("inf%"));
    balanced(page());
}

/// Every tag of the page is closed, in order.
fn balanced(page: &str) {
    const VOID: [&str; 3] = ["meta", "br", "!doctype"];
    let mut open: Vec<&str> = Vec::new();
    for tag in page.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap();
        let name = tag.split([' ', '\n', '/']).next().unwrap();
        match tag.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed), "{tag}"),
            None if tag.ends_with('/') || VOID.contains(&name) => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn many_cells_are_few_lines_and_none_is_too_wide() {
    let record = fixture::creation();
    for width in [40, 60, 100] {
        for line in fixture::report::table(&record, width, false).lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
    let table = fixture::report::table(&record, 100, false);
    let claim = |id: &str, next: &str| {
        let (_, rest) = table.split_once(&format!("\n{id}  ")).unwrap();
        rest.split_once(&format!("\n{next}  ")).unwrap().0
    };
    let a3 = claim("A3", "A4");
    let range = "      fork: 6.80× [6.79, 6.81] at a small parent (23 mappings, 1.34 MiB) … 1564× \
                 [1562, 1566] at\n        1024 MiB of parent memory\n";
    said(a3, &[range, "      and 4 series more on the page\n"]);
    assert!(a3.lines().count() <= 30, "{a3}");
    said(claim("A1", "A2"), &["      fork in huge pages: 117 µs [117, 117] at 64 … 596 µs ["]);
    assert_eq!(claim("A4", "B1").matches("threads … ").count(), 0);
    said(claim("A4", "B1"), &["] at 1 thread …\n        0.118× [0.118, 0.119] at 32 threads\n"]);
}

#[test]
fn series_of_one_cell_stand_together_on_the_page() {
    let (_, a1) = page().split_once("id=\"A1\"").unwrap();
    let (a1, _) = a1.split_once("</details>\n<details class=\"claim\"").unwrap();
    let heading = "<tr class=\"group\"><th colspan=\"4\">each by itself</th></tr>";
    let (_, singles) = a1.split_once(heading).expect("a heading");
    said(
        singles,
        &[
            "<th>fork + exec static, small parent (23 mappings, 1.34 MiB)</th>",
            "<th>posix_spawn tiny</th>",
        ],
    );
    assert!(!singles.contains("<th>64 MiB of parent memory</th>"));
    assert!(a1.contains("<div class=\"heading\"><span class=\"label\">each by itself</span>"));
}
