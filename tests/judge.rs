//! Exact verdicts of the judge on records made in code, the unpleasant ones included.

mod fixture;

use fixture::judged::judge;
use fixture::{FULL, cell_mut, stretch_b};
use process_vs_thread::claim::{CellVerdict, ClaimVerdict, JudgedCell, JudgedClaim, Margin};
use process_vs_thread::question::tlb::evidence::Cause;
use process_vs_thread::question::tlb::kept::Kept;
use process_vs_thread::record::{CheckOutcome, Outcome, Policy, Record, Stop};

fn claim(record: &Record, id: &str) -> JudgedClaim {
    let claims = process_vs_thread::question::judge(record).claims;
    claims.into_iter().find(|judged| judged.claim.id == id).expect("a claim")
}

fn cell(record: &Record, id: &str, experiment: &str) -> JudgedCell {
    let mut cells = claim(record, id).cells.into_iter();
    cells.find(|cell| cell.def.id().to_string() == experiment).expect("a cell of the claim")
}

/// The verdict and the reason of a cell.
fn verdict(record: &Record, id: &str, experiment: &str) -> (CellVerdict, String) {
    let cell = cell(record, id, experiment);
    (cell.verdict, cell.reason)
}

/// A switching comparison with its A/A control whose second arm takes `factor` of 2,340 ns.
fn futex(factor: f64) -> Record {
    let mut record =
        fixture::full(&["switching/aa-thread", "switching/aa-process", "switching/futex"]);
    let base = 2_600.0 / 2_900.0;
    stretch_b(cell_mut(&mut record, "switching/futex"), base * factor);
    record
}

const FUTEX: &str = "switching/futex";

#[test]
fn a_ratio_inside_the_band_holds() {
    let record = futex(3.0);
    assert_eq!(verdict(&record, "B3", FUTEX), (CellVerdict::Holds, "within 2-5×".into()));
}

#[test]
fn a_ratio_outside_the_band_fails_and_says_on_which_side() {
    assert_eq!(verdict(&futex(1.5), "B3", FUTEX), (CellVerdict::Fails, "below 2.00×".into()));
    assert_eq!(verdict(&futex(6.0), "B3", FUTEX), (CellVerdict::Fails, "above 5.00×".into()));
}

#[test]
fn a_ratio_just_outside_but_within_the_margin_holds() {
    let record = futex(1.98);
    let cell = cell(&record, "B3", FUTEX);
    let margin = Margin { at_low: 0.02, at_high: 0.02 };
    assert_eq!((cell.verdict, cell.margin), (CellVerdict::Holds, Some(margin)));
    assert_eq!(cell.reason, "within 2-5×, tolerance included");
}

#[test]
fn an_interval_that_meets_the_edge_is_inconclusive() {
    // The widened edge: 2 less 2 %. The samples spread by half a percent around it.
    let expected = (CellVerdict::Inconclusive, "the interval spans the limit at 2.00×".to_owned());
    assert_eq!(verdict(&futex(1.96), "B3", FUTEX), expected);
}

#[test]
fn the_a_a_comparison_widens_the_margin() {
    let mut record = futex(1.94);
    assert_eq!(verdict(&record, "B3", FUTEX).0, CellVerdict::Fails);
    stretch_b(cell_mut(&mut record, "switching/aa-thread"), 1.04);
    let cell = cell(&record, "B3", FUTEX);
    assert_eq!(cell.verdict, CellVerdict::Holds);
    assert!((0.04..0.043).contains(&cell.margin.unwrap().at_low), "{:?}", cell.margin);
}

#[test]
fn an_a_a_comparison_beyond_five_percent_leaves_no_comparison_judged() {
    let mut record = futex(3.0);
    stretch_b(cell_mut(&mut record, "switching/aa-thread"), 1.07);
    for id in ["B2", "B3"] {
        let (verdict, reason) = verdict(&record, id, FUTEX);
        assert_eq!(verdict, CellVerdict::Inconclusive);
        assert!(
            reason.starts_with("A/A control switching/aa-thread is outside ±5 %: 1.07×"),
            "{reason}"
        );
    }
}

