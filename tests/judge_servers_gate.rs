//! What takes a server's verdict away, on records made in code: a client that is the limit, and
//! nothing else of it.

mod fixture;

use fixture::judged::{cell, judge, said, says, table};
use fixture::{cell_mut, check_mut, pairs, stretch};
use process_vs_thread::claim::CellVerdict;
use process_vs_thread::question;
use process_vs_thread::question::servers::evidence::{CLIENT_LIMIT, client_is_the_limit};
use process_vs_thread::question::servers::plan as servers;
use process_vs_thread::question::servers::plan::{Race, race};
use process_vs_thread::record::{CheckOutcome, Half, Id, Pair, Record};

/// Threads over one event loop, four connections; processes over threads; both on all CPUs.
const LOOP: [&str; 2] = ["E3", "servers/threads/c4"];
const PROCESSES: [&str; 2] = ["E3", "servers/processes/c4"];
const ALL_CPUS: [&str; 2] = ["E2", "servers/all-cpus/c32"];

/// The paired experiments that the tests are about, whose servers are busy nearly all the time and
/// whose clients half of it.
fn record() -> Record {
    let mut wanted = Id::controls("servers").to_vec();
    let races = [(Race::Threads, 4), (Race::Processes, 4), (Race::Threads, 32)];
    wanted.extend(races.map(|(which, connections)| race(which, connections, 0)));
    wanted.push(servers::all_cpus(0));
    let mut record = Record {
        servings: Vec::new(),
        crashes: Vec::new(),
        footprints: Vec::new(),
        ..fixture::servers()
    };
    record.cells.retain(|cell| wanted.contains(&cell.id));
    for cell in &mut record.cells {
        for pair in pairs(cell) {
            shares(&mut pair.a, 0.50, 0.98);
            shares(&mut pair.b, 0.50, 0.98);
        }
    }
    record
}

fn shares(half: &mut Half, client: f64, server: f64) {
    let of = |share: f64| (half.elapsed_ns as f64 * share).round() as u64;
    (half.client_cpu_ns, half.server_cpu_ns) = (of(client), of(server));
}

/// Other shares in the first arms, or in the second, of this cell.
fn share(record: &mut Record, id: &str, second: bool, client: f64, server: f64) {
    for pair in pairs(cell_mut(record, id)) {
        shares(if second { &mut pair.b } else { &mut pair.a }, client, server);
    }
}

#[test]
fn a_client_that_is_busier_than_the_server_is_the_limit() {
    table! { record();
        "with the first arm": |r| share(r, LOOP[1], false, 0.96, 0.71),
            LOOP => "not measurable here: the client limits epoll: its CPU is busy 96 % of the \
                     time, the server's 71 %";
        "with the second": |r| share(r, LOOP[1], true, 0.96, 0.71),
            LOOP => "not measurable here: the client limits thread-pool: its CPU is busy 96 % of \
                     the time, the server's 71 %";
        "in its own cell alone": |r| share(r, LOOP[1], false, 0.96, 0.71),
            PROCESSES => "holds: ≥ 1.05×";
        "in its own cell alone": |r| share(r, LOOP[1], false, 0.96, 0.71),
            ["E3", "servers/threads/c32"] => "holds: ≥ 1.05×";
        "the server is busier": |r| share(r, LOOP[1], false, 0.93, 0.97),
            LOOP => "fails: below 1.05×";
        "the server is as busy": |r| share(r, LOOP[1], false, 0.95, 0.95),
            LOOP => "fails: below 1.05×";
        "the client has time": |r| share(r, LOOP[1], false, 0.90, 0.40),
            LOOP => "fails: below 1.05×";
        "both have time": |r| share(r, LOOP[1], false, 0.30, 0.30), LOOP => "fails: below 1.05×";
        "the median of the batches counts": |r| {
            let less_than_half = pairs(cell_mut(r, LOOP[1])).count() / 2 - 1;
            let few = pairs(cell_mut(r, LOOP[1])).take(less_than_half);
            few.for_each(|pair| shares(&mut pair.a, 0.99, 0.10));
        },
            LOOP => "fails: below 1.05×";
        "the client was not watched": |r| share(r, LOOP[1], true, 0.0, 0.98),
            LOOP => "not measurable here: it was not measured whether the client limits \
                     thread-pool";
        "the server was not": |r| share(r, LOOP[1], true, 0.5, 0.0),
            LOOP => "not measurable here: it was not measured whether the client limits \
                     thread-pool";
        "nobody checked the clocks": |r| r.checks.retain(|check| check.id != "loopback-clock"),
            LOOP => "not measurable here: it was not checked whether CPU clocks count the work of \
                     connections";
    }
}

