//! Live: every primitive in a lab, on this machine. Counts and states, never times.

mod support;

use process_vs_thread::lab::{Lab, Program, Spec, fifo_permitted};
use process_vs_thread::primitive::{self, Entry};
use process_vs_thread::question;
use process_vs_thread::question::arm;
use process_vs_thread::question::creation::plan::WAYS;
use process_vs_thread::record::{
    Actor, Arm, Half, LabState, Order, Parent, Placement, Policy, Work,
};
use std::path::Path;
use std::process::Command;
use support::{allowed, children, cores, launch, lives, minor_faults, within_patience, zombies};

const POOL: &str = "thread/pool";
/// Of these the moments are the purpose, too.
const WRITES: [&str; 3] = ["process/write-own", "process/write-parent", "process/write-child"];

/// The plainest arm of a primitive: three actors where it has no number of its own, messages of a
/// length, two cores for who spins or asks a server.
fn plain(entry: &Entry) -> Arm {
    let arm = arm(entry.id);
    let wants_actors = entry.work == Work::TakesTurns || entry.id == POOL;
    match entry.id.split('/').next() {
        _ if wants_actors => arm.among(3),
        Some("stream") => arm.of(64),
        Some("spin" | "request" | "connection") => arm.at(Placement::TwoCores),
        Some("together") => arm.at(Placement::AllCores),
        _ => arm,
    }
}

/// A lab for the arm; none where this build's compiler could not make the static program, or there
/// is no second CPU.
fn lab(arm: &Arm) -> Option<Lab> {
    match launch(arm, None) {
        Ok(lab) => Some(lab),
        Err(failure)
            if failure.why.contains("could not link a static program")
                || failure.tried.contains("placing") =>
        {
            eprintln!("skipped: {failure}");
            None
        }
        Err(failure) => panic!("{failure}"),
    }
}

/// Call, first moment and bill, nanoseconds.
fn moments(half: &Half) -> [u64; 3] {
    [half.call_ns, half.first_ns, half.bill_ns]
}

#[test]
fn every_primitive_completes_what_it_is_asked_for_and_leaves_no_zombie() {
    for entry in question::primitives() {
        let Some(mut lab) = lab(&plain(entry)) else { continue };
        for ops in [1, 7] {
            let half = lab.batch(2, ops).unwrap_or_else(|e| panic!("{e}")).half;
            assert_eq!(half.ops, ops, "{}", entry.id);
            assert!(half.elapsed_ns > 0, "{}", entry.id);
            // Of two primitives the moments are the purpose.
            if entry.id != POOL && !WRITES.contains(&entry.id) {
                assert_eq!(moments(&half), [0; 3], "{}: stamped unasked", entry.id);
            }
        }
        assert_eq!(zombies(lab.pid() as u32), [0u32; 0], "{}", entry.id);
    }
}

#[test]
fn stamped_moments_lie_between_the_call_and_the_end() {
    for id in WAYS {
        for pages in [0, 8] {
            let arm = arm(id).stamped().touching(pages);
            let Some(mut lab) = lab(&arm) else { continue };
            let half = lab.batch(2, 7).unwrap_or_else(|e| panic!("{e}")).half;
            let [call, first, bill] = moments(&half);
            assert_eq!(half.ops, 7, "{arm}");
            let reaped = half.elapsed_ns - bill;
            assert!(0 < call && call <= reaped, "{arm}: {half:?}");
            // A program that is not ours does not tell.
            assert_eq!(first > 0, !id.ends_with("dynamic"), "{arm}: {half:?}");
            assert!(first <= reaped, "{arm}: {half:?}");
            assert_eq!(bill > 0, pages > 0, "{arm}: {half:?}");
            assert_eq!(zombies(lab.pid() as u32), [0u32; 0], "{arm}");
        }
    }
}