#[test]
fn a_failed_control_of_one_question_takes_every_comparison_of_the_run() {
    let mut record = fixture::record();
    stretch_b(cell_mut(&mut record, "switching/aa-thread"), 1.07);
    let judged = judge(&record);
    let comparisons =
        judged.claims.iter().filter(|claim| ["A3", "B2", "B3"].contains(&claim.claim.id));
    let cells = comparisons.flat_map(|claim| &claim.cells);
    for cell in cells.filter(|cell| cell.verdict != CellVerdict::NotRun) {
        assert_eq!(cell.verdict, CellVerdict::Inconclusive, "{}", cell.def.title);
    }
}

#[test]
fn without_an_a_a_comparison_there_is_no_margin_and_no_verdict() {
    let mut record = futex(3.0);
    record.cells.retain(|cell| cell.a != cell.b);
    let reason = "A/A control switching/aa-thread is not part of this run: tolerance unknown";
    assert_eq!(verdict(&record, "B3", FUTEX), (CellVerdict::Inconclusive, reason.into()));
}

#[test]
fn both_controls_are_needed_and_each_to_its_end() {
    let mut record = futex(3.0);
    record.cells.retain(|cell| cell.id.to_string() != "switching/aa-process");
    let reason = "A/A control switching/aa-process is not part of this run: tolerance unknown";
    assert_eq!(verdict(&record, "B3", FUTEX), (CellVerdict::Inconclusive, reason.into()));

    let mut record = futex(3.0);
    cell_mut(&mut record, "switching/aa-process").launches.truncate(2);
    let reason = "A/A control switching/aa-process is incomplete: tolerance unknown";
    assert_eq!(verdict(&record, "B3", FUTEX), (CellVerdict::Inconclusive, reason.into()));
}

#[test]
fn a_batch_without_work_or_time_is_no_sample() {
    let mut record = futex(3.0);
    let pairs = &mut cell_mut(&mut record, FUTEX).launches[0].pairs;
    pairs[0].b.elapsed_ns = 0;
    pairs[1].a.ops = 0;
    let judged = judge(&record);
    let evidence = &judged.evidence[&fixture::id(FUTEX)];
    assert_eq!((evidence.discarded, evidence.pairs), (2, FULL[0] * FULL[1] - 2));
    assert!(evidence.ratio.is_some_and(|ratio| ratio.low > 2.8 && ratio.high < 3.2));
}

#[test]
fn times_are_judged_without_controls_but_not_against_a_band_that_means_nothing() {
    let mut record = fixture::full(&["creation/fork"]);
    record.cells.retain(|cell| cell.a != cell.b);
    assert_ne!(verdict(&record, "A1", "creation/fork").0, CellVerdict::Inconclusive);
    let mut record = fixture::full(&["creation/aa-thread", "creation/fork"]);
    stretch_b(cell_mut(&mut record, "creation/aa-thread"), 1.6);
    let (verdict, reason) = verdict(&record, "A1", "creation/fork");
    assert_eq!(verdict, CellVerdict::Inconclusive);
    assert!(reason.starts_with("A/A controls differ by 6"), "{reason}");
}

#[test]
fn too_few_launches_or_pairs_are_inconclusive() {
    let mut record = futex(3.0);
    cell_mut(&mut record, FUTEX).launches.truncate(6);
    let reason = format!("too few samples: 6 launches, {} pairs", 6 * FULL[1]);
    assert_eq!(verdict(&record, "B3", FUTEX), (CellVerdict::Inconclusive, reason));

    let mut record = futex(3.0);
    for launch in &mut cell_mut(&mut record, FUTEX).launches {
        launch.pairs.truncate(40);
    }
    let reason = "too few samples: 7 launches, 280 pairs".to_owned();
    assert_eq!(verdict(&record, "B3", FUTEX), (CellVerdict::Inconclusive, reason));
}

