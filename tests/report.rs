//! What a person sees of a record: the page, the terminal's table, the README's table.

mod fixture;

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
    assert!(page.contains("killed by SIGKILL in the middle of a batch"));
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
    // Command and name stand in code spans, where nothing is markup.
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
fn a_record_of_this_schema_on_disk_is_still_read_and_judged() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixture/quick.json");
    let seen = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("quick.json");
    fs::write(&seen, serde_json::to_string(&fixture::small()).unwrap()).unwrap();
    let same = record::read(&path) == Ok(fixture::small());
    assert!(same, "what the fixture is now is in {}", seen.display());
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

/// Some cells of creation with their controls, in a whole run.
fn creation() -> Record {
    fixture::full(&[
        "creation/aa-thread",
        "creation/aa-process",
        "creation/fork",
        "creation/fork-exec-dynamic",
        "creation/std",
    ])
}

#[test]
fn what_could_not_start_is_a_gap_with_its_reason_and_its_remedy() {
    let mut record = creation();
    let cell = fixture::cell_mut(&mut record, "creation/fork");
    cell.launches.clear();
    let failure = Failure::new("forking", "the limit of processes is reached");
    cell.stop = Stop::Failed(failure.clone().remedy("raise ulimit -u"));
    let page = fixture::report::page(&record);
    let said = "creation/fork: forking: the limit of processes is reached (raise ulimit -u)";
    assert!(page.contains(said));
    assert!(page.contains("– not measured") || page.contains("? undecided"));
    // What the suite does not try by itself is no gap.
    let skipped = Failure { skipped: true, ..failure };
    fixture::cell_mut(&mut record, "creation/fork").stop = Stop::Failed(skipped);
    let page = fixture::report::page(&record);
    assert!(!page.contains("creation/fork: forking"));
    assert!(page.contains("1 configuration skipped"));
}

fn headline(record: &Record) -> String {
    let page = fixture::report::page(record);
    page.split_once("<h1>").unwrap().1.split_once("</h1>").unwrap().0.to_owned()
}

#[test]
fn a_run_is_too_noisy_only_for_what_noise_took_the_word_of() {
    let noisy = |id| {
        let mut record = fixture::record();
        fixture::stretch_b(fixture::cell_mut(&mut record, id), 1.4);
        headline(&record)
    };
    assert!(noisy("creation/aa-thread").starts_with("Too noisy to judge: identical code"));
    // What two cores do alone is: what leads the page stands, and where it is undecided for reasons
    // of its own, that is said.
    assert!(noisy("communication/aa-thread").starts_with("Creating a thread is "));
    let mut record = fixture::record();
    fixture::stretch_b(fixture::cell_mut(&mut record, "communication/aa-thread"), 1.4);
    fixture::stretch(&mut record, "creation/fork", 1.3);
    fixture::lose(&mut record, "switching/futex");
    let page = fixture::report::page(&record);
    assert!(page.contains("too noisy, identical code"), "E5 is");
    let said = headline(&record);
    let rest = " claims are decided. How much cheaper threads are to create and to switch between \
                is not.";
    assert!(said.ends_with(rest), "{said}");
}

#[test]
fn four_situations_have_four_headlines() {
    let whole = headline(&creation());
    assert!(whole.starts_with("Creating a thread is 6.8× cheaper than fork, "), "{whole}");
    assert_eq!(headline(&fixture::empty(false)), "Nothing was judged in this run.");
    let mut noisy = creation();
    fixture::stretch_b(fixture::cell_mut(&mut noisy, "creation/aa-thread"), 1.4);
    // Few claims were run: they are named.
    assert!(headline(&noisy).starts_with("Only A1, "), "{}", headline(&noisy));
    let mut emulated = fixture::empty(true);
    emulated.machine.emulated = Some(true);
    emulated.counts = fixture::counts::miss_counts(2, 1.0);
    assert!(headline(&emulated).starts_with("An emulated machine: its time is not real"));
}

#[test]
fn a_quick_run_says_so() {
    assert!(fixture::report::page(&fixture::small()).contains("quick run, "));
    assert!(!fixture::report::page(&creation()).contains("quick run, "));
}

#[test]
fn colour_adds_nothing_but_escapes() {
    let record = creation();
    let coloured = fixture::report::table(&record, 100, true);
    assert!(coloured.contains("\x1b[1;32mTRUE\x1b[0m"));
    assert!(coloured.contains("\x1b[1;36mDEPENDS\x1b[0m"));
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
    let rows = fixture::report::rows(
        &fixture::small(),
        &process_vs_thread::question::switching::QUESTION,
        100,
        false,
    );
    assert!(rows.contains("B3"), "{rows}");
    assert!(!rows.contains("A1") && !rows.contains("fork"), "{rows}");
    assert_eq!(
        fixture::report::rows(
            &fixture::empty(false),
            &process_vs_thread::question::creation::QUESTION,
            80,
            false
        ),
        ""
    );
}

#[test]
fn the_last_screen_is_as_it_was_reviewed() {
    insta::assert_snapshot!(fixture::report::table(&creation(), 80, false));
}

#[test]
fn splice_replaces_what_is_between_the_markers_and_nothing_else() {
    let record = creation();
    let readme = format!("# Title\n\n{}\nOutdated.\n{}\n\nrest\n", report::BEGIN, report::END);
    let spliced = fixture::report::splice(&readme, &record).unwrap();
    assert!(spliced.starts_with(&format!("# Title\n\n{}\n| textbook claim |", report::BEGIN)));
    assert!(spliced.ends_with(&format!("\n{}\n\nrest\n", report::END)));
    assert!(!spliced.contains("Outdated."));
    assert!(spliced.contains("version 0.1.0, measured 2026-01-02 by `cargo bench`."), "{spliced}");
    assert_eq!(fixture::report::splice(&spliced, &record).unwrap(), spliced);
}