#[test]
fn a_pool_is_ready_before_its_end_and_leaves_nobody() {
    for threads in [1, 4, 16] {
        let arm = arm(POOL).among(threads).stamped();
        let mut lab = launch(&arm, None).unwrap_or_else(|e| panic!("{e}"));
        let half = lab.batch(2, 7).unwrap().half;
        let [call, ready, bill] = moments(&half);
        // The last thread may come before the call that made it returns.
        let within = 1..half.elapsed_ns;
        assert!(within.contains(&call) && within.contains(&ready), "{arm}: {half:?}");
        assert_eq!(bill, 0, "{arm}");
        assert_eq!(lab.state().threads, 1, "{arm}: all have left again");
    }
    let refused = launch(&arm(POOL), None).unwrap_err();
    assert!(refused.why.contains("number of actors"), "{refused}");
    let refused = launch(&arm(POOL).among(1 << 20), None).unwrap_err();
    assert!(refused.why.contains("16 threads for each of"), "{refused}");
}

#[test]
fn writing_pages_makes_a_bill_and_faults_of_whoever_writes() {
    const PAGES: u32 = 256;
    // Ten operations. After a child the parent pays too, for having its pages to itself again.
    for (writer, child_writes) in [("own", false), ("parent", false), ("child", true)] {
        let arm = arm(&format!("process/write-{writer}")).stamped().touching(PAGES);
        let mut lab = launch(&arm, None).unwrap_or_else(|e| panic!("{e}"));
        let half = lab.batch(2, 7).unwrap().half;
        let [call, first, bill] = moments(&half);
        assert_eq!([call, first], [0, 0], "{arm}");
        assert!(0 < bill && bill < half.elapsed_ns, "{arm}: {half:?}");
        let [parent, children] = minor_faults(lab.pid() as u32).map(|faults| faults / 10);
        assert!(parent >= PAGES.into(), "{arm}: {parent} faults");
        assert_eq!(children >= PAGES.into(), child_writes, "{arm}: {children} faults of a child");
    }
}

#[test]
fn a_working_child_copies_sixteen_pages_more_than_one_that_leaves() {
    // Where the kernel puts stack and library changes it by a page or two from lab to lab: the
    // median of five.
    let of_children = |id: &str| {
        let mut faults: [u64; 5] = std::array::from_fn(|_| {
            let mut lab = launch(&arm(id), None).unwrap();
            // With the one of its start, a hundred.
            lab.batch(0, 99).unwrap();
            minor_faults(lab.pid() as u32)[1]
        });
        faults.sort_unstable();
        faults[2]
    };
    let more = of_children("process/fork-working") - of_children("process/fork");
    // What else a child touches for it, its stack or the C library's data, is a page or two.
    assert!((1_600..2_000).contains(&more), "{more} faults of 100 children");
}

#[test]
fn what_a_parent_holds_shows_in_the_state_of_the_lab_and_a_fork_beside_it_works() {
    let small = launch(&arm("process/fork"), None).unwrap().state().clone();
    let parent = Parent { mappings: 200, descriptors: 100, threads: 10, ..Parent::default() };
    for id in ["process/fork", "clone/none", "process/fork-exec-tiny"] {
        let mut lab = launch(&arm(id).in_parent(parent), None).unwrap();
        let state = lab.state();
        // Each thread has a stack, a mapping that may merge with its neighbours.
        assert!((190..240).contains(&(state.vmas - small.vmas)), "{id}: {state:?}");
        assert!((100..110).contains(&(state.fds - small.fds)), "{id}: {state:?}");
        assert_eq!(state.threads - small.threads, 10, "{id}: {state:?}");
        assert_eq!(lab.batch(2, 7).unwrap().half.ops, 7, "{id}");
    }
    let huge = match launch(&arm("process/fork").in_parent(Parent::of_huge_mib(16)), None) {
        Ok(lab) => lab.state().huge_bytes,
        Err(failure) => return eprintln!("skipped: {failure}"),
    };
    assert!(huge >= 14 << 20, "{huge} bytes in huge pages");
}

