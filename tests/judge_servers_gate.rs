//! What takes a server's verdict away, on records made in code: a client that is the limit, and
//! nothing else of it.

mod fixture;

use fixture::judged::judge;
use fixture::{cell_mut, check_mut, stretch_b};
use process_vs_thread::claim::{CellVerdict, Estimand, JudgedCell};
use process_vs_thread::question::servers::evidence::{CLIENT_LIMIT, client_is_the_limit};
use process_vs_thread::question::servers::plan as servers;
use process_vs_thread::question::servers::plan::{Race, race};
use process_vs_thread::record::{CheckOutcome, Half, Id, Record};

/// Threads over one event loop, four connections.
fn judged_id() -> String {
    race(Race::Threads, 4, 0).to_string()
}

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
        for half in
            cell.launches.iter_mut().flat_map(|l| &mut l.pairs).flat_map(|p| [&mut p.a, &mut p.b])
        {
            shares(half, 0.50, 0.98);
        }
    }
    record
}

fn shares(half: &mut Half, client: f64, server: f64) {
    let of = |share: f64| (half.elapsed_ns as f64 * share).round() as u64;
    (half.client_cpu_ns, half.server_cpu_ns) = (of(client), of(server));
}

/// The record with other shares in the first arms, or the second, of this cell.
fn with(id: &str, second: bool, client: f64, server: f64) -> Record {
    let mut record = record();
    for pair in cell_mut(&mut record, id).launches.iter_mut().flat_map(|l| &mut l.pairs) {
        shares(if second { &mut pair.b } else { &mut pair.a }, client, server);
    }
    record
}

fn verdict(record: &Record, id: &str) -> (CellVerdict, String) {
    let judged = judge(record);
    let mut cells = judged.claims.iter().flat_map(|claim| &claim.cells);
    let judges =
        |c: &&JudgedCell| c.def.id().to_string() == id && c.def.estimand == Estimand::Ratio;
    let found = cells.find(judges).expect("a claim has this cell");
    (found.verdict, found.reason.clone())
}

fn decided((verdict, reason): (CellVerdict, String)) {
    let decided = [CellVerdict::Holds, CellVerdict::Fails, CellVerdict::Inconclusive];
    assert!(decided.contains(&verdict) && !reason.contains("limit"), "{verdict:?}: {reason}");
}

#[test]
fn a_client_that_is_busier_than_the_server_is_the_limit_with_either_arm() {
    let id = judged_id();
    for (second, shape) in [(false, "epoll"), (true, "thread-pool")] {
        let (verdict, reason) = verdict(&with(&id, second, 0.96, 0.71), &id);
        assert_eq!(verdict, CellVerdict::NotMeasurable);
        assert_eq!(
            reason,
            format!(
                "the client limits {shape}: its CPU is busy 96 % of the time, the \
                 server's 71 %"
            )
        );
    }
}

#[test]
fn a_busy_client_is_none_where_the_server_is_busier_or_both_have_time_to_spare() {
    let id = judged_id();
    for (client, server) in [(0.93, 0.97), (0.95, 0.95), (0.90, 0.40), (0.30, 0.30)] {
        decided(verdict(&with(&id, false, client, server), &id));
    }
}

#[test]
fn it_takes_its_own_cell_alone() {
    let record = with(&judged_id(), false, 0.96, 0.71);
    decided(verdict(&record, &race(Race::Processes, 4, 0).to_string()));
    decided(verdict(&record, &race(Race::Threads, 32, 0).to_string()));
}

#[test]
fn the_median_of_the_batches_counts() {
    let id = judged_id();
    let mut record = record();
    let mut pairs: Vec<_> =
        cell_mut(&mut record, &id).launches.iter_mut().flat_map(|l| &mut l.pairs).collect();
    let less_than_half = pairs.len() / 2 - 1;
    for pair in &mut pairs[..less_than_half] {
        shares(&mut pair.a, 0.99, 0.10);
    }
    decided(verdict(&record, &id));
}

