//! The prediction held against a lab of that shape, which is built and measured.

use super::{Fork, ProcessShape, Regime, SmallParent};
use crate::claim::{Brief, Evidence, Unit};
use crate::lab;
use crate::machine;
use crate::question::creation::plan::of_shape;
use crate::record::{Failure, Parent, Record, Result, Row, Stop};
use crate::sampler::{Bench, Budget, Heard, Job, Pairing, Until, rounds};
use crate::stats::Interval;
use serde::Serialize;
use std::time::Duration;

/// What a lab of the shape took, nanoseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checked {
    /// In which state.
    pub regime: Regime,
    /// What the caller waited for, with the interval of these launches alone.
    pub call_ns: f64,
    /// Lower and upper end of its interval.
    pub call_interval_ns: [f64; 2],
    /// Until the child was reaped.
    pub reaped_ns: f64,
    /// Lower and upper end of its interval.
    pub reaped_interval_ns: [f64; 2],
    /// Prediction over measurement, of the call; none where there is no prediction.
    pub call_ratio: Option<f64>,
    /// The same until the child is reaped.
    pub reaped_ratio: Option<f64>,
}

/// Four launches of some pairs: seconds, and an interval.
const BUDGET: Budget = Budget {
    launches: [4; 4],
    late: 0,
    pairs_per_launch: 10,
    extend_for: [Duration::ZERO; 4],
    give_up_after: Duration::from_secs(30),
};

/// Builds a lab of this shape and measures its fork in both regimes.
///
/// # Errors
/// No lab can hold this, or one failed.
pub fn check(process: &ProcessShape, forks: &[Fork], record: &Record) -> Result<Vec<Checked>> {
    let parent = parent(process, record)?;
    machine::own_processes()?;
    let lab = lab::locate(None)?;
    let cores = machine::placement()?;
    let until = Until::default();
    let bench = Bench { reaper: lab.reaper(), lab: lab.clone(), cores, budget: BUDGET, until };
    let jobs = of_shape(parent).map(|experiment| {
        let programs = [lab.clone(), lab.clone()];
        Box::new(Pairing::new(experiment, programs, BUDGET)) as Box<dyn Job>
    });
    let rows = rounds(jobs.into(), &bench, &mut |heard| {
        if let Heard::Launch(what) = heard {
            crate::output::say(what);
        }
    });
    Regime::ALL.into_iter().zip(rows).map(|(regime, row)| one(regime, &row, forks)).collect()
}

fn one(regime: Regime, row: &Row, forks: &[Fork]) -> Result<Checked> {
    let tried = || format!("measuring a lab of this shape: {}", regime.name());
    let Row::Cell(cell) = row else { return Err(Failure::new(tried(), "it gave no cell")) };
    if let Stop::Failed(failure) = &cell.stop {
        return Err(Failure {
            tried: format!("{}; {}", tried(), failure.tried),
            ..failure.clone()
        });
    }
    let found = Evidence::of(cell, None).b;
    let figures = found.call_ns.zip(found.reaped_ns);
    let (call, reaped) = figures.ok_or_else(|| {
        Failure::new(tried(), "too few pairs were kept, as other programs ran")
            .remedy("repeat it on an idle machine")
    })?;
    let predicted = forks.iter().find(|fork| fork.regime == regime);
    let over = |answer: Option<&super::Answer>, measured: Interval| {
        Some(answer?.amount()?.estimate / measured.estimate)
    };
    Ok(Checked {
        regime,
        call_ns: call.estimate,
        call_interval_ns: [call.low, call.high],
        reaped_ns: reaped.estimate,
        reaped_interval_ns: [reaped.low, reaped.high],
        call_ratio: over(predicted.map(|fork| &fork.call_ns), call),
        reaped_ratio: over(predicted.map(|fork| &fork.reaped_ns), reaped),
    })
}

/// What a lab must hold besides its own to be of this shape.
fn parent(process: &ProcessShape, record: &Record) -> Result<Parent> {
    let tried = "building a lab of this shape";
    let lab = SmallParent::of(record).map_err(|absent| absent.failure(tried))?;
    let mappings = process.mappings.saturating_sub(lab.mappings);
    let base_bytes =
        process.base_bytes.saturating_sub(lab.bytes_with(process.mappings, process.threads));
    // A lab's memory is of one kind of page.
    let huge = process.huge_bytes > base_bytes;
    let (memory_bytes, left_out) = match huge {
        true => (process.huge_bytes, base_bytes),
        false => (base_bytes, process.huge_bytes),
    };
    if left_out * 20 > memory_bytes {
        let why = format!(
            "a lab holds memory of one kind of page, and this process holds {} MiB in base pages \
             and {} MiB in huge pages",
            base_bytes >> 20,
            process.huge_bytes >> 20
        );
        return Err(Failure::new(tried, why).remedy("check one kind by numbers: --memory, --huge"));
    }
    fits(tried, memory_bytes, huge)?;
    let small = |count: u64, what: &str| {
        u32::try_from(count)
            .map_err(|_| Failure::new(tried, format!("{count} {what} are too many")))
    };
    let clean = process.clean_mappings.saturating_sub(lab.clean_mappings);
    Ok(Parent {
        memory_bytes,
        huge,
        mappings: small(mappings, "mappings")?,
        clean_mappings: small(clean, "mappings")?,
        descriptors: small(process.descriptors.saturating_sub(lab.descriptors), "descriptors")?,
        threads: small(process.threads.saturating_sub(lab.threads), "threads")?,
        scattered: false,
    })
}

/// Will a lab be given so much memory? It is asked before one is started.
fn fits(tried: &str, memory_bytes: u64, huge: bool) -> Result<()> {
    let most = lab::most_parent_bytes().filter(|most| memory_bytes > *most);
    let Some(most) = most else { return Ok(()) };
    let wanted = Unit::Bytes.brief(memory_bytes as f64);
    let most_brief = Unit::Bytes.brief(most as f64);
    let why = format!(
        "it would hold {wanted}, and the limit is {most_brief}, a tenth of the memory that is \
         available here"
    );
    let huge = if huge { " --huge" } else { "" };
    let checkable = format!("--memory {}MiB{huge} can be checked here", (most >> 20).max(1));
    Err(Failure::new(tried, why).remedy(checkable))
}
