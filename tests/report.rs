//! What a person sees of a record: the page, the terminal's table, the README's table.

mod fixture;

use process_vs_thread::claim::significant;
use process_vs_thread::question::Question;
use process_vs_thread::record::{self, Failure, Record, Stop};
use process_vs_thread::report;
use std::fs;
use std::path::PathBuf;

/// A folder of its own, empty at the start and gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder for the test");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_record_alone_makes_the_same_page() {
    let folder = Folder::new("same-page");
    let mut record = fixture::small();
    fixture::kill(fixture::cell_mut(&mut record, "creation/fork"));
    let path = folder.0.join("record.json");
    record::write_new(&path, &record).unwrap();
    let read = record::read(&path).unwrap();
    assert_eq!(read, record);
    let page = fixture::report::page(&read);
    assert_eq!(page, fixture::report::page(&record));
    assert!(page.contains("the lab was killed by SIGKILL in the middle of a batch"));
}

#[test]
fn a_cell_that_could_not_start_is_a_row_with_its_reason_and_its_remedy() {
    let mut record = fixture::small();
    let cell = fixture::cell_mut(&mut record, "creation/fork");
    cell.launches.clear();
    let failure = Failure::new("forking", "the limit of processes is reached");
    cell.stop = Stop::Failed(failure.remedy("raise ulimit -u"));
    let page = fixture::report::page(&record);
    assert!(page.contains("<b>not measurable here (quick)</b> forking: the limit of processes"));
    assert!(page.contains("<td class=\"\" data-name=\"What would help\">raise ulimit -u</td>"));
    assert!(fixture::report::table(&record, 100, false).contains("not measurable here"));
}

/// How many cells of the page bear this verdict: each is one row of a table under a chart.
fn rows_with(page: &str, verdict: &str) -> usize {
    page.matches(&format!("data-name=\"Verdict\"><b>{verdict} (quick)</b>")).count()
}

#[test]
fn an_a_a_comparison_beyond_five_percent_takes_every_ratio_its_verdict() {
    let mut record = fixture::small();
    fixture::stretch_b(fixture::cell_mut(&mut record, "creation/aa-thread"), 1.07);
    let page = fixture::report::page(&record);
    let reason = "A/A control creation/aa-thread leaves ±5 %";
    assert_eq!(page.matches(&format!("<b>inconclusive (quick)</b> {reason}")).count(), 9);
    // Six rows of cells and three claims of the list at the top: the ratio of creation, where four
    // series begin, and both of switching.
    assert_eq!(rows_with(&page, "inconclusive"), 9);
    assert!(page.contains("This run holds no comparison of threads with processes that passed"));
    // Times are no comparisons: A1 and A2 are judged.
    assert_eq!(rows_with(&page, "fails"), 1);
    assert_eq!(rows_with(&page, "holds"), 1);
}

#[test]
fn unequal_work_takes_the_switching_claims_their_verdict() {
    let mut record = fixture::small();
    let cell = fixture::cell_mut(&mut record, "switching/futex");
    for pair in cell.launches.iter_mut().flat_map(|launch| &mut launch.pairs) {
        pair.b.switches = pair.b.switches * 3 / 2;
    }
    let page = fixture::report::page(&record);
    let reason = "unequal work: 2.00 and 3.00 context switches per operation";
    // Two cells, and the two claims that have no other.
    assert_eq!(page.matches(&format!("<b>inconclusive (quick)</b> {reason}")).count(), 4);
}

