//! Claims and comparisons: verdicts, samples, absolute times of both sides, their processes.

use super::{Part, bytes, counted, interval, or_dash, side, span, tally};
use crate::claim::{
    ArmEvidence, Control, Estimand, Evidence, Judged, JudgedCell, JudgedClaim, Unit,
};
use crate::record::{Cell, LabState, Record, Stop};
use crate::report::words::{self, count, percent, time};
use std::collections::BTreeSet;

pub(super) fn parts(record: &Record, judged: &Judged) -> Vec<Part> {
    vec![
        claims(judged),
        controls(record, judged),
        comparisons(record, judged),
        times(record, judged),
        moments(record, judged),
        processes(record),
        discarded(record),
    ]
}

fn claims(judged: &Judged) -> Part {
    let row = |claim: &JudgedClaim, cell: &JudgedCell| {
        let unit = cell.def.estimand.unit();
        let margin = or_dash(cell.margin, |margin| {
            let [low, high] = [margin.at_low, margin.at_high].map(percent);
            if low == high { format!("±{low}") } else { format!("−{low}, +{high}") }
        });
        vec![
            claim.claim.id.to_owned(),
            cell.title.clone(),
            cell.def.id().to_string(),
            cell.verdict.to_string(),
            interval(unit, cell.figure),
            claim.claim.promise.to_owned(),
            margin,
            interval(unit, cell.beside),
            cell.reason.clone(),
        ]
    };
    let rows = judged
        .claims
        .iter()
        .flat_map(|claim| claim.cells.iter().map(|cell| row(claim, cell)).collect::<Vec<_>>());
    let head = "Claim | Question | Measurement | Verdict | Measured | Textbook | Tolerance \
                | Under SCHED_OTHER | Reason";
    let note = "Every single question that a claim is judged by. Tolerance: how far an edge of the \
                textbook's range moves before it is compared with the interval. Under SCHED_OTHER: \
                the same comparison as ordinary programs are scheduled, shown and not judged.";
    Part::new("claims", "Claims, question by question", head, rows.collect()).noted(note)
}

fn controls(record: &Record, judged: &Judged) -> Part {
    let row = |control: &Control| {
        let evidence = judged.evidence.get(&control.id);
        let cycles = evidence.and_then(|it| Estimand::ExtraCycles.figure(it, record));
        let outcome = match (control.passed(), control.complete) {
            (true, _) => "passed",
            (false, true) => "failed: outside ±5 %",
            (false, false) => "failed: too few samples",
        };
        vec![
            control.id.to_string(),
            or_dash(evidence, |evidence| side(&evidence.a.arm)),
            interval(Unit::Times, control.ratio),
            or_dash(control.ratio, |ratio| percent(ratio.farthest_from(1.0))),
            interval(Unit::Cycles, cycles),
            outcome.to_owned(),
        ]
    };
    let rows = judged.controls.iter().map(row).collect();
    let head = "Control | Both sides | Ratio | Farthest from 1 | Cycles per switch | \
                Outcome";
    let note = "Identical code compared with itself: the ratio should be 1. Outside ±5 % no ratio \
                of the question is judged.";
    Part::new("controls", "A/A controls", head, rows).noted(note)
}

/// A comparison with what its samples say.
fn evident<'r>(
    record: &'r Record,
    judged: &'r Judged,
) -> impl Iterator<Item = (&'r Cell, &'r Evidence)> {
    record.cells.iter().filter_map(|cell| Some((cell, judged.evidence.get(&cell.id)?)))
}

fn comparisons(record: &Record, judged: &Judged) -> Part {
    let row = |(cell, evidence): (&Cell, &Evidence)| {
        let stopped = match &cell.stop {
            Stop::Precision => "target precision".to_owned(),
            Stop::Planned => "maximum launches".to_owned(),
            Stop::TimeCap => "time limit".to_owned(),
            Stop::Cut => "run ended early".to_owned(),
            Stop::Failed(failure) => format!("failed: {failure}"),
        };
        vec![
            cell.id.to_string(),
            side(&cell.a),
            side(&cell.b),
            evidence.launches.to_string(),
            evidence.pairs.to_string(),
            format!("{} ({})", evidence.discarded, percent(evidence.discarded_share())),
            interval(Unit::Times, evidence.ratio),
            interval(Unit::Nanoseconds, evidence.extra_ns_per_switch),
            interval(Unit::Times, evidence.ready_ratio),
            interval(Unit::Times, evidence.reaped_ratio),
            interval(Unit::Share, evidence.refill_fraction),
            or_dash(evidence.minimum_detectable, percent),
            format!("±{}", percent(cell.precision_aim)),
            stopped,
        ]
    };
    let rows = evident(record, judged).map(row).collect();
    let head = "Comparison | First side | Second side | Launches | Pairs | Discarded | \
                Ratio | More per switch | Ratio until ready | Ratio until reaped | TLB \
                refill, share | Minimum detectable effect | Target | Stopped at";
    let note = "Ratio: second side over first, within pairs of batches in the order A B B A. \
                Minimum detectable effect: at a power of 80 %.";
    Part::new("comparisons", "Comparisons", head, rows).noted(note)
}

