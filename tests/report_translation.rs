//! What a person sees of the TLB.

mod fixture;

use process_vs_thread::plan::Grid;
use process_vs_thread::question;
use process_vs_thread::record::{Fact, Outcome, Policy, Record};
use process_vs_thread::report;
use std::sync::OnceLock;

/// The record with everything of the TLB: four address spaces are kept by the processor, six by the
/// kernel.
fn page() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| fixture::report::page(&fixture::translation()))
}

/// The page's section on the TLB.
fn section(page: &str) -> &str {
    let (_, rest) = page.split_once("<section id=\"tlb\">").expect("a section on the TLB");
    rest.split_once("</section>").expect("its end").0
}

/// The same record with what the claims of the TLB need, and the steps: a page of it is made
/// faster.
fn lean() -> Record {
    let mut record = fixture::translation();
    record.cells.retain(|cell| {
        let id = cell.id.to_string();
        let parts: Vec<&str> = id.split('/').collect();
        let of_charts = ["shared-memory", "refill-thread", "refill-vm-process", "aa-vm-process"];
        let curve = parts
            .last()
            .is_some_and(|last| last.ends_with("pages") && !["16pages", "48pages"].contains(last));
        !of_charts.contains(&parts[1]) && !curve && !cell.id.to_string().contains("aa-alias")
    });
    record
}

fn said(page: &str, words: &[&str]) {
    for words in words {
        assert!(page.contains(words), "{words}\n{}", &page[..page.len().min(6000)]);
    }
}

#[test]
fn what_processor_and_kernel_keep_is_said_with_the_cause_of_each_cliff() {
    said(
        section(page()),
        &[
            "A core keeps the translations of 4 address spaces at once.",
            "The kernel has identifiers for 6: by its tracepoint it flushes from 7 on.",
            "The first cliff stands between 4 and 5 address spaces: the translations are \
             lost though the kernel does not flush, so the processor keeps no more.",
            "Another stands between 6 and 7 address spaces: the kernel begins to flush.",
            ">beyond 4: the processor&#39;s limit</text>",
            ">beyond 6: the kernel flushes</text>",
            "Refill time and tracepoint agree: where the kernel flushes at every switch (at 9), \
             the pages cost what they cost after a flush.",
        ],
    );
    assert!(page().contains("the TLB is kept for up to 4 address spaces on a core."));
}

/// Makes the second arm's refill this share of that after the forced flush.
fn refill_of(record: &mut Record, id: &str, share: f64) {
    let cell = fixture::cell_mut(record, id);
    let (pages_of_a, pages_of_b) = (cell.a.pages, cell.b.pages * cell.b.actors);
    for pair in cell.launches.iter_mut().flat_map(|launch| &mut launch.pairs) {
        let flushed = (pair.a.first_pass_ticks - pair.a.second_pass_ticks) as f64;
        let per_page = flushed / (pair.a.ops * u64::from(pages_of_a)) as f64;
        let refill = share * per_page * (pair.b.ops * u64::from(pages_of_b)) as f64;
        pair.b.first_pass_ticks = pair.b.second_pass_ticks + refill.round() as u64;
    }
}

#[test]
fn without_the_tracepoint_the_reason_stands_and_the_cause_stays_open() {
    let mut record = lean();
    let reason = "EACCES: tracefs is closed to this user (run as root, or mount it readable)";
    for reading in record.counts.iter_mut().flat_map(|count| &mut count.readings) {
        if reading.event.starts_with("tlb-") {
            reading.outcome = Outcome::Missing { reason: reason.into() };
        }
    }
    let page = fixture::report::page(&record);
    said(
        section(&page),
        &[
            &format!("as its tracepoint was not counted: {reason}."),
            "between 4 and 5 address spaces: the translations are lost; without the \
             tracepoint it is open who drops them.",
            "between 6 and 7 address spaces: the evidence that would tell why is missing.",
            ">beyond 4: translations lost</text>",
            ">beyond 6: cause unknown</text>",
            "<b>cliff</b>: the evidence that would tell why is missing",
            "Refill time stands without the tracepoint beside it.",
        ],
    );
    assert!(!section(&page).contains("by the kernel&#39;s tracepoint; a dot per launch"));
}

#[test]
fn without_refills_nothing_is_said_of_what_the_core_keeps() {
    let mut record = lean();
    record.cells.retain(|cell| {
        !cell.id.to_string().starts_with("tlb/refill")
            && !cell.id.to_string().starts_with("tlb/control")
    });
    let page = fixture::report::page(&record);
    said(
        section(&page),
        &[
            "How many address spaces a core keeps is not known: this run did not try it.",
            "The kernel has identifiers for 6",
            "between 4 and 5 address spaces: the evidence that would tell why is missing.",
            "The tracepoint stands without refill time beside it.",
        ],
    );
    for absent in ["What it takes from the TLB", "What a page then costs", "What should flush"] {
        assert!(!section(&page).contains(absent), "{absent}");
    }
    assert!(!page.contains("the TLB is kept for"));
}

