//! Servers: under load, and when one of their workers crashes.

use super::{Part, interval, or_dash, whole};
use crate::claim::servers::{Blast, Load, Unread};
use crate::claim::{Judged, Unit};
use crate::record::{Crash, CrashLaunch, LoadRun, Record, Serving};
use crate::report::words::{percent, server, time};
use crate::stats::Interval;

pub(super) fn parts(record: &Record, judged: &Judged) -> Vec<Part> {
    vec![loads(judged), runs(record), crashes(judged), crash_launches(record)]
}

fn loads(judged: &Judged) -> Part {
    let latency = |found: &Result<Interval, Unread>| match found {
        Ok(ns) => Unit::Nanoseconds.format_interval(*ns),
        Err(why) => why.to_string(),
    };
    let row = |load: &Load| {
        let share = |share: Option<Interval>| or_dash(share, |share| percent(share.estimate));
        let closed = load.closed_ns.iter().map(latency);
        let open = load.open_ns.iter().map(latency);
        let limit = if load.client_is_the_limit() { "client" } else { "server" };
        let first = [
            server(load.shape).to_owned(),
            load.connections.to_string(),
            load.pages.to_string(),
            interval(Unit::PerSecond, load.answered_per_s),
            limit.to_owned(),
            interval(Unit::Nanoseconds, load.server_cpu_ns),
            share(load.client_share),
            share(load.server_share),
        ];
        let due = match load.overrun {
            true => format!("{} (not kept up with)", Unit::PerSecond.format(load.due_per_s)),
            false => Unit::PerSecond.format(load.due_per_s),
        };
        let lost = [load.failed[0], load.failed[1], load.unsent].map(whole);
        first.into_iter().chain(closed).chain([due]).chain(open).chain(lost).collect()
    };
    let rows = judged.servers.loads.iter().map(row).collect();
    let head = "Server | Connections | Pages touched | Requests per second | Limited by | \
                Server CPU per request | Client CPU | Server CPU | p50 | p99 | p99.9 | Due \
                per second | p50, fixed rate | p99, fixed rate | p99.9, fixed rate | \
                Failed, closed loop | Failed, fixed rate | Never sent";
    let note = "Closed loop: each connection sends when its last request is answered. Fixed rate: \
                latency counts from when a request was due.";
    Part::new("servers", "Servers under load", head, rows).noted(note)
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

fn crashes(judged: &Judged) -> Part {
    let row = |blast: &Blast| {
        let range = |[least, median, most]: [u64; 3]| match least == most {
            true => whole(median),
            false => format!("{} ({} to {})", whole(median), whole(least), whole(most)),
        };
        vec![
            server(blast.shape).to_owned(),
            blast.connections.to_string(),
            blast.launches.to_string(),
            range(blast.dropped),
            range(blast.failed),
            range(blast.refused),
            range(blast.died),
            or_dash(blast.forgotten_share, percent),
            if blast.shared_survives { "yes" } else { "no" }.to_owned(),
            interval(Unit::Nanoseconds, blast.gap_ns),
            interval(Unit::Nanoseconds, blast.recovery_ns),
            blast.unrecovered.to_string(),
            format!("{} of {}", blast.noisy, blast.launches),
        ]
    };
    let rows = judged.servers.blasts.iter().map(row).collect();
    let head = "Server | Other connections | Launches | Connections lost | Requests lost | \
                New connections refused | Processes died | State lost | Shared state \
                survives | Longest gap | Recovery time | Launches without recovery | \
                Control: same dip, no crash";
    let note = "One request makes its worker crash (SIGSEGV) while the other connections continue.";
    Part::new("crashes", "Crashes", head, rows).noted(note)
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
