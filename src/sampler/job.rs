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

    /// Has nothing of it failed so far?
    fn is_sound(&self) -> bool;

    /// What of it can be kept where measuring ends before it is through. Most are nothing before
    /// they are whole.
    fn cut(self: Box<Self>) -> Vec<Row> {
        Vec::new()
    }
}

/// What who watches hears.
#[derive(Debug)]
pub enum Heard<'a> {
    /// A launch begins: of what.
    Launch(&'a str),
    /// A job is done: what it came to.
    Row(&'a Row),
}

/// Measures jobs in rounds: one launch of each, then the next of each. So the launches of a job are
/// spread over the whole, and its interval holds what the machine does in that time. The rows come
/// in the order of the jobs.
pub fn rounds(jobs: Vec<Box<dyn Job>>, bench: &Bench, hear: &mut dyn FnMut(Heard<'_>)) -> Vec<Row> {
    let mut rows: Vec<Vec<Row>> = jobs.iter().map(|_| Vec::new()).collect();
    let mut left: Vec<(usize, Box<dyn Job>)> = jobs.into_iter().enumerate().collect();
    while !left.is_empty() {
        let mut undone = Vec::with_capacity(left.len());
        for (number, mut job) in left {
            if bench.until.cut().is_some() {
                rows[number] = job.cut();
                continue;
            }
            if !job.is_done() {
                job.visit(bench, &mut |what| hear(Heard::Launch(what)));
            }
            // Who ends a program may end its labs with it, and then they fail.
            if bench.until.cut().is_some() && !job.is_sound() {
                rows[number] = job.cut();
            } else if job.is_done() {
                rows[number] = job.rows();
                rows[number].iter().for_each(|row| hear(Heard::Row(row)));
            } else {
                undone.push((number, job));
            }
        }
        left = undone;
    }
    rows.into_iter().flatten().collect()
}