#[test]
fn more_than_a_fifth_of_the_pairs_discarded_is_too_noisy() {
    let mut record = futex(3.0);
    for launch in &mut cell_mut(&mut record, FUTEX).launches {
        for pair in launch.pairs.iter_mut().take(12) {
            pair.discarded = Some("stolen time".into());
        }
    }
    let reason = "too noisy: 25 % of the pairs discarded".to_owned();
    assert_eq!(verdict(&record, "B3", FUTEX), (CellVerdict::Inconclusive, reason));
}

#[test]
fn unequal_switch_counts_leave_no_verdict() {
    let mut record = futex(3.0);
    for pair in cell_mut(&mut record, FUTEX).launches.iter_mut().flat_map(|l| &mut l.pairs) {
        pair.b.switches = pair.b.switches * 3 / 2;
    }
    let reason = "unequal work: 2.00 and 3.00 context switches per operation".to_owned();
    assert_eq!(verdict(&record, "B2", FUTEX), (CellVerdict::Inconclusive, reason.clone()));
    assert_eq!(verdict(&record, "B3", FUTEX), (CellVerdict::Inconclusive, reason));
}

#[test]
fn a_switch_measured_without_fifo_says_that_its_path_is_not_controlled() {
    let mut record = futex(3.0);
    let cell = cell_mut(&mut record, FUTEX);
    for arm in [&mut cell.a, &mut cell.b] {
        arm.policy = Policy::Other;
    }
    let (holds, reason) = verdict(&record, "B3", FUTEX);
    assert_eq!(holds, CellVerdict::Holds);
    assert!(
        reason.ends_with("without SCHED_FIFO the path of a switch is not controlled"),
        "{reason}"
    );
}

#[test]
fn extra_cycles_are_the_time_per_switch_times_the_frequency_of_the_core() {
    // Twice 2,340 ns per two switches: 1,170 ns more per switch, at 3.47 GHz 4,060 cycles.
    let cell = cell(&futex(2.0), "B2", FUTEX);
    let figure = cell.figure.unwrap();
    assert!((figure.estimate / 4_060.0 - 1.0).abs() < 0.005, "{figure:?}");
    assert_eq!((cell.verdict, cell.reason.as_str()), (CellVerdict::Fails, "above 2000 cycles"));
}

#[test]
fn a_difference_below_zero_is_below_the_band() {
    let cell = cell(&futex(0.9), "B2", FUTEX);
    assert!(cell.figure.unwrap().high < 0.0);
    assert_eq!((cell.verdict, cell.reason.as_str()), (CellVerdict::Fails, "below 1000 cycles"));
}

#[test]
fn cycles_need_the_frequency_of_the_core() {
    let mut record = futex(2.0);
    let without = |record: &Record| verdict(record, "B2", FUTEX);
    let frequency = fixture::check_mut(&mut record, "core-frequency");
    frequency.outcome = CheckOutcome::NotMeasurable;
    frequency.figure = None;
    let detail = frequency.detail.clone();
    assert_eq!(without(&record), (CellVerdict::NotMeasurable, detail));
    record.checks.clear();
    let reason = "the core's frequency was not measured".to_owned();
    assert_eq!(without(&record), (CellVerdict::NotMeasurable, reason));
    // The ratio needs no frequency.
    assert_eq!(verdict(&record, "B3", FUTEX).0, CellVerdict::Holds);
}

#[test]
fn cycles_need_the_frequency_checked_again_at_the_end() {
    let mut record = futex(2.0);
    fixture::check_mut(&mut record, "frequency-drift").outcome = CheckOutcome::NotMeasurable;
    assert_eq!(verdict(&record, "B2", FUTEX).0, CellVerdict::Inconclusive);
    record.checks.retain(|check| check.id != "frequency-drift");
    let reason = "the core's frequency was not measured again at the end".to_owned();
    assert_eq!(verdict(&record, "B2", FUTEX), (CellVerdict::Inconclusive, reason));
}

#[test]
fn a_frequency_that_drifts_leaves_cycles_inconclusive() {
    let mut record = futex(2.0);
    let drift = fixture::check_mut(&mut record, "frequency-drift");
    drift.outcome = CheckOutcome::Failed;
    let detail = drift.detail.clone();
    assert_eq!(verdict(&record, "B2", FUTEX), (CellVerdict::Inconclusive, detail));
}

