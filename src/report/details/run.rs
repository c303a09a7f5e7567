//! The run and its machine: facts, limits, warnings, checks, failures, probes, primitives.

use super::{Part, or_dash, tally, whole};
use crate::claim::{Unit, host_states, significant};
use crate::record::{Actor, Check, Description, Limit, Probe, Record, Seen};
use crate::report::words;
use maud::{Markup, html};

pub(super) fn parts(record: &Record) -> Vec<Part> {
    vec![
        run(record),
        machine(record),
        limits(record),
        warnings(record),
        checks(record),
        host(record),
        failures(record),
        probes(record),
        primitives(record),
    ]
}

fn pair(name: &str, value: impl Into<String>) -> Vec<String> {
    vec![name.to_owned(), value.into()]
}

fn run(record: &Record) -> Part {
    let run = &record.run;
    let grid = if run.full { "full grid" } else { "usual grid" };
    let kind = if run.quick { "quick: fewer samples, headline comparisons" } else { grid };
    let optional = |text: &Option<String>| or_dash(text.clone(), |text| text);
    let rows = vec![
        pair("command", &*run.command),
        pair("started", &*run.started_utc),
        pair("took", words::duration(run.duration_s)),
        pair("kind", kind),
        pair("filter", optional(&run.filter)),
        pair("label", optional(&run.label)),
        pair("targets", run.targets.join(", ")),
        pair("version", &*run.version),
        pair("revision", optional(&run.revision)),
        pair("name", &*run.id),
        pair("schema of the record", record.schema.to_string()),
    ];
    Part::new("run", "Run", "What | Value", rows)
}

fn machine(record: &Record) -> Part {
    let machine = &record.machine;
    let facts = machine.facts.iter().map(|fact| pair(&fact.name, fact.value.to_string()));
    let cpus: Vec<String> = machine.cpus.iter().map(usize::to_string).collect();
    let page = or_dash(machine.page_bytes, |bytes| super::bytes(bytes as f64));
    let own = [pair("CPUs of this run", cpus.join(", ")), pair("base page", page)];
    Part::new("machine", "Machine", "Fact | Value", facts.chain(own).collect())
}

fn limits(record: &Record) -> Part {
    let amount = |value: f64, unit: &str| match unit {
        "bytes" => Unit::Bytes.format(value),
        _ => whole(value.max(0.0) as u64),
    };
    let row = |limit: &Limit| {
        vec![
            limit.name.clone(),
            or_dash(limit.most, |most| amount(most, &limit.unit)),
            amount(limit.used, &limit.unit),
            limit.unit.clone(),
            or_dash(limit.note.clone(), |note| note),
        ]
    };
    let rows = record.machine.limits.iter().map(row).collect();
    Part::new("limits", "Limits", "Limit | Maximum | In use | Unit | Note", rows)
}

fn warnings(record: &Record) -> Part {
    let rows = record.machine.warnings.iter().map(|warning| vec![warning.clone()]).collect();
    Part::new("warnings", "Warnings", "Warning", rows)
}

fn checks(record: &Record) -> Part {
    let row = |check: &Check| {
        let figure = or_dash(check.figure, |f| format!("{} {}", significant(f), check.unit));
        vec![check.id.clone(), figure, words::outcome(check).to_owned(), check.detail.clone()]
    };
    let rows = record.checks.iter().map(row).collect();
    let head = "Check | Figure | Outcome | What was found";
    Part::new("checks", "Instrument checks", head, rows)
}

fn host(record: &Record) -> Part {
    let rows = host_states(record).iter().map(words::host_row).collect();
    let head = "Question | Witness | Median | Varied by | Launches | Explains of times | \
                Explains of ratios";
    let note = "Before its first batch each lab times a getppid and, in a guest on x86-64, a \
                CPUID. Explained: the share of the variance between launches of a cell that a \
                line through the logarithms explains; clearly from 10 launches on where the slope \
                is more than 3 standard errors and the share more than half. No interval is \
                narrower by it.";
    Part::new("host", "State of the host", head, rows).noted(note)
}

