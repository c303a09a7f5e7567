//! Tries what would be measured, once each and with the least of everything.

use super::{Examined, Trial, Tried};
use crate::cgroup;
use crate::lab::{self, Lab, Program, Spec};
use crate::machine;
use crate::plan::Grid;
use crate::question::{self, QUESTIONS, Question};
use crate::record::{Arm, MemorySource, Outcome, Placement, Policy, Result, Row};
use crate::run::{Planned, measure};
use crate::sampler::{self, Budget};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// No trial is begun after this time, but the first of each question: none is answered untried.
const TIME: Duration = Duration::from_secs(2);
/// Identical batches, and about how long each takes.
const BATCHES: usize = 60;
const BATCH_NS: f64 = 2e6;
/// Operations by which it is found out how many fill a batch.
const FIRST_OPS: u64 = 1_000;

/// Tries what would be measured here.
///
/// # Errors
/// The lab's program cannot be found, /proc shows the processes of others, or the CPUs that may be
/// used are unknown: nothing can be measured then.
pub fn examine() -> Result<Examined> {
    machine::own_processes()?;
    let described = machine::describe()?;
    let others_runnable = machine::others_runnable();
    let program = lab::locate(None)?;
    let bench = sampler::Bench {
        reaper: program.reaper(),
        cores: machine::placement()?,
        budget: Budget::TEST,
        until: sampler::Until::default(),
        lab: program,
    };
    let fifo = lab::fifo_permitted();
    let policy = fifo.as_ref().copied().unwrap_or(Policy::Other);
    Ok(Examined {
        machine: described,
        no_fifo: fifo.err(),
        noise: noise(&bench.lab, &bench.cores),
        others_runnable,
        quota_cpus: cgroup::cpu_quota().ok().flatten(),
        tried: tried(&bench, policy),
    })
}

/// How far identical batches differ: half the range of the middle eight tenths, over the median.
fn noise(program: &Program, cores: &lab::Cores) -> Result<f64> {
    let arm = question::arm("baseline/getppid").at(Placement::SameCore);
    let mut lab = Lab::launch(program, &Spec::new(&arm, cores, None)?)?;
    let first = lab.batch(FIRST_OPS, FIRST_OPS)?.half.ns_per_op();
    let ops = (BATCH_NS / first.max(1.0)).max(1.0) as u64;
    let mut costs = Vec::with_capacity(BATCHES);
    for _ in 0..BATCHES {
        costs.push(lab.batch(0, ops)?.half.ns_per_op());
    }
    Ok(spread(&mut costs))
}

fn spread(costs: &mut [f64]) -> f64 {
    costs.sort_by(f64::total_cmp);
    let at = |share: f64| costs[((costs.len() - 1) as f64 * share).round() as usize];
    (at(0.9) - at(0.1)) / 2.0 / at(0.5)
}

/// One trial of each way of each question, until the time is over: the first of every question
/// before the second of any.
fn tried(bench: &sampler::Bench, policy: Policy) -> Vec<Tried> {
    let started = Instant::now();
    let all = Planned::all(policy, Grid::Default);
    let mut ways: Vec<Vec<Planned>> = QUESTIONS.iter().map(|q| ways(&all, q)).collect();
    ways.iter_mut().for_each(|ways| ways.reverse());
    let mut tried: Vec<Tried> = QUESTIONS.iter().map(|q| untried(q)).collect();
    while ways.iter().any(|ways| !ways.is_empty()) {
        for (ways, tried) in ways.iter_mut().zip(&mut tried) {
            match ways.pop() {
                Some(way) if started.elapsed() < TIME || tried.trials.is_empty() => {
                    tried.trials.push(trial(&way, bench));
                }
                Some(_) => tried.untried += 1,
                None => {}
            }
        }
    }
    tried
}

fn untried(question: &Question) -> Tried {
    let fifo = |arm: &Arm| arm.policy == Policy::Fifo;
    let planned = (question.experiments)(Policy::Fifo, Grid::Default);
    let wants_fifo = planned.iter().any(|e| fifo(&e.a) || fifo(&e.b));
    Tried { question: question.name, trials: Vec::new(), untried: 0, wants_fifo }
}

/// The ways in which a question measures: kind by kind, on one core and on several, under each
/// policy, with huge pages and without. Of each the one that needs the least.
fn ways(all: &[Planned], question: &Question) -> Vec<Planned> {
    let mut ways: BTreeMap<_, (_, &Planned)> = BTreeMap::new();
    for one in all.iter().filter(|one| one.question() == question.name) {
        let Some((way, needs)) = way(one) else { continue };
        match ways.get(&way) {
            Some((least, _)) if *least <= needs => {}
            _ => drop(ways.insert(way, (needs, one))),
        }
    }
    // The first way of every kind before the second of any: time may end before all are tried.
    let mut of_kind: BTreeMap<u8, usize> = BTreeMap::new();
    let mut turns: Vec<(usize, Planned)> = Vec::new();
    for ((kind, ..), (_, one)) in ways {
        let turn = of_kind.entry(kind).or_default();
        turns.push((*turn, one.clone()));
        *turn += 1;
    }
    turns.sort_by_key(|(turn, _)| *turn);
    turns.into_iter().map(|(_, one)| one).collect()
}