#[test]
fn a_descriptor_that_is_taken_is_no_place_for_stamps() {
    let parent = Parent { descriptors: 200, ..Parent::default() };
    let arm = arm("process/fork-exec-tiny").stamped().in_parent(parent);
    let refused = launch(&arm, None).unwrap_err();
    assert_eq!(refused.errno, Some(nix::errno::Errno::EBUSY as i32), "{refused}");
}

#[test]
fn a_ping_pong_on_one_core_under_fifo_holds_the_switches_that_it_says() {
    if let Err(failure) = fifo_permitted() {
        eprintln!("skipped: {failure}");
        return;
    }
    for entry in question::primitives().filter(|entry| entry.work == Work::HandsOver(2)) {
        let mut lab = launch(&arm(entry.id).under(Policy::Fifo), None).unwrap();
        let half = lab.batch(16, 2_000).unwrap().half;
        // A machine that steals the CPU adds a switch now and then.
        let found = half.switches_per_op();
        assert!((1.98..2.1).contains(&found), "{}: {found} switches per round trip", entry.id);
        assert!(half.fifo_stretch_ns > 0, "{}", entry.id);
    }
}

#[test]
fn a_ring_on_one_core_under_fifo_holds_one_switch_for_each_actor() {
    if let Err(failure) = fifo_permitted() {
        eprintln!("skipped: {failure}");
        return;
    }
    for entry in question::primitives().filter(|e| e.work == Work::TakesTurns) {
        for (actors, expected) in [(1, 0.0), (2, 2.0), (5, 5.0)] {
            let arm = arm(entry.id).among(actors).touching(4).under(Policy::Fifo);
            let mut lab = launch(&arm, None).unwrap_or_else(|e| panic!("{e}"));
            let found = lab.batch(8, 1_000).unwrap().half.switches_per_op();
            // A machine that steals the CPU adds a switch now and then.
            let about = expected - 0.02..expected + 0.1;
            assert!(about.contains(&found), "{}, {actors}: {found} switches a lap", entry.id);
        }
    }
}

#[test]
fn a_rings_actors_are_threads_or_processes_as_it_says_and_leave_with_it() {
    let kinds = [("thread", 3, 0), ("alias-thread", 3, 0), ("vm-process", 1, 2), ("process", 1, 2)];
    for (kind, threads, processes) in kinds {
        let arm = arm(&format!("ring/{kind}")).among(3).touching(2);
        let lab = launch(&arm, None).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(lab.state().threads, threads, "{kind}");
        let actors = children(lab.pid() as u32);
        assert_eq!(actors.len(), processes, "{kind}");
        let itself = lab.pid() as u32;
        drop(lab);
        let gone = || !lives(itself) && !actors.iter().any(|actor| lives(*actor));
        assert!(within_patience(gone), "{kind}");
    }
}

#[test]
fn only_aliases_are_mapped_once_for_each_actor_and_processes_map_the_same_address() {
    let starts = |pid: u32| -> Vec<String> {
        let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
        let pages = maps.lines().filter(|line| line.contains("process-vs-thread-pages"));
        pages.map(|line| line.split('-').next().unwrap().to_owned()).collect()
    };
    for (kind, mappings) in [("thread", 1), ("alias-thread", 3), ("vm-process", 1), ("process", 1)]
    {
        let arm = arm(&format!("ring/{kind}")).among(3).touching(2);
        let lab = launch(&arm, None).unwrap_or_else(|e| panic!("{e}"));
        let own = starts(lab.pid() as u32);
        assert_eq!(own.len(), mappings, "{kind}: {own:?}");
        for actor in children(lab.pid() as u32) {
            assert_eq!(starts(actor), own, "{kind}");
        }
    }
}

