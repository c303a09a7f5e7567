//! What the judge says of servers, on records made in code.

mod fixture;

use fixture::judged::{Everything, cell, claim, judge, says, table};
use fixture::servers::{
    CLIENT_NS, COUNTED, connection_bytes, crash_mut, footprint_mut, request_ns, serving_mut,
};
use process_vs_thread::claim::ClaimVerdict;
use process_vs_thread::question::servers::evidence::{
    Bin, Blast, Held, Load, Servers, Unread, client_is_the_limit,
};
use process_vs_thread::question::servers::plan::{RACES, race, race_each};
use process_vs_thread::record::{CrashLaunch, Failure, LoadRun, MemorySource, Record, Shape};
use process_vs_thread::stats::Interval;
use std::sync::OnceLock;

/// The fixture, judged once.
fn whole() -> &'static Everything {
    static JUDGED: OnceLock<Everything> = OnceLock::new();
    JUDGED.get_or_init(|| judge(&fixture::servers()))
}

/// The fixture with what can go wrong, judged once.
fn spoilt() -> &'static Everything {
    static JUDGED: OnceLock<Everything> = OnceLock::new();
    JUDGED.get_or_init(|| judge(&fixture::spoilt_servers()))
}

/// The fixture without its pairs, which take long to judge, changed.
fn unpaired(change: impl FnOnce(&mut Record)) -> Everything {
    let mut record = fixture::servers();
    record.cells.clear();
    change(&mut record);
    judge(&record)
}

/// The cell that is read off the crash of a server of this shape.
fn crashed(shape: Shape) -> String {
    format!("servers/crash/{shape}")
}

fn load(servers: &Servers, shape: Shape, connections: u32, pages: u32) -> &Load {
    let wanted =
        |load: &&Load| (load.shape, load.connections, load.pages) == (shape, connections, pages);
    servers.loads.iter().find(wanted).expect("a load")
}

fn blast(servers: &Servers, shape: Shape) -> &Blast {
    servers.blasts.iter().find(|blast| blast.shape == shape).expect("a shot")
}

fn held(servers: &Servers, shape: Shape) -> &Held {
    servers.held.iter().find(|held| held.shape == shape).expect("a server with idle connections")
}

/// Within two thousandths, as the fixture's launches lie; and the interval of a rerun.
fn near(found: Option<Interval>, expected: f64) {
    let found = found.expect("an interval");
    assert!((found.estimate / expected - 1.0).abs() < 1e-4, "{found:?} {expected}");
    assert!(found.low > expected * 0.82 && found.high < expected * 1.2, "{found:?}");
    assert!(found.low < found.high, "{found:?}");
}

/// Within two thousandths: the answers of all launches together have a latency that one of them
/// has.
fn pooled(found: Result<Interval, Unread>, expected: f64) {
    let found = found.expect("an interval");
    assert!((found.estimate / expected - 1.0).abs() < 2e-3, "{found:?} {expected}");
    assert!(found.low < found.high && found.high < expected * 1.2, "{found:?} {expected}");
}

#[test]
fn loops_before_threads_before_processes_where_there_are_many_connections() {
    let ranking = claim(whole(), "E3");
    // One of its stated cells is limited by the client.
    assert_eq!(ranking.verdict, ClaimVerdict::Undecided);
    let why = "Undecided: threads, 128 connections: the client limits epoll";
    assert!(ranking.sentence.text.starts_with(why), "{}", ranking.sentence.text);
    let limited = "not measurable here: the client limits epoll: its CPU is busy 93 % of the time, \
                   the server's 90 %";
    for (experiment, expected) in [
        ("servers/threads/c128", limited),
        ("servers/threads/c1", "fails: below 1.05×"),
        ("servers/processes/c4", "holds: ≥ 1.05×"),
    ] {
        says(experiment, whole(), "E3", experiment, expected);
    }
}

#[test]
fn the_figure_is_the_time_of_who_is_said_to_be_slower_over_that_of_the_other() {
    for which in RACES {
        let [fast, slow] = which.shapes();
        let kept = [1, 4, 32, 128].into_iter().flat_map(|c| [(c, 0), (c, 32)]);
        let kept = kept.map(|(c, pages)| (race(which, c, pages), c, pages, false));
        let each = [4, 32].map(|c| (race_each(which, c), c, 0, true));
        for (id, connections, pages, each) in kept.chain(each) {
            let ns = |shape| request_ns(shape, connections, pages, each, false);
            // A cell that is not measurable has no margin, but its figure.
            let found = cell(whole(), "E3", id).figure.expect("a figure");
            fixture::judged::near(found, ns(slow) / ns(fast), 1e-3);
        }
    }
}

