//! What the judge says of contention and of the drill, on records made in code.

mod fixture;

use fixture::contention::{CREATION_NS, TURN_NS};
use fixture::judged::{cell, claim, judge, near, says, table};
use fixture::{cell_mut, lose, pairs, stretch};
use process_vs_thread::claim::{CellVerdict, ClaimVerdict};
use process_vs_thread::question::contention::evidence::{Contention, Kind};
use process_vs_thread::question::contention::plan::{KERNEL_KINDS, against, drilled};
use process_vs_thread::record::{Failure, Record, Stop};

fn kind<'c>(contention: &'c Contention, name: &str) -> &'c Kind {
    contention.kinds.iter().find(|kind| kind.name == name).expect("a kind")
}

#[test]
fn processes_win_where_the_kernel_shares_and_nowhere_else() {
    let judged = judge(&fixture::contention());
    assert_eq!(claim(&judged, "E2").verdict, ClaimVerdict::True);
    let spans = "inconclusive: the interval spans the limit at 0.970×";
    says("same line", &judged, "E6", "contention/same-line", spans);
}

#[test]
fn work_in_user_space_never_refutes_what_is_said_of_the_kernel() {
    let mut record = fixture::contention();
    for kernel in KERNEL_KINDS {
        // Somewhere around the edge of the band.
        let times = kind(&judge(&record).contention, kernel).ratio.unwrap().estimate;
        stretch(&mut record, against(kernel), 1.07 / times);
    }
    let judged = judge(&record);
    assert_eq!(claim(&judged, "E2").verdict, ClaimVerdict::Undecided);
    assert_eq!(cell(&judged, "E6", "contention/private").verdict, CellVerdict::Holds);
    record.cells.retain(|cell| !KERNEL_KINDS.iter().any(|kind| cell.id == against(kind)));
    assert_eq!(claim(&judge(&record), "E2").verdict, ClaimVerdict::NotRun);
}

const MMAP: [&str; 2] = ["E2", "contention/mmap"];
const PRIVATE: &str = "contention/private";

/// The second arm of every other pair takes longer: the median lies anywhere between.
fn blur(record: &mut Record) {
    for pair in pairs(cell_mut(record, PRIVATE)).step_by(2) {
        pair.b.elapsed_ns = (pair.b.elapsed_ns as f64 * 1.2).round() as u64;
    }
    stretch(record, PRIVATE, 0.92);
}

#[test]
fn sharing_needs_workers_that_share_nothing_and_take_equally_long() {
    table! { fixture::contention();
        "a control that may be off": blur,
            MMAP => "inconclusive: the negative control is too wide: workers that share nothing \
                     differ by …: the noise hides whether both take equally long";
        "nor does it take others' verdicts": blur, ["E6", "contention/same-word"] => "holds: …";
        "it differs": |r| stretch(r, PRIVATE, 1.05),
            MMAP => "inconclusive: the negative control is off: workers that share nothing differ \
                     by 1.05×…the CPUs differ, or other programs run on them";
        "it is faster": |r| stretch(r, PRIVATE, 0.95),
            MMAP => "inconclusive: the negative control is off: …";
        "surely not too far from one": |r| stretch(r, PRIVATE, 1.02), MMAP => "holds: …";
        "too few of it": |r| cell_mut(r, PRIVATE).launches.truncate(3),
            MMAP => "inconclusive: …too few samples: 3 launches, 60 pairs";
        "it is missing": |r| lose(r, PRIVATE),
            MMAP => "inconclusive: the negative control contention/private is not part of this run";
    }
    let mut apart = fixture::contention();
    stretch(&mut apart, PRIVATE, 1.05);
    let judged = judge(&apart);
    assert!(claim(&judged, "E2").cells.iter().all(|cell| cell.verdict != CellVerdict::Holds));
}

#[test]
fn the_ratio_is_threads_over_processes_and_company_is_all_over_one() {
    let judged = judge(&fixture::contention());
    let mmap = kind(&judged.contention, "mmap");
    let [threads, processes] = [mmap.among_threads.unwrap(), mmap.among_processes.unwrap()];
    for (found, expected) in [
        (mmap.ratio.unwrap(), 23.0 / 5.2),
        (mmap.threads_ns.unwrap(), 23_000.0),
        (mmap.processes_ns.unwrap(), 5_200.0),
        (threads.ratio, 23.0 / 5.0),
        (processes.ratio, 5.2 / 5.0),
        (processes.alone_ns, 5_000.0),
    ] {
        near(found, expected, 0.01);
    }
    assert_eq!(kind(&judged.contention, "mutex").among_threads, None);
}

#[test]
fn on_one_cpu_the_reason_is_the_labs() {
    let mut record = fixture::contention();
    for cell in record.cells.iter_mut().filter(|cell| drilled(&cell.id).is_none()) {
        cell.launches.clear();
        cell.stop = Stop::Failed(Failure::new("placing workers", "this run may use one CPU only"));
    }
    let judged = judge(&record);
    assert_eq!(claim(&judged, "E2").verdict, ClaimVerdict::NotMeasured);
    assert!(judged.contention.kinds.is_empty());
}

