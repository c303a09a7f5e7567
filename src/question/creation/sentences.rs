//! What is said of the claims about creation.

use super::evidence::{BreakEven, Creation, Point, Sweep};
use super::plan::Axis;
use crate::claim::{Brief, Case, ClaimVerdict, Said, Unit, counted, two_digits};

const MEBIBYTE: f64 = 1048576.0;
const FORK: &str = "fork, small parent";
const EXEC: &str = "fork + exec dynamic, small parent";

/// Memory in MiB, as a sentence says it.
fn memory(mib: f64) -> String {
    Unit::Bytes.brief(mib * MEBIBYTE)
}

fn over_memory(case: &Case) -> Option<Sweep> {
    let sweeps = Creation::of(case.record, case.judged).sweeps;
    sweeps.into_iter().find(|sweep| sweep.axis == Axis::Memory)
}

/// The biggest parent of the sweep.
fn biggest(sweep: &Sweep) -> Option<&Point> {
    sweep.points.iter().rfind(|point| point.sound && point.at > 0)
}

pub(super) fn a1(case: &Case) -> Said {
    let (fork, exec) = (case.brief(FORK), case.brief(EXEC));
    let sweep = over_memory(case);
    let from = sweep.as_ref().and_then(|s| s.reaches(1e6, |point| point.fork_ns.estimate));
    let from = from.map(|mib| format!("1 ms from {}", memory(mib)));
    let end = sweep.as_ref().and_then(biggest).map(|point| {
        let time = Unit::Nanoseconds.brief(point.fork_ns.estimate);
        format!("{time} at {}", memory(f64::from(point.at)))
    });
    let boundary: Vec<String> = [from, end].into_iter().flatten().collect();
    let cheaper = case.figure(FORK).map(|ns| 1e6 / ns).filter(|times| *times > 1.5);
    Said {
        here: fork.clone(),
        row: format!("fork {fork}, fork+exec {exec}"),
        scope: match (case.claim.verdict, cheaper) {
            (ClaimVerdict::False, Some(times)) => {
                format!("({times:.0} times cheaper) for small parents")
            }
            (ClaimVerdict::Depends, _) => String::new(),
            _ => "for small parents".to_owned(),
        },
        lead: format!("fork takes {fork}, fork+exec {exec}"),
        boundary: (!boundary.is_empty()).then(|| boundary.join(", ")),
        exception: None,
    }
}

pub(super) fn a2(case: &Case) -> Said {
    const NEW_STACK: &str = "pthread_create, new stack";
    let (pthread, std) = (case.brief("pthread_create"), case.brief("Rust std::thread"));
    Said {
        here: pthread.clone(),
        row: format!("{pthread} (std::thread {std})"),
        lead: format!(
            "creating and joining takes {pthread} with pthread_create, {std} with Rust's \
             std::thread"
        ),
        boundary: case
            .interval(NEW_STACK)
            .map(|_| format!("{} when the stack is not cached", case.brief(NEW_STACK))),
        ..Said::default()
    }
}

pub(super) fn a3(case: &Case) -> Said {
    let (fork, exec) = (case.brief(FORK), case.brief(EXEC));
    let sweep = over_memory(case);
    let at = |edge| {
        let mib = sweep.as_ref()?.reaches(edge, |point| point.ratio.estimate)?;
        Some(format!("{}× near {}", two_digits(edge), memory(mib)))
    };
    let edges: Vec<String> = [at(10.0), at(100.0)].into_iter().flatten().collect();
    let only = if case.holds(FORK) == Some(false) { "but only" } else { "and" };
    Said {
        here: format!("{fork} / {exec}"),
        row: format!("{fork} fork, {exec} fork+exec"),
        lead: format!("a thread is {exec} faster than fork+exec {only} {fork} faster than fork"),
        boundary: (!edges.is_empty()).then(|| format!("fork passes {}", edges.join(" and "))),
        ..Said::default()
    }
}

pub(super) fn a4(case: &Case) -> Said {
    let creation = Creation::of(case.record, case.judged);
    let from =
        |name| creation.races.iter().find(|race| race.name == name).map(|race| race.break_even);
    let (small, big) = (from("small"), from("64MiB"));
    let lead = match pool(small) {
        Some(pool) => format!("from a small parent, fork beats building a pool {pool}"),
        None => format!("fork takes {} of a pool of eight", case.brief(case.claim.claim.stated[0])),
    };
    Said {
        here: threads(small).unwrap_or_else(|| sizes(small)),
        row: format!("{}; 64 MiB: {}", sizes(small), sizes(big)),
        lead,
        boundary: pool(big).map(|pool| format!("from 64 MiB, one {pool}")),
        ..Said::default()
    }
}

/// The sizes of the pools that a fork beats.
fn sizes(break_even: Option<BreakEven>) -> String {
    match break_even {
        Some(BreakEven::At(threads)) => format!("from {:.0}", threads.ceil()),
        Some(BreakEven::Between(low, high)) => format!("from {low}-{high}"),
        Some(BreakEven::Always) => "always".to_owned(),
        Some(BreakEven::NotUpTo(most)) => format!("not up to {most}"),
        Some(BreakEven::Unknown) | None => "undecided".to_owned(),
    }
}

/// The same with its unit, where it is a number.
fn threads(break_even: Option<BreakEven>) -> Option<String> {
    match break_even? {
        BreakEven::Always | BreakEven::Unknown => None,
        _ => Some(format!("{} threads", sizes(break_even))),
    }
}

/// The pools that a fork beats.
fn pool(break_even: Option<BreakEven>) -> Option<String> {
    Some(match break_even? {
        BreakEven::At(threads) => {
            format!("of {} or more threads", counted(threads.ceil() as u32))
        }
        BreakEven::Between(low, high) => format!("of between {low} and {high} threads or more"),
        BreakEven::Always => "of any size".to_owned(),
        BreakEven::NotUpTo(most) => format!("of more than {most}, if any"),
        BreakEven::Unknown => return None,
    })
}

pub(super) fn e4(case: &Case) -> Said {
    let [fork, exec, thread] =
        ["fork, by futex", "exec, by futex", "pthread, by futex"].map(|title| case.brief(title));
    let hand_off = Creation::of(case.record, case.judged)
        .dispatches
        .iter()
        .find(|dispatch| dispatch.name == "futex-process/fork")
        .map(|dispatch| format!("{} ", Unit::Nanoseconds.brief(dispatch.dispatch_ns.estimate)));
    let but = if case.holds("pthread, by futex") == Some(false) { "but" } else { "and" };
    let only = if but == "but" { "only " } else { "" };
    Said {
        here: format!("{fork} / {thread}"),
        row: format!("{fork} fork, {thread} thread"),
        lead: format!(
            "creating costs {fork} (fork) to {exec} (fork+exec) a {}hand-off to a waiting \
             worker, {but} a thread {only}{thread}",
            hand_off.unwrap_or_default()
        ),
        ..Said::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_number_of_threads_has_its_unit() {
        let said = [
            (Some(BreakEven::At(7.2)), "from 8 threads"),
            (Some(BreakEven::Between(4, 8)), "from 4-8 threads"),
            (Some(BreakEven::NotUpTo(32)), "not up to 32 threads"),
            (Some(BreakEven::Always), "always"),
            (Some(BreakEven::Unknown), "undecided"),
            (None, "undecided"),
        ];
        for (break_even, said) in said {
            assert_eq!(threads(break_even).unwrap_or_else(|| sizes(break_even)), said);
        }
    }
}
