//! Exact verdicts of the judge on records made in code, the unpleasant ones included.

mod fixture;

use fixture::judged::{Everything, cell, claim, judge, near, says, table};
use fixture::{FULL, cell_mut, check_mut, lose, pairs, stretch};
use process_vs_thread::claim::{CellVerdict, ClaimVerdict, JudgedCell, Margin};
use process_vs_thread::question::tlb::evidence::{Cause, Step};
use process_vs_thread::question::tlb::kept::Kept;
use process_vs_thread::record::{CheckOutcome, Outcome, Policy, Record, Stop};

/// A switching comparison with its A/A control whose second arm takes `factor` of 2,340 ns.
fn futex(factor: f64) -> Record {
    let mut record =
        fixture::full(&["switching/aa-thread", "switching/aa-process", "switching/futex"]);
    stretch(&mut record, FUTEX, 2_600.0 / 2_900.0 * factor);
    record
}

const FUTEX: &str = "switching/futex";
/// Of the ratio, and of the cycles that a switch takes more.
const RATIO: [&str; 2] = ["B3", FUTEX];
const CYCLES: [&str; 2] = ["B2", FUTEX];

#[test]
fn a_ratio_is_held_against_the_band_and_its_margin() {
    for (times, expected) in [
        (3.0, "holds: within 2-5×"),
        (1.5, "fails: below 2.00×"),
        (6.0, "fails: above 5.00×"),
        (1.98, "holds: within 2-5×, tolerance included"),
        // The widened edge: 2 less 2 %. The samples spread by half a percent around it.
        (1.96, "inconclusive: the interval spans the limit at 2.00×"),
        (1.94, "fails: below 2.00×"),
    ] {
        says(&times.to_string(), &judge(&futex(times)), "B3", FUTEX, expected);
    }
    let margin = |record: &Record| cell(&judge(record), "B3", FUTEX).margin.unwrap();
    assert_eq!(margin(&futex(1.98)), Margin { at_low: 0.02, at_high: 0.02 });
    // The A/A comparison widens it.
    let mut record = futex(1.94);
    stretch(&mut record, "switching/aa-thread", 1.04);
    says("A/A", &judge(&record), "B3", FUTEX, "holds: within 2-5×, tolerance included");
    assert!((0.04..0.043).contains(&margin(&record).at_low), "{:?}", margin(&record));
}

#[test]
fn a_comparison_needs_its_controls_enough_samples_and_equal_work() {
    let work_more: fn(&mut Record) = |record| {
        pairs(cell_mut(record, FUTEX)).for_each(|pair| pair.b.switches = pair.b.switches * 3 / 2);
    };
    table! { futex(3.0);
        "A/A off": |r| stretch(r, "switching/aa-thread", 1.07),
            RATIO => "inconclusive: A/A control switching/aa-thread is outside ±5 %: 1.07×…";
        "A/A off": |r| stretch(r, "switching/aa-thread", 1.07),
            CYCLES => "inconclusive: A/A control switching/aa-thread is outside ±5 %: 1.07×…";
        "no A/A": |r| r.cells.retain(|cell| cell.a != cell.b),
            RATIO => "inconclusive: A/A control switching/aa-thread is not part of this run: \
                      tolerance unknown";
        "both controls are needed": |r| lose(r, "switching/aa-process"),
            RATIO => "inconclusive: A/A control switching/aa-process is not part of this run: \
                      tolerance unknown";
        "each to its end": |r| cell_mut(r, "switching/aa-process").launches.truncate(2),
            RATIO => "inconclusive: A/A control switching/aa-process is incomplete: tolerance \
                      unknown";
        "too few launches": |r| cell_mut(r, FUTEX).launches.truncate(6),
            RATIO => "inconclusive: too few samples: 6 launches, 288 pairs";
        "too few pairs": |r| cell_mut(r, FUTEX).launches.iter_mut().for_each(|launch| {
            launch.pairs.truncate(40);
        }),
            RATIO => "inconclusive: too few samples: 7 launches, 280 pairs";
        "more than a fifth discarded": |r| for launch in &mut cell_mut(r, FUTEX).launches {
            let noisy = launch.pairs.iter_mut().take(12);
            noisy.for_each(|pair| pair.discarded = Some("stolen time".into()));
        },
            RATIO => "inconclusive: too noisy: 25 % of the pairs discarded";
        "unequal work": work_more,
            RATIO => "inconclusive: unequal work: 2.00 and 3.00 context switches per operation";
        "unequal work": work_more,
            CYCLES => "inconclusive: unequal work: 2.00 and 3.00 context switches per operation";
        "without FIFO": |r| {
            let cell = cell_mut(r, FUTEX);
            (cell.a.policy, cell.b.policy) = (Policy::Other, Policy::Other);
        },
            RATIO => "holds: …without SCHED_FIFO the path of a switch is not controlled";
    }
}

