//! What a lab is before anything is prepared in it, and what it is brought to: a fork in it pays
//! for both.

mod support;

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use process_vs_thread::plan::{Experiment, Grid, Role};
use process_vs_thread::question::creation::plan::CREATION;
use process_vs_thread::question::{self, arm};
use process_vs_thread::record::{Arm, Cell, Family, LabState, Launch, Parent, Policy, Row, Stop};
use process_vs_thread::sampler::{Budget, Pairing, rounds};
use std::collections::BTreeSet;
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::launch;

/// Bytes of the program's file that are data to relocate, and so written before `main`: each page
/// is the lab's own.
const MOST_RELOCATED_BYTES: u64 = 192 << 10;
/// Bytes of the program that are mapped; a build for tests has twice the code of a release.
const MOST_MAPPED_BYTES: u64 = 12 << 20;
/// Mappings that a lab may bring by itself: with a shared glibc before 2.34 it is some 45, as
/// libpthread and libdl were libraries of their own.
const MOST_MAPPINGS: u64 = 46;
/// Pages of its own that a lab may bring by itself; more where it is not optimised.
const MOST_OWN_PAGES: u64 = if cfg!(debug_assertions) { 84 } else { 64 };

/// A lab that has been told nothing yet. It is killed and reaped on drop.
struct Untold(Child);

impl Untold {
    fn start() -> Self {
        let program = env!("CARGO_BIN_EXE_process-vs-thread-lab");
        let child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
        let untold = Untold(child.expect("the lab's program"));
        let deadline = Instant::now() + Duration::from_secs(10);
        // It is ready when it waits for its input.
        while !untold.reads() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(untold.reads(), "the lab does not read its input");
        untold
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.0.id())).unwrap_or_default()
    }

    /// Does it sleep with its program loaded? The kernel names the file once it is.
    fn reads(&self) -> bool {
        self.text("maps").contains("process-vs-thread-lab")
            && self.text("status").contains("S (sleeping)")
    }
}