fn failures(record: &Record) -> Part {
    let failed = words::failures(record).into_iter().map(|(id, failure)| (id, failure.clone()));
    let probes = record.probes.iter();
    let probes = probes.filter_map(|probe| Some((probe.id.to_string(), probe.failure.clone()?)));
    let rows = failed.chain(probes).map(|(id, failure)| {
        let why = match failure.errno {
            Some(errno) => format!("{} (errno {errno})", failure.why),
            None => failure.why,
        };
        let id = if id.is_empty() { "–".to_owned() } else { id };
        vec![id, failure.tried, why, or_dash(failure.remedy, |remedy| remedy)]
    });
    let head = "Measurement | Tried | Reason | Remedy";
    Part::new("failures", "Skipped and failed", head, rows.collect())
}

fn probes(record: &Record) -> Part {
    let seen = |seen: &Seen| match seen.unit.as_str() {
        "bytes" => format!("{}: {}", seen.what, Unit::Bytes.format(seen.figure)),
        unit => format!("{}: {} {unit}", seen.what, significant(seen.figure)).trim_end().to_owned(),
    };
    let row = |probe: &Probe| {
        let agreed = match probe.agreed() {
            Some(true) => "true",
            Some(false) => "false",
            None if probe.runs.is_empty() => "not run",
            None => "runs disagree",
        };
        let figures = tally(probe.runs.iter().flat_map(|run| &run.seen).map(seen));
        let times = |(words, count): &(String, usize)| match *count == probe.runs.len() {
            true => words.clone(),
            false => format!("{words} ({count} of {} runs)", probe.runs.len()),
        };
        vec![
            probe.id.to_string(),
            probe.statement.clone(),
            agreed.to_owned(),
            probe.runs.len().to_string(),
            figures.iter().map(times).collect::<Vec<_>>().join("; "),
        ]
    };
    let rows = record.probes.iter().map(row).collect();
    let head = "Probe | Statement | Found | Runs | Observed";
    Part::new("probes", "Probes", head, rows)
}

fn primitives(record: &Record) -> Part {
    let row = |known: &Description| {
        let actor = match known.actor {
            Actor::Thread => "thread",
            Actor::Process => "process",
            Actor::VmProcess => "process with CLONE_VM",
            Actor::Alone => "none",
        };
        let switches = known.work.switches_per_op(2);
        vec![
            known.id.clone(),
            known.name.clone(),
            actor.to_owned(),
            known.op.clone(),
            or_dash(switches, |switches| switches.to_string()),
            known.excluded.clone(),
            known.source.clone(),
        ]
    };
    let rows = record.primitives.iter().map(row).collect();
    let head = "Primitive | Name | Creates or switches to | One operation | Switches | \
                Excluded | Source";
    let note = "Switches: context switches that an operation of two actors holds on one core; a \
                dash where their number is not fixed. Excluded: what the time leaves out.";
    Part::new("primitives", "Primitives", head, rows).noted(note)
}

/// Where Criterion's own report lies, if the record names a place beside this page and no address
/// of another kind.
pub(super) fn criterion(record: &Record) -> Markup {
    let beside = |path: &&String| {
        path.starts_with(|c: char| c == '.' || c.is_alphanumeric())
            && path.chars().all(|c| c.is_alphanumeric() || "./_- +".contains(c))
    };
    html! {
        @if let Some(path) = record.run.criterion.as_ref().filter(beside) {
            p.note {
                a href={ (path) "/index.html" } { "Criterion's own report" }
                ": distributions and the comparison with the run before. It stays on the machine \
                 that was measured."
            }
        }
        p.note {
            "Criterion measures each of them once, for half a second, under SCHED_OTHER. Pairs are \
             spread over the run in many fresh processes, and switches among them run under \
             SCHED_FIFO; stamped creations carry reads of the clock and pages that are written \
             again. The same quantity differs by that, and by what the machine did meanwhile."
        }
    }
}