#[test]
fn a_lab_killed_in_mid_run_is_inconclusive_and_one_that_never_ran_not_measurable() {
    let mut record = fixture::full(&["creation/fork"]);
    fixture::kill(cell_mut(&mut record, "creation/fork"));
    let (killed, reason) = verdict(&record, "A1", "creation/fork");
    assert_eq!(killed, CellVerdict::Inconclusive);
    assert!(reason.ends_with("the lab was killed by SIGKILL in the middle of a batch"), "{reason}");
    cell_mut(&mut record, "creation/fork").launches.clear();
    assert_eq!(verdict(&record, "A1", "creation/fork").0, CellVerdict::NotMeasurable);
}

#[test]
fn what_was_not_tried_is_not_run() {
    let record = fixture::empty(false);
    for judged in &judge(&record).claims {
        assert_eq!(judged.verdict, ClaimVerdict::NotRun);
    }
}

#[test]
fn an_empty_cell_that_did_not_fail_has_too_few_samples() {
    let mut record = fixture::full(&["creation/fork"]);
    let cell = cell_mut(&mut record, "creation/fork");
    cell.launches.clear();
    cell.stop = Stop::TimeCap;
    let reason = "too few samples: 0 launches, 0 pairs".to_owned();
    assert_eq!(verdict(&record, "A1", "creation/fork"), (CellVerdict::Inconclusive, reason));
}

/// What is measured of the TLB, on a processor that keeps four address spaces under a kernel that
/// keeps six.
fn translation() -> Record {
    fixture::translation()
}

const REFILL: &str = "tlb/refill/x5/16pages";

#[test]
fn a_switch_takes_the_tlb_from_the_fifth_address_space_on() {
    let record = translation();
    let said = |id| claim(&record, id).sentence.text;
    assert!(said("B1").starts_with("False up to four processes per core: "), "{}", said("B1"));
    assert!(said("B4").starts_with("True up to four: this processor holds"), "{}", said("B4"));
    assert_eq!(judge(&record).translation.kept, Kept::Exactly(4));
}

#[test]
fn the_two_cliffs_are_told_apart_by_the_kernels_own_count() {
    let causes = |record: &Record| -> Vec<(u32, Cause)> {
        let steps = judge(record).translation.steps;
        steps.iter().filter(|step| step.cliff).map(|step| (step.from, step.cause)).collect()
    };
    let mut record = translation();
    assert_eq!(causes(&record), [(4, Cause::Processor), (6, Cause::Kernel)]);
    assert_eq!(judge(&record).translation.slots, Ok(Kept::Exactly(6)));
    record.counts.clear();
    assert_eq!(causes(&record), [(4, Cause::LostTranslations), (6, Cause::Untold)]);
    assert!(judge(&record).translation.slots.is_err());
}

#[test]
fn a_cliff_that_neither_walk_nor_kernel_shows_is_unexplained() {
    let mut record = translation();
    stretch_b(cell_mut(&mut record, "tlb/step-process/x2"), 1.1);
    let steps = judge(&record).translation.steps;
    let step = steps.iter().find(|step| step.from == 2).unwrap();
    assert_eq!((step.cliff, step.cause), (true, Cause::Unexplained));
}

#[test]
fn a_step_that_threads_take_too_is_no_cliff() {
    let mut record = translation();
    stretch_b(cell_mut(&mut record, "tlb/step-thread/x4"), 1.25);
    let steps = judge(&record).translation.steps;
    assert!(!steps.iter().any(|step| step.from == 4 && step.cliff));
    // The bigger null counts: processes that share their memory, this time.
    let mut record = translation();
    stretch_b(cell_mut(&mut record, "tlb/step-vm-process/x4"), 1.25);
    let steps = judge(&record).translation.steps;
    assert!(!steps.iter().any(|step| step.from == 4 && step.cliff));
}

