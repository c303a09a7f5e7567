//! The faults, committed by a thread and by a process.

use super::look;
use crate::question::isolation::plan as isolation;
use crate::record::{Id, Probe, ProbeRun, Record};
use crate::report::html::{escape, paragraph, table};

/// The faults: part of the probes' names, and what they are.
const FAULTS: [(&str, &str); 7] = [
    ("segv", "a segmentation fault"),
    ("abort", "a call of abort"),
    ("stack-overflow", "a stack overflow"),
    ("panic-unwind", "a panic that unwinds"),
    ("panic-abort", "a panic that aborts"),
    ("exit", "a call of exit_group"),
    ("oom", "running out of memory"),
];

/// Who commits them: part of the probes' names, and what the workers are.
const WHO: [(&str, &str); 2] =
    [("thread", "Workers: threads of one process"), ("process", "Workers: processes")];

pub(super) fn html(record: &Record) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (who, heading) in WHO {
        let tried: Vec<Vec<String>> = FAULTS
            .iter()
            .filter_map(|(fault, name)| Some(row(name, find(record, fault, who)?)))
            .collect();
        if !tried.is_empty() {
            rows.push(vec![escape(heading)]);
            rows.extend(tried);
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    let head = ["One has", "Go on", "Its parent sees", "=Known after, µs", "=Replaced after, µs"];
    table(&head, &rows) + &paragraph("soft", LEGEND) + &bystanders(record)
}

const LEGEND: &str = "Times: median of the runs [least, most]. Known: the parent's waitpid has \
                      returned; of a panic that unwinds, the process has joined the thread. \
                      Replaced: from then to the first heartbeat of a new process, or of a new \
                      thread. A stack overflow takes the time to use the stack up, and ends as \
                      Rust's handler has it: it says so, and aborts. A panic aborts here by a \
                      hook, in a program built with panic=abort without one. Time out of memory \
                      runs from the last page that could be written and holds the choice of whom \
                      to kill; its replacement starts outside the control group.";

/// Id of the probe of a fault by one of these.
fn fault_id(fault: &str, who: &str) -> Id {
    isolation::fault(&format!("{fault}-{who}"))
}

fn find<'r>(record: &'r Record, fault: &str, who: &str) -> Option<&'r Probe> {
    record.probe(&fault_id(fault, who))
}

fn row(name: &str, probe: &Probe) -> Vec<String> {
    if probe.runs.is_empty() {
        return vec![escape(name), look::reason(probe)];
    }
    let go_on = format!("{} of {}", look::count(probe, "survivors"), look::count(probe, "of"));
    vec![
        escape(name),
        escape(&go_on),
        escape(&look::each(probe, told)) + &look::reason(probe),
        escape(&look::microseconds(probe, "known after")),
        escape(&look::microseconds(probe, "replaced after")),
    ]
}

/// What the parent was told.
fn told(run: &ProbeRun) -> String {
    let figure = |what: &str| run.seen.iter().find(|seen| seen.what == what).map(|s| s.figure);
    match (figure("signal"), figure("exit code"), figure("joined as panicked")) {
        (Some(signal), ..) => format!("killed by {}", signal_name(signal as i64)),
        (_, Some(code), _) => format!("left with status {code}"),
        (.., Some(_)) => "nothing: its process goes on and joins a thread that panicked".to_owned(),
        _ => "nothing".to_owned(),
    }
}

/// Names of the signals that faults end in, the same numbers on every architecture that is measured
/// (signal(7)).
fn signal_name(number: i64) -> String {
    let name = match number {
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        14 => "SIGALRM",
        _ => return format!("signal {number}"),
    };
    name.to_owned()
}

/// What becomes of the others of a control group that is out of memory.
fn bystanders(record: &Record) -> String {
    let spared = |who| look::same(find(record, "oom", who)?, "bystanders that survive");
    let all: Vec<f64> = WHO.iter().filter_map(|(who, _)| spared(who)).collect();
    if all.is_empty() {
        return String::new();
    }
    let as_a_whole = |who| look::same(find(record, "oom", who)?, "memory.oom.group");
    let as_a_whole = WHO.iter().any(|(who, _)| as_a_whole(who) == Some(1.0));
    let words = match (all.iter().all(|survives| *survives == 1.0), as_a_whole) {
        (true, _) => {
            "Out of memory, the kernel kills the process of the control group that has most of it: \
             a small bystander in the same group goes on."
        }
        (false, true) => {
            "Out of memory, the kernel kills a bystander in the same control group too: the group \
             is set to be killed as a whole (memory.oom.group is 1)."
        }
        (false, false) => {
            "Out of memory, the kernel kills a bystander in the same control group too; why was \
             not seen."
        }
    };
    paragraph("", words)
}

/// What the matrix says in a sentence or two.
pub(super) fn opening(record: &Record) -> String {
    let agreed = |who| {
        let of = move |(fault, name): &(&str, &'static str)| {
            let probe = find(record, fault, who)?;
            Some((*name, look::same(probe, "survivors")?, look::same(probe, "of")?))
        };
        FAULTS.iter().filter_map(of).collect::<Vec<_>>()
    };
    let (threads, processes) = (agreed("thread"), agreed("process"));
    let names = |all: &[(&'static str, f64, f64)], pick: fn(f64, f64) -> bool| {
        let picked = all.iter().filter(|(_, survivors, of)| pick(*survivors, *of));
        picked.map(|(name, ..)| *name).collect::<Vec<_>>().join(", ")
    };
    let sentences = [
        ("In one thread this ends all threads", names(&threads, |survivors, _| survivors == 0.0)),
        (
            "In one thread this leaves the others running",
            names(&threads, |survivors, of| survivors == of - 1.0),
        ),
        (
            "In one process this leaves the others running",
            names(&processes, |survivors, of| survivors == of - 1.0),
        ),
        (
            "In one process this ends others too",
            names(&processes, |survivors, of| survivors < of - 1.0),
        ),
    ];
    let said = sentences.iter().filter(|(_, names)| !names.is_empty());
    said.map(|(what, names)| format!("{what}: {names}.")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_probe_of_the_matrix_is_shown() {
        let shown = |id: &Id| {
            FAULTS.iter().any(|(fault, _)| WHO.iter().any(|(who, _)| *id == fault_id(fault, who)))
        };
        let of_two = |name: &str| name.ends_with("-thread") || name.ends_with("-process");
        let faults = crate::question::probes().filter(|entry| entry.family == isolation::FAULT);
        for entry in faults.filter(|e| of_two(e.name) && !e.name.contains("heap")) {
            assert!(shown(&entry.id()), "{}", entry.id());
        }
    }

    #[test]
    fn signals_have_names_where_faults_end_in_them() {
        assert_eq!(signal_name(11), "SIGSEGV");
        assert_eq!(signal_name(35), "signal 35");
    }
}
