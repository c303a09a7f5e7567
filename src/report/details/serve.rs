//! Servers: under load, and when one of their workers crashes.

use super::{Part, or_dash, whole};
use crate::claim::Unit;
use crate::record::{Crash, CrashLaunch, LoadRun, Record, Serving};
use crate::report::words::time;

pub(super) fn parts(record: &Record) -> Vec<Part> {
    vec![runs(record), crash_launches(record)]
}

fn runs(record: &Record) -> Part {
    let row = |serving: &Serving, number: usize, kind: &str, run: &LoadRun| {
        let at = |share| or_dash(run.latency_ns(share), |ns| time(ns as f64));
        vec![
            serving.id.to_string(),
            format!("{} {kind}", number + 1),
            whole(run.answered),
            whole(run.failed),
            whole(run.unsent),
            time(run.elapsed_ns as f64),
            Unit::PerSecond.format(run.answered_per_s()),
            time(run.client_cpu_ns as f64),
            time(run.server_cpu_ns as f64),
            at(0.5),
            at(0.99),
            at(0.999),
        ]
    };
    let rows = record.servings.iter().flat_map(|serving| {
        let launches = serving.launches.iter().enumerate();
        launches.flat_map(move |(number, launch)| {
            [("closed", &launch.closed), ("open", &launch.open)]
                .map(|(kind, run)| row(serving, number, kind, run))
        })
    });
    let head = "Load | Launch, loop | Answered | Failed | Never sent | Time | Per second | \
                Client CPU time | Server CPU time | p50 | p99 | p99.9";
    Part::new("loads", "Loads, launch by launch", head, rows.collect())
}

fn crash_launches(record: &Record) -> Part {
    let row = |crash: &Crash, number: usize, launch: &CrashLaunch| {
        let answered: u64 = launch.answered.iter().map(|answered| u64::from(*answered)).sum();
        vec![
            crash.id.to_string(),
            (number + 1).to_string(),
            time(launch.shot_ns as f64),
            whole(answered),
            whole(launch.failed),
            whole(launch.dropped),
            whole(launch.refused),
            time(launch.gap_ns as f64),
            launch.died.to_string(),
            whole(launch.counted),
            whole(launch.forgotten),
            format!("{} to {}", whole(launch.shared[0]), whole(launch.shared[1])),
        ]
    };
    let rows = record.crashes.iter().flat_map(|crash| {
        let launches = crash.launches.iter().enumerate();
        launches.map(move |(number, launch)| row(crash, number, launch))
    });
    let head = "Crash | Launch | Crash after | Answered | Requests lost | Connections lost \
                | Refused | Longest gap | Processes died | Counted before | Of that lost | \
                Shared count";
    Part::new("crash-launches", "Crashes, launch by launch", head, rows.collect())
}
