//! What is not compared, and what is compared with caution.

use super::change::FigureChange;
use super::run::ComparedRun;
use crate::claim::{CellDef, Estimand};
use crate::record::LabShape;
use std::fmt;

/// Why a figure of two runs is not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// One of both runs was made on an emulated machine, and the figure is a time.
    Emulated,
    /// The runs were measured by different protocols.
    Protocol,
    /// The labs of both runs were in different states.
    Lab,
    /// One of both runs lacks it, or it did not pass its checks there.
    Missing,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::Emulated => "times of an emulated machine are not real times",
            Refusal::Protocol => "measured by another protocol",
            Refusal::Lab => {
                "the measuring process was in another state (memory, mappings, descriptors, \
                 threads or huge pages)"
            }
            Refusal::Missing => "not in both runs",
        })
    }
}

impl Refusal {
    /// In a few words.
    #[must_use]
    pub fn brief(self) -> &'static str {
        match self {
            Refusal::Emulated => "emulated",
            Refusal::Protocol => "other protocol",
            Refusal::Lab => "other lab state",
            Refusal::Missing => "not in both runs",
        }
    }
}

/// The figure of a cell in two runs, or why it is not compared.
pub(super) fn compare(
    def: &CellDef,
    first: &ComparedRun,
    later: &ComparedRun,
    place: usize,
    at: usize,
) -> Result<FigureChange, Refusal> {
    let [before, after] = [first, later].map(|run| run.cell(place, at));
    let virtual_time = [first, later].iter().any(|run| !run.machine.has_real_time());
    let (Some(was), Some(is)) = (before.figure, after.figure) else {
        return Err(Refusal::Missing);
    };
    if virtual_time && def.estimand.is_timed() {
        return Err(Refusal::Emulated);
    }
    if matches!((first.run.protocol, later.run.protocol), (Some(one), Some(other)) if one != other)
    {
        return Err(Refusal::Protocol);
    }
    if let (Some(one), Some(other)) = (before.labs, after.labs)
        && !one.iter().zip(&other).all(|(one, other)| alike(one, other))
    {
        return Err(Refusal::Lab);
    }
    // What was counted has the interval of its launches; all else that of a rerun.
    Ok(FigureChange::of(was, is, !matches!(def.estimand, Estimand::Counted(_))))
}

/// By how much the memory and the mappings of labs in the same state differ, as a factor.
const ALIKE: f64 = 1.1;

/// Were two labs in the same state?
fn alike(one: &LabShape, other: &LabShape) -> bool {
    let [memory, mappings, descriptors, threads, huge] =
        [0, 1, 2, 3, 4].map(|at| [one[at], other[at]]);
    let near = |[one, other]: [u64; 2]| {
        let [least, most] = [one.min(other), one.max(other)];
        most as f64 <= least as f64 * ALIKE
    };
    let equal = |[one, other]: [u64; 2]| one == other;
    near(memory) && near(mappings) && equal(descriptors) && equal(threads) && near(huge)
}

/// What makes the figures of a run less comparable with those of the first.
pub(super) fn cautions(first: &ComparedRun, later: &ComparedRun) -> Vec<String> {
    if std::ptr::eq(first, later) {
        return Vec::new();
    }
    let (before, after) = (&first.run, &later.run);
    let quick = (before.quick != after.quick).then(|| {
        let which = if after.quick {
            "this run is quick, the first is whole"
        } else {
            "the first run is quick, this one is whole"
        };
        format!("{which}: the quick one has fewer samples and wider intervals")
    });
    let cut = after.cut.map(|cut| format!("this run was {cut}: it has a part of the figures"));
    let emulated = match [first, later].map(|run| !run.machine.has_real_time()) {
        [false, false] => None,
        [true, true] => Some("both machines are emulated: no times are compared"),
        [true, false] => Some("the first run's machine is emulated: no times are compared"),
        [false, true] => Some("this machine is emulated: no times are compared"),
    };
    let protocol = match (before.protocol, after.protocol) {
        (Some(one), Some(other)) if one != other => Some(format!(
            "measured by protocol {other}, the first by {one}: no figures are compared"
        )),
        (Some(_), Some(_)) => None,
        _ if before.revision == after.revision => None,
        _ => {
            let [one, other] =
                [before, after].map(|run| run.revision.as_deref().unwrap_or("unknown"));
            Some(format!(
                "measured by revision {other}, the first by {one}, and not both say by which \
                 protocol: what differs may be the program"
            ))
        }
    };
    let other = (before.version != after.version)
        .then(|| format!("version {}, the first {}", after.version, before.version));
    [quick, cut, emulated.map(str::to_owned), protocol, other].into_iter().flatten().collect()
}