#[test]
fn servers_are_among_the_cells_of_crashes_memory_and_sharing() {
    let all = "holds: 32 of 32 other connections ended, 27 to 31 requests lost, in 3 of 3 launches";
    let none = "holds: none of 32 other connections ended, no request lost, in 3 of 3 launches";
    for shape in Shape::ALL {
        let expected = if shape == Shape::Prefork { none } else { all };
        says("a crash", whole(), "D1", crashed(shape), expected);
    }
    let connection = claim(whole(), "C2").cells.last().unwrap();
    assert_eq!(fixture::judged::said(connection), "holds: > 1×");
    let [prefork, pool] = [Shape::Prefork, Shape::ThreadPool].map(connection_bytes);
    near(connection.figure, prefork as f64 / pool as f64);
    // Servers are evidence: the claim is about work in the kernel.
    assert_eq!(claim(whole(), "E2").verdict, ClaimVerdict::NotRun);
}

#[test]
fn cells_that_failed_are_not_measurable_or_inconclusive_with_the_reason() {
    let refused =
        "not measurable here: forking <128> workers: EAGAIN: try again (raise kernel.pid_max)";
    for (claim, experiment, expected) in [
        ("E3", "servers/processes/c128/32pages", refused),
        ("E3", "servers/threads/c4/32pages", "inconclusive: …the middle of a batch"),
        ("C2", "servers/keep/prefork", refused),
        ("D1", "servers/crash/thread-per-connection", refused),
        (
            "D1",
            "servers/crash/epoll-per-core",
            "inconclusive: no process crashed in 1 of 3 launches",
        ),
    ] {
        says(experiment, spoilt(), claim, experiment, expected);
    }
    let empty = judge(&fixture::empty(true));
    assert_eq!(empty.servers, Servers::default());
    for id in ["E3", "D1", "C2", "E2"] {
        assert_eq!(claim(&empty, id).verdict, ClaimVerdict::NotRun, "{id}");
    }
}

fn crashes(record: &mut Record, shape: Shape) -> &mut Vec<CrashLaunch> {
    &mut crash_mut(record, shape).launches
}

const POOL: [&str; 2] = ["D1", "servers/crash/thread-pool"];
const PREFORK: [&str; 2] = ["D1", "servers/crash/prefork"];

#[test]
fn all_launches_of_a_shot_must_agree_and_be_enough() {
    use Shape::{Epoll, Prefork, ThreadPool};
    let full: fn(&mut Record) = |r| {
        r.run.quick = false;
        crashes(r, Prefork).extend_from_within(..2);
    };
    let record = Record { cells: Vec::new(), ..fixture::servers() };
    table! { record;
        "one did not end": |r| crashes(r, ThreadPool).iter_mut().for_each(|l| l.dropped = 31),
            POOL => "fails: 31 of 32 other connections ended, 27 to 31 requests lost, in 3 of 3 \
                     launches";
        "not all agree": |r| crashes(r, ThreadPool)[1].dropped = 20,
            POOL => "inconclusive: launches disagree: yes in 2 of 3; 20 to 32 of 32 other \
                     connections ended, 27 to 31 requests lost";
        "a request lost": |r| crashes(r, Prefork).iter_mut().for_each(|l| l.failed = 1),
            PREFORK => "fails: none of 32 other connections ended, 1 request lost, in 3 of 3 \
                        launches";
        "a connection ended": |r| crashes(r, Prefork).iter_mut().for_each(|l| l.dropped = 1),
            PREFORK => "fails: 1 of 32 other connections ended, no request lost, in 3 of 3 \
                        launches";
        "not all agree": |r| crashes(r, Prefork)[0].failed = 2,
            PREFORK => "inconclusive: launches disagree: yes in 2 of 3; none of 32 other \
                        connections ended, 0 to 2 requests lost";
        "too few": |r| crashes(r, Prefork).truncate(2),
            PREFORK => "inconclusive: too few launches: 2";
        "no process died": |r| crashes(r, Prefork).iter_mut().for_each(|l| l.died = 0),
            PREFORK => "inconclusive: no process crashed in 3 of 3 launches";
        "failed in the middle": |r| {
            let failure = Failure::new("crashing a worker", "the server did not recover");
            crash_mut(r, Epoll).failure = Some(failure);
        },
            ["D1", "servers/crash/epoll"] =>
                "inconclusive: crashing a worker: the server did not recover";
        "not run": |r| r.crashes.retain(|crash| crash.shape != Prefork),
            PREFORK => "not run: not part of this run";
        "a full run needs five": full,
            PREFORK => "holds: none of 32 other connections ended, no request lost, in 5 of 5 \
                        launches";
        "three are too few": full,
            POOL => "shown, not judged: 32 of 32 other connections ended, 27 to 31 requests lost, \
                     in 3 launches";
    }
}

