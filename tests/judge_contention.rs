//! What the judge says of contention and of the drill, on records made in code.

mod fixture;

use fixture::contention::{CREATION_NS, TURN_NS};
use fixture::judged::judge;
use fixture::{cell_mut, stretch_b};
use process_vs_thread::claim::{CellVerdict, ClaimVerdict, Judged, JudgedCell, JudgedClaim};
use process_vs_thread::question::contention::plan::{KERNEL_KINDS, against, drilled};
use process_vs_thread::question::memory::evidence::DrillPeak;
use process_vs_thread::record::{Cell, Failure, Record, Stop};

fn claim<'j>(judged: &'j Judged, id: &str) -> &'j JudgedClaim {
    judged.claims.iter().find(|judged| judged.claim.id == id).expect("a claim")
}

/// The verdict and the reason of a cell.
fn cell(judged: &Judged, id: &str, experiment: &str) -> (CellVerdict, String) {
    let mut cells = claim(judged, id).cells.iter();
    let found =
        cells.find(|cell| cell.def.id().to_string() == experiment).expect("a cell of the claim");
    (found.verdict, found.reason.clone())
}

fn near(found: f64, expected: f64, within: f64) {
    assert!((found / expected - 1.0).abs() < within, "{found} is not {expected}");
}

#[test]
fn processes_win_where_the_kernel_shares_and_nowhere_else() {
    let judged = judge(&fixture::contention());
    assert_eq!(claim(&judged, "E2").verdict, ClaimVerdict::True);
    let (verdict, why) = cell(&judged, "E6", "contention/same-line");
    assert_eq!(verdict, CellVerdict::Inconclusive);
    assert_eq!(why, "the interval spans the limit at 0.970×");
}

#[test]
fn work_in_user_space_never_refutes_what_is_said_of_the_kernel() {
    let mut record = fixture::contention();
    for kind in KERNEL_KINDS {
        // Somewhere around the edge of the band.
        let times = judge(&record).contention.kind(kind).unwrap().ratio.unwrap().estimate;
        stretch_b(cell_mut(&mut record, against(kind)), 1.07 / times);
    }
    let judged = judge(&record);
    assert_eq!(claim(&judged, "E2").verdict, ClaimVerdict::Undecided);
    assert_eq!(cell(&judged, "E6", "contention/private").0, CellVerdict::Holds);
    record.cells.retain(|cell| !KERNEL_KINDS.iter().any(|kind| cell.id == against(kind)));
    assert_eq!(claim(&judge(&record), "E2").verdict, ClaimVerdict::NotRun);
}

/// The second arm of every other pair takes so much longer: the median lies anywhere between.
fn blur_b(cell: &mut Cell, factor: f64) {
    for launch in &mut cell.launches {
        for pair in launch.pairs.iter_mut().step_by(2) {
            pair.b.elapsed_ns = (pair.b.elapsed_ns as f64 * factor).round() as u64;
        }
    }
}

#[test]
fn a_control_that_may_be_off_shows_nothing() {
    let mut wide = fixture::contention();
    blur_b(cell_mut(&mut wide, "contention/private"), 1.2);
    stretch_b(cell_mut(&mut wide, "contention/private"), 0.92);
    let judged = judge(&wide);
    let (verdict, said) = cell(&judged, "E2", "contention/mmap");
    assert_eq!(verdict, CellVerdict::Inconclusive);
    let begins = "the negative control is too wide: workers that share nothing differ by ";
    assert!(said.starts_with(begins), "{said}");
    assert!(said.ends_with(": the noise hides whether both take equally long"), "{said}");
    // It does not take its own verdict away, nor that of the others in user space.
    assert_eq!(cell(&judged, "E6", "contention/same-word").0, CellVerdict::Holds);
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
        assert!(shared.cells.iter().all(|cell| cell.verdict != CellVerdict::Holds));
        cell(&judged, "E2", "contention/mmap").1
    };
    let mut apart = fixture::contention();
    stretch_b(cell_mut(&mut apart, "contention/private"), 1.05);
    let said = reason(&apart);
    let begins = "the negative control is off: workers that share nothing differ by 1.05×";
    assert!(said.starts_with(begins), "{said}");
    assert!(said.ends_with("the CPUs differ, or other programs run on them"), "{said}");
    let mut faster = fixture::contention();
    stretch_b(cell_mut(&mut faster, "contention/private"), 0.95);
    reason(&faster);
    // Farther from one than nothing, but surely not too far.
    let mut close = fixture::contention();
    stretch_b(cell_mut(&mut close, "contention/private"), 1.02);
    assert_eq!(cell(&judge(&close), "E2", "contention/mmap").0, CellVerdict::Holds);
    let mut short = fixture::contention();
    cell_mut(&mut short, "contention/private").launches.truncate(3);
    assert!(reason(&short).contains("too few samples: 3 launches"));
    let mut absent = fixture::contention();
    absent.cells.retain(|cell| cell.id.to_string() != "contention/private");
    let judged = judge(&absent);
    let (verdict, said) = cell(&judged, "E2", "contention/mmap");
    assert_eq!(verdict, CellVerdict::Inconclusive);
    assert_eq!(said, "the negative control contention/private is not part of this run");
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
    assert!(judged.contention.is_empty());
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
    near(points[0].ratio.estimate, 802_500.0 / 202_500.0, 0.01);
    near(judged.drill.atomic.unwrap().ratio.estimate, 21_200_000.0 / 450_000.0, 0.01);
}

