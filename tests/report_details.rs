//! The page of details: every kind of row, nothing unescaped, small enough.

mod fixture;

use process_vs_thread::question::{judge, pages};
use process_vs_thread::record::{self, CrashLaunch, Record, Stop};
use process_vs_thread::report::Files;
use std::fs;
use std::path::{Path, PathBuf};

/// The page of a record, which also lies beside the other temporary files of the tests.
fn page(record: &Record, name: &str) -> String {
    let [_, page] = pages(record, &judge(record), Files::USUAL);
    let seen = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("details-{name}.html"));
    fs::write(seen, &page).expect("a page to look at");
    page
}

/// Every part, in the order of the page.
const PARTS: [&str; 31] = [
    "run",
    "machine",
    "limits",
    "warnings",
    "checks",
    "failures",
    "probes",
    "primitives",
    "claims",
    "controls",
    "comparisons",
    "times",
    "moments",
    "processes",
    "discarded",
    "benchmarks",
    "counters",
    "not-counted",
    "events",
    "footprints",
    "readings",
    "loads",
    "crash-launches",
    "ways",
    "placements",
    "steps",
    "ten-thousand",
    "contention",
    "ten-counters",
    "servers",
    "crashes",
];

fn parts(page: &str) -> Vec<&str> {
    let ids = page.split("<div id=\"").skip(1);
    ids.map(|rest| rest.split('"').next().unwrap()).collect()
}

/// The rows of a part, without its heading.
fn rows(page: &str, part: &str) -> usize {
    let (_, rest) = page.split_once(&format!("<div id=\"{part}\">")).expect(part);
    rest.split("</table>").next().unwrap().matches("<th scope=\"row\">").count()
}

/// A record with rows of every kind.
fn everything() -> Record {
    let mut record = fixture::creation();
    record.cells.extend(fixture::record().cells);
    record.cells.extend(fixture::translation().cells);
    record.cells.sort_by(|one, other| one.id.cmp(&other.id));
    record.cells.dedup_by(|one, other| one.id == other.id);
    record.probes = fixture::isolation().probes;
    record.footprints = fixture::memory().footprints;
    record.machine.limits = fixture::memory().machine.limits;
    let servers = fixture::servers();
    (record.servings, record.crashes) = (servers.servings, servers.crashes);
    record.cells[0].launches[0].pairs[0].discarded = Some("the clock was slow".into());
    record
}

#[test]
fn every_kind_of_row_is_there() {
    let record = everything();
    let page = page(&record, "everything");
    assert_eq!(parts(&page), PARTS);
    assert_eq!(rows(&page, "comparisons"), record.cells.len());
    assert_eq!(rows(&page, "counters"), record.counts.len());
    assert_eq!(rows(&page, "probes"), record.probes.len());
    assert_eq!(rows(&page, "footprints"), record.footprints.len());
    assert_eq!(rows(&page, "servers"), record.servings.len());
    let launches: usize = record.servings.iter().map(|serving| serving.launches.len()).sum();
    assert_eq!(rows(&page, "loads"), 2 * launches);
    let crashes: usize = record.crashes.iter().map(|crash| crash.launches.len()).sum();
    assert_eq!(rows(&page, "crash-launches"), crashes);
    assert_eq!(rows(&page, "benchmarks"), record.benches.len());
    assert_eq!(rows(&page, "primitives"), record.primitives.len());
    let claims: usize = judge(&record).claims.iter().map(|claim| claim.cells.len()).sum();
    assert_eq!(rows(&page, "claims"), claims);
    assert_eq!(page.matches("<details>").count(), PARTS.len());
    assert_eq!(page.matches("<caption>").count(), PARTS.len());
    assert!(!page.contains("<th>") && !page.contains("<script"));
    assert!(page.contains(&format!("<summary>Comparisons ({})</summary>", record.cells.len())));
    assert!(page.contains("href=\"../../target/criterion/report/index.html\""));
}

