//! The small parent of a run, stated wherever it is spoken of: what it holds decides what a fork in
//! it costs.

use super::unit::significant;
use crate::record::{Arm, LabState, Parent, Record};

/// How the catalogue speaks of it.
const SMALL: &str = "small parent";
/// What is created in it where its state is read.
const FORK: &str = "process/fork";
const MEBIBYTE: f64 = 1048576.0;

/// What a lab of this run was that forked and held nothing on purpose.
#[must_use]
pub fn small_parent(record: &Record) -> Option<&LabState> {
    let small = |arm: &Arm| arm.parent == Parent::default() && !arm.stamped;
    let forks = |arm: &Arm| arm.primitive == FORK && small(arm);
    record.cells.iter().find_map(|cell| {
        let side = [&cell.a, &cell.b].into_iter().position(forks)?;
        cell.launches.first().map(|launch| &launch.states[side])
    })
}

/// The same words, with the small parent of this run stated behind the first naming of it.
#[must_use]
pub fn stated(words: &str, record: &Record) -> String {
    match small_parent(record) {
        Some(lab) => words.replacen(SMALL, &format!("{SMALL} ({})", held(lab)), 1),
        None => words.to_owned(),
    }
}

/// `48 mappings, 4.1 MiB`.
#[must_use]
pub fn held(lab: &LabState) -> String {
    let resident = significant(lab.rss_bytes as f64 / MEBIBYTE);
    format!("{} mappings, {resident} MiB", lab.vmas)
}