#[test]
fn the_page_fetches_nothing_and_runs_nothing() {
    let page = fixture::report::page(&fixture::small()).to_lowercase();
    for forbidden in
        ["<script", "<link", "<img", "<iframe", "@import", "url(", "src=", "http:", "https:"]
    {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn no_text_of_a_record_is_markup_or_steers_a_terminal() {
    let mut record = fixture::small();
    record.run.label = Some("label".into());
    record.run.filter = Some("filter".into());
    fixture::kill(fixture::cell_mut(&mut record, "creation/fork"));
    let mut value = serde_json::to_value(&record).unwrap();
    fixture::infect(&mut value, "");
    value["run"]["id"] = fixture::HOSTILE.into();
    value["checks"][0]["id"] = fixture::HOSTILE.into();
    value["checks"][0]["unit"] = fixture::HOSTILE.into();
    value["benches"][0]["id"] = fixture::HOSTILE.into();
    value["benches"][0]["unit"] = fixture::HOSTILE.into();
    let record: Record = serde_json::from_value(value).unwrap();
    let page = fixture::report::page(&record);
    assert!(!page.contains("<script"));
    assert!(page.matches("&lt;script&gt;").count() > 20);
    assert!(!page.contains("\"'>"));
    assert!(!fixture::report::table(&record, 80, false).contains('\x1b'));
    let readme =
        fixture::report::splice(&format!("{}{}", report::BEGIN, report::END), &record).unwrap();
    assert!(!readme.contains('\x1b'));
    // The command stands in a code span, where nothing is markup.
    assert!(
        readme.lines().filter(|line| line.contains("<script")).all(|l| l.starts_with("Measured"))
    );
    assert_eq!(readme.replace("\\`", "").matches('`').count(), 4);
}

#[test]
fn a_link_to_criterion_is_a_path_and_nothing_else() {
    let mut record = fixture::empty(true);
    let linked = "href=\"../../target/criterion/report/index.html\"";
    assert!(fixture::report::page(&record).contains(linked));
    for hostile in ["javascript:alert(1)//", "//example.org", "\\\\example.org", "\t//example.org"]
    {
        record.run.criterion = Some(hostile.into());
        assert!(!fixture::report::page(&record).contains("index.html"), "{hostile}");
    }
}

#[test]
fn a_run_of_nothing_says_so() {
    let record = fixture::empty(false);
    let page = fixture::report::page(&record);
    assert!(page.contains("22 claims: 22 not run"));
    assert!(page.contains("This run has no A/A comparison"));
    assert!(!page.contains("(quick)"));
    assert_eq!(
        fixture::report::rows(&record, Question::Creation, 80, false),
        "120 cells not run.\n"
    );
}

#[test]
fn no_line_of_the_table_is_wider_than_the_terminal() {
    let mut record = fixture::small();
    fixture::kill(fixture::cell_mut(&mut record, "creation/fork"));
    record.machine.warnings.push(format!("{} is one long word", "x".repeat(130)));
    for width in [40, 60, 80, 100, 200] {
        for line in fixture::report::table(&record, width, false).lines() {
            assert!(line.chars().count() <= width.min(100), "{width}: {line}");
        }
    }
}

#[test]
fn colour_adds_nothing_but_escapes() {
    let record = fixture::full(&[
        "creation/aa-thread",
        "creation/aa-process",
        "creation/dispatch/futex-process/fork",
        "creation/dispatch/futex-thread/pthread",
    ]);
    let coloured = fixture::report::table(&record, 100, true);
    assert!(coloured.contains("\x1b[32mholds\x1b[0m"));
    assert!(coloured.contains("\x1b[31mfails\x1b[0m"));
    let mut plain = String::new();
    let mut parts = coloured.split('\x1b');
    plain.push_str(parts.next().unwrap());
    for part in parts {
        plain.push_str(part.split_once('m').unwrap().1);
    }
    assert_eq!(plain, fixture::report::table(&record, 100, false));
}

#[test]
fn rows_of_one_question_leave_the_other_out() {
    let rows = fixture::report::rows(&fixture::small(), Question::Switching, 100, false);
    assert!(rows.contains("B3") && rows.contains("futex"));
    assert!(!rows.contains("A1") && !rows.contains("fork"));
    assert!(rows.ends_with("2 cells not run.\n"), "{rows}");
}

#[test]
fn the_table_is_as_it_was_reviewed() {
    let mut record = fixture::full(&[
        "creation/aa-thread",
        "creation/aa-process",
        "creation/fork",
        "creation/fork/64MiB",
    ]);
    fixture::kill(fixture::cell_mut(&mut record, "creation/fork/64MiB"));
    let table = fixture::report::table(&record, 100, false);
    let reviewed = include_str!("fixture/table.txt");
    let seen = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("table.txt");
    fs::write(&seen, &table).unwrap();
    assert_eq!(table, reviewed, "what the program makes now is in {}", seen.display());
}

#[test]
fn a_record_of_this_schema_on_disk_is_still_read_and_judged() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixture/quick.json");
    let seen = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("quick.json");
    fs::write(&seen, serde_json::to_string(&fixture::small()).unwrap()).unwrap();
    let same = record::read(&path) == Ok(fixture::small());
    assert!(same, "what the fixture is now is in {}", seen.display());
}

#[test]
fn splice_replaces_what_is_between_the_markers_and_nothing_else() {
    let record = fixture::empty(false);
    let readme = format!("# Title\n\n{}\nOutdated.\n{}\n\nrest\n", report::BEGIN, report::END);
    let spliced = fixture::report::splice(&readme, &record).unwrap();
    assert!(spliced.starts_with(&format!("# Title\n\n{}\n| | claim |", report::BEGIN)));
    assert!(spliced.ends_with(&format!("\n{}\n\nrest\n", report::END)));
    assert!(!spliced.contains("Outdated."));
    assert!(spliced.contains(
        "Measured 2026-01-02T03:04:05Z by `cargo bench`, version 0.1.0, revision 0123456789ab;"
    ));
    assert_eq!(fixture::report::splice(&spliced, &record).unwrap(), spliced);
}

#[test]
fn splice_names_the_marker_that_is_missing() {
    let record = fixture::empty(false);
    let why = |readme: &str| fixture::report::splice(readme, &record).unwrap_err().why;
    assert_eq!(why("nothing"), "no line <!-- answer:begin -->");
    assert_eq!(why(report::BEGIN), "no line <!-- answer:end --> after the beginning");
    let turned = format!("{}{}", report::END, report::BEGIN);
    assert_eq!(why(&turned), "no line <!-- answer:end --> after the beginning");
}

#[test]
fn the_answer_gives_the_medians_of_the_samples() {
    let page = fixture::report::page(&fixture::small());
    let ratio = significant(85_000.0 / 12_500.0);
    assert!(page.contains(&format!("creating a process takes {ratio}×\u{a0}[")), "{ratio}");
    assert!(page.contains("a switch to another process takes 1.12×"));
}

#[test]
fn what_programs_get_stands_beside_what_is_judged() {
    let record = fixture::record();
    let table = fixture::report::table(&record, 100, false);
    let beside = table.matches("under SCHED_OTHER, what programs get").count();
    // Once for all cells of B2 and once for those of B3; creation has no twin.
    assert_eq!(beside, 2, "{table}");
    assert!(table.contains("what programs get: futex 1.12×, pipe 1.09×\n"), "{table}");
}
