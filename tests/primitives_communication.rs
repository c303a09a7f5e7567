//! Live: round trips and streams between two actors, on this machine. Counts and states, never
//! times.

mod support;

use process_vs_thread::lab::Lab;
use process_vs_thread::proc;
use process_vs_thread::question::arm;
use process_vs_thread::question::communication::plan::{CARRIERS, MESSAGE_BYTES};
use process_vs_thread::record::{Arm, Placement};
use support::{children, cores, launch, lives, within_patience};

/// A lab on two cores; none on a machine that has one.
fn on_two_cores(arm: Arm) -> Option<Lab> {
    if let Err(failure) = cores().other {
        eprintln!("skipped: {failure}");
        return None;
    }
    Some(launch(&arm.at(Placement::TwoCores), None).unwrap_or_else(|e| panic!("{e}")))
}

/// Threads and child processes of a lab.
fn population(lab: &Lab) -> [usize; 2] {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", lab.pid())).unwrap().count();
    [tasks, children(lab.pid() as u32).len()]
}

const THREAD: [usize; 2] = [2, 0];
const PROCESS: [usize; 2] = [1, 1];

#[test]
fn a_round_trip_through_the_kernel_on_one_core_holds_two_switches() {
    for mechanism in ["eventfd", "socket"] {
        for (actor, expected) in [("thread", THREAD), ("process", PROCESS)] {
            let arm = arm(&format!("{mechanism}/{actor}"));
            let mut lab = launch(&arm, None).unwrap();
            let half = lab.batch(16, 2_000).unwrap().half;
            assert_eq!(half.ops, 2_000, "{arm}");
            // Under SCHED_OTHER a wake-up may take the core at once, and a tick too: never fewer.
            assert!(half.switches >= 2 * 2_000, "{arm}: {half:?}");
            assert_eq!(population(&lab), expected, "{arm}");
        }
        let mut alone = launch(&arm(&format!("{mechanism}/alone")), None).unwrap();
        assert_eq!(alone.batch(0, 100).unwrap().half.ops, 100);
        assert_eq!(population(&alone), [1, 0], "{mechanism}");
    }
}

#[test]
fn who_spins_never_sleeps_in_a_batch_and_always_between_two() {
    for (actor, expected) in [("thread", THREAD), ("process", PROCESS)] {
        let Some(mut lab) = on_two_cores(arm(&format!("spin/{actor}"))) else { return };
        let half = lab.batch(4, 100_000).unwrap().half;
        assert_eq!(half.ops, 100_000, "{actor}");
        // The partner goes to sleep once the batch is over, and may have been about to when it
        // began.
        assert!(half.switches - half.involuntary <= 2, "{actor}: {half:?}");
        assert_eq!(population(&lab), expected, "{actor}");
        let partner = match children(lab.pid() as u32).as_slice() {
            [child] => *child,
            _ => second_task(lab.pid()),
        };
        assert!(within_patience(|| state(lab.pid(), partner) == 'S'), "{actor}: spins unasked");
        assert_eq!(lab.batch(0, 10).unwrap().half.ops, 10, "{actor}: it is awake again");
    }
}

/// The task of a process that is not its first.
fn second_task(pid: i32) -> u32 {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    let mut ids = tasks.filter_map(|task| task.file_name().to_string_lossy().parse().ok());
    ids.find(|task| *task != pid as u32).expect("a second task")
}

/// State of a task: of the process itself, or of a child.
fn state(pid: i32, task: u32) -> char {
    let own = format!("/proc/{pid}/task/{task}/stat");
    let stat = proc::read(own).or_else(|_| proc::read(format!("/proc/{task}/stat")));
    proc::state(&stat.unwrap()).unwrap()
}

#[test]
fn spinning_on_one_core_is_refused_with_the_reason() {
    for actor in ["thread", "process"] {
        let refused = launch(&arm(&format!("spin/{actor}")), None).unwrap_err();
        assert!(refused.why.contains("blocks the other"), "{refused}");
        assert!(refused.to_string().contains("two cores"), "{refused}");
    }
}

#[test]
fn streams_deliver_messages_of_every_length_on_one_core_and_on_two() {
    for carrier in CARRIERS {
        for (actor, expected) in [("thread", THREAD), ("process", PROCESS)] {
            for bytes in MESSAGE_BYTES.into_iter().chain([1, 1_000, 65_537]) {
                let arm = arm(&format!("stream/{carrier}-{actor}")).of(bytes);
                let mut lab = launch(&arm, None).unwrap_or_else(|e| panic!("{e}"));
                // The numbers of messages wrap around within these.
                assert_eq!(lab.batch(3, 300).unwrap().half.ops, 300, "{arm}");
                assert_eq!(population(&lab), expected, "{arm}");
            }
            let arm = arm(&format!("stream/{carrier}-{actor}")).of(4_096);
            let Some(mut lab) = on_two_cores(arm.clone()) else { continue };
            for ops in [1, 2, 5_000] {
                assert_eq!(lab.batch(1, ops).unwrap().half.ops, ops, "{arm}");
            }
        }
    }
}

#[test]
fn what_a_stream_carries_is_read_by_the_partner() {
    let read = |pid: u32| -> u64 {
        let io = std::fs::read_to_string(format!("/proc/{pid}/io")).unwrap();
        let line = io.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap();
        line.parse().unwrap()
    };
    for carrier in ["pipe", "socket"] {
        let arm = arm(&format!("stream/{carrier}-process")).of(10_000);
        let mut lab = launch(&arm, None).unwrap();
        let partner = children(lab.pid() as u32)[0];
        let before = read(partner);
        lab.batch(0, 50).unwrap();
        // One goes ahead of the batch.
        assert_eq!(read(partner) - before, 51 * 10_000, "{arm}");
    }
}

#[test]
fn a_stream_of_nothing_or_of_too_much_is_refused() {
    for (carrier, bytes) in CARRIERS.iter().flat_map(|carrier| [(carrier, 0), (carrier, 1 << 40)]) {
        let arm = arm(&format!("stream/{carrier}-thread")).of(bytes);
        let refused = launch(&arm, None).unwrap_err();
        assert!(refused.why.contains("1 to 67108864 bytes"), "{refused}");
    }
}

#[test]
fn a_dropped_lab_leaves_no_partner() {
    for arm in [
        arm("eventfd/process"),
        arm("socket/process"),
        arm("stream/pipe-process").of(64),
        arm("stream/memory-process").of(64),
    ] {
        let lab = launch(&arm, None).unwrap();
        let partner = children(lab.pid() as u32)[0];
        drop(lab);
        assert!(within_patience(|| !lives(partner)), "{arm}");
    }
    let Some(lab) = on_two_cores(arm("spin/process")) else { return };
    let partner = children(lab.pid() as u32)[0];
    drop(lab);
    assert!(within_patience(|| !lives(partner)), "a partner that spins");
}
