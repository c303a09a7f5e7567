//! What the judge says of communication, on records made in code.

mod fixture;

use fixture::{cell_mut, stretch_b};
use process_vs_thread::claim::{CellVerdict, ClaimVerdict, JudgedCell, JudgedClaim};
use process_vs_thread::question::communication::plan::STREAM;
use process_vs_thread::question::judge;
use process_vs_thread::record::{Failure, Record, Stop};

/// The fixture without the streams, which no claim is about.
fn record() -> Record {
    let mut record = fixture::communication();
    record.cells.retain(|cell| !cell.id.is_of(STREAM));
    record
}

fn claim(record: &Record, id: &str) -> JudgedClaim {
    let claims = judge(record).claims;
    claims.into_iter().find(|judged| judged.claim.id == id).expect("a claim")
}

fn cell<'j>(judged: &'j JudgedClaim, experiment: &str) -> &'j JudgedCell {
    judged.cells.iter().find(|cell| cell.def.id().to_string() == experiment).expect("a cell")
}

#[test]
fn sharing_is_cheap_until_somebody_has_to_be_woken() {
    let judged = claim(&record(), "E1");
    assert_eq!(judged.verdict, ClaimVerdict::Depends);
    let near = |experiment, expected: f64| {
        let figure = cell(&judged, experiment).figure.expect("a figure").estimate;
        assert!((figure / expected - 1.0).abs() < 0.01, "{experiment}: {figure}");
    };
    near("communication/load/pipe", 3_400.0 / 0.3);
    near("communication/load/pipe-alone", 800.0 / 0.3);
    near("communication/spin/pipe", 110_000.0 / 130.0);
    near("communication/futex/pipe", 3_400.0 / 2_600.0);
}

#[test]
fn a_pipe_that_wakes_nobody_is_less_than_a_hundred_words() {
    let mut bare = record();
    for id in ["communication/spin/pipe", "communication/spin/pipe-process"] {
        stretch_b(cell_mut(&mut bare, id), 0.05);
    }
    let judged = claim(&bare, "E1");
    assert_eq!(cell(&judged, "communication/spin/pipe").verdict, CellVerdict::Fails);
    assert_eq!(cell(&judged, "communication/load/pipe").verdict, CellVerdict::Holds);
}

#[test]
fn processes_are_as_fast_as_threads_or_not_within_three_per_cent() {
    assert_eq!(claim(&record(), "E5").verdict, ClaimVerdict::True);
    let mut slower = record();
    stretch_b(cell_mut(&mut slower, "communication/equal/spin"), 1.10);
    assert_eq!(claim(&slower, "E5").verdict, ClaimVerdict::False);
}

#[test]
fn a_control_beyond_its_limit_takes_the_verdicts_of_communication_and_no_others() {
    let mut noisy = record();
    stretch_b(cell_mut(&mut noisy, "communication/aa-process"), 1.07);
    for id in ["E1", "E5"] {
        assert_eq!(claim(&noisy, id).verdict, ClaimVerdict::Undecided, "{id}");
    }
    let mut both =
        fixture::full(&["switching/aa-thread", "switching/aa-process", "switching/futex"]);
    let before = claim(&both, "B3");
    let of = |judged: &JudgedClaim| cell(judged, "switching/futex").verdict;
    both.cells
        .push(noisy.cell(&fixture::id("communication/aa-process")).expect("a control").clone());
    assert_eq!(of(&claim(&both, "B3")), of(&before));
    assert_ne!(of(&before), CellVerdict::Inconclusive);
}

#[test]
fn one_cpu_is_a_reason_and_no_verdict() {
    let mut one = record();
    for cell in &mut one.cells {
        let apart = cell.a.placement == process_vs_thread::record::Placement::TwoCores;
        if apart {
            cell.launches.clear();
            let failure = Failure::new("placing actors", "this process may use one CPU only");
            cell.stop = Stop::Failed(failure);
        }
    }
    assert_eq!(claim(&one, "E5").verdict, ClaimVerdict::NotMeasured);
    let judged = claim(&one, "E1");
    assert_eq!(cell(&judged, "communication/spin/pipe").verdict, CellVerdict::NotMeasurable);
    // The margin comes from comparisons on two cores.
    assert_eq!(cell(&judged, "communication/load/pipe").verdict, CellVerdict::Inconclusive);
}
