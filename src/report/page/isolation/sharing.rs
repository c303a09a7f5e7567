//! What one writes over, and the locks of the dead.

use super::look;
use crate::question::isolation::plan::{FAULT, PROTECT};
use crate::record::{Family, Probe, ProbeRun, Record};
use crate::report::html::{escape, table};

/// The probes, and what is tried in each.
const TRIED: [(Family, &str, &str); 7] = [
    (FAULT, "heap-thread", "One thread writes over an object in the heap"),
    (FAULT, "heap-process", "One of several forked processes writes over an object in its heap"),
    (
        FAULT,
        "heap-shared",
        "One of several forked processes writes over what lies in shared memory",
    ),
    (PROTECT, "child-write", "A forked child writes to memory that it has from its parent"),
    (PROTECT, "shared-mapping", "A forked child writes to memory mapped as shared"),
    (FAULT, "lock-dead", "A process is killed while it holds a plain lock in shared memory"),
    (FAULT, "lock-robust", "The same with a robust lock"),
];

pub(super) fn html(record: &Record) -> String {
    let row = |(family, name, tried): &(Family, &str, &str)| {
        let probe = record.probe(&family.named(*name))?;
        let found = escape(&look::each(probe, |run| found(name, probe, run)));
        Some(vec![escape(tried), found + &look::reason(probe)])
    };
    let rows: Vec<Vec<String>> = TRIED.iter().filter_map(row).collect();
    if rows.is_empty() { String::new() } else { table(&["Tried", "Seen"], &rows) }
}

/// What a run of it saw.
fn found(name: &str, probe: &Probe, run: &ProbeRun) -> String {
    let figure = |what: &str| run.seen.iter().find(|seen| seen.what == what).map(|s| s.figure);
    let yes = |what: &str| figure(what).is_some_and(|figure| figure != 0.0);
    match name {
        "lock-dead" if yes("stuck") => {
            let waited = look::count(probe, "waited");
            format!("who waits for it waits in vain: given up after {waited} ms")
        }
        "lock-dead" => "the next one gets it".to_owned(),
        "lock-robust" if yes("told of the death") && yes("goes on") => {
            "the next one gets it, is told that its holder died (EOWNERDEAD), declares it in order \
             and goes on"
                .to_owned()
        }
        "lock-robust" if yes("stuck") => "who waits for it waits in vain".to_owned(),
        "lock-robust" => "the next one is not told of the death".to_owned(),
        "child-write" | "shared-mapping" => {
            let sees = if yes("parent sees it") { "sees it" } else { "does not see it" };
            format!("its parent {sees}")
        }
        _ => {
            let unit = run.seen.first().map_or("", |seen| &seen.unit);
            let [see, of] = ["see it", "of"].map(|what| figure(what).unwrap_or(0.0));
            format!("{see} of {of} other {unit} see it")
        }
    }
}
