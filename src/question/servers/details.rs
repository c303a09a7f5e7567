//! All that a run says of servers, for the page of details.

use super::evidence::{Blast, Load, Servers, Unread};
use super::page::named;
use crate::claim::{Unit, grouped};
use crate::question::details::{detail, interval, or_dash};
use crate::record::Record;
use crate::report::face::Detail;
use crate::stats::Interval;

pub(in crate::question) fn details(record: &Record) -> Vec<Detail> {
    let servers = Servers::of(record);
    vec![loads(&servers), crashes(&servers)]
}

fn whole(number: u64) -> String {
    grouped(number.to_string())
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn loads(servers: &Servers) -> Detail {
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
            named(load.shape).0.to_owned(),
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
    let rows = servers.loads.iter().map(row).collect();
    let head = "Server | Connections | Pages touched | Requests per second | Limited by | \
                Server CPU per request | Client CPU | Server CPU | p50 | p99 | p99.9 | Due \
                per second | p50, fixed rate | p99, fixed rate | p99.9, fixed rate | \
                Failed, closed loop | Failed, fixed rate | Never sent";
    let note = "Closed loop: each connection sends when its last request is answered. Fixed rate: \
                latency counts from when a request was due.";
    detail("servers", "Servers under load", head, note, rows)
}

fn crashes(servers: &Servers) -> Detail {
    let row = |blast: &Blast| {
        let range = |[least, median, most]: [u64; 3]| match least == most {
            true => whole(median),
            false => format!("{} ({} to {})", whole(median), whole(least), whole(most)),
        };
        vec![
            named(blast.shape).0.to_owned(),
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
    let rows = servers.blasts.iter().map(row).collect();
    let head = "Server | Other connections | Launches | Connections lost | Requests lost | \
                New connections refused | Processes died | State lost | Shared state \
                survives | Longest gap | Recovery time | Launches without recovery | \
                Control: same dip, no crash";
    let note = "One request makes its worker crash (SIGSEGV) while the other connections continue.";
    detail("crashes", "Crashes", head, note, rows)
}