impl Drop for Untold {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn page_bytes() -> u64 {
    process_vs_thread::sys::memory::page_bytes() as u64
}

/// The 64-bit little-endian number at an offset of the program's file (elf(5)).
fn word(file: &[u8], at: usize, bytes: usize) -> u64 {
    file[at..at + bytes].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Type and size in memory of each of the program's segments.
fn segments(file: &[u8]) -> Vec<(u64, u64)> {
    let (table, size, count) = (word(file, 32, 8), word(file, 54, 2), word(file, 56, 2));
    let header = |index| (table + index * size) as usize;
    (0..count).map(|at| (word(file, header(at), 4), word(file, header(at) + 40, 8))).collect()
}

#[test]
fn the_program_of_a_lab_stays_tiny() {
    const LOAD: u64 = 1;
    const RELOCATED: u64 = 0x6474_e552;
    let file = std::fs::read(env!("CARGO_BIN_EXE_process-vs-thread-lab")).unwrap();
    let sum = |kind| -> u64 {
        segments(&file).iter().filter(|(found, _)| *found == kind).map(|(_, bytes)| bytes).sum()
    };
    assert!(sum(LOAD) < MOST_MAPPED_BYTES, "{} bytes are mapped", sum(LOAD));
    assert!(sum(RELOCATED) < MOST_RELOCATED_BYTES, "{} bytes are relocated", sum(RELOCATED));
    assert!(sum(LOAD) > 0 && sum(RELOCATED) > 0);
}

#[test]
fn a_lab_that_does_nothing_yet_has_room_for_the_small_parent() {
    let lab = Untold::start();
    let mappings = lab.text("maps").lines().filter(|line| !line.contains("[vsyscall]")).count();
    assert!(mappings as u64 <= MOST_MAPPINGS, "{}", lab.text("maps"));
    let smaps = lab.text("smaps");
    let kib = smaps.lines().filter_map(|line| line.strip_prefix("Anonymous:"));
    let kib = kib.filter_map(|size| size.trim().trim_end_matches(" kB").parse::<u64>().ok());
    let pages = kib.sum::<u64>() * 1024 / page_bytes();
    assert!((1..=MOST_OWN_PAGES).contains(&pages), "{pages} pages of its own");
}

/// What of a lab's state decides what a fork costs.
fn of_a_fork(state: &LabState) -> [u64; 4] {
    [state.vmas, state.written_vmas, state.fds, state.threads]
}

#[test]
fn a_lab_keeps_no_descriptor_that_its_driver_left_open() {
    let (reader, writer) = std::io::pipe().unwrap();
    for end in [reader.as_fd(), writer.as_fd()] {
        fcntl(end, FcntlArg::F_SETFD(FdFlag::empty())).unwrap();
    }
    let lab = launch(&arm("process/fork"), None).unwrap();
    assert_eq!(lab.state().fds, 3);
}

#[test]
fn every_lab_that_forks_is_the_same_small_parent() {
    let small = launch(&arm("process/fork"), None).unwrap().state().clone();
    assert!([[42, 20], [64, 32]].contains(&[small.vmas, small.written_vmas]), "{small:?}");
    assert!(small.rss_bytes >= 4 << 20 && small.rss_bytes < 12 << 20, "{small:?}");
    assert_eq!((small.fds, small.threads), (3, 1));
    let pages = |state: &LabState| state.own_bytes / page_bytes();
    for id in ["process/fork", "process/fork-exec-dynamic", "thread/pthread", "clone/none"] {
        let again = launch(&arm(id), None).unwrap().state().clone();
        // A way to create may keep a stack or a program of its own.
        let more = of_a_fork(&again).map(|of| of as i64);
        let less = of_a_fork(&small).map(|of| of as i64);
        for (more, less) in more.into_iter().zip(less) {
            assert!((0..=3).contains(&(more - less)), "{id}: {again:?}, not {small:?}");
        }
        assert!(pages(&again).abs_diff(pages(&small)) <= 20, "{id}: {again:?}, not {small:?}");
    }
}

#[test]
fn a_comparison_that_was_begun_is_gone_on_with_after_what_it_has() {
    let bench = support::bench();
    let programs = [bench.lab.clone(), bench.lab.clone()];
    let plan = question::experiments(Policy::Other, Grid::Default);
    let stated = plan.into_iter().find(|e| e.role == Role::Stated).expect("there is one");
    let protocol = stated.protocol;
    let cell = |pairing: Pairing| {
        let row = rounds(vec![Box::new(pairing)], &bench, &mut |_| {}).pop();
        let Some(Row::Cell(cell)) = row else { panic!("a cell is measured as a cell") };
        cell
    };
    let first = cell(Pairing::new(stated.clone(), programs.clone(), Budget::TEST));
    assert_eq!(first.launches.len(), 1, "{:?}", first.stop);
    let more = Budget { launches: [3; 4], ..Budget::TEST };
    let whole = cell(Pairing::new(stated, programs, more).after(&mut vec![first.clone()]));
    assert_eq!(whole.launches.len(), 3, "{:?}", whole.stop);
    assert_eq!(whole.launches[0], first.launches[0]);
    // A batch is as long as the launch before found right.
    for launches in whole.launches.windows(2) {
        let [before, after] = [0, 1].map(|at: usize| launches[at].pairs[0].a);
        let fitting = |ns: u64| ns as f64 / before.ns_per_op();
        let aimed = (fitting(protocol.batch_ns).ceil() as u64).max(protocol.least_ops);
        assert_eq!(after.ops, aimed.min((fitting(protocol.longest_ns) as u64).max(1)));
    }
}

/// Launches a block once.
fn block(experiments: Vec<Experiment>) -> Vec<Cell> {
    let bench = support::bench();
    let block = Pairing::block(experiments, &bench.lab, Budget::TEST);
    let rows = rounds(vec![Box::new(block)], &bench, &mut |_| {});
    let cell = |row| match row {
        Row::Cell(cell) => cell,
        _ => panic!("a cell is measured as a cell"),
    };
    rows.into_iter().map(cell).collect()
}

fn against(name: &str, a: &Arm, b: &Arm) -> Experiment {
    let id = Family { question: "", name: "block", prefix: "block" }.named(name);
    Experiment::new(id, CREATION, a.clone(), b.clone())
}

#[test]
fn comparisons_of_a_block_share_the_lab_of_an_arm_but_one_with_itself_has_two() {
    let [thread, fork, raw] = ["thread/pthread", "process/fork", "clone/thread"].map(arm);
    let cells = block(vec![
        against("fork", &thread, &fork),
        against("raw", &thread, &raw),
        against("forks", &fork, &fork),
    ]);
    let [[thread, fork], [again, raw], [one, other]] = [0, 1, 2].map(|at: usize| {
        assert_eq!(cells[at].launches.len(), 1, "{}: {:?}", cells[at].id, cells[at].stop);
        assert_eq!(cells[at].launches[0].pairs.len(), 1);
        cells[at].launches[0].pids
    });
    assert_eq!((thread, fork), (again, one));
    let labs = BTreeSet::from([thread, fork, raw, other]);
    assert_eq!(labs.len(), 4, "{labs:?}");
    // What the block has measured once is in each.
    assert_eq!(cells[0].launches[0].pairs[0].a, cells[1].launches[0].pairs[0].a);
}

#[test]
fn a_lab_that_fails_ends_its_comparison_and_the_others_of_the_block_go_on() {
    let [thread, fork] = ["thread/pthread", "process/fork"].map(arm);
    let unknown = Arm::new("thread/unheard-of", thread.work);
    let cells = block(vec![against("fork", &thread, &fork), against("none", &thread, &unknown)]);
    assert_eq!((&cells[0].stop, cells[0].launches[0].pairs.len()), (&Stop::Planned, 1));
    assert!(cells[1].launches.is_empty());
    let Stop::Failed(failure) = &cells[1].stop else { panic!("{:?}", cells[1].stop) };
    assert!(failure.to_string().contains("unheard-of"), "{failure}");
}

#[test]
fn arms_of_a_big_parent_are_in_one_lab_which_fills_it_once() {
    let big = Parent::of_mib(256);
    let [thread, fork] = ["thread/pthread", "process/fork"].map(|id| arm(id).in_parent(big));
    let cells = block(vec![against("big", &thread, &fork)]);
    if let Stop::Failed(failure) = &cells[0].stop {
        assert!(failure.why.starts_with("a tenth of the available memory"), "{failure}");
        println!("skipped: {failure}");
        return;
    }
    let Launch { pids, states, pairs, .. } = &cells[0].launches[0];
    assert_eq!(pids[0], pids[1]);
    assert!(states[0].own_bytes >= 256 << 20, "{:?}", states[0]);
    // Each is what it is: a fork of so much takes longer than a thread.
    assert!(pairs[0].b.ns_per_op() > pairs[0].a.ns_per_op(), "{:?}", pairs[0]);
}
