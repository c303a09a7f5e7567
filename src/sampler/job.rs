//! A job is what is measured over several launches; the driver makes one launch of each in turn.

use super::{Bench, Budget};
use crate::record::Row;

/// Something that is measured over several launches. A failure ends the job and is its row's
/// reason, not the run's end.
pub trait Job {
    /// How many launches are planned, for who watches.
    fn launches(&self, budget: Budget) -> usize;

    /// Is there no launch left to make?
    fn is_done(&self) -> bool;

    /// Makes one launch; `progress` hears before what it is of.
    fn visit(&mut self, bench: &Bench, progress: &mut dyn FnMut(&str));

    /// What it came to.
    fn rows(self: Box<Self>) -> Vec<Row>;
}

/// Measures jobs in rounds: one launch of each, then the next of each. So the launches of a job are
/// spread over the whole, and its interval holds what the machine does in that time.
pub fn rounds(
    mut jobs: Vec<Box<dyn Job>>,
    bench: &Bench,
    progress: &mut dyn FnMut(&str),
) -> Vec<Row> {
    while jobs.iter().any(|job| !job.is_done()) {
        for job in jobs.iter_mut().filter(|job| !job.is_done()) {
            job.visit(bench, progress);
        }
    }
    jobs.into_iter().flat_map(Job::rows).collect()
}
