//! What the judge says of contention and of the drill, on records made in code.

mod fixture;

use fixture::contention::{CREATION_NS, TURN_NS};
use fixture::{cell_mut, stretch_b};
use process_vs_thread::claim::{CellVerdict, ClaimVerdict, Judged, JudgedClaim, judge};
use process_vs_thread::record::{Failure, Record, Stop};

fn claim<'j>(judged: &'j Judged, id: &str) -> &'j JudgedClaim {
    judged.claims.iter().find(|judged| judged.claim.id == id).expect("a claim")
}

/// The verdict and the reason of a cell.
fn cell(judged: &Judged, id: &str, experiment: &str) -> (CellVerdict, String) {
    let mut cells = claim(judged, id).cells.iter();
    let found = cells.find(|cell| cell.def.experiment == experiment).expect("a cell of the claim");
    (found.verdict, found.reason.clone())
}

fn near(found: f64, expected: f64, within: f64) {
    assert!((found / expected - 1.0).abs() < within, "{found} is not {expected}");
}

#[test]
fn processes_win_where_the_kernel_shares_and_nowhere_else() {
    let judged = judge(&fixture::contention());
    let found = claim(&judged, "E2");
    assert_eq!(found.verdict, ClaimVerdict::Conditional, "{}", found.reason);
    assert_eq!(
        found.reason,
        "holds for mmap + touch + munmap, page faults, pread of one descriptor and open + close; fails \
         for malloc + free, private counters, atomics on lines apart, atomics on one line, atomics on one word and a \
         mutex"
    );
}

#[test]
fn the_ratio_is_threads_over_processes_and_company_is_all_over_one() {
    let judged = judge(&fixture::contention());
    let mmap = judged.contention.kind("mmap").expect("a kind");
    near(mmap.ratio.unwrap().estimate, 23.0 / 5.2, 0.01);
    near(mmap.threads_ns.unwrap().estimate, 23_000.0, 0.01);
    near(mmap.processes_ns.unwrap().estimate, 5_200.0, 0.01);
    let [threads, processes] = [mmap.among_threads.unwrap(), mmap.among_processes.unwrap()];
    near(threads.ratio.estimate, 23.0 / 5.0, 0.01);
    near(processes.ratio.estimate, 5.2 / 5.0, 0.01);
    near(processes.alone_ns.estimate, 5_000.0, 0.01);
    assert_eq!(judged.contention.kind("mutex").unwrap().among_threads, None);
}

#[test]
fn without_the_negative_control_or_where_it_differs_nothing_is_said_of_sharing() {
    let reason = |record: &Record| {
        let judged = judge(record);
        let shared = claim(&judged, "E2");
        assert_eq!(shared.verdict, ClaimVerdict::Inconclusive, "{}", shared.reason);
        assert!(shared.cells.iter().all(|cell| cell.verdict != CellVerdict::Holds));
        let drill = claim(&judged, "G1");
        assert_ne!(drill.verdict, ClaimVerdict::Inconclusive, "the drill needs no CPU of its own");
        cell(&judged, "E2", "contention/mmap").1
    };
    let mut apart = fixture::contention();
    stretch_b(cell_mut(&mut apart, "contention/private"), 1.05);
    let said = reason(&apart);
    assert!(said.starts_with("workers that share nothing differ by 1.05×"), "{said}");
    assert!(said.ends_with("the CPUs are not alike or others work there"), "{said}");
    let mut faster = fixture::contention();
    stretch_b(cell_mut(&mut faster, "contention/private"), 0.95);
    reason(&faster);
    // Farther from one than nothing, but not surely too far.
    let mut close = fixture::contention();
    stretch_b(cell_mut(&mut close, "contention/private"), 1.02);
    assert_eq!(cell(&judge(&close), "E2", "contention/mmap").0, CellVerdict::Holds);
    let mut short = fixture::contention();
    cell_mut(&mut short, "contention/private").launches.truncate(3);
    assert!(reason(&short).contains("too few samples: 3 launches"));
    let mut absent = fixture::contention();
    absent.cells.retain(|cell| cell.id != "contention/private");
    let judged = judge(&absent);
    let (verdict, said) = cell(&judged, "E2", "contention/mmap");
    assert_eq!(verdict, CellVerdict::Inconclusive);
    assert_eq!(said, "no negative control contention/private in this run");
}

#[test]
fn on_one_cpu_the_reason_is_the_labs() {
    let mut record = fixture::contention();
    for cell in record.cells.iter_mut().filter(|cell| !cell.id.starts_with("contention/drill")) {
        cell.launches.clear();
        cell.stop = Stop::Failed(Failure::new("placing workers", "this run may use one CPU only"));
    }
    let judged = judge(&record);
    let found = claim(&judged, "E2");
    assert_eq!(found.verdict, ClaimVerdict::NotMeasurable);
    assert_eq!(found.reason, "placing workers: this run may use one CPU only");
    assert!(judged.contention.is_empty());
}

#[test]
fn threads_win_the_drill_by_creation_and_in_memory() {
    let judged = judge(&fixture::contention());
    let found = claim(&judged, "G1");
    assert_eq!(found.verdict, ClaimVerdict::Conditional, "{}", found.reason);
    assert_eq!(found.reason, "fails for the drill from 10,000,000 turns; holds for most memory");
    let points = &judged.drill.points;
    assert_eq!(
        points.iter().map(|p| p.turns).collect::<Vec<_>>(),
        [1_000, 100_000, 10_000_000, 100_000_000]
    );
    near(points[0].ratio.estimate, 802_500.0 / 202_500.0, 0.01);
    near(judged.drill.atomic.unwrap().ratio.estimate, 21_200_000.0 / 450_000.0, 0.01);
}

#[test]
fn few_long_drills_suffice_but_not_fewer() {
    let mut record = fixture::contention();
    // As the plan makes them: five launches of ten pairs.
    for cell in record.cells.iter_mut().filter(|cell| cell.id.starts_with("contention/drill")) {
        cell.launches.iter_mut().for_each(|launch| launch.pairs.truncate(10));
    }
    assert_eq!(cell(&judge(&record), "G1", "contention/drill/1000").0, CellVerdict::Holds);
    cell_mut(&mut record, "contention/drill/1000")
        .launches
        .iter_mut()
        .for_each(|l| l.pairs.truncate(7));
    let (verdict, why) = cell(&judge(&record), "G1", "contention/drill/1000");
    assert_eq!(verdict, CellVerdict::Inconclusive);
    assert_eq!(why, "too few samples: 5 launches, 35 pairs");
}

#[test]
fn the_model_reads_creation_off_the_shortest_loop_and_a_turn_off_the_longest() {
    let record = fixture::contention();
    let model = judge(&record).drill.model.expect("a model");
    assert_eq!(model.cpus, 2);
    near(model.turn_ns, TURN_NS, 0.02);
    // The shortest loop itself takes some of it.
    near(model.creation_ns[0].estimate, CREATION_NS[0] + 250.0, 0.01);
    near(model.creation_ns[1].estimate, CREATION_NS[1] + 250.0, 0.01);
    near(model.shared_increment_ns.unwrap(), 21.0, 0.01);
    let without = |lost: &str| {
        let mut record = record.clone();
        record.cells.retain(|cell| cell.id != lost);
        judge(&record).drill.model
    };
    assert_eq!(without("contention/drill/1000"), None);
    assert_eq!(without("contention/same-word").unwrap().shared_increment_ns, None);
    near(without("contention/drill/100000000").unwrap().turn_ns, TURN_NS, 0.02);
}