#[test]
fn both_passes_over_the_pages_are_timed_and_only_where_there_are_pages() {
    for id in ["ring/process", "ring/alias-thread", "flush/whole", "flush/untouched"] {
        for (pages, order) in [(0, Order::Chase), (16, Order::Chase), (16, Order::Independent)] {
            let arm = arm(id).touching(pages).reading(order);
            let actors = if arm.work == Work::TakesTurns { 2 } else { 0 };
            let arm = arm.among(actors);
            let half = launch(&arm, None).unwrap().batch(8, 500).unwrap().half;
            let passes = [half.first_pass_ticks, half.second_pass_ticks];
            assert_eq!(passes.map(|ticks| ticks > 0), [pages > 0; 2], "{arm}: {passes:?}");
            // Two of the clock reads of a lap, and what lies between them.
            assert!(passes.iter().sum::<u64>() <= half.elapsed_ticks, "{arm}: {passes:?}");
            assert_eq!(half.refill_ticks_per_page(&arm).is_some(), pages > 0, "{arm}");
        }
    }
}

#[test]
fn a_ring_without_actors_and_huge_pages_that_are_not_there_are_refused_with_a_reason() {
    let refused = launch(&arm("ring/process"), None).unwrap_err();
    assert!(refused.why.contains("number of actors"), "{refused}");
    let pool = std::fs::read_to_string("/proc/sys/vm/nr_hugepages").unwrap_or_default();
    if pool.trim() != "0" {
        eprintln!("skipped: this machine has huge pages to give: {}", pool.trim());
        return;
    }
    let huge = arm("ring/thread").among(2).touching(16).in_huge_pages();
    let refused = launch(&huge, None).unwrap_err();
    assert!(refused.to_string().contains("vm.nr_hugepages"), "{refused}");
}

#[test]
fn a_baseline_holds_no_voluntary_switch() {
    let alone = |entry: &&Entry| entry.work == Work::HandsOver(0) && entry.actor == Actor::Alone;
    for entry in question::primitives().filter(alone) {
        let half = launch(&arm(entry.id), None).unwrap().batch(2, 1_000).unwrap().half;
        assert_eq!(half.switches, half.involuntary, "{}", entry.id);
    }
}

#[test]
fn long_batches_are_real_time_in_short_stretches_only() {
    if let Err(failure) = fifo_permitted() {
        eprintln!("skipped: {failure}");
        return;
    }
    let mut lab = launch(&arm("futex/process").under(Policy::Fifo), None).unwrap();
    let half = lab.batch(16, 50_000).unwrap().half;
    assert_eq!(half.ops, 50_000);
    assert!(half.fifo_stretch_ns < half.elapsed_ns, "it was one stretch");
}

#[test]
fn actors_run_where_they_are_placed() {
    let one = launch(&arm("pipe/process"), None).unwrap();
    assert_eq!(one.state().cpus, [support::cores().main]);
    let partner = children(one.pid() as u32);
    assert_eq!(partner.len(), 1);
    assert_eq!(allowed(partner[0]), support::cores().main.to_string());
    let free = launch(&arm("pipe/process").at(Placement::Free), None).unwrap();
    assert_eq!(free.state().cpus, process_vs_thread::machine::describe().unwrap().cpus);
    match (launch(&arm("pipe/process").at(Placement::TwoCores), None), support::cores().other) {
        (Ok(two), Ok(other)) => {
            assert_eq!(allowed(children(two.pid() as u32)[0]), other.to_string());
        }
        (Err(failure), Err(_)) => eprintln!("skipped: {failure}"),
        (launched, other) => panic!("{launched:?} with {other:?}"),
    }
    // What is created inherits its creator's CPUs: with two cores both may use both.
    if let (Ok(fork), Ok(other)) =
        (launch(&arm("process/fork").at(Placement::TwoCores), None), support::cores().other)
    {
        let mut both = [support::cores().main, other];
        both.sort_unstable();
        assert_eq!(fork.state().cpus, both);
    }
}

