//! Live: workers that do the same at the same time, and the drill, in labs on this machine. Counts
//! and states, never times.

mod support;

use process_vs_thread::lab::{Cores, Lab, Spec};
use process_vs_thread::question::arm;
use process_vs_thread::question::contention::plan::{
    DRILL_WORKERS, KERNEL_KINDS, USER_KINDS, Workers, company,
};
use process_vs_thread::record::{Arm, Failure, Placement};
use support::{
    allowed, children, cores, is_asleep, launch, lives, minor_faults, within_patience, zombies,
};

const BOTH: [Workers; 2] = [Workers::Threads, Workers::Processes];

fn kinds() -> impl Iterator<Item = &'static str> {
    KERNEL_KINDS.into_iter().chain(USER_KINDS)
}

/// A lab; none where this run may use one CPU only.
fn lab(arm: &Arm) -> Option<Lab> {
    match launch(arm, None) {
        Ok(lab) => Some(lab),
        Err(failure) if cores().all.len() < 2 => {
            assert!(failure.why.contains("one CPU only"), "{failure}");
            eprintln!("skipped: {failure}");
            None
        }
        Err(failure) => panic!("{failure}"),
    }
}

/// Threads of a process.
fn tasks(pid: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    tasks.filter_map(|task| task.file_name().to_string_lossy().parse().ok()).collect()
}

/// The lab and its workers, each a task: the main actor first.
fn workers(lab: &Lab) -> Vec<u32> {
    let main = lab.pid() as u32;
    let mut all = vec![main];
    all.extend(tasks(main).into_iter().filter(|task| *task != main));
    all.extend(children(main));
    all
}

#[test]
fn every_kind_has_a_worker_on_each_cpu_who_are_what_it_says_and_leave_with_it() {
    let cpus = cores().all;
    for (kind, actors) in kinds().flat_map(|kind| BOTH.map(|actors| (kind, actors))) {
        let Some(mut lab) = lab(&company(kind, actors)) else { return };
        let main = lab.pid() as u32;
        for ops in [1, 50] {
            // A batch that lost a piece of work is void.
            assert_eq!(lab.batch(2, ops).unwrap_or_else(|e| panic!("{e}")).half.ops, ops, "{kind}");
        }
        let others = cpus.len() - 1;
        let expected = match actors {
            Workers::Threads => (1 + others, 0),
            Workers::Processes => (1, others),
        };
        assert_eq!((tasks(main).len(), children(main).len()), expected, "{kind} {actors:?}");
        let all = workers(&lab);
        let mut places: Vec<String> = all.iter().map(|task| allowed(*task)).collect();
        let mut wanted: Vec<String> = cpus.iter().map(ToString::to_string).collect();
        places.sort();
        wanted.sort();
        assert_eq!(places, wanted, "{kind} {actors:?}");
        drop(lab);
        assert!(within_patience(|| !all.iter().any(|task| lives(*task))), "{kind} {actors:?}");
    }
}

#[test]
fn one_worker_is_alone() {
    for actors in BOTH {
        let Some(mut lab) = lab(&company("mmap", actors).among(1)) else { return };
        assert_eq!(lab.batch(2, 20).unwrap().half.ops, 20);
        assert_eq!(workers(&lab), [lab.pid() as u32]);
    }
}

#[test]
fn between_batches_workers_sleep() {
    for actors in BOTH {
        let Some(mut lab) = lab(&company("padded", actors)) else { return };
        lab.batch(2, 1_000).unwrap();
        let all = workers(&lab);
        assert!(within_patience(|| all.iter().all(|task| is_asleep(*task))), "{actors:?}");
    }
}

#[test]
fn every_worker_of_a_kind_that_faults_faults_as_often_as_it_says() {
    const OPS: u64 = 200;
    for (kind, actors) in ["mmap", "fault"].into_iter().flat_map(|k| BOTH.map(|a| (k, a))) {
        let Some(mut lab) = lab(&company(kind, actors)) else { return };
        let main = lab.pid() as u32;
        let mut processes = vec![main];
        processes.extend(children(main));
        let before: Vec<u64> = processes.iter().map(|pid| minor_faults(*pid)[0]).collect();
        lab.batch(0, OPS).unwrap();
        let each = OPS * 16 * if actors == Workers::Threads { cores().all.len() as u64 } else { 1 };
        for (pid, before) in processes.iter().zip(before) {
            let found = minor_faults(*pid)[0] - before;
            // The lab itself faults now and then.
            assert!(
                (each..each + each / 10).contains(&found),
                "{kind} {actors:?}: {found} of {each}"
            );
        }
    }
}

