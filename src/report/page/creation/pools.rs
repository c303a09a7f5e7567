//! A task for a worker that waits, against creating a worker for the task.

use super::{View, look, unmeasured};
use crate::question::creation::evidence::Dispatch;
use crate::question::creation::plan::{DISPATCHES, dispatch};
use crate::record::Record;
use crate::report::html::{escape, paragraph, table};
use crate::stats::Interval;

pub(super) fn html(view: &View) -> String {
    let (record, dispatches) = (view.record, &view.creation.dispatches);
    let tried = DISPATCHES.into_iter().map(|(name, worker, created)| {
        (
            format!("{} against {}", look::name(record, worker), look::name(record, created)),
            dispatch(name),
        )
    });
    let missing = unmeasured::html(view, tried);
    if dispatches.is_empty() {
        return missing;
    }
    let head = [
        "To a worker that waits",
        "=There and back (95 % interval)",
        "Instead of creating",
        "=Created to reaped",
        "=Creation over dispatch",
        "A pool has paid",
    ];
    let rows: Vec<Vec<String>> = dispatches.iter().map(|dispatch| row(record, dispatch)).collect();
    table(&head, &rows) + &paragraph("note", NOTE) + &missing
}

const NOTE: &str = "Dispatch is a round trip: the task goes to the worker and its answer comes \
                    back. A pool has paid when creating each worker once and dispatching all its \
                    tasks costs less than a new worker for every task.";

fn row(record: &Record, dispatch: &Dispatch) -> Vec<String> {
    let named = DISPATCHES.into_iter().find(|(name, ..)| *name == dispatch.name);
    let (worker, created) = named.map_or((dispatch.name, ""), |(_, worker, made)| (worker, made));
    vec![
        look::coloured(record, worker, look::name(record, worker)),
        escape(&look::time(Some(dispatch.dispatch_ns))),
        look::coloured(record, created, look::name(record, created)),
        escape(&look::time(Some(dispatch.create_ns))),
        escape(&look::times(Some(dispatch.ratio))),
        escape(&dispatch.paid_after.map_or("never: dispatch is not the cheaper".to_owned(), paid)),
    ]
}

/// From which task of each worker on: the first whole number beyond.
fn paid(after: Interval) -> String {
    let [at, low, high] = [after.estimate, after.low, after.high].map(|tasks| tasks.floor() + 1.0);
    match low == high {
        true => format!("with {at} tasks for each worker"),
        false => format!("with {at} [{low}, {high}] tasks for each worker"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_has_paid_with_a_whole_number_of_tasks() {
        let paid = |estimate, low, high| paid(Interval { estimate, low, high });
        assert_eq!(paid(1.02, 1.01, 1.03), "with 2 tasks for each worker");
        assert_eq!(paid(2.5, 1.8, 3.0), "with 3 [2, 4] tasks for each worker");
    }
}