#[test]
fn a_lab_is_small_and_has_one_thread_unless_its_partner_is_one() {
    for (id, threads) in [("process/fork", 1), ("pipe/process", 1), ("pipe/thread", 2)] {
        let lab = launch(&arm(id), None).unwrap();
        let state = lab.state();
        assert_eq!(state.threads, threads, "{id}");
        assert!(state.rss_bytes < 16 << 20, "{id}: {} bytes resident", state.rss_bytes);
        assert!(state.vmas < 100, "{id}: {} mappings", state.vmas);
    }
}

#[test]
fn ballast_is_resident_and_in_base_pages() {
    let small = launch(&arm("process/fork"), None).unwrap().state().clone();
    let big =
        launch(&arm("process/fork").in_parent(Parent::of_mib(16)), None).unwrap().state().clone();
    // How much of its program's file is resident differs by some hundred KiB from launch to launch.
    let added = big.rss_bytes - small.rss_bytes;
    assert!(((15 << 20)..(17 << 20)).contains(&added), "{added} bytes");
    assert_eq!(big.huge_bytes, 0);
}

#[test]
fn a_dropped_lab_leaves_nobody() {
    let lab = launch(&arm("futex/process"), None).unwrap();
    let (itself, partner) = (lab.pid() as u32, children(lab.pid() as u32)[0]);
    drop(lab);
    assert!(within_patience(|| !lives(itself) && !lives(partner)));
}

#[test]
fn the_yardstick_in_plain_c_speaks_as_a_lab_does() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plain-c-lab");
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/plain-c-lab.c");
    let compiled = Command::new(compiler).args(["-pthread", "-o"]).arg(&path).arg(source).status();
    let Ok(status) = compiled else {
        eprintln!("skipped: there is no C compiler");
        return;
    };
    assert!(status.success());
    let program = Program { path, arguments: Vec::new() };
    let spec = |arm: &Arm| Spec::new(arm, &cores(), None).unwrap();
    for id in ["baseline/getppid", "pipe/process"] {
        let mut lab = Lab::launch(&program, &spec(&arm(id))).unwrap();
        let LabState { vmas, written_vmas, own_bytes, .. } = *lab.state();
        assert_eq!([vmas, written_vmas], [42, 20], "it forks what a lab of ours does");
        let page = process_vs_thread::sys::memory::page_bytes() as u64;
        assert!((own_bytes / page).abs_diff(72) <= 3, "{own_bytes}");
        let batch = lab.batch(2, 100).unwrap();
        assert!(batch.half.ops == 100 && batch.half.elapsed_ns > 0, "{id}: {batch:?}");
    }
    let refused =
        Lab::launch(&program, &spec(&Arm::new("none/of/them", Work::Creates))).unwrap_err();
    assert!(refused.tried.contains("plain C"), "{refused}");
}

#[test]
fn a_primitive_can_be_used_without_a_lab_but_fork_wants_a_single_thread() {
    let setup = primitive::Setup::of(Arm::new("", Work::Creates));
    let mut threads = question::primitive("thread/pthread").unwrap().start(&setup).unwrap();
    assert_eq!(threads.run(3).unwrap(), 3);
    // The test harness runs this in a second thread.
    for id in ["process/fork", "process/write-own", "clone/none", "clone/files"] {
        let refused = question::primitive(id).unwrap().start(&setup).err().unwrap();
        assert!(refused.why.contains("threads"), "{refused}");
    }
    let mut in_our_memory = question::primitive("clone/vm").unwrap().start(&setup).unwrap();
    assert_eq!(in_our_memory.run(3).unwrap(), 3);
    assert!(question::primitive("process/none").is_err());
}

#[test]
fn partners_are_what_they_are_called() {
    for entry in question::primitives().filter(|entry| entry.work == Work::HandsOver(2)) {
        let lab = launch(&arm(entry.id), None).unwrap();
        let processes = children(lab.pid() as u32).len();
        assert_eq!(processes, usize::from(entry.actor == Actor::Process), "{}", entry.id);
    }
}