#[test]
fn loads_are_read_by_the_closed_and_the_open_loop() {
    let servers = &whole().servers;
    for shape in Shape::ALL {
        let (found, ns) = (load(servers, shape, 32, 32), request_ns(shape, 32, 32, false, false));
        near(found.answered_per_s, 1e9 / ns);
        near(found.server_cpu_ns, 0.9 * ns);
        near(found.client_share, CLIENT_NS / ns);
        // Loops per CPU have both.
        let expected = if shape == Shape::EpollPerCore { 0.45 } else { 0.9 };
        assert!((found.server_share.unwrap().estimate - expected).abs() < 1e-6);
        pooled(found.closed_ns[0], 32.0 * ns);
        pooled(found.closed_ns[1], 1.4 * 32.0 * ns);
        pooled(found.open_ns[0], 8.0 * ns);
        pooled(found.open_ns[1], 1.4 * 8.0 * ns);
        let slowest_ns = request_ns(Shape::Prefork, 32, 32, false, false);
        assert!((found.due_per_s * slowest_ns / 1e9 - 0.5).abs() < 1e-9);
        assert!(!found.overrun && found.failure.is_none());
    }
    let busy = load(servers, Shape::Epoll, 128, 0).client_share.unwrap();
    assert!(busy.low > 0.9, "{busy:?}");
}

#[test]
fn a_percentile_has_ten_requests_beyond_it_in_all_launches_together() {
    let servers = &whole().servers;
    let kept = |load: &Load| load.closed_ns.map(|latency| latency.is_ok());
    assert_eq!(kept(load(servers, Shape::Epoll, 1, 0)), [true, true, false]);
    assert_eq!(kept(load(servers, Shape::Prefork, 32, 0)), [true, true, true]);
    let ns = request_ns(Shape::Prefork, 32, 0, false, false);
    pooled(load(servers, Shape::Prefork, 32, 0).closed_ns[2], 4.0 * 32.0 * ns);

    let with = |answers: [u64; 3], failed: u64| {
        let judged = unpaired(|record| {
            let serving = serving_mut(record, "servers/load/epoll/c32");
            for (launch, answers) in serving.launches.iter_mut().zip(answers) {
                launch.closed.latencies = vec![[500, answers]];
                launch.open.latencies = vec![[700, answers]];
                (launch.closed.failed, launch.open.failed) = (failed, failed);
            }
        });
        let load = load(&judged.servers, Shape::Epoll, 32, 0);
        assert_eq!(load.open_ns.map(Result::err), load.closed_ns.map(Result::err));
        load.open_ns.map(Result::err)
    };
    let few = Some(Unread::Few);
    assert_eq!(with([9_998, 1, 1], 0), [None; 3]);
    assert_eq!(with([9_997, 1, 1], 0), [None, None, few]);
    assert_eq!(with([18, 1, 1], 0), [None, few, few]);
    assert_eq!(with([17, 1, 1], 0), [few; 3]);
    let unanswered = Some(Unread::Unanswered);
    assert_eq!(with([10_000; 3], 11), [None, None, unanswered]);
    assert_eq!(with([10_000; 3], 102), [None, unanswered, unanswered]);
}

#[test]
fn the_client_is_the_limit_where_it_is_busiest_only() {
    assert!(!client_is_the_limit(0.93, 0.98) && client_is_the_limit(0.93, 0.90));
    let with = |shape: Shape, server: f64| {
        let judged = unpaired(|record| {
            let serving = serving_mut(record, &format!("servers/load/{shape}/c32"));
            for LoadRun { client_cpu_ns, server_cpu_ns, elapsed_ns, .. } in
                serving.launches.iter_mut().map(|launch| &mut launch.closed)
            {
                let share = |share: f64| (*elapsed_ns as f64 * share) as u64;
                (*client_cpu_ns, *server_cpu_ns) = (share(0.93), share(server));
            }
        });
        load(&judged.servers, shape, 32, 0).client_is_the_limit()
    };
    assert!(!with(Shape::Epoll, 0.98) && with(Shape::Epoll, 0.90));
    assert!(!with(Shape::EpollPerCore, 1.96) && with(Shape::EpollPerCore, 1.80), "of two CPUs");
}