#[test]
fn of_a_client_that_was_not_watched_nothing_is_said() {
    let id = judged_id();
    for (client, server) in [(0.0, 0.98), (0.5, 0.0)] {
        let (verdict, reason) = verdict(&with(&id, true, client, server), &id);
        assert_eq!(verdict, CellVerdict::NotMeasurable);
        assert_eq!(reason, "it was not measured whether the client limits thread-pool");
    }
}

#[test]
fn where_cpu_clocks_do_not_show_the_work_nobody_knows_who_is_the_limit() {
    let id = judged_id();
    let mut record = record();
    for outcome in [CheckOutcome::Failed, CheckOutcome::NotMeasurable, CheckOutcome::Informative] {
        let check = check_mut(&mut record, "loopback-clock");
        (check.outcome, check.detail) = (outcome, "CPU clocks show 69 % of it".to_owned());
        let expected = (CellVerdict::NotMeasurable, "CPU clocks show 69 % of it".to_owned());
        assert_eq!(verdict(&record, &id), expected);
        assert_eq!(verdict(&record, &servers::all_cpus(0).to_string()), expected);
    }
    record.checks.retain(|check| check.id != "loopback-clock");
    let (found, reason) = verdict(&record, &id);
    assert_eq!(found, CellVerdict::NotMeasurable);
    assert_eq!(reason, "it was not checked whether CPU clocks count the work of connections");
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
    let id = servers::all_cpus(0).to_string();
    let on_two = |server: f64| {
        let mut record = with(&id, false, 0.96, server);
        for launch in &mut cell_mut(&mut record, &id).launches {
            launch.states.iter_mut().for_each(|state| state.cpus = vec![0, 1]);
        }
        verdict(&record, &id)
    };
    let (found, reason) = on_two(1.5);
    assert_eq!(found, CellVerdict::NotMeasurable);
    assert_eq!(
        reason,
        "the client limits prefork: its CPU is busy 96 % of the time, each of the \
         server's 75 %"
    );
    decided(on_two(1.94));
}

#[test]
fn too_few_pairs_are_a_reason() {
    let id = judged_id();
    let mut record = record();
    for launch in &mut cell_mut(&mut record, &id).launches {
        launch.pairs.truncate(3);
    }
    let (verdict, reason) = verdict(&record, &id);
    assert_eq!(verdict, CellVerdict::Shown);
    assert_eq!(reason, "too few samples: 5 launches, 15 pairs");
    for launch in &mut cell_mut(&mut record, &id).launches {
        let last = launch.pairs.last().expect("there are three").clone();
        launch.pairs.push(last);
    }
    decided(self::verdict(&record, &id));
}

#[test]
fn pairs_of_servers_may_be_disturbed_more_often_than_short_ones() {
    let id = judged_id();
    let with = |discarded: usize| {
        let mut record = record();
        for launch in &mut cell_mut(&mut record, &id).launches {
            launch.pairs = launch.pairs.iter().cycle().take(10).cloned().collect();
            for pair in launch.pairs.iter_mut().take(discarded) {
                pair.discarded = Some("stolen time".into());
            }
        }
        verdict(&record, &id)
    };
    decided(with(4));
    let noisy = "too noisy: 50 % of the pairs discarded".to_owned();
    assert_eq!(with(5), (CellVerdict::Inconclusive, noisy));
}

#[test]
fn a_control_of_servers_takes_their_verdicts_and_no_others() {
    let [_, control] = Id::controls("servers");
    let mut record = record();
    stretch_b(cell_mut(&mut record, &control), 1.08);
    let (found, reason) = verdict(&record, &judged_id());
    assert_eq!(found, CellVerdict::Inconclusive);
    assert!(reason.starts_with(&format!("A/A control {control} is outside ±5 %")), "{reason}");

    let mut switches =
        fixture::full(&["switching/aa-thread", "switching/aa-process", "switching/futex"]);
    let before = verdict(&switches, "switching/futex");
    switches.cells.push(record.cell(&control).expect("a control").clone());
    assert_eq!(verdict(&switches, "switching/futex"), before);
    assert_ne!(before.0, CellVerdict::Inconclusive, "{}", before.1);
}
