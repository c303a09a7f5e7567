//! What a fork of the process would take, part by part.

use super::small::SmallParent;
use super::source::{Source, Until};
use super::sum::{Absent, Basis, Sum};
use super::{Answer, ProcessShape};
use crate::question::creation::plan::Axis;
use serde::Serialize;

const MEBIBYTE: f64 = 1048576.0;

/// In what state the fork finds the machine and the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Regime {
    /// One fork after the other, of memory that was touched in the order of its addresses.
    Again,
    /// After a rest, of memory that was touched in any order: a program that runs for long and
    /// forks now and then.
    Rested,
}

impl Regime {
    /// Both.
    pub const ALL: [Regime; 2] = [Regime::Again, Regime::Rested];

    /// In words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Regime::Again => "fork after fork, memory in order",
            Regime::Rested => "first fork after a rest, memory scattered",
        }
    }
}

/// What a fork would take, nanoseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fork {
    /// In which state.
    pub regime: Regime,
    /// What the caller waits for.
    pub call_ns: Answer,
    /// Until the child, which leaves at once, is reaped.
    pub reaped_ns: Answer,
    /// What both are made of: they add up.
    pub parts: Vec<ForkPart>,
}

/// A part of what a fork would take, nanoseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForkPart {
    /// What it is for.
    pub name: &'static str,
    /// Of what the caller waits for.
    pub call_ns: Answer,
    /// Of the time until the child is reaped.
    pub reaped_ns: Answer,
}

type Found = Result<Sum, Absent>;

/// The part that is there whatever a process holds.
const SMALL: &str = "a small parent's fork";

impl Fork {
    pub(super) fn of(process: &ProcessShape, regime: Regime, source: &Source) -> Self {
        let call = parts(process, regime, Until::Returned, source);
        let reaped = parts(process, regime, Until::Reaped, source);
        let both = call.iter().zip(&reaped);
        let parts = both.map(|((name, call), (_, reaped))| {
            // A small parent's fork is a time; the others are differences from it.
            let answer = if *name == SMALL { Answer::of_whole } else { Answer::of };
            ForkPart { name, call_ns: answer(call), reaped_ns: answer(reaped) }
        });
        Fork {
            regime,
            parts: parts.collect(),
            call_ns: Answer::of_whole(&total(call)),
            reaped_ns: Answer::of_whole(&total(reaped)),
        }
    }
}

fn total(parts: Vec<(&'static str, Found)>) -> Found {
    let sums: Result<Vec<Sum>, Absent> = parts.into_iter().map(|(_, found)| found).collect();
    sums.map(|sums| Sum::total(&sums))
}

/// The parts: what a small parent's fork takes whatever is held, and what each thing adds that the
/// process holds beyond that parent.
fn parts(
    process: &ProcessShape,
    regime: Regime,
    until: Until,
    source: &Source,
) -> Vec<(&'static str, Found)> {
    let memory = match regime {
        Regime::Again => Axis::Memory,
        Regime::Rested => Axis::ScatteredMemory,
    };
    let growth = |axis, read: fn(&More) -> f64| -> Found {
        source.growth(axis, read(&More::of(process, source)?), regime, until)
    };
    let threads = || source.threads(More::of(process, source)?.threads, until);
    vec![
        (SMALL, source.small(regime, until)),
        ("memory", growth(memory, |more| more.base_mib)),
        ("memory in huge pages", growth(Axis::HugeMemory, |more| more.huge_mib)),
        ("mappings with own pages", growth(Axis::Mappings, |more| more.mappings)),
        ("other mappings", clean(process, regime, until, source)),
        ("descriptors", growth(Axis::Descriptors, |more| more.descriptors)),
        ("threads", threads()),
    ]
}

/// Mappings without pages of their own. A run that did not measure them bounds them by those that
/// have a page.
fn clean(process: &ProcessShape, regime: Regime, until: Until, source: &Source) -> Found {
    let more = More::of(process, source)?.clean_mappings;
    source.growth(Axis::CleanMappings, more, regime, until).or_else(|_| {
        source.growth(Axis::Mappings, more, regime, until).map(|sum| sum.on(Basis::AtMost))
    })
}

/// What a process holds beyond the small parent of the run; less than nothing where it holds less.
#[derive(Debug, Clone, Copy)]
struct More {
    base_mib: f64,
    huge_mib: f64,
    mappings: f64,
    clean_mappings: f64,
    descriptors: f64,
    threads: f64,
}

impl More {
    fn of(process: &ProcessShape, source: &Source) -> Result<Self, Absent> {
        let small = SmallParent::of(source.record)?;
        let more = |holds: u64, small: u64| holds as f64 - small as f64;
        let mappings = more(process.mappings, small.mappings);
        let threads = more(process.threads, small.threads);
        // The mappings and threads that were measured hold memory: it is counted with them.
        let counted = mappings * small.page_bytes as f64 + threads * small.thread_bytes as f64;
        Ok(More {
            base_mib: (more(process.base_bytes, small.own_bytes) - counted) / MEBIBYTE,
            huge_mib: process.huge_bytes as f64 / MEBIBYTE,
            mappings,
            clean_mappings: more(process.clean_mappings, small.clean_mappings),
            descriptors: more(process.descriptors, small.descriptors),
            threads,
        })
    }
}
