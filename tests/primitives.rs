//! Live: every primitive in a lab, on this machine. Counts and states, never times.

mod support;

use process_vs_thread::lab::fifo_permitted;
use process_vs_thread::primitive::{self, Switches};
use process_vs_thread::record::{Actor, Arm, Placement, Policy};
use support::{children, launch, lives, within_patience};

#[test]
fn every_primitive_completes_what_it_is_asked_for() {
    for entry in primitive::ALL {
        let mut lab = launch(&Arm::new(entry.id), None).unwrap_or_else(|e| panic!("{e}"));
        for ops in [1, 7] {
            let half = lab.batch(2, ops).unwrap_or_else(|e| panic!("{e}")).half;
            assert_eq!(half.ops, ops, "{}", entry.id);
            assert!(half.elapsed_ns > 0, "{}", entry.id);
        }
    }
}

#[test]
fn a_ping_pong_on_one_core_under_fifo_holds_the_switches_that_it_says() {
    if let Err(failure) = fifo_permitted() {
        eprintln!("skipped: {failure}");
        return;
    }
    for entry in primitive::ALL.iter().filter(|entry| entry.switches == Switches::Each(2)) {
        let mut lab = launch(&Arm::new(entry.id).under(Policy::Fifo), None).unwrap();
        let half = lab.batch(16, 2_000).unwrap().half;
        // A machine that steals the CPU adds a switch now and then.
        let found = half.switches_per_op();
        assert!((1.98..2.1).contains(&found), "{}: {found} switches per round trip", entry.id);
        assert!(half.fifo_stretch_ns > 0, "{}", entry.id);
    }
}

#[test]
fn a_baseline_holds_no_voluntary_switch() {
    for entry in primitive::ALL.iter().filter(|entry| entry.switches == Switches::Each(0)) {
        let half = launch(&Arm::new(entry.id), None).unwrap().batch(2, 1_000).unwrap().half;
        assert_eq!(half.switches, half.involuntary, "{}", entry.id);
    }
}

#[test]
fn long_batches_are_real_time_in_short_stretches_only() {
    if let Err(failure) = fifo_permitted() {
        eprintln!("skipped: {failure}");
        return;
    }
    let mut lab = launch(&Arm::new("futex/process").under(Policy::Fifo), None).unwrap();
    let half = lab.batch(16, 50_000).unwrap().half;
    assert_eq!(half.ops, 50_000);
    assert!(half.fifo_stretch_ns < half.elapsed_ns, "it was one stretch");
}

#[test]
fn actors_run_where_they_are_placed() {
    let one = launch(&Arm::new("pipe/process"), None).unwrap();
    assert_eq!(one.state().cpus, [support::cores().main]);
    let partner = children(one.pid() as u32);
    assert_eq!(partner.len(), 1);
    assert_eq!(allowed(partner[0]), support::cores().main.to_string());
    let free = launch(&Arm::new("pipe/process").at(Placement::Free), None).unwrap();
    assert_eq!(free.state().cpus, process_vs_thread::machine::describe().cpus);
    match (launch(&Arm::new("pipe/process").at(Placement::TwoCores), None), support::cores().other)
    {
        (Ok(two), Ok(other)) => {
            assert_eq!(allowed(children(two.pid() as u32)[0]), other.to_string());
        }
        (Err(failure), Err(_)) => eprintln!("skipped: {failure}"),
        (launched, other) => panic!("{launched:?} with {other:?}"),
    }
}

fn allowed(pid: u32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap();
    line.trim().to_owned()
}

#[test]
fn a_lab_is_small_and_has_one_thread_unless_its_partner_is_one() {
    for (id, threads) in [("process/fork", 1), ("pipe/process", 1), ("pipe/thread", 2)] {
        let lab = launch(&Arm::new(id), None).unwrap();
        let state = lab.state();
        assert_eq!(state.threads, threads, "{id}");
        assert!(state.rss_bytes < 16 << 20, "{id}: {} bytes resident", state.rss_bytes);
        assert!(state.vmas < 100, "{id}: {} mappings", state.vmas);
    }
}

#[test]
fn ballast_is_resident_and_in_base_pages() {
    let small = launch(&Arm::new("process/fork"), None).unwrap().state().clone();
    let big = launch(&Arm::new("process/fork").with_ballast_mib(16), None).unwrap().state().clone();
    // How much of its program's file is resident differs by some hundred KiB from launch to launch.
    let added = big.rss_bytes - small.rss_bytes;
    assert!(((15 << 20)..(17 << 20)).contains(&added), "{added} bytes");
    assert_eq!(big.huge_bytes, 0);
}

#[test]
fn a_dropped_lab_leaves_nobody() {
    let lab = launch(&Arm::new("futex/process"), None).unwrap();
    let (itself, partner) = (lab.pid() as u32, children(lab.pid() as u32)[0]);
    drop(lab);
    assert!(within_patience(|| !lives(itself) && !lives(partner)));
}

#[test]
fn a_primitive_can_be_used_without_a_lab_but_fork_wants_a_single_thread() {
    let setup = primitive::Setup::default();
    let mut threads = primitive::find("thread/pthread").unwrap().start(&setup).unwrap();
    assert_eq!(threads.run(3).unwrap(), 3);
    // The test harness runs this in a second thread.
    let refused = primitive::find("process/fork").unwrap().start(&setup).err().unwrap();
    assert!(refused.why.contains("threads"), "{refused}");
    assert!(primitive::find("process/none").is_err());
}

#[test]
fn partners_are_what_they_are_called() {
    for entry in primitive::ALL.iter().filter(|entry| entry.switches == Switches::Each(2)) {
        let lab = launch(&Arm::new(entry.id), None).unwrap();
        let processes = children(lab.pid() as u32).len();
        assert_eq!(processes, usize::from(entry.actor == Actor::Process), "{}", entry.id);
    }
}