/// In which way it measures, and how much it needs; none where a trial takes long, and others of
/// its question show whether it can be had.
fn way(one: &Planned) -> Option<(Way, (u64, u32))> {
    let of = |kind, arm: &Arm| (kind, Some(arm.placement), Some(arm.policy), arm.huge);
    let needs = |arm: &Arm| (arm.parent.memory_bytes, arm.actors);
    match one {
        Planned::Pair(experiment) => Some((of(0, &experiment.b), needs(&experiment.b))),
        Planned::Count(counted) => Some((of(1, &counted.arm), needs(&counted.arm))),
        Planned::Probe(_) => Some(((2, None, None, false), (0, 0))),
        Planned::Keep(keeping) => {
            let most = keeping.units.last().copied().unwrap_or(0);
            Some(((3, None, None, false), (keeping.parent.memory_bytes, most)))
        }
        Planned::Load(_) | Planned::Shoot(_) | Planned::Idle(_) => None,
    }
}

/// Kind, placement, policy, huge pages.
type Way = (u8, Option<Placement>, Option<Policy>, bool);

fn trial(one: &Planned, bench: &sampler::Bench) -> Trial {
    let rows = measure(std::slice::from_ref(one), bench, &mut |_| {});
    let failure = rows.iter().find_map(|row| row.failure().cloned());
    let timed = matches!(one, Planned::Pair(_));
    Trial { id: one.id(), timed, gaps: rows.iter().flat_map(gaps).collect(), failure }
}

/// What a row lacks though it did not fail.
fn gaps(row: &Row) -> Vec<String> {
    match row {
        Row::Count(count) => uncounted(count),
        Row::Footprint(footprint) => {
            let source = footprint.launches.iter().find_map(|launch| match &launch.source {
                MemorySource::Meminfo { why } => {
                    Some(format!("memory is read of the whole machine, not of a group: {why}"))
                }
                MemorySource::CgroupV2 | MemorySource::CgroupV1 => None,
            });
            let capped = footprint.capped.clone();
            source.into_iter().chain(capped).collect()
        }
        _ => Vec::new(),
    }
}

/// Events that were not counted, a line for each reason.
fn uncounted(count: &crate::record::Count) -> Vec<String> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for reading in &count.readings {
        if let Outcome::Missing { reason } = &reading.outcome {
            let events = reasons.entry(reason).or_default();
            if !events.contains(&reading.event.as_str()) {
                events.push(&reading.event);
            }
        }
    }
    let line = |(reason, events): (&str, Vec<&str>)| {
        format!("not counted: {}: {reason}", events.join(", "))
    };
    reasons.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::doctor::{Can, diagnose};

    #[test]
    fn the_spread_is_half_of_what_the_middle_takes() {
        let mut alike = vec![100.0; 60];
        assert_eq!(spread(&mut alike), 0.0);
        let mut wide: Vec<f64> = (0..=100).map(|n| 50.0 + f64::from(n)).collect();
        assert_eq!(spread(&mut wide), 0.4);
        // One that was interrupted is none of the middle.
        let mut once = [vec![100.0; 59], vec![900.0]].concat();
        assert_eq!(spread(&mut once), 0.0);
    }

    #[test]
    fn every_question_has_a_way_and_each_needs_the_least() {
        let all = Planned::all(Policy::Fifo, Grid::Default);
        for question in QUESTIONS {
            let ways = ways(&all, question);
            assert!(!ways.is_empty() && ways.len() <= 12, "{}: {}", question.name, ways.len());
            let small = |one: &Planned| match one {
                Planned::Pair(experiment) => experiment.b.parent.memory_bytes == 0,
                _ => true,
            };
            assert!(ways.iter().any(small), "{}", question.name);
        }
    }

    #[test]
    fn this_machine_is_examined_and_something_can_be_measured() {
        let found = examine().unwrap();
        assert!(found.tried.iter().all(|tried| !tried.trials.is_empty()), "{:?}", found.tried);
        let said = diagnose(&found);
        assert_eq!(said.questions.len(), QUESTIONS.len());
        assert!(said.questions.iter().any(|prospect| prospect.can != Can::No), "{said:?}");
        let told = |prospect: &super::super::Prospect| {
            (prospect.can == Can::Yes) == prospect.causes.is_empty()
        };
        assert!(said.questions.iter().all(told), "{said:?}");
    }
}