#[test]
fn a_failed_control_of_one_question_takes_every_comparison_of_the_run() {
    let mut record = fixture::record();
    stretch(&mut record, "switching/aa-thread", 1.07);
    let judged = judge(&record);
    let cells = ["A3", "B2", "B3"].into_iter().flat_map(|id| &claim(&judged, id).cells);
    for cell in cells.filter(|cell| cell.verdict != CellVerdict::NotRun) {
        assert_eq!(cell.verdict, CellVerdict::Inconclusive, "{}", cell.def.title);
    }
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

/// A time of creation.
const FORK: [&str; 2] = ["A1", "creation/fork"];

#[test]
fn a_time_is_judged_without_controls_but_not_without_samples() {
    table! { fixture::full(&["creation/fork"]);
        "no controls": |_| (), FORK => "fails: below 1.00 ms";
        "killed in the middle": |r| fixture::kill(cell_mut(r, FORK[1])),
            FORK => "inconclusive: …the lab was killed by SIGKILL in the middle of a batch";
        "never ran": |r| {
            fixture::kill(cell_mut(r, FORK[1]));
            cell_mut(r, FORK[1]).launches.clear();
        },
            FORK => "not measurable here: …";
        "empty without a failure": |r| {
            let cell = cell_mut(r, FORK[1]);
            (cell.launches, cell.stop) = (Vec::new(), Stop::TimeCap);
        },
            FORK => "inconclusive: too few samples: 0 launches, 0 pairs";
    }
    table! { fixture::full(&["creation/aa-thread", "creation/fork"]);
        "a band widened by so much means nothing": |r| stretch(r, "creation/aa-thread", 1.6),
            FORK => "inconclusive: A/A controls differ by 6…";
    }
}

#[test]
fn extra_cycles_are_the_time_per_switch_times_the_frequency_of_the_core() {
    // Twice 2,340 ns per two switches: 1,170 ns more per switch, at 3.47 GHz 4,060 cycles.
    let judged = judge(&futex(2.0));
    near(cell(&judged, "B2", FUTEX).figure.unwrap(), 4_060.0, 0.005);
    says("more", &judged, "B2", FUTEX, "fails: above 2000 cycles");
    let judged = judge(&futex(0.9));
    assert!(cell(&judged, "B2", FUTEX).figure.unwrap().high < 0.0);
    says("less than nothing", &judged, "B2", FUTEX, "fails: below 1000 cycles");
}

#[test]
fn cycles_need_the_frequency_of_the_core_at_both_ends() {
    table! { futex(2.0);
        "not measured": |r| {
            let frequency = check_mut(r, "core-frequency");
            (frequency.outcome, frequency.figure) = (CheckOutcome::NotMeasurable, None);
        },
            CYCLES => "not measurable here: What core-frequency found, and what follows.";
        "not checked": |r| r.checks.clear(),
            CYCLES => "not measurable here: the core's frequency was not measured";
        "a ratio needs none": |r| r.checks.clear(), RATIO => "holds: within 2-5×…";
        "not measured again":
            |r| check_mut(r, "frequency-drift").outcome = CheckOutcome::NotMeasurable,
            CYCLES => "inconclusive: …";
        "not checked again": |r| r.checks.retain(|check| check.id != "frequency-drift"),
            CYCLES => "inconclusive: the core's frequency was not measured again at the end";
        "drifted": |r| check_mut(r, "frequency-drift").outcome = CheckOutcome::Failed,
            CYCLES => "inconclusive: What frequency-drift found, and what follows.";
    }
}

#[test]
fn what_was_not_tried_is_not_run() {
    let judged = judge(&fixture::empty(false));
    assert!(judged.claims.iter().all(|judged| judged.verdict == ClaimVerdict::NotRun));
}

/// What is measured of the TLB, on a processor that keeps four address spaces under a kernel that
/// keeps six, changed.
fn translation(change: impl FnOnce(&mut Record)) -> Everything {
    let mut record = fixture::translation();
    change(&mut record);
    judge(&record)
}

#[test]
fn a_switch_takes_the_tlb_from_the_fifth_address_space_on() {
    let judged = translation(|_| ());
    let begins = |id, words: &str| {
        let text = &claim(&judged, id).sentence.text;
        assert!(text.starts_with(words), "{text}");
    };
    begins("B1", "False up to four processes per core: ");
    begins("B4", "True up to four: this processor holds");
    assert_eq!(judged.translation.kept, Kept::Exactly(4));
}

fn step(judged: &Everything, from: u32) -> &Step {
    judged.translation.steps.iter().find(|step| step.from == from).unwrap()
}

#[test]
fn the_two_cliffs_are_told_apart_by_the_kernels_own_count() {
    let causes = |judged: &Everything| -> Vec<(u32, Cause)> {
        let steps = judged.translation.steps.iter().map(|step| (step.from, step.cause));
        steps.filter(|(_, cause)| *cause != Cause::None).collect()
    };
    let counted = translation(|_| ());
    assert_eq!(causes(&counted), [(4, Cause::Processor), (6, Cause::Kernel)]);
    assert_eq!(counted.translation.slots, Ok(Kept::Exactly(6)));
    let uncounted = translation(|record| record.counts.clear());
    assert_eq!(causes(&uncounted), [(4, Cause::LostTranslations), (6, Cause::Untold)]);
    assert!(uncounted.translation.slots.is_err());
    // One that neither walk nor kernel shows.
    let other = translation(|record| stretch(record, "tlb/step-process/x2", 1.1));
    assert_eq!(step(&other, 2).cause, Cause::Unexplained);
}

#[test]
fn a_step_that_threads_take_too_or_of_other_numbers_of_switches_is_no_cliff() {
    // The bigger null counts: the second time that of processes that share their memory.
    for null in ["tlb/step-thread/x4", "tlb/step-vm-process/x4"] {
        let slower = translation(|record| stretch(record, null, 1.25));
        assert_eq!(step(&slower, 4).cause, Cause::None, "{null}");
    }
    let uneven = translation(|record| switch_more(record, "tlb/step-process/x4"));
    assert_eq!((step(&uneven, 4).process, step(&uneven, 4).cause), (None, Cause::None));
}

/// Makes every operation of the second arm take one switch more.
fn switch_more(record: &mut Record, experiment: &str) {
    pairs(cell_mut(record, experiment)).for_each(|pair| pair.b.switches += pair.b.ops);
}

/// Makes the first pass of the second arm take `per_page` ticks more than the second.
fn refill_b(record: &mut Record, experiment: &str, per_page: f64) {
    let cell = cell_mut(record, experiment);
    let (actors, pages) = (u64::from(cell.b.actors.max(1)), u64::from(cell.b.pages));
    for half in pairs(cell).map(|pair| &mut pair.b) {
        let added = per_page * (half.ops * actors * pages) as f64;
        half.first_pass_ticks = half.second_pass_ticks + added.round() as u64;
    }
}

const REFILL: [&str; 2] = ["B1", "tlb/refill/x5/16pages"];
const UNTOUCHED: &str = "tlb/control-untouched/16pages";

#[test]
fn a_refill_needs_a_flush_to_compare_with_and_room_for_all_pages() {
    table! { fixture::translation();
        "half a flush is neither": |r| refill_b(r, REFILL[1], 13.5),
            REFILL => "inconclusive: partly: neither at least 0.800 nor at most 0.300";
        "no visible flush": |r| refill_b(r, UNTOUCHED, 28.0),
            REFILL => "not measurable here: a forced flush costs only …";
        "a TLB too small": |r| refill_b(r, "tlb/refill-alias-thread/x5/16pages", 20.0),
            REFILL => "inconclusive: threads with as many pages already cost 0.7…";
        "room was not tried": |r| lose(r, "tlb/refill-alias-thread/x5/16pages"),
            REFILL => "inconclusive: it was not measured whether the TLB has room for all pages";
        "what is kept needs no room": |r| lose(r, "tlb/refill-alias-thread/x2/16pages"),
            ["B1", "tlb/refill/x2/16pages"] => "fails: …";
        "a flush differs from itself": |r| refill_b(r, "tlb/aa-flush/16pages", 35.0),
            REFILL => "inconclusive: the forced flush differs from itself by 3…";
        "a flush was not held against itself": |r| lose(r, "tlb/aa-flush/16pages"),
            REFILL => "inconclusive: A/A control tlb/aa-flush…";
        "more switches than actors": |r| switch_more(r, REFILL[1]),
            REFILL => "inconclusive: 6.00 context switches per lap instead of 5";
        "controls of other questions": ping_pong, REFILL => "holds: …";
        "but time goes by them": ping_pong, ["B3", "tlb/switch/x5"] => "inconclusive: …";
    }
    let kept = |ring, ticks| translation(|record| refill_b(record, ring, ticks)).translation.kept;
    assert_eq!(kept(REFILL[1], 13.5), Kept::Between(4, 6));
    assert_eq!(kept(UNTOUCHED, 28.0), Kept::Unknown);
    // Nor does a share of nothing name the cause of a cliff.
    let unseen = translation(|record| refill_b(record, UNTOUCHED, 28.0));
    assert_eq!(step(&unseen, 4).cause, Cause::Untold);
}

/// Adds a control of switching that failed.
fn ping_pong(record: &mut Record) {
    record.cells.extend(fixture::full(&["switching/aa-thread", "switching/aa-process"]).cells);
    stretch(record, "switching/aa-thread", 1.07);
}

#[test]
fn an_a_a_comparison_of_a_ring_beyond_five_percent_leaves_no_comparison_judged() {
    let judged = translation(|record| stretch(record, "tlb/aa-vm-process", 1.07));
    let decided =
        |cell: &JudgedCell| matches!(cell.verdict, CellVerdict::Holds | CellVerdict::Fails);
    for id in ["B1", "B2", "B3", "B4"] {
        assert!(!claim(&judged, id).cells.iter().any(decided), "{id}");
    }
}

/// Counts of a machine with a PMU that flushes at each switch of processes, in three launches.
fn counted_misses(per_page: f64) -> Record {
    let mut record = fixture::empty(true);
    record.counts = fixture::counts::miss_counts(2, per_page);
    record
}

const MISSES: [&str; 2] = ["B1", "misses counted, 2 address spaces"];

#[test]
fn misses_counted_judge_without_a_clock() {
    for (per_page, expected) in [
        (1.0, "holds: …"),
        (0.1, "fails: …"),
        (0.5, "inconclusive: …"),
        // Nothing but noise, which may lie below zero, is kept.
        (-0.02, "fails: …"),
    ] {
        let judged = judge(&counted_misses(per_page));
        says(&per_page.to_string(), &judged, MISSES[0], MISSES[1], expected);
    }
    // Two misses per switch that have nothing to do with the pages are no part of it.
    near(cell(&judge(&counted_misses(1.0)), MISSES[0], MISSES[1]).figure.unwrap(), 1.0, 0.01);
    let refuse: fn(&mut Record) = |record| {
        for reading in record.counts.iter_mut().flat_map(|count| &mut count.readings) {
            reading.outcome = Outcome::Missing { reason: "ENOENT: no PMU".into() };
        }
    };
    let switch: fn(&mut Record) =
        |record| record.counts.iter_mut().for_each(|count| count.switches += count.ops);
    for (rule, change) in [("missing", refuse), ("other numbers of switches", switch)] {
        let mut record = counted_misses(1.0);
        change(&mut record);
        let judged = judge(&record);
        says(rule, &judged, MISSES[0], MISSES[1], "not measurable here: …");
        assert!(!cell(&judged, MISSES[0], MISSES[1]).reason.is_empty(), "{rule}");
    }
}