#[test]
fn a_switch_that_takes_half_of_a_flush_is_undecided() {
    let mut record = lean();
    refill_of(&mut record, "tlb/refill/x5/16pages", 0.5);
    let page = fixture::report::page(&record);
    said(
        section(&page),
        &["A core keeps the translations of at least 4 and fewer than 6 address spaces at once."],
    );
    assert!(page.contains("partly: neither ≥ 0.8 of a flush nor at most 0.300"));
    let clause = "the TLB is kept for at least 4 and fewer than 6 address spaces on a core";
    assert!(page.contains(clause));
}

#[test]
fn each_launch_of_the_tracepoint_is_a_dot_and_a_figure_of_its_own() {
    let flushes = section(page()).split_once("a dot per launch").unwrap().1;
    let flushes = flushes.split_once("axis-name").unwrap().0;
    // Eight numbers of address spaces, three launches each.
    assert_eq!(flushes.matches("<circle").count(), 24);
    assert!(section(page()).contains(">0.550 · 1.00 · 0.550</td>"));
    let (_, counters) = page().split_once("<section id=\"counters\">").unwrap();
    assert!(counters.contains("<summary>Rings, per switch: 48 launches</summary>"));
    assert!(counters.contains("data-name=\"tlb-flushed\">0.550 to 1.00</td>"));
    let arm = "<span class=\"whole process\">7\u{a0}actors, SCHED_FIFO</span>";
    assert_eq!(counters.matches(arm).count(), 1);
}

#[test]
fn figures_of_the_charts_stand_in_tables() {
    // 110, 340 and 420 ns at 3.47 cycles per nanosecond; 27 ticks of 2.6 GHz after a flush.
    said(
        section(page()),
        &[
            "<th>2</th><td class=\"figure\" data-name=\"Processes, cycles more (95 % \
             interval)\">382 [",
            "<th>5</th><td class=\"figure\" data-name=\"Processes, cycles more (95 % \
             interval)\">1178 [",
            "<th>9</th><td class=\"figure\" data-name=\"Processes, cycles more (95 % \
             interval)\">1454 [",
            "<th>4 to 5</th><td class=\"figure\" data-name=\"Processes (95 % interval)\">1.23× [",
            "<tr class=\"group\"><th colspan=\"5\">48 pages, φ (95 % interval)</th></tr>",
            "data-name=\"processes\">1.00 [",
            "data-name=\"forced flush\">36.0 [",
            "<b>single pages are dropped</b>",
            "This machine drops single pages from the TLB",
            "Cycles are core cycles: time multiplied by the calibrated frequency of the core, 3.47 \
             cycles per nanosecond",
        ],
    );
}

#[test]
fn what_the_machine_lets_expect_is_said_before_the_figures() {
    let mut record = lean();
    let expected = "no flush up to six, <by> its source";
    record.machine.facts.push(Fact::words("address-space switch", expected));
    let page = fixture::report::page(&record);
    said(
        section(&page),
        &[
            "<dt>Expected here</dt><dd>no flush up to six, &lt;by&gt; its source</dd>",
            "<dt>Huge pages as a control</dt><dd>What tlb-reach found, and what follows.</dd>",
        ],
    );
}

#[test]
fn without_fifo_the_path_is_called_not_controlled() {
    let mut record = lean();
    record.cells.retain(|cell| !cell.id.to_string().ends_with("-other"));
    for cell in &mut record.cells {
        (cell.a.policy, cell.b.policy) = (Policy::Other, Policy::Other);
    }
    let page = fixture::report::page(&record);
    said(section(&page), &["SCHED_FIFO was not to be had", "the path of the switches is not"]);
}

#[test]
fn a_run_without_rings_has_no_section() {
    assert!(!fixture::report::page(&fixture::small()).contains("<section id=\"tlb\">"));
}

#[test]
fn no_text_of_a_record_with_rings_is_markup() {
    let mut record = lean();
    fixture::kill(fixture::cell_mut(&mut record, "tlb/refill/x5/16pages"));
    let reading = &mut record.counts.last_mut().unwrap().readings[0];
    reading.outcome = Outcome::Missing { reason: "none".into() };
    record.machine.facts.push(Fact::words("address-space switch", "six"));
    let mut value = serde_json::to_value(&record).unwrap();
    fixture::infect(&mut value, "");
    for fact in value["machine"]["facts"].as_array_mut().unwrap() {
        if fact["value"]["known"]["text"].as_str().is_some_and(|text| text.starts_with("six")) {
            fact["name"] = "address-space switch".into();
        }
    }
    let record: Record = serde_json::from_value(value).unwrap();
    let page = fixture::report::page(&record);
    assert!(!page.contains("<script") && !page.contains("\"'>"));
    assert!(section(&page).matches("&lt;script&gt;").count() >= 2);
}