#[test]
fn threads_win_the_drill_by_creation_and_in_memory() {
    let judged = judge(&fixture::contention());
    assert_eq!(claim(&judged, "G1").verdict, ClaimVerdict::True);
    let points = &judged.drill.points;
    assert_eq!(
        points.iter().map(|p| p.turns).collect::<Vec<_>>(),
        [1_000, 100_000, 10_000_000, 100_000_000]
    );
    near(points[0].ratio, 802_500.0 / 202_500.0, 0.01);
    near(judged.drill.atomic.unwrap().ratio, 21_200_000.0 / 450_000.0, 0.01);
}

#[test]
fn few_long_drills_suffice_but_not_fewer() {
    let mut record = fixture::contention();
    // As the plan makes them: five launches of ten pairs.
    for cell in record.cells.iter_mut().filter(|cell| drilled(&cell.id).is_some()) {
        cell.launches.iter_mut().for_each(|launch| launch.pairs.truncate(10));
    }
    table! { record;
        "ten pairs": |_| (), ["G1", "contention/drill/1000"] => "holds: …";
        "seven": |r| for launch in &mut cell_mut(r, "contention/drill/1000").launches {
            launch.pairs.truncate(7);
        },
            ["G1", "contention/drill/1000"] =>
                "shown, not judged: too few samples: 5 launches, 35 pairs";
    }
}

#[test]
fn the_model_reads_creation_off_the_shortest_loop_and_a_turn_off_the_longest() {
    let record = fixture::contention();
    let model = judge(&record).drill.model.expect("a model");
    assert_eq!(model.cpus, 2);
    let close = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 0.02);
    close(model.turn_ns, TURN_NS);
    // The shortest loop itself takes some of it.
    near(model.creation_ns[0], CREATION_NS[0] + 250.0, 0.01);
    near(model.creation_ns[1], CREATION_NS[1] + 250.0, 0.01);
    close(model.shared_increment_ns.unwrap(), 21.0);
    let without = |lost: &str| {
        let mut record = record.clone();
        lose(&mut record, lost);
        judge(&record).drill.model
    };
    assert_eq!(without("contention/drill/1000"), None);
    assert_eq!(without("contention/same-word").unwrap().shared_increment_ns, None);
    close(without("contention/drill/100000000").unwrap().turn_ns, TURN_NS);
}

#[test]
fn a_peak_may_be_off_by_a_step_of_the_group_however_well_launches_agree() {
    let mut record = fixture::contention();
    let step = 64.0 * 4_096.0;
    for footprint in &mut record.footprints {
        let first = footprint.launches[0].clone();
        footprint.launches.iter_mut().for_each(|launch| launch.readings = first.readings.clone());
    }
    let judged = judge(&record);
    let drill = &judged.memory.drill;
    let [threads, processes] = [&drill.threads, &drill.processes].map(|peak| peak.unwrap());
    assert_eq!([threads.low, threads.high], [409_600.0 - step, 409_600.0 + step]);
    let ratio = cell(&judged, "G1", "most memory").figure.expect("a ratio");
    let close = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-9);
    close(ratio.low, processes.low / threads.high);
    close(ratio.high, processes.high / threads.low);
    close(ratio.estimate, 3.0);
    // With bigger pages a step is more than the peak of the threads.
    let said = |page_bytes, threads, expected| {
        let mut record = record.clone();
        record.machine.page_bytes = page_bytes;
        let judged = judge(&record);
        says("pages", &judged, "G1", "most memory", expected);
        assert_eq!(judged.memory.drill.threads.is_some(), threads);
    };
    said(Some(16_384), true, "inconclusive: no ratio: one of the two may be zero");
    let unsaid = "inconclusive: the record has no page size, so the error of a peak is unknown";
    said(None, false, unsaid);
}

#[test]
fn of_several_drills_at_once_one_has_an_equal_share_and_a_step_is_less_of_it() {
    let mut record = fixture::contention();
    let peaks = |record: &Record| {
        let drill = judge(record).memory.drill;
        [drill.threads, drill.processes].map(|way| way.expect("a peak"))
    };
    let once = peaks(&record);
    for launch in record.footprints.iter_mut().flat_map(|footprint| &mut footprint.launches) {
        let before = launch.readings[0].total_bytes;
        let last = launch.readings.last_mut().unwrap();
        last.peak_bytes = before + 20 * (last.peak_bytes - before);
        last.units *= 20;
    }
    for (one, of_twenty) in once.iter().zip(&peaks(&record)) {
        assert_eq!(of_twenty.estimate, one.estimate);
        assert!(of_twenty.half_width() < one.half_width() / 10.0);
    }
}