/// A row for each side of each comparison that has pairs.
fn sides(
    record: &Record,
    judged: &Judged,
    row: impl Fn(&ArmEvidence) -> Option<Vec<String>>,
) -> Vec<Vec<String>> {
    let both = evident(record, judged).filter(|(_, evidence)| evidence.pairs > 0);
    let both = both.flat_map(|(cell, evidence)| [(cell, &evidence.a), (cell, &evidence.b)]);
    let rows = both.filter_map(|(cell, evidence)| {
        let named = [cell.id.to_string(), side(&evidence.arm)];
        Some(named.into_iter().chain(row(evidence)?).collect())
    });
    rows.collect()
}

fn times(record: &Record, judged: &Judged) -> Part {
    let row = |side: &ArmEvidence| {
        let spread = |at: usize| or_dash(side.spread_ns, |spread| time(spread[at]));
        let shares = or_dash(side.busy_shares(), |[client, server]| {
            format!("{} / {}", percent(client), percent(server))
        });
        let fifo = (side.fifo_stretch_ns > 0).then_some(side.fifo_stretch_ns as f64);
        Some(vec![
            interval(Unit::Nanoseconds, side.time_ns),
            spread(0),
            spread(1),
            spread(2),
            or_dash(side.unwashed_ns, time),
            or_dash(side.ticks_per_op, count),
            or_dash(side.switches_per_op, count),
            or_dash(side.involuntary_per_op, count),
            or_dash(fifo, time),
            shares,
        ])
    };
    let head = "Comparison | Side | Time per operation | Shortest batch | 5 % | 95 % | \
                First operation | Reference cycles | Switches | Involuntary | Longest \
                SCHED_FIFO slice | CPU: client / server";
    let note = "Per operation; several operations hold two switches or more. 5 % and 95 % are of \
                batch means. First operation: after the other side's turn, with cold caches. \
                Reference cycles are those of the architecture's counter (TSC, cntvct, time), not \
                of the core.";
    Part::new("times", "Absolute times of both sides", head, sides(record, judged, row)).noted(note)
}

fn moments(record: &Record, judged: &Judged) -> Part {
    let row = |side: &ArmEvidence| {
        let ns = |figure| interval(Unit::Nanoseconds, figure);
        let figures = [side.call_ns, side.first_ns, side.reaped_ns, side.bill_ns_per_page];
        let refill = side.refill_ticks_per_page;
        let any = refill.is_some() || figures.iter().any(Option::is_some);
        let ticks = or_dash(refill, words::bare_interval);
        any.then(|| figures.into_iter().map(ns).chain([ticks]).collect())
    };
    let head = "Comparison | Side | Call returns | First instruction | Reaped | \
                Copy-on-write fault, per page | TLB refill, reference cycles per page";
    let note = "From the creating call. Copy-on-write: what the parent pays to write each page \
                again afterwards.";
    let rows = sides(record, judged, row);
    Part::new("moments", "Moments of creation and refills", head, rows).noted(note)
}

fn processes(record: &Record) -> Part {
    let row = |cell: &Cell, at: usize| {
        let states = || cell.launches.iter().map(move |launch| &launch.states[at]);
        let of = |read: fn(&LabState) -> u64, format| span(states().map(read), format);
        let cpus: BTreeSet<usize> = states().flat_map(|state| state.cpus.clone()).collect();
        let cpus: Vec<String> = cpus.iter().map(usize::to_string).collect();
        let named = |key: &String| {
            let values = cell.launches.iter().filter_map(|launch| launch.host.get(key)).copied();
            format!("{key} {}", or_dash(words::span(values, count), |words| words))
        };
        let keys: BTreeSet<&String> = cell.launches.iter().flat_map(|l| l.host.keys()).collect();
        let host: Vec<String> = keys.into_iter().map(named).collect();
        vec![
            cell.id.to_string(),
            side(if at == 0 { &cell.a } else { &cell.b }),
            cell.launches.len().to_string(),
            of(|state| state.rss_bytes, bytes),
            of(|state| state.own_bytes, bytes),
            of(|state| state.huge_bytes, bytes),
            of(|state| state.vmas, counted),
            of(|state| state.written_vmas, counted),
            of(|state| state.fds, counted),
            of(|state| state.threads, counted),
            of(|state| state.program_bytes, bytes),
            cpus.join(", "),
            host.join(", "),
        ]
    };
    let launched = record.cells.iter().filter(|cell| !cell.launches.is_empty());
    let rows = launched.flat_map(|cell| [row(cell, 0), row(cell, 1)]).collect();
    let head = "Comparison | Side | Launches | Resident | Written | Huge pages | Mappings \
                | Written mappings | Descriptors | Threads | Program file | CPUs | Host \
                meanwhile";
    let note = "The process that each side was measured in, when it was ready: over all its \
                launches the least to the most. It decides what a fork costs.";
    Part::new("processes", "Benchmark processes by launch", head, rows).noted(note)
}

fn discarded(record: &Record) -> Part {
    let pairs = record.cells.iter().flat_map(|cell| {
        let pairs = cell.launches.iter().flat_map(|launch| &launch.pairs);
        pairs.filter_map(|pair| pair.discarded.as_deref())
    });
    let mut reasons = tally(pairs);
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let rows = reasons.iter().map(|(reason, count)| vec![(*reason).to_owned(), count.to_string()]);
    Part::new("discarded", "Discarded pairs", "Reason | Pairs", rows.collect())
}