#[test]
fn what_a_run_does_not_have_is_named() {
    let page = page(&fixture::empty(true), "empty");
    assert!(!parts(&page).contains(&"comparisons"));
    assert!(page.contains("Nothing in this run: "));
    let (_, rest) = page.split_once("Nothing in this run: ").unwrap();
    assert!(rest.split("</p>").next().unwrap().contains("Servers under load"));
}

#[test]
fn text_of_a_record_stays_text() {
    let mut record = everything();
    let hostile = "<script>alert(\"1\")</script>\u{1b}[2J\u{202e}";
    let shown = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; [2J\u{fffd}";
    record.run.command = hostile.into();
    record.run.criterion = Some("javascript:alert(1)".into());
    record.machine.slug = hostile.into();
    record.machine.summary = hostile.into();
    record.machine.warnings = vec![hostile.into()];
    record.checks[0].detail = hostile.into();
    record.cells[0].a.primitive = hostile.into();
    record.cells[0].launches[0].pairs[0].discarded = Some(hostile.into());
    record.cells[0].launches[0].host.insert(hostile.into(), 1.0);
    record.cells[1].stop = Stop::Failed(record::Failure::new(hostile, hostile).remedy(hostile));
    record.probes[0].statement = hostile.into();
    record.footprints[0].capped = Some(hostile.into());
    record.counts[0].readings[0].event = hostile.into();
    record.benches[0].id = hostile.into();
    record.primitives[0].op = hostile.into();
    let page = page(&record, "hostile");
    assert!(!page.contains("<script") && !page.contains("javascript:"));
    assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}'));
    assert!(page.matches(shown).count() >= 17, "{}", page.matches(shown).count());
}

/// Words that a reader does not know from a textbook.
const BANNED: [&str; 14] = [
    "lab", "labs", "arm", "arms", "cell", "cells", "shot", "unwashed", "bill", "books", "nobody",
    "whoever", "dear", "gone",
];

#[test]
fn headings_and_remarks_are_plain() {
    let page = page(&everything(), "words");
    let between = |begin: &str, end: &str| -> Vec<String> {
        let found = page.split(begin).skip(1).map(|rest| rest.split(end).next().unwrap());
        found.map(str::to_lowercase).collect()
    };
    let said = [
        between("<summary>", "</summary>"),
        between("<th scope=\"col\">", "</th>"),
        between("<p class=\"note\">", "</p>"),
    ];
    for words in said.concat() {
        let word = words.split(|c: char| !c.is_alphanumeric()).find(|w| BANNED.contains(w));
        assert_eq!(word, None, "{words}");
    }
}

#[test]
fn a_crash_without_answers_is_a_row() {
    let mut record = everything();
    record.crashes[0].launches = vec![CrashLaunch::default()];
    let _ = page(&record, "bare-crash");
}

/// Most bytes of the page of a full run.
const MOST: usize = 1_500_000;

/// The committed records up to the first one that has everything: judging one takes its time.
fn committed() -> Vec<Record> {
    let reports = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports");
    let folders = fs::read_dir(reports).unwrap().map(|folder| folder.unwrap().path());
    let mut paths: Vec<PathBuf> = folders.map(|folder| folder.join("record.json.gz")).collect();
    paths.sort();
    let mut records = Vec::new();
    for path in paths {
        records.push(record::read(&path).unwrap());
        if records.iter().any(|record| !record.cells.is_empty()) {
            break;
        }
    }
    records
}

#[test]
fn committed_records_have_all_their_rows_and_fit() {
    let records = committed();
    for record in &records {
        let page = page(record, &record.run.id);
        assert!(page.len() < MOST, "{}: {} bytes", record.run.id, page.len());
        assert_eq!(rows(&page, "counters"), record.counts.len());
        if !record.cells.is_empty() {
            let launched = record.cells.iter().filter(|cell| !cell.launches.is_empty());
            assert_eq!(rows(&page, "processes"), 2 * launched.count());
            assert_eq!(parts(&page), PARTS);
        }
    }
    assert!(records.last().is_some_and(|record| !record.cells.is_empty()));
}