#[test]
fn the_page_of_the_tlb_fetches_nothing_and_runs_nothing() {
    let page = page().to_lowercase();
    for forbidden in
        ["<script", "<link", "<img", "<iframe", "@import", "url(", "src=", "http:", "https:"]
    {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn many_cells_are_few_lines_and_none_is_too_wide() {
    let mut record = lean();
    record.cells.retain(|cell| !cell.id.to_string().contains("step-"));
    for width in [40, 80, 100] {
        for line in fixture::report::table(&record, width, false).lines() {
            assert!(line.chars().count() <= width.min(100), "{width}: {line}");
        }
    }
    let table = fixture::report::table(&record, 100, false);
    let (_, b1) = table.split_once("\nB1  ").unwrap();
    let (b1, rest) = b1.split_once("\n\nB2  ").unwrap();
    let lines: Vec<&str> = b1.lines().collect();
    assert!(lines.len() <= 6, "{b1}");
    assert!(b1.contains("      16 pages touched: 0.182 [0.181, 0.182] at 2 … 1.00 ["), "{b1}");
    assert!(b1.contains("at 9 address spaces\n") && b1.contains("not run: misses counted"), "{b1}");
    assert!(rest.contains("what programs get: nothing touched 420 to 1600 cycles\n"), "{rest}");
    // One line of the README has them all.
    let readme =
        fixture::report::splice(&format!("{}{}", report::BEGIN, report::END), &record).unwrap();
    let row = readme.lines().find(|line| line.starts_with("| B1 |")).unwrap();
    assert_eq!(row.matches("<br>").count(), 2, "{row}");
}

#[test]
fn claims_with_many_cells_are_grouped_on_the_page() {
    let (_, b1) = page().split_once("id=\"B1\"").unwrap();
    let (b1, _) = b1.split_once("</details>\n<details class=\"claim\"").unwrap();
    assert!(b1.contains("<div class=\"heading\"><span class=\"label\">16 pages touched</span>"));
    assert!(b1.contains("<tr class=\"group\"><th colspan=\"4\">48 pages touched</th></tr>"));
    assert!(b1.contains("<th>misses counted: all 8</th>"));
    assert!(!b1.contains("misses counted, 2 address spaces"));
}

#[test]
fn the_full_grid_is_listed_and_named() {
    let mut record = lean();
    record.cells.retain(|cell| cell.id.to_string().starts_with("tlb/refill"));
    record.run.full = true;
    let plan = question::experiments(Policy::Fifo, Grid::Full);
    let wanted = ["-independent", "-huge", "-independent-huge"]
        .map(|end| format!("tlb/refill/x3/64pages{end}"));
    let more = plan.iter().filter(|e| wanted.contains(&e.id.to_string()));
    record.cells.extend(more.map(|e| fixture::cell(&e.id.to_string(), &e.a, &e.b, fixture::QUICK)));
    let page = fixture::report::page(&record);
    for title in [
        "processes, each line names the next, base pages",
        "processes, independent loads, base pages",
        "processes, each line names the next, huge pages",
        "processes, independent loads, huge pages",
    ] {
        assert!(section(&page).contains(&format!(">{title}</th></tr>")), "{title}");
    }
    assert!(page.contains("<dd>quick: headline cells, unless a filter asks for more of the full"));
    assert!(page.contains("rings of 1 to 12 actors with 16 to 1,024 pages"));
    assert!(!section(self::page()).contains("Every walk of the full grid"));
}

#[test]
fn the_answer_names_the_fork_of_a_big_parent() {
    let page = fixture::report::page(&fixture::full(&[
        "creation/aa-thread",
        "creation/aa-process",
        "creation/fork",
        "creation/fork/64MiB",
    ]));
    assert!(page.contains("] when the parent holds 64\u{a0}MiB"));
}

#[test]
fn misses_without_a_clock_speak_for_themselves() {
    let mut record = fixture::empty(true);
    record.counts = fixture::counts::miss_counts(2, 1.0);
    let page = fixture::report::page(&record);
    for said in ["By misses counted the TLB is flushed at 2.", "No refill was timed in this run."] {
        assert!(page.contains(said), "{said}");
    }
    assert!(!page.contains("SCHED_FIFO was not to be had"));
}

#[test]
fn the_answer_speaks_of_the_ring_and_of_the_ping_pong_only_without_it() {
    let answer = |record: &Record| {
        let page = fixture::report::page(record);
        let (_, rest) = page.split_once("class=\"answer\"").expect("an answer");
        rest.split_once("</p>").expect("its end").0.to_owned()
    };
    let mut record = fixture::full(&[
        "switching/aa-thread",
        "switching/aa-process",
        "switching/futex",
        "tlb/aa-thread",
        "tlb/aa-process",
        "tlb/switch/x2",
    ]);
    // 1,010 ns against 900 in the ring, 2,610 against 2,340 in the ping-pong.
    assert!(answer(&record).contains("takes 1.12×"), "{}", answer(&record));
    record.cells.retain(|cell| cell.id.to_string() != "tlb/switch/x2");
    fixture::stretch_b(fixture::cell_mut(&mut record, "switching/futex"), 1.5);
    assert!(answer(&record).contains("takes 1.67×"), "{}", answer(&record));
}