/// Makes the first pass of the second arm take `per_page` ticks more than the second.
fn refill_b(record: &mut Record, experiment: &str, per_page: f64) {
    let cell = cell_mut(record, experiment);
    let (actors, pages) = (u64::from(cell.b.actors.max(1)), u64::from(cell.b.pages));
    for half in cell.launches.iter_mut().flat_map(|l| &mut l.pairs).map(|pair| &mut pair.b) {
        let added = per_page * (half.ops * actors * pages) as f64;
        half.first_pass_ticks = half.second_pass_ticks + added.round() as u64;
    }
}

#[test]
fn half_a_flush_is_neither_kept_nor_flushed() {
    let mut record = translation();
    refill_b(&mut record, REFILL, 13.5);
    let expected = "partly: neither at least 0.800 nor at most 0.300";
    assert_eq!(verdict(&record, "B1", REFILL), (CellVerdict::Inconclusive, expected.into()));
    assert_eq!(judge(&record).translation.kept, Kept::Between(4, 6));
}

#[test]
fn without_a_visible_flush_nothing_is_measurable() {
    let mut record = translation();
    refill_b(&mut record, "tlb/control-untouched/16pages", 28.0);
    let (cell, reason) = verdict(&record, "B1", REFILL);
    assert_eq!(cell, CellVerdict::NotMeasurable);
    assert!(reason.starts_with("a forced flush costs only "), "{reason}");
    // Nor does a share of nothing name the cause of a cliff.
    assert!(judge(&record).translation.refills.is_empty());
    assert_eq!(judge(&record).translation.kept, Kept::Unknown);
}

#[test]
fn a_tlb_too_small_for_the_translations_is_not_taken_for_a_flush() {
    let mut record = translation();
    refill_b(&mut record, "tlb/refill-alias-thread/x5/16pages", 20.0);
    let (verdict, reason) = verdict(&record, "B1", REFILL);
    assert_eq!(verdict, CellVerdict::Inconclusive);
    assert!(reason.starts_with("threads with as many pages already cost 0.7"), "{reason}");
}

#[test]
fn a_flush_is_not_found_where_room_was_not_tried() {
    let mut record = translation();
    record.cells.retain(|cell| cell.id.to_string() != "tlb/refill-alias-thread/x5/16pages");
    let expected = "it was not measured whether the TLB has room for all pages";
    assert_eq!(verdict(&record, "B1", REFILL), (CellVerdict::Inconclusive, expected.into()));
    let kept = "tlb/refill/x2/16pages";
    record.cells.retain(|cell| cell.id.to_string() != "tlb/refill-alias-thread/x2/16pages");
    assert_eq!(verdict(&record, "B1", kept).0, CellVerdict::Fails);
}

#[test]
fn a_flush_that_differs_from_itself_judges_nothing() {
    let mut record = translation();
    refill_b(&mut record, "tlb/aa-flush/16pages", 35.0);
    let (cell, reason) = verdict(&record, "B1", REFILL);
    assert_eq!(cell, CellVerdict::Inconclusive);
    assert!(reason.starts_with("the forced flush differs from itself by 3"), "{reason}");
    record.cells.retain(|cell| cell.id.to_string() != "tlb/aa-flush/16pages");
    let (_, reason) = verdict(&record, "B1", REFILL);
    assert!(reason.starts_with("A/A control tlb/aa-flush"), "{reason}");
}

#[test]
fn steps_of_other_numbers_of_switches_are_no_steps() {
    let mut record = translation();
    let cell = cell_mut(&mut record, "tlb/step-process/x4");
    for pair in cell.launches.iter_mut().flat_map(|launch| &mut launch.pairs) {
        pair.b.switches += pair.b.ops;
    }
    let steps = judge(&record).translation.steps;
    let step = steps.iter().find(|step| step.from == 4).unwrap();
    assert_eq!((step.process, step.cliff), (None, false));
}