#[test]
fn few_long_drills_suffice_but_not_fewer() {
    let mut record = fixture::contention();
    // As the plan makes them: five launches of ten pairs.
    for cell in record.cells.iter_mut().filter(|cell| drilled(&cell.id).is_some()) {
        cell.launches.iter_mut().for_each(|launch| launch.pairs.truncate(10));
    }
    assert_eq!(cell(&judge(&record), "G1", "contention/drill/1000").0, CellVerdict::Holds);
    cell_mut(&mut record, "contention/drill/1000")
        .launches
        .iter_mut()
        .for_each(|l| l.pairs.truncate(7));
    let (verdict, why) = cell(&judge(&record), "G1", "contention/drill/1000");
    assert_eq!(verdict, CellVerdict::Shown);
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
        record.cells.retain(|cell| cell.id.to_string() != lost);
        judge(&record).drill.model
    };
    assert_eq!(without("contention/drill/1000"), None);
    assert_eq!(without("contention/same-word").unwrap().shared_increment_ns, None);
    near(without("contention/drill/100000000").unwrap().turn_ns, TURN_NS, 0.02);
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
    let peak = |way: &Option<DrillPeak>| way.as_ref().expect("a peak").peak_bytes;
    let drill = &judged.memory.drill;
    let [threads, processes] = [peak(&drill.threads), peak(&drill.processes)];
    assert_eq!([threads.low, threads.high], [409_600.0 - step, 409_600.0 + step]);
    let ratio = ratio_of_peaks(&judged).figure.expect("a ratio");
    near(ratio.low, processes.low / threads.high, 1e-9);
    near(ratio.high, processes.high / threads.low, 1e-9);
    near(ratio.estimate, 3.0, 1e-9);
    // With bigger pages a step is more than the peak of the threads.
    let said = |page_bytes| {
        let mut record = record.clone();
        record.machine.page_bytes = page_bytes;
        let judged = judge(&record);
        let said = ratio_of_peaks(&judged);
        (said.verdict, said.reason.clone(), judged.memory.drill.threads.is_some())
    };
    let none = "no ratio: one of the two may be zero".to_owned();
    assert_eq!(said(Some(16_384)), (CellVerdict::Inconclusive, none, true));
    let unsaid = "the record has no page size, so the error of a peak is unknown".to_owned();
    assert_eq!(said(None), (CellVerdict::Inconclusive, unsaid, false));
}

fn ratio_of_peaks(judged: &Judged) -> &JudgedCell {
    let mut cells = claim(judged, "G1").cells.iter();
    cells.find(|cell| cell.def.title == "most memory").expect("a cell of the claim")
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
        assert_eq!((one.drills, of_twenty.drills), (1.0, 20.0));
        assert_eq!(of_twenty.peak_bytes.estimate, one.peak_bytes.estimate);
        assert_eq!(of_twenty.step_bytes * 20.0, one.step_bytes);
        assert!(of_twenty.peak_bytes.half_width() < one.peak_bytes.half_width() / 10.0);
    }
}