#[test]
fn an_open_loop_is_kept_up_with_where_the_last_answer_comes_in_time() {
    let with = |elapsed: f64| {
        let judged = unpaired(|record| {
            let open = &mut serving_mut(record, "servers/load/epoll/c32").launches[1].open;
            open.elapsed_ns = (open.elapsed_ns as f64 * elapsed) as u64;
        });
        load(&judged.servers, Shape::Epoll, 32, 0).overrun
    };
    assert!(!with(1.0) && !with(1.05) && with(1.06) && with(2.0));
}

#[test]
fn a_load_that_failed_or_did_not_keep_up_says_so() {
    let servers = &spoilt().servers;
    let absent = load(servers, Shape::EpollPerCore, 4, 0);
    assert!(absent.failure.is_some() && absent.answered_per_s.is_none());
    assert_eq!(
        (absent.due_per_s, absent.closed_ns, absent.overrun),
        (0.0, [Err(Unread::Launches); 3], false)
    );
    let cut = load(servers, Shape::ThreadPool, 4, 0);
    assert_eq!((cut.answered_per_s, cut.client_share), (None, None), "one launch has no interval");
    assert_eq!(cut.failure.as_ref().unwrap().why, "the lab was killed by SIGKILL");
    let overrun: Vec<(Shape, u32)> = servers
        .loads
        .iter()
        .filter(|load| load.overrun)
        .map(|load| (load.shape, load.connections))
        .collect();
    let late = [(Shape::Prefork, 32), (Shape::ThreadPool, 32), (Shape::Prefork, 128)];
    assert_eq!(
        overrun, late,
        "one request failed, the last answer came late, some were never sent"
    );
    let lost = late.map(|(shape, connections)| {
        let load = load(servers, shape, connections, 0);
        (load.failed, load.unsent)
    });
    assert_eq!(lost, [([0, 2], 0), ([0, 0], 0), ([0, 0], 300)]);
    let unsent = load(servers, Shape::Prefork, 128, 0);
    assert!(unsent.open_ns[0].is_ok() && unsent.closed_ns[1].is_ok());
    assert_eq!(
        unsent.open_ns[1..],
        [Err(Unread::Unanswered); 2],
        "300 of 18,000 are more than one in 100"
    );

    let judged = unpaired(|record| {
        let silent = &mut serving_mut(record, "servers/load/epoll/c32").launches[0].closed;
        *silent = LoadRun { elapsed_ns: 80_000_000, ..LoadRun::default() };
    });
    let silent = load(&judged.servers, Shape::Epoll, 32, 0);
    assert_eq!(silent.server_cpu_ns, None, "of no answer there is no time for each");
    assert_eq!(silent.answered_per_s.unwrap().low, 0.0);
}

#[test]
fn loads_are_in_the_order_of_the_plan_and_shots_in_that_of_shapes() {
    let judged = unpaired(|record| {
        record.servings.reverse();
        record.crashes.reverse();
        record.footprints.reverse();
    });
    assert_eq!(judged.servers, whole().servers);
    assert!(judged.servers.blasts.iter().map(|blast| blast.shape).eq(Shape::ALL));
    assert!(judged.servers.held.iter().map(|held| held.shape).eq(Shape::ALL));
    let order: Vec<(u32, u32)> =
        judged.servers.loads.iter().step_by(5).map(|load| (load.connections, load.pages)).collect();
    assert_eq!(order, [(1, 0), (4, 0), (32, 0), (128, 0), (32, 32)]);
}

#[test]
fn a_shot_at_threads_takes_all_of_them_and_one_at_processes_one() {
    let pool = blast(&whole().servers, Shape::ThreadPool);
    assert_eq!((pool.connections, pool.launches), (32, 3));
    assert_eq!((pool.failed, pool.dropped, pool.refused), ([27, 29, 31], [32; 3], [0, 1, 2]));
    assert_eq!((pool.died, pool.forgotten_share, pool.shared_survives), ([1; 3], Some(1.0), true));
    let gap = pool.gap_ns.unwrap();
    assert_eq!(gap.estimate, 9.1e6);
    assert!(gap.low < 9.0e6 && gap.high > 9.2e6, "{gap:?}");
    let recovery = pool.recovery_ns.unwrap();
    assert_eq!(recovery.estimate, 19.3e6);
    assert_eq!((pool.unrecovered, pool.noisy), (0, 0));

    let prefork = blast(&whole().servers, Shape::Prefork);
    assert_eq!((prefork.failed, prefork.dropped, prefork.refused), ([0; 3], [0; 3], [0; 3]));
    assert_eq!((prefork.died, prefork.forgotten_share), ([1; 3], Some(0.025)));
    assert_eq!(prefork.recovery_ns.unwrap().estimate, 0.0);

    let never = blast(&spoilt().servers, Shape::Epoll);
    assert_eq!(never.unrecovered, 1, "one launch did not come back");
    assert_eq!(never.recovery_ns.unwrap().estimate, 17.9e6, "the others did");
    assert_eq!(blast(&spoilt().servers, Shape::ThreadPool).noisy, 1, "a dip before the shot");
    assert!(never.gap_ns.is_some());
    let refused = blast(&spoilt().servers, Shape::ThreadPerConnection);
    assert_eq!((refused.launches, refused.failed, refused.gap_ns), (0, [0; 3], None));
    assert!(!refused.shared_survives && refused.timeline.is_empty() && refused.failure.is_some());
    assert_eq!(blast(&spoilt().servers, Shape::EpollPerCore).died, [0, 1, 1]);
}