#[test]
fn more_switches_than_actors_take_the_refills_verdict_away() {
    let mut record = translation();
    for pair in cell_mut(&mut record, REFILL).launches.iter_mut().flat_map(|l| &mut l.pairs) {
        pair.b.switches += pair.b.ops;
    }
    let expected = "6.00 context switches per lap instead of 5";
    assert_eq!(verdict(&record, "B1", REFILL), (CellVerdict::Inconclusive, expected.into()));
}

#[test]
fn an_a_a_comparison_of_a_ring_beyond_five_percent_leaves_no_comparison_judged() {
    let mut record = translation();
    stretch_b(cell_mut(&mut record, "tlb/aa-vm-process"), 1.07);
    for id in ["B1", "B2", "B3", "B4"] {
        let undecided =
            |cell: &JudgedCell| !matches!(cell.verdict, CellVerdict::Holds | CellVerdict::Fails);
        assert!(claim(&record, id).cells.iter().all(undecided), "{id}");
    }
}

#[test]
fn a_refill_is_not_judged_by_the_controls_of_another_question() {
    let mut record = translation();
    let ping_pong = fixture::full(&["switching/aa-thread", "switching/aa-process"]);
    record.cells.extend(ping_pong.cells);
    stretch_b(cell_mut(&mut record, "switching/aa-thread"), 1.07);
    assert_eq!(verdict(&record, "B1", REFILL).0, CellVerdict::Holds);
    assert_eq!(verdict(&record, "B3", "tlb/switch/x5").0, CellVerdict::Inconclusive);
}

/// Counts of a machine with a PMU that flushes at each switch of processes, in three launches.
fn counted_misses(per_page: f64) -> Record {
    let mut record = fixture::empty(true);
    record.counts = fixture::counts::miss_counts(2, per_page);
    record
}

#[test]
fn misses_counted_judge_without_a_clock() {
    let cell = |per_page| {
        let cells = claim(&counted_misses(per_page), "B1").cells;
        cells.into_iter().find(|cell| cell.def.title == "misses counted, 2 address spaces").unwrap()
    };
    assert_eq!(cell(1.0).verdict, CellVerdict::Holds);
    assert_eq!(cell(0.1).verdict, CellVerdict::Fails);
    assert_eq!(cell(0.5).verdict, CellVerdict::Inconclusive);
    // Nothing but noise, which may lie below zero, is kept.
    assert_eq!(cell(-0.02).verdict, CellVerdict::Fails);
    // Two misses per switch that have nothing to do with the pages are no part of it.
    let figure = cell(1.0).figure.unwrap();
    assert!((0.99..=1.01).contains(&figure.estimate), "{figure:?}");
}

#[test]
fn misses_that_could_not_be_counted_say_why() {
    let mut record = counted_misses(1.0);
    for reading in record.counts.iter_mut().flat_map(|count| &mut count.readings) {
        reading.outcome = Outcome::Missing { reason: "ENOENT: no PMU".into() };
    }
    let mut cells = claim(&record, "B1").cells.into_iter();
    let counted = |cell: &JudgedCell| cell.def.title == "misses counted, 2 address spaces";
    let cell = cells.find(counted).unwrap();
    assert_eq!(cell.verdict, CellVerdict::NotMeasurable);
    assert!(!cell.reason.is_empty());
}

#[test]
fn misses_over_other_numbers_of_switches_say_nothing() {
    let mut record = counted_misses(1.0);
    for count in &mut record.counts {
        count.switches += count.ops;
    }
    let mut cells = claim(&record, "B1").cells.into_iter();
    let counted = |cell: &JudgedCell| cell.def.title == "misses counted, 2 address spaces";
    let cell = cells.find(counted).unwrap();
    assert_eq!(cell.verdict, CellVerdict::NotMeasurable);
    assert!(!cell.reason.is_empty());
}

#[test]
fn misses_counted_and_inferred_agree_or_not() {
    let agree = |per_page| {
        let mut record = translation();
        record.counts.extend(fixture::counts::miss_counts(5, per_page));
        let misses = judge(&record).translation.misses;
        misses.iter().find(|miss| miss.actors == 5).unwrap().agree
    };
    assert_eq!([agree(1.0), agree(0.1), agree(0.5)], [Some(true), Some(false), None]);
}