#[test]
fn where_cpu_clocks_do_not_show_the_work_nobody_knows_who_is_the_limit() {
    let mut record = record();
    for outcome in [CheckOutcome::Failed, CheckOutcome::NotMeasurable, CheckOutcome::Informative] {
        let check = check_mut(&mut record, "loopback-clock");
        (check.outcome, check.detail) = (outcome, "CPU clocks show 69 % of it".to_owned());
        let judged = judge(&record);
        for [claim, at] in [LOOP, ALL_CPUS] {
            says(at, &judged, claim, at, "not measurable here: CPU clocks show 69 % of it");
        }
    }
}

#[test]
fn the_rule_for_a_client_that_is_the_limit_asks_both() {
    assert!(client_is_the_limit(CLIENT_LIMIT + 0.01, 0.5));
    assert!(!client_is_the_limit(CLIENT_LIMIT, 0.5));
    assert!(!client_is_the_limit(0.95, 0.95));
    assert!(!client_is_the_limit(0.95, 0.97));
}

#[test]
fn a_server_that_may_use_several_cpus_is_asked_for_each_of_them() {
    let on_two = |server: f64| {
        let mut record = record();
        share(&mut record, ALL_CPUS[1], false, 0.96, server);
        for launch in &mut cell_mut(&mut record, ALL_CPUS[1]).launches {
            launch.states.iter_mut().for_each(|state| state.cpus = vec![0, 1]);
        }
        said(cell(&question::judge(&record), ALL_CPUS[0], ALL_CPUS[1]))
    };
    assert_eq!(
        on_two(1.5),
        "not measurable here: the client limits prefork: its CPU is busy 96 % of the time, each \
         of the server's 75 %"
    );
    assert!(!on_two(1.94).contains("limits"), "{}", on_two(1.94));
}

/// Changes each launch of threads over one event loop.
fn launches(record: &mut Record, change: impl Fn(&mut Vec<Pair>)) {
    cell_mut(record, LOOP[1]).launches.iter_mut().for_each(|launch| change(&mut launch.pairs));
}

/// Ten pairs a launch, of which so many were discarded.
fn disturb(record: &mut Record, discarded: usize) {
    launches(record, |pairs| {
        *pairs = pairs.iter().cycle().take(10).cloned().collect();
        let noisy = pairs.iter_mut().take(discarded);
        noisy.for_each(|pair| pair.discarded = Some("stolen time".into()));
    });
}

#[test]
fn servers_need_few_pairs_more_of_which_may_be_disturbed_and_controls_of_their_own() {
    table! { record();
        "too few pairs": |r| launches(r, |pairs| pairs.truncate(3)),
            LOOP => "shown, not judged: too few samples: 5 launches, 15 pairs";
        "enough": |r| launches(r, |pairs| pairs.truncate(4)), LOOP => "fails: below 1.05×";
        "disturbed": |r| disturb(r, 4), LOOP => "fails: below 1.05×";
        "too often": |r| disturb(r, 5),
            LOOP => "inconclusive: too noisy: 50 % of the pairs discarded";
        "a control that is off": |r| stretch(r, &Id::controls("servers")[1], 1.08),
            LOOP => "inconclusive: A/A control servers/aa-process is outside ±5 %…";
    }
}

#[test]
fn a_control_of_servers_takes_no_verdicts_of_others() {
    let [_, control] = Id::controls("servers");
    let mut record = record();
    stretch(&mut record, &control, 1.08);
    let mut switches =
        fixture::full(&["switching/aa-thread", "switching/aa-process", "switching/futex"]);
    let verdict = |record: &Record| cell(&question::judge(record), "B3", "switching/futex").verdict;
    let before = verdict(&switches);
    switches.cells.push(record.cell(&control).expect("a control").clone());
    assert_eq!(verdict(&switches), before);
    assert_ne!(before, CellVerdict::Inconclusive);
}