#[test]
fn what_is_forgotten_and_what_survives_is_read_off_all_launches() {
    let judged = unpaired(|record| {
        let prefork = &mut crash_mut(record, Shape::Prefork).launches;
        (prefork[0].forgotten, prefork[2].forgotten) = (0, COUNTED);
        prefork[1].shared[1] -= 1;
        crash_mut(record, Shape::Epoll).launches[2].counted = 0;
    });
    let prefork = blast(&judged.servers, Shape::Prefork);
    assert_eq!((prefork.forgotten_share, prefork.shared_survives), (Some(0.025), false));
    assert_eq!(blast(&judged.servers, Shape::Epoll).forgotten_share, None);
}

#[test]
fn the_timeline_is_that_of_the_launch_with_the_median_gap() {
    let judged = unpaired(|record| {
        let launches = &mut crash_mut(record, Shape::Epoll).launches;
        for (launch, (gap_ns, answered)) in launches.iter_mut().zip([(7, 10), (5, 20), (6, 30)]) {
            launch.gap_ns = gap_ns;
            launch.shot_ns = 6_000_000;
            launch.answered = vec![answered, 0];
        }
    });
    let timeline = &blast(&judged.servers, Shape::Epoll).timeline;
    let bin =
        |from_shot, middle_ms, per_s| Bin { from_shot, width_ns: 5_000_000, middle_ms, per_s };
    assert_eq!(timeline, &[bin(-1, -3.5, 6_000.0), bin(0, 1.5, 0.0)]);
}

#[test]
fn a_connection_keeps_what_waits_for_it_and_ten_thousand_are_held_where_they_fit() {
    for shape in Shape::ALL {
        let (found, each) = (held(&whole().servers, shape), connection_bytes(shape));
        near(found.per_connection_bytes, each as f64);
        let (most, why) = match shape {
            Shape::Prefork => (4_000, Some("kernel.pid_max <4,096>")),
            _ => (10_000, None),
        };
        assert_eq!(found.most, Some((most, f64::from(most) * each as f64)));
        assert_eq!((found.capped.as_deref(), found.failures.len()), (why, 0));
    }
    let absent = held(&spoilt().servers, Shape::Prefork);
    assert!(absent.per_connection_bytes.is_none() && absent.most.is_some());
    assert_eq!(absent.failures[0].errno, Some(11));
}

#[test]
fn of_servers_with_idle_connections_each_half_stands_alone() {
    let judged = unpaired(|record| {
        record.footprints.retain(|footprint| {
            !footprint.id.to_string().ends_with("/epoll")
                && footprint.id.to_string() != "servers/hold/prefork"
        });
        let pool = footprint_mut(record, "servers/hold/thread-pool");
        pool.launches.extend_from_within(..);
        pool.launches[1].readings[1].units = 9_000;
    });
    let servers = &judged.servers;
    assert!(servers.held.iter().all(|held| held.shape != Shape::Epoll));
    let prefork = held(servers, Shape::Prefork);
    assert!(prefork.per_connection_bytes.is_some());
    assert_eq!((prefork.most, &prefork.capped), (None, &None));
    assert_eq!(held(servers, Shape::ThreadPool).most, None, "the launches held different numbers");
}

#[test]
fn footprints_of_servers_are_none_of_units_and_read_from_the_same_books() {
    assert!(whole().memory.units.is_empty() && whole().memory.missing.is_empty());
    let judged = unpaired(|record| {
        for launch in &mut footprint_mut(record, "servers/keep/thread-pool").launches {
            launch.source = MemorySource::Meminfo { why: "mkdir: read-only".into() };
        }
    });
    let words = "inconclusive: the two sides used different memory accounting";
    says("memory", &judged, "C2", "servers/keep/prefork", words);
}
