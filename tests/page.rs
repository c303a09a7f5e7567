//! The page's goals: what a stranger finds first, and how big it may be.

use process_vs_thread::question::{judge, pages, screen};
use process_vs_thread::record::{self, Record};
use process_vs_thread::report::Files;
use std::path::Path;
use std::sync::LazyLock;

/// A whole run.
static RECORD: LazyLock<Record> = LazyLock::new(|| {
    let reports = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports");
    let folders = std::fs::read_dir(reports).unwrap().map(|entry| entry.unwrap().path());
    let files = folders.map(|folder| folder.join("record.json.gz")).filter(|file| file.exists());
    let records = files.map(|file| record::read(&file).unwrap());
    records.max_by_key(|record| record.cells.len()).unwrap()
});

static PAGE: LazyLock<String> = LazyLock::new(|| {
    let [page, _] = pages(&RECORD, &judge(&RECORD), Files::USUAL);
    let seen = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page.html");
    std::fs::write(seen, &page).unwrap();
    page
});

/// Words of a text between tags, scripts and styles aside.
fn words(html: &str) -> usize {
    let mut text = String::new();
    let body = html.split("</style>").nth(1).unwrap_or(html);
    for part in body.split('<').skip(1) {
        text.push_str(part.split_once('>').map_or("", |(_, text)| text));
        text.push(' ');
    }
    text.split_whitespace().count()
}

/// What stands open: without what details hold, nested ones included.
fn open(html: &str) -> String {
    let mut depth = 0;
    let mut open = String::new();
    for part in html.split_inclusive('>') {
        let closes = part.contains("</details>");
        if part.contains("<details") {
            depth += 1;
        }
        if depth == 0 {
            open.push_str(part);
        }
        if closes {
            depth -= 1;
        }
    }
    open
}

#[test]
fn it_is_small() {
    assert!(PAGE.len() <= 250_000, "{} bytes", PAGE.len());
    let elements = PAGE.matches('<').count() - PAGE.matches("</").count();
    assert!(elements <= 4_000, "{elements} elements");
    assert!(PAGE.matches("<svg").count() <= 30);
    let shown = words(&open(&PAGE));
    assert!(shown <= 5_000, "{shown} words shown");
}

#[test]
fn the_first_screen_answers() {
    let (first, rest) = PAGE.split_once("id=\"claims\">").unwrap();
    assert_eq!(first.matches("<svg").count(), 3, "three charts");
    assert_eq!(first.matches("class=\"tile\"").count(), 4, "four tiles");
    let (before, after) = first.split_once("<nav").unwrap();
    let after = after.split_once("</nav>").unwrap().1.split("class=\"hero\"").next().unwrap();
    let prose = words(&open(&format!("{before}{after}")));
    assert!(prose <= 120, "{prose} words above the charts");
    // Links to every section stand on the first screen.
    for section in rest.split("<section id=\"").skip(1) {
        let id = section.split('"').next().unwrap();
        assert!(first.contains(&format!("href=\"#{id}\"")), "{id}");
    }
}

#[test]
fn every_claim_has_a_row_that_leads_to_its_details() {
    for judged in judge(&RECORD).claims {
        let id = judged.claim.id;
        assert_eq!(PAGE.matches(&format!("href=\"#{id}\"")).count(), 1, "{id}");
        assert_eq!(PAGE.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
    }
    // Nothing has an address twice, and every inner link leads somewhere.
    let ids: Vec<&str> =
        PAGE.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let mut once = ids.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), ids.len());
    for link in PAGE.split("href=\"#").skip(1) {
        let to = link.split('"').next().unwrap();
        assert!(ids.contains(&to), "{to}");
    }
}

#[test]
fn tables_have_scopes_and_captions_and_charts_have_titles() {
    let tables = PAGE.matches("<table").count();
    let claims = PAGE.matches("<table class=\"claims\"").count();
    assert_eq!(PAGE.matches("<caption").count(), tables - claims);
    let heads = PAGE.matches("<th").count() - PAGE.matches("<thead").count();
    assert_eq!(PAGE.matches("scope=").count(), heads);
    let charts = PAGE.matches("<svg").count();
    assert!(
        PAGE.matches("<desc>").count() == charts && PAGE.matches("<figcaption").count() == charts
    );
}

#[test]
fn the_last_screen_of_a_terminal_is_short() {
    let shown = screen(&RECORD, &judge(&RECORD), 80, false);
    assert!(shown.lines().count() <= 41, "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
}

#[test]
fn nothing_is_fetched_and_nothing_runs() {
    for forbidden in ["<script", "<link", "<img", "<iframe", "@import", "url(", "src=", "http:"] {
        assert!(!PAGE.contains(forbidden), "{forbidden}");
    }
}
