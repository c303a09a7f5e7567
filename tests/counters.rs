//! Live: counters whose value is known, and the reasons of those that do not open.

mod support;

use process_vs_thread::counters::EVENTS;
use process_vs_thread::record::{Arm, Modes, Outcome, Reading};
use support::launch;

fn readings(id: &str, modes: Modes, ops: u64) -> (Vec<Reading>, u64) {
    let batch = launch(&Arm::new(id), Some(modes)).unwrap().batch(2, ops).unwrap();
    (batch.readings, batch.half.switches)
}

fn counted(readings: &[Reading], event: &str) -> Option<f64> {
    let reading = readings.iter().find(|reading| reading.event == event).unwrap();
    match &reading.outcome {
        Outcome::Counted { count, .. } => Some(*count),
        Outcome::Missing { reason } => {
            eprintln!("skipped: {event}: {reason}");
            None
        }
    }
}

#[test]
fn every_event_is_a_value_or_a_reason() {
    let (with_kernel, _) = readings("baseline/getppid", Modes::UserKernel, 1_000);
    assert_eq!(with_kernel.len(), EVENTS.len());
    for reading in with_kernel {
        match reading.outcome {
            Outcome::Counted { count, running_share } => {
                assert!(count >= 0.0 && running_share > 0.0, "{}", reading.event);
            }
            Outcome::Missing { reason } => assert!(reason.len() > 10, "{}", reading.event),
        }
        assert!(!reading.meaning.is_empty());
    }
}

#[test]
fn both_actors_of_a_ping_pong_are_counted() {
    for id in ["pipe/thread", "pipe/process", "futex/process"] {
        let (readings, switches) = readings(id, Modes::UserKernel, 2_000);
        let Some(count) = counted(&readings, "context-switches") else { return };
        let share = count / switches as f64;
        assert!(switches >= 3_900, "{id}: {switches} switches");
        assert!((0.98..1.02).contains(&share), "{id}: {count} counted, {switches} in the books");
    }
}

#[test]
fn what_a_child_does_is_counted_in() {
    let (spawn, _) = readings("process/spawn-tiny", Modes::UserKernel, 100);
    let (vfork, _) = readings("process/vfork", Modes::UserKernel, 100);
    let faults = |readings: &[Reading]| counted(readings, "page-faults");
    let Some((spawn, vfork)) = faults(&spawn).zip(faults(&vfork)) else { return };
    // Neither parent faults. A new program faults on its own pages; a child in its parent's memory does not.
    assert!(spawn >= 100.0, "{spawn} faults in 100 new programs");
    assert!(vfork < 100.0, "{vfork} faults in 100 vforks");
}

#[test]
fn zero_stays_a_value() {
    let (readings, _) = readings("futex/thread", Modes::UserKernel, 500);
    // Both actors are pinned to one core, so nobody moves.
    if let Some(moves) = counted(&readings, "cpu-migrations") {
        assert_eq!(moves, 0.0);
    }
}

#[test]
fn user_mode_leaves_out_what_is_the_kernels_own() {
    let (readings, _) = readings("futex/thread", Modes::User, 100);
    assert!(readings.iter().all(|reading| reading.event != "context-switches"));
    assert!(readings.iter().any(|reading| reading.event == "page-faults"));
}

#[test]
fn a_lab_that_does_not_count_reads_nothing() {
    let batch = launch(&Arm::new("futex/thread"), None).unwrap().batch(0, 10).unwrap();
    assert!(batch.readings.is_empty());
}
