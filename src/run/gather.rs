//! Many records, read at the same time: of each only what comparing needs is kept.

use super::find::{RECORD, runs};
use crate::claim::{ComparedRun, Contrast, Estimates, Places, between_runs};
use crate::question::{CLAIMS, judge};
use crate::record::{self, BetweenRuns, Finding, Machine, Record, Result, Since};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What comparing needs of each of these records, in their order, or why it cannot be had. What was
/// judged by today's judge stands at a record's head, and no more of it is read; every other is
/// read whole and judged again.
#[must_use]
pub fn gather(files: &[PathBuf]) -> Vec<Result<ComparedRun>> {
    let places = Places::of(CLAIMS);
    let workers = thread::available_parallelism().map_or(1, usize::from).min(files.len());
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(files.len())));
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(at) else { break };
            let read = compared(file, &places);
            // Who panics with the lock held ends the scope, and this function, with it.
            if let Ok(mut found) = found.lock() {
                found.push((at, read));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    let mut found = found.into_inner().unwrap_or_default();
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, read)| read).collect()
}

fn compared(file: &Path, places: &Places) -> Result<ComparedRun> {
    let head = record::read_head(file)?;
    let judged = head.and_then(|head| Some((head.run, head.machine, head.judged?)));
    match judged.filter(|(_, _, judged)| judged.is_enough()) {
        Some((run, machine, judged)) => Ok(ComparedRun::of(run, machine, &judged, places)),
        None => Ok(of_record(record::read(file)?, places)),
    }
}

fn of_record(record: Record, places: &Places) -> ComparedRun {
    let judged = judge(&record).summary();
    ComparedRun::of(record.run, record.machine, &judged, places)
}

/// Most earlier runs by which it is seen how far runs lie apart.
const MOST_RUNS: usize = 8;

/// How far this run and the last ones of the same machine that lie in the folder of reports are
/// apart, by question.
pub(super) fn drift(folder: &Path, record: &Record) -> BTreeMap<String, BetweenRuns> {
    let earlier = runs(folder).into_iter().rev().filter_map(|run| {
        let file = run.join(RECORD);
        // What cannot be read is no run to be held against.
        let head = record::read_head(&file).ok().flatten()?;
        repeats(&head, record).then(|| record::read(&file).ok()).flatten()
    });
    let earlier: Vec<Estimates> = earlier.map(|r| Estimates::of(&r)).take(MOST_RUNS).collect();
    between_runs(&Estimates::of(record), &earlier)
}

/// Is it an earlier run of the same kind, which came to its end, of a machine that is known to be
/// the same?
fn repeats(head: &record::Head, record: &Record) -> bool {
    let known = |machine: &Machine| matches!(machine.identity, Some(Finding::Known(_)));
    let same = head.machine.slug == record.machine.slug && known(&head.machine);
    let (before, now) = (&head.run, &record.run);
    let kind = before.protocol == now.protocol && before.cut.is_none();
    precedes(head, record) && same && known(&record.machine) && kind
}

/// What differs from the last run of the same machine that lies in the folder of reports, if there
/// is one that measured as much. `record` has what was judged of it.
pub(super) fn since(folder: &Path, record: &Record) -> Option<Since> {
    let places = Places::of(CLAIMS);
    let earlier = runs(folder).into_iter().rev().find_map(|run| {
        let file = run.join(RECORD);
        // What cannot be read is no run to be held against.
        let head = record::read_head(&file).ok().flatten()?;
        precedes(&head, record).then_some(file)
    })?;
    let earlier = compared(&earlier, &places).ok()?;
    let (run, machine) = (record.run.clone(), record.machine.clone());
    let now = ComparedRun::of(run, machine, record.judged.as_ref()?, &places);
    Contrast::of(&[earlier, now], CLAIMS).since()
}

/// Is it an earlier run of the same machine, of the same kind and extent or of all?
fn precedes(head: &record::Head, record: &Record) -> bool {
    let (before, now) = (&head.run, &record.run);
    let extent = before.filter.is_none() || before.filter == now.filter;
    before.started_utc < now.started_utc
        && before.quick == now.quick
        && extent
        && head.machine.is_same_as(&record.machine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Cut, Head, PROTOCOL, Value};

    fn head(of: &Record) -> Head {
        Head { run: of.run.clone(), machine: of.machine.clone(), judged: None }
    }

    #[test]
    fn only_whole_runs_of_one_kind_on_one_machine_say_how_far_it_drifts() {
        let mut record = Record::default();
        record.machine.identity = Some(Finding::Known(Value::Text("one".into())));
        record.run.protocol = Some(PROTOCOL);
        record.run.started_utc = "2026-01-02T00:00:00Z".into();
        let mut before = head(&record);
        before.run.started_utc = "2026-01-01T00:00:00Z".into();
        assert!(repeats(&before, &record));
        assert!(!repeats(&head(&record), &record), "it is no earlier one");
        let refused = |change: fn(&mut Head)| {
            let mut other = before.clone();
            change(&mut other);
            !repeats(&other, &record)
        };
        assert!(refused(|head| head.run.quick = true));
        assert!(refused(|head| head.run.protocol = None));
        assert!(refused(|head| head.run.cut = Some(Cut::Interrupted)));
        assert!(refused(|head| head.run.filter = Some("A1".into())));
        assert!(refused(|head| head.machine.identity = None), "it may be any machine");
        let other = || Some(Finding::Known(Value::Text("other".into())));
        let mut moved = before.clone();
        moved.machine.identity = other();
        assert!(!repeats(&moved, &record));
    }
}