#[test]
fn a_killed_lab_leaves_no_worker() {
    let Some(lab) = lab(&company("same-word", Workers::Processes)) else { return };
    let all = workers(&lab);
    kill(lab.pid());
    assert!(within_patience(|| !all[1..].iter().any(|task| lives(*task))));
}

#[test]
fn a_lab_that_is_killed_in_the_middle_of_a_drill_leaves_no_worker() {
    let mut lab = launch(&drill("processes", 10_000_000), None).unwrap();
    let main = lab.pid();
    let counting = std::thread::scope(|scope| {
        let killer = scope.spawn(move || {
            let mut counting = Vec::new();
            within_patience(|| {
                counting = children(main as u32);
                !counting.is_empty()
            });
            kill(main);
            counting
        });
        assert!(lab.batch(0, 10_000).is_err(), "it was killed");
        killer.join().unwrap()
    });
    assert!(!counting.is_empty());
    assert!(within_patience(|| !counting.iter().any(|task| lives(*task))));
}

fn kill(pid: i32) {
    let pid = nix::unistd::Pid::from_raw(pid);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
}

fn drill(kind: &str, turns: u64) -> Arm {
    arm(&format!("drill/{kind}")).of(turns).at(Placement::Free)
}

#[test]
fn a_drill_counts_right_and_leaves_nobody() {
    for kind in ["threads", "processes", "shared-atomic"] {
        for turns in [0, 1_000] {
            // A wrong sum voids the batch.
            let mut lab = launch(&drill(kind, turns), None).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(lab.batch(1, 5).unwrap_or_else(|e| panic!("{e}")).half.ops, 5, "{kind}");
            let main = lab.pid() as u32;
            assert_eq!((tasks(main).len(), children(main).len()), (1, 0), "{kind}");
            assert_eq!(zombies(main), [0u32; 0], "{kind}");
        }
    }
}

#[test]
fn a_drill_has_ten_workers_at_once() {
    for (kind, threads) in [("threads", true), ("processes", false)] {
        let mut lab = launch(&drill(kind, 10_000_000), None).unwrap_or_else(|e| panic!("{e}"));
        let main = lab.pid() as u32;
        let most = std::thread::scope(|scope| {
            let watched = scope.spawn(move || {
                let count = || if threads { tasks(main).len() - 1 } else { children(main).len() };
                let mut most = 0;
                within_patience(|| {
                    most = most.max(count());
                    most >= DRILL_WORKERS as usize
                });
                most
            });
            while !watched.is_finished() {
                lab.batch(0, 1).unwrap();
            }
            watched.join().unwrap()
        });
        assert_eq!(most, DRILL_WORKERS as usize, "{kind}");
    }
}

#[test]
fn on_one_cpu_no_kind_is_tried() {
    let main = cores().main;
    let other = Err(Failure::new("finding a second CPU", "this machine allows one"));
    let one = Cores { main, other, all: vec![main] };
    for (kind, actors) in kinds().flat_map(|kind| BOTH.map(|actors| (kind, actors))) {
        let refused = Spec::new(&company(kind, actors), &one, None).unwrap_err();
        assert_eq!(refused.why, "this run may use one CPU only", "{kind}");
    }
    assert!(Spec::new(&drill("processes", 1), &one, None).is_ok(), "the drill needs no second CPU");
}

#[test]
fn workers_without_cpus_of_their_own_are_refused() {
    let here = launch(&arm("together/padded-thread"), None).unwrap_err();
    assert!(here.why.contains("not placed on all cores"), "{here}");
    if cores().all.len() > 1 {
        let many = company("padded", Workers::Threads).among(1 << 16);
        let refused = launch(&many, None).unwrap_err();
        assert!(refused.why.contains("65536 workers need a CPU each"), "{refused}");
    }
}
