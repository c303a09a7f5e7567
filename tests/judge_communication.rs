//! What the judge says of communication, on records made in code.

mod fixture;

use fixture::judged::{cell, claim, near, says};
use fixture::stretch;
use process_vs_thread::claim::{CellVerdict, ClaimVerdict, Judged};
use process_vs_thread::question;
use process_vs_thread::question::communication::plan::STREAM;
use process_vs_thread::record::{Failure, Placement, Record, Stop};

/// The fixture without the streams, which no claim is about, changed and judged.
fn judged(change: impl FnOnce(&mut Record)) -> Judged {
    let mut record = fixture::communication();
    record.cells.retain(|cell| !cell.id.is_of(STREAM));
    change(&mut record);
    question::judge(&record)
}

#[test]
fn sharing_is_cheap_until_somebody_has_to_be_woken() {
    let judged = judged(|_| ());
    assert_eq!(claim(&judged, "E1").verdict, ClaimVerdict::Depends);
    for (experiment, expected) in [
        ("communication/load/pipe", 3_400.0 / 0.3),
        ("communication/load/pipe-alone", 800.0 / 0.3),
        ("communication/spin/pipe", 110_000.0 / 130.0),
        ("communication/futex/pipe", 3_400.0 / 2_600.0),
    ] {
        near(cell(&judged, "E1", experiment).figure.expect("a figure"), expected, 0.01);
    }
}

#[test]
fn a_pipe_that_wakes_nobody_is_less_than_a_hundred_words() {
    let bare = judged(|record| {
        for id in ["communication/spin/pipe", "communication/spin/pipe-process"] {
            stretch(record, id, 0.05);
        }
    });
    says("no wake-up", &bare, "E1", "communication/spin/pipe", "fails: …");
    says("a word", &bare, "E1", "communication/load/pipe", "holds: …");
}

#[test]
fn processes_are_as_fast_as_threads_or_not_within_three_per_cent() {
    let verdict = |times| {
        let judged = judged(|record| stretch(record, "communication/equal/spin", times));
        claim(&judged, "E5").verdict
    };
    assert_eq!([verdict(1.0), verdict(1.10)], [ClaimVerdict::True, ClaimVerdict::False]);
}

#[test]
fn a_control_beyond_its_limit_takes_the_verdicts_of_communication_and_no_others() {
    let mut noisy = fixture::communication();
    noisy.cells.retain(|cell| !cell.id.is_of(STREAM));
    stretch(&mut noisy, "communication/aa-process", 1.07);
    let judged = question::judge(&noisy);
    for id in ["E1", "E5"] {
        assert_eq!(claim(&judged, id).verdict, ClaimVerdict::Undecided, "{id}");
    }
    let mut both =
        fixture::full(&["switching/aa-thread", "switching/aa-process", "switching/futex"]);
    let of = |record: &Record| cell(&question::judge(record), "B3", "switching/futex").verdict;
    let before = of(&both);
    let control = fixture::id("communication/aa-process");
    both.cells.push(noisy.cell(&control).expect("a control").clone());
    assert_eq!(of(&both), before);
    assert_ne!(before, CellVerdict::Inconclusive);
}

#[test]
fn one_cpu_is_a_reason_and_no_verdict() {
    let judged = judged(|record| {
        let apart = record.cells.iter_mut().filter(|c| c.a.placement == Placement::TwoCores);
        for cell in apart {
            cell.launches.clear();
            let failure = Failure::new("placing actors", "this process may use one CPU only");
            cell.stop = Stop::Failed(failure);
        }
    });
    assert_eq!(claim(&judged, "E5").verdict, ClaimVerdict::NotMeasured);
    says("two CPUs", &judged, "E1", "communication/spin/pipe", "not measurable here: …");
    // The margin comes from comparisons on two cores.
    says("no margin", &judged, "E1", "communication/load/pipe", "inconclusive: …");
}
