//! From cells to words: which records give a claim which word, and that nothing but its stated
//! cells decides.

mod fixture;

use fixture::{FULL, cell_mut, stretch_b};
use process_vs_thread::claim::{
    CellVerdict, ClaimVerdict, JudgedClaim, MOST_WORDS, Quantifier, Side, words,
};
use process_vs_thread::question::{CLAIMS, judge};
use process_vs_thread::record::{self, Calls, Outcome, Record};
use process_vs_thread::run::undecided;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The claim, judged.
fn claim(record: &Record, id: &str) -> JudgedClaim {
    judge(record).claims.into_iter().find(|judged| judged.claim.id == id).expect("a claim")
}

/// What is done to a record before it is judged.
type Change = fn(&mut Record);
/// A record, what is done to it, a claim, and the word that it must get.
type Row = (fn() -> Record, Change, &'static str, ClaimVerdict);

/// Only these cells.
fn only(ids: &[&str]) -> Record {
    fixture::full(ids)
}

fn switching() -> Record {
    only(&[
        "switching/aa-thread",
        "switching/aa-process",
        "switching/futex",
        "switching/pipe",
        "tlb/aa-thread",
        "tlb/aa-process",
        "tlb/switch/x2",
    ])
}

fn creation() -> Record {
    let mut record = only(&[
        "creation/aa-thread",
        "creation/aa-process",
        "creation/fork",
        "creation/fork-exec-dynamic",
        "creation/fork/64MiB",
        "creation/std",
    ]);
    // Half a millisecond: certainly none.
    stretch_b(cell_mut(&mut record, "creation/fork-exec-dynamic"), 0.5);
    record
}

/// A machine without a clock to trust, and with a PMU.
fn emulated() -> Record {
    let mut record = fixture::empty(true);
    record.machine.emulated = Some(true);
    record.counts = fixture::counts::miss_counts(2, 1.0);
    record
}

fn faster(record: &mut Record) {
    for id in ["switching/futex", "switching/pipe", "tlb/switch/x2"] {
        stretch_b(cell_mut(record, id), 3.0);
    }
}

#[test]
fn a_run_that_decides_no_claim_says_why() {
    assert_eq!(undecided(&fixture::empty(false)), None, "no claim was part of it");
    assert_eq!(undecided(&creation()), None);
    let mut noisy = creation();
    stretch_b(cell_mut(&mut noisy, "creation/aa-thread"), 1.07);
    let failure = undecided(&noisy).expect("identical code differed by too much");
    assert!(failure.why.starts_with("too noisy"), "{failure}");
}

#[test]
fn the_stated_cells_give_the_word() {
    let nothing: Change = |_| {};
    let table: [Row; 14] = [
        (|| fixture::empty(false), nothing, "A1", ClaimVerdict::NotRun),
        (creation, nothing, "A1", ClaimVerdict::False),
        (creation, nothing, "A2", ClaimVerdict::True),
        (
            creation,
            |r| r.cells.retain(|c| c.id.to_string() != "creation/std"),
            "A2",
            ClaimVerdict::NotRun,
        ),
        (creation, |r| stretch_b(cell_mut(r, "creation/fork"), 100.0), "A1", ClaimVerdict::Depends),
        (switching, nothing, "B3", ClaimVerdict::False),
        (switching, faster, "B3", ClaimVerdict::True),
        (
            switching,
            |r| stretch_b(cell_mut(r, "switching/aa-thread"), 1.07),
            "B3",
            ClaimVerdict::Undecided,
        ),
        (fixture::translation, nothing, "B1", ClaimVerdict::False),
        (fixture::translation, nothing, "B4", ClaimVerdict::True),
        (emulated, nothing, "B1", ClaimVerdict::True),
        (emulated, |r| r.machine.emulated = Some(false), "B1", ClaimVerdict::NotRun),
        (emulated, without_counter, "B1", ClaimVerdict::NotMeasured),
        (creation, |r| r.machine.emulated = Some(true), "A1", ClaimVerdict::NotMeasured),
    ];
    for (at, (made, change, id, expected)) in table.into_iter().enumerate() {
        let mut record = made();
        change(&mut record);
        let judged = claim(&record, id);
        assert_eq!(judged.verdict, expected, "row {at}: {}", judged.sentence.text);
    }
}

fn without_counter(record: &mut Record) {
    for reading in record.counts.iter_mut().flat_map(|count| &mut count.readings) {
        reading.outcome = Outcome::Missing { reason: "ENOENT: no PMU".into() };
    }
}

#[test]
fn a_false_claim_says_on_which_side() {
    assert_eq!(claim(&creation(), "A1").side, Some(Side::Below));
    let mut record = switching();
    for id in ["switching/futex", "switching/pipe", "tlb/switch/x2"] {
        stretch_b(cell_mut(&mut record, id), 9.0);
    }
    assert_eq!(claim(&record, "B3").side, Some(Side::Above));
}

#[test]
fn noise_takes_what_was_timed_its_word_and_says_how_much() {
    let mut record = creation();
    stretch_b(cell_mut(&mut record, "creation/aa-thread"), 1.40);
    let judged = claim(&record, "A1");
    assert_eq!(judged.verdict, ClaimVerdict::Undecided);
    let said = "too noisy, identical code differed from itself by 4";
    assert!(judged.sentence.text.contains(said), "{}", judged.sentence.text);
}

/// The records that are kept.
fn kept() -> Vec<(PathBuf, Record)> {
    let reports = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports");
    let folders = std::fs::read_dir(reports).unwrap().map(|entry| entry.unwrap().path());
    let files = folders.map(|folder| folder.join("record.json.gz")).filter(|file| file.exists());
    files.map(|file| (file.clone(), record::read(&file).unwrap())).collect()
}

#[test]
fn a_cell_that_is_not_stated_never_changes_the_word_and_removing_cells_never_makes_a_claim_true() {
    let (_, record) = kept().into_iter().max_by_key(|(_, record)| record.cells.len()).unwrap();
    let whole = judge(&record);
    let words = |judged: &[JudgedClaim]| -> Vec<ClaimVerdict> {
        judged.iter().map(|judged| judged.verdict).collect()
    };
    let stated: BTreeSet<String> = whole
        .claims
        .iter()
        .flat_map(|judged| judged.stated().into_iter().map(|cell| cell.def.id().to_string()))
        .collect();
    // Whatever the gates of a stated cell ask for stays too.
    let asked = |id: &str| {
        stated.contains(id)
            || id.contains("/aa-")
            || id.contains("control")
            || id.contains("alias")
            || id.contains("private")
    };
    let mut few = record.clone();
    few.cells.retain(|cell| asked(&cell.id.to_string()));
    assert!(few.cells.len() < record.cells.len() / 2);
    assert_eq!(words(&judge(&few).claims), words(&whole.claims));
    for remainder in 0..5 {
        let mut fewer = few.clone();
        let mut at = 0;
        fewer.cells.retain(|_| {
            at += 1;
            at % 5 != remainder
        });
        for (before, after) in whole.claims.iter().zip(judge(&fewer).claims) {
            let made_true = after.verdict == ClaimVerdict::True;
            assert!(!made_true || before.verdict == ClaimVerdict::True, "{}", before.claim.id);
        }
    }
}

#[test]
fn every_sentence_of_a_kept_record_is_short_and_begins_with_its_word() {
    for (file, record) in kept() {
        for judged in judge(&record).claims {
            let text = &judged.sentence.text;
            assert!(words(text) <= MOST_WORDS, "{}: {text}", file.display());
            let word = judged.verdict.to_string().to_lowercase();
            assert!(text.to_lowercase().starts_with(&word), "{text}");
            assert!(!text.contains('?') && !text.contains("NaN"), "{text}");
            let row = &judged.sentence.row;
            assert!(row.chars().count() <= 40, "{row}");
        }
    }
}

#[test]
fn the_sentences_are_as_they_were_reviewed() {
    for (file, record) in kept() {
        let said: Vec<String> = judge(&record)
            .claims
            .iter()
            .filter(|judged| judged.verdict != ClaimVerdict::NotRun)
            .map(|judged| format!("{} {}", judged.claim.id, judged.sentence.text))
            .collect();
        let run = file.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        insta::assert_snapshot!(run, said.join("\n"));
    }
}

#[test]
fn stated_cells_exist_and_were_written_beside_the_claim() {
    for claim in CLAIMS {
        let titles: BTreeSet<&str> = claim.cells.iter().map(|cell| cell.title).collect();
        assert!(!claim.stated.is_empty(), "{}", claim.id);
        let named = claim.stated.iter().chain(claim.where_time_is_virtual);
        for title in named {
            assert!(titles.contains(title), "{}: {title}", claim.id);
        }
        assert!(claim.short.chars().count() <= 36, "{}", claim.short);
        let few = claim.stated.len() <= 5;
        let answers = claim.cells.iter().all(|cell| cell.estimand.is_answer());
        assert!(few || answers || claim.id == "D1", "{}", claim.id);
        let all_hold = claim.quantifier == Quantifier::Every;
        assert!(all_hold || claim.stated.len() > 1 || answers, "{}", claim.id);
    }
}

#[test]
fn a_quick_run_has_five_launches_and_a_whole_one_seven() {
    // The least that a word needs, as the fixtures have it.
    assert_eq!((FULL[0], fixture::QUICK[0]), (7, 5));
    let judged = claim(&switching(), "B3");
    assert!(judged.stated().iter().all(|cell| cell.verdict == CellVerdict::Fails));
}

#[test]
fn a_crash_that_spread_is_said_and_not_the_textbook() {
    let mut record = fixture::isolation();
    let said = |record: &Record| claim(record, "D1").sentence.text;
    assert!(said(&record).contains("ended all four"), "{}", said(&record));
    let spread = |id: &str| id.contains("segv-process");
    for probe in record.probes.iter_mut().filter(|probe| spread(&probe.id.to_string())) {
        probe.runs.iter_mut().for_each(|run| run.holds = false);
    }
    assert_eq!(claim(&record, "D1").verdict, ClaimVerdict::False);
    let text = said(&record);
    assert!(text.starts_with("False: not observed: a process: segmentation fault"), "{text}");
    assert!(!text.contains("ended all four"), "{text}");
}

#[test]
fn whose_memory_can_be_read_is_said_by_who_was_read() {
    let mut record = fixture::isolation();
    let said = |record: &Record| claim(record, "D2").sentence;
    assert!(said(&record).text.starts_with("False within one user: "), "{}", said(&record).text);
    // As with Yama's ptrace_scope 1: of the same user, only a child can be read.
    for name in ["read-same-uid", "mem-file"] {
        let probe = record.probes.iter_mut().find(|probe| probe.id.to_string().ends_with(name));
        probe.expect(name).runs.iter_mut().for_each(|run| run.holds = true);
    }
    let child = said(&record);
    assert_eq!(child.row, "a process can read its own child's");
    assert!(child.text.starts_with("False for one's own child: "), "{}", child.text);
}

#[test]
fn a_switch_that_was_measured_in_line_is_called_a_floor_and_by_the_c_library_is_not() {
    let mut record = switching();
    let reason = |record: &Record| {
        let b3 = claim(record, "B3");
        let cell = b3.cells.into_iter().find(|cell| cell.def.title == "futex");
        cell.expect("a cell").reason
    };
    assert!(!reason(&record).contains("inlined"), "{}", reason(&record));
    // As a record says it that was written before there was another way.
    let cell = cell_mut(&mut record, "switching/futex");
    [cell.a.calls, cell.b.calls] = [Calls::Inlined; 2];
    assert!(reason(&record).contains("inlined system calls, a floor"), "{}", reason(&record));
}
