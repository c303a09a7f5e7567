//! What the judge says of creation, on records made in code.

mod fixture;

use fixture::judged::{Everything, cell, claim, judge, says, table};
use fixture::{cell_mut, check_mut, lose, pairs, stretch};
use process_vs_thread::claim::CellVerdict;
use process_vs_thread::question::creation::evidence::{
    BreakEven, Creation, Race, Sweep, Way, Writer,
};
use process_vs_thread::question::creation::plan::{
    self as creation, Axis, WAYS, race, stamped, sweep, way as way_of,
};
use process_vs_thread::record::{CheckOutcome, Failure, Id, Placement, Record, Stop};
use process_vs_thread::stats::Interval;
use std::sync::OnceLock;

/// The whole fixture, judged once.
fn whole() -> &'static Everything {
    static JUDGED: OnceLock<Everything> = OnceLock::new();
    JUDGED.get_or_init(|| judge(&fixture::creation()))
}

/// The fixture with the A/A comparisons, the fork in a small parent, and what begins with one of
/// these.
fn only(parts: &[&str]) -> Record {
    let mut record = fixture::creation();
    record.cells.retain(|cell| {
        let always = ["creation/aa-thread", "creation/aa-process", "creation/fork"];
        always.contains(&cell.id.to_string().as_str())
            || parts.iter().any(|part| cell.id.to_string().starts_with(part))
    });
    record
}

/// Within a hundredth: the samples of the fixture lie a per mille or two below their law.
fn near(found: Interval, expected: f64) {
    fixture::judged::near(found, expected, 0.01);
}

/// Takes the verdict of every comparison away.
fn fail_a_control(record: &mut Record) {
    stretch(record, "creation/aa-thread", 1.07);
}

/// As a primitive that refuses leaves it.
fn refuse(record: &mut Record, id: impl ToString, why: &str) {
    let cell = cell_mut(record, id);
    cell.launches.clear();
    cell.stop = Stop::Failed(Failure::new("preparing the parent", why));
}

#[test]
fn every_cell_has_a_figure_or_the_reason_of_the_primitive() {
    let unmeasured: Vec<&Id> =
        whole().evidence.iter().filter(|(_, e)| e.ratio.is_none()).map(|(id, _)| id).collect();
    assert!(unmeasured.iter().all(|id| id.is_of(creation::POOL)), "{unmeasured:?}");
    // Five races, two sizes that are refused.
    assert_eq!(unmeasured.len(), 10);
    let refused = "not measurable here: preparing a pool of 64 threads: 16 threads for each of 2 \
                   CPUs at most";
    says("refused", whole(), "A4", "creation/pool/small/x64", refused);
}

#[test]
fn the_claims_of_creation_are_said_in_a_sentence_each() {
    let said = ["A1", "A2", "A3", "A4", "E4"].map(|id| {
        let judged = claim(whole(), id);
        format!("{id} {} {}", judged.verdict, judged.sentence.text)
    });
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_cell_that_holds_says_what_was_promised() {
    for (id, experiment, promise) in [
        ("A2", "creation/std", "holds: within 10-100 µs"),
        ("A4", "creation/pool/small/x16", "holds: fork ≤ pool"),
        ("E4", "creation/dispatch/pipe-process/fork", "holds: ≥ 10×"),
    ] {
        says(id, whole(), id, experiment, promise);
    }
}

#[test]
fn first_instructions_and_reaped_are_read_off_the_stamps_without_the_bill() {
    let figure = |id, title: &str| cell(whole(), id, title).figure.expect("a figure");
    near(figure("A1", "fork: first instruction"), 62_000.0);
    near(figure("A2", "pthread_create: first instruction"), 8_900.0);
    near(figure("A2", "raw clone: first instruction"), 5_400.0);
    near(figure("A2", "pthread_create, new stack"), 32_000.0);
    let fork = &whole().evidence[&stamped("process/fork")];
    near(fork.b.time_ns.unwrap(), 85_000.0 + 64.0 * 1_600.0);
    near(fork.b.reaped_ns.unwrap(), 85_000.0);
    near(fork.reaped_ratio.unwrap(), 6.8);
    near(fork.ready_ratio.unwrap(), 62.0 / 8.9);
    let plain = &whole().evidence[&way_of("fork", 0)];
    assert!(plain.b.first_ns.or(plain.b.reaped_ns).or(plain.ready_ratio).is_none());
}

#[test]
fn a_set_of_flags_has_its_time_from_thread_to_process() {
    let sets = &whole().creation.flag_sets;
    let names: Vec<&str> = sets.iter().map(|set| set.name).collect();
    assert_eq!((names[0], names[7], names.len()), ("thread", "none", 8));
    near(sets[0].time_ns, 6_500.0);
    near(sets[7].time_ns, 54_200.0);
}

fn way<'c>(creation: &'c Creation, primitive: &str) -> &'c Way {
    creation.ways.iter().find(|way| way.primitive == primitive).expect("a way")
}

#[test]
fn every_way_has_its_four_times() {
    let creation = &whole().creation;
    assert_eq!(creation.ways.len(), WAYS.len());
    let fork = way(creation, "process/fork");
    near(fork.call_ns.unwrap(), 36_000.0);
    near(fork.first_ns.unwrap(), 62_000.0);
    near(fork.reaped_ns, 85_000.0);
    near(fork.bill_ns_per_page.unwrap(), 1_600.0);
    near(fork.ratio.unwrap(), 6.8);
    // The program of others does not tell its first instruction.
    let dynamic = way(creation, "process/fork-exec-dynamic");
    assert!(dynamic.first_ns.is_none() && dynamic.call_ns.is_some());
    near(way(creation, "thread/scoped").ratio.unwrap(), 13.8 / 12.5);
    assert!(way(creation, "thread/pthread").ratio.is_none());
}

#[test]
fn a_way_is_compared_without_stamps_where_that_was_measured() {
    let mut record = only(&["creation/stamped/process-fork", "creation/stamped/thread-scoped"]);
    stretch(&mut record, "creation/fork", 2.0);
    let creation = judge(&record).creation;
    near(way(&creation, "process/fork").ratio.unwrap(), 13.6);
    near(way(&creation, "process/fork").reaped_ns, 85_000.0);
    lose(&mut record, "creation/fork");
    near(way(&judge(&record).creation, "process/fork").ratio.unwrap(), 6.8);
}

#[test]
fn a_batch_without_a_stamp_leaves_no_time_until_the_first_instruction() {
    let id = stamped("process/fork");
    let mut record = only(&[&id.to_string()]);
    cell_mut(&mut record, &id).launches[1].pairs[2].b.first_ns = 0;
    let judged = judge(&record);
    let fork = way(&judged.creation, "process/fork");
    assert!(fork.first_ns.is_none() && fork.call_ns.is_some());
    says("A1", &judged, "A1", &id, "inconclusive: too few samples for an interval");
}

fn swept(creation: &Creation, axis: Axis) -> &Sweep {
    creation.sweeps.iter().find(|sweep| sweep.axis == axis).expect("a sweep")
}

#[test]
fn a_fork_costs_so_much_for_each_thing_that_it_copies() {
    let creation = &whole().creation;
    assert_eq!(creation.sweeps.len(), Axis::ALL.len());
    let slope = |axis| swept(creation, axis).ns_per_unit.unwrap();
    near(slope(Axis::Memory), 19_000.0 / 256.0);
    near(slope(Axis::HugeMemory), 1_000.0);
    near(slope(Axis::Mappings), 800.0);
    near(slope(Axis::Descriptors), 20.0);
    assert_eq!(slope(Axis::Threads).estimate, 0.0);
    let sweep = swept(creation, Axis::Memory);
    assert_eq!(sweep.points.iter().map(|p| p.at).collect::<Vec<_>>(), [0, 1, 16, 64, 256, 1024]);
    let one_ms_at = |axis| swept(creation, axis).reaches(1e6, |point| point.fork_ns.estimate);
    assert!((one_ms_at(Axis::Memory).unwrap() / (915.0 / 19.0) - 1.0).abs() < 0.01);
    assert!((one_ms_at(Axis::Mappings).unwrap() / (915.0 / 0.8) - 1.0).abs() < 0.01);
    assert_eq!(one_ms_at(Axis::HugeMemory), None);
}

#[test]
fn a_page_is_as_big_as_the_record_says() {
    let mut record = only(&["creation/fork/"]);
    let per_unit = |record: &Record, axis| swept(&judge(record).creation, axis).ns_per_unit;
    record.machine.page_bytes = Some(16_384);
    near(per_unit(&record, Axis::Memory).unwrap(), 19_000.0 / 64.0);
    near(per_unit(&record, Axis::HugeMemory).unwrap(), 1_000.0);
    // Where the record does not say, there is no figure for a page, and the rest stands.
    record.machine.page_bytes = None;
    assert_eq!(per_unit(&record, Axis::Memory), None);
    near(per_unit(&record, Axis::HugeMemory).unwrap(), 1_000.0);
}

#[test]
fn a_parent_that_was_refused_huge_pages_is_missing_with_its_reason() {
    let mut record = only(&["creation/fork/"]);
    let why = "the kernel gave 0 of 256 MiB in huge pages";
    refuse(&mut record, sweep(Axis::HugeMemory, 256), why);
    lose(&mut record, sweep(Axis::HugeMemory, 1024));
    let judged = judge(&record);
    let huge = swept(&judged.creation, Axis::HugeMemory);
    assert_eq!(huge.points.iter().map(|point| point.at).collect::<Vec<_>>(), [0, 64]);
    near(huge.ns_per_unit.unwrap(), 1_000.0);
    let refused = format!("not measurable here: preparing the parent: {why}");
    says("refused", &judged, "A1", sweep(Axis::HugeMemory, 256), &refused);
    // Nothing but the refusal is left.
    lose(&mut record, sweep(Axis::HugeMemory, 64));
    assert!(judge(&record).creation.sweeps.iter().all(|sweep| sweep.axis != Axis::HugeMemory));
}

#[test]
fn a_point_that_broke_off_is_shown_and_bends_no_line() {
    let mut record = only(&["creation/fork/"]);
    let id = sweep(Axis::Mappings, 5_000);
    stretch(&mut record, &id, 10.0);
    fixture::kill(cell_mut(&mut record, &id));
    let creation = judge(&record).creation;
    let mappings = swept(&creation, Axis::Mappings);
    assert_eq!((mappings.points.len(), mappings.points[3].sound), (4, false));
    near(mappings.ns_per_unit.unwrap(), 800.0);
    // The millisecond would be crossed on the way to it.
    assert_eq!(mappings.reaches(1e6, |point| point.fork_ns.estimate), None);
}

fn raced<'c>(creation: &'c Creation, name: &str) -> &'c Race {
    creation.races.iter().find(|race| race.name == name).expect("a race")
}

/// Makes every child of a race ready `factor` times as late.
fn delay(record: &mut Record, name: &str, factor: f64) {
    let of = format!("creation/pool/{name}/");
    let cells = record.cells.iter_mut().filter(|cell| cell.id.to_string().starts_with(&of));
    for pair in cells.flat_map(pairs) {
        pair.b.first_ns = (pair.b.first_ns as f64 * factor) as u64;
    }
}

#[test]
fn fork_and_pool_break_even_between_two_sizes() {
    let race = raced(&whole().creation, "small");
    assert_eq!(race.points.iter().map(|p| p.threads).collect::<Vec<_>>(), [1, 2, 4, 8, 16, 32]);
    near(race.points[3].ratio, 90.0 / 81.0);
    let BreakEven::At(threads) = race.break_even else { panic!("{:?}", race.break_even) };
    // On logarithmic axes between 81 µs at 8 threads and 196 µs at 16.
    let share = (90.0_f64 / 81.0).ln() / (196.0_f64 / 81.0).ln();
    assert!((threads / (8.0 * 2.0_f64.powf(share)) - 1.0).abs() < 0.01, "{threads}");
}

#[test]
fn a_fork_may_be_first_always_or_never() {
    let mut record = only(&["creation/pool/small/", "creation/pool/64MiB/"]);
    delay(&mut record, "small", 0.01);
    delay(&mut record, "64MiB", 100.0);
    let judged = judge(&record);
    assert_eq!(raced(&judged.creation, "small").break_even, BreakEven::Always);
    assert_eq!(raced(&judged.creation, "64MiB").break_even, BreakEven::NotUpTo(32));
}

#[test]
fn a_race_of_few_sizes_tells_only_between_which_it_breaks_even() {
    let mut record = only(&["creation/pool/small/"]);
    let wanted = [race("small", 1), race("small", 16)];
    let raced_at = |id: &Id| !id.is_of(creation::POOL) || wanted.contains(id);
    record.cells.retain(|cell| raced_at(&cell.id));
    let judged = judge(&record);
    assert_eq!(raced(&judged.creation, "small").break_even, BreakEven::Between(1, 16));
}

#[test]
fn without_its_controls_a_race_has_no_break_even() {
    let mut record = only(&["creation/pool/small/"]);
    fail_a_control(&mut record);
    let judged = judge(&record);
    assert_eq!(raced(&judged.creation, "small").break_even, BreakEven::Unknown);
}

#[test]
fn a_stamped_thread_against_itself_is_no_control() {
    let id = stamped("thread/pthread");
    let mut record = only(&[&id.to_string()]);
    stretch(&mut record, &id, 1.2);
    let judged = judge(&record);
    let controls: Vec<String> =
        judged.controls.iter().map(|control| control.id.to_string()).collect();
    assert_eq!(controls, ["creation/aa-thread", "creation/aa-process"]);
    assert_eq!(cell(&judged, "A3", "creation/fork").verdict, CellVerdict::Fails);
}

#[test]
fn stamps_of_two_cpus_need_clocks_that_agree() {
    let id = race("small-free", 16);
    let mut record = only(&["creation/pool/small"]);
    let verdict = |record: &Record, expected| says("A4", &judge(record), "A4", &id, expected);
    verdict(&record, "holds: …");
    check_mut(&mut record, "clock-offset").outcome = CheckOutcome::Failed;
    let detail = format!("not measurable here: {}", check_mut(&mut record, "clock-offset").detail);
    verdict(&record, &detail);
    let judged = judge(&record);
    assert_eq!(raced(&judged.creation, "small-free").break_even, BreakEven::Unknown);
    // On one CPU there is one clock.
    says("one CPU", &judged, "A4", race("small", 16), "holds: …");
    record.checks.retain(|check| check.id != "clock-offset");
    let unknown = "not measurable here: it was not measured whether the clocks of two CPUs agree";
    verdict(&record, unknown);
    // A machine of one CPU has nothing to compare.
    let launches = record.cells.iter_mut().flat_map(|cell| &mut cell.launches);
    launches.flat_map(|launch| &mut launch.states).for_each(|state| state.cpus = vec![0]);
    verdict(&record, "holds: …");
    cell_mut(&mut record, &id).launches[1].states[1].cpus.push(1);
    verdict(&record, unknown);
}

#[test]
fn a_task_is_handed_over_or_a_worker_created_for_it() {
    let dispatches = &whole().creation.dispatches;
    assert_eq!(dispatches.len(), 6);
    let fork = &dispatches[0];
    assert_eq!(fork.name, "futex-process/fork");
    near(fork.dispatch_ns, 2_900.0);
    near(fork.create_ns, 85_000.0);
}

#[test]
fn places_and_writes_are_read() {
    let placed = &whole().creation.placed;
    assert_eq!(placed.len(), 10);
    let woken = placed.iter().find(|p| p.primitive == "futex/thread").unwrap();
    assert_eq!(woken.placement, Placement::TwoCores);
    near(woken.same_core_ns, 2_600.0);
    near(woken.time_ns, 100_000.0);
    let writes = &whole().creation.writes;
    let found: Vec<Writer> = writes.iter().map(|write| write.who).collect();
    use Writer::{Alone, Child, ParentAfter, ParentMeanwhile};
    assert_eq!(found, [Alone, ParentAfter, ParentMeanwhile, Child]);
    for (write, expected) in writes.iter().zip([20.0, 1_600.0, 4_000.0, 4_200.0]) {
        near(write.ns_per_page, expected);
    }
    let alone = judge(&only(&["creation/write/child"])).creation.writes;
    let found: Vec<Writer> = alone.iter().map(|write| write.who).collect();
    assert_eq!(found, [Alone, Child]);
}

#[test]
fn what_was_not_measured_to_its_end_is_shown_and_nothing_is_concluded_from_it() {
    let [by_parent, by_child] = ["creation/write/parent", "creation/write/child"];
    let id = "creation/placed/process-fork/two-cores";
    let mut record = only(&[by_parent, by_child, id]);
    fixture::kill(cell_mut(&mut record, by_parent));
    fixture::kill(cell_mut(&mut record, id));
    let creation = judge(&record).creation;
    assert!(!creation.placed[0].sound);
    let sound: Vec<(Writer, bool)> = creation.writes.iter().map(|w| (w.who, w.sound)).collect();
    use Writer::{Alone, Child, ParentMeanwhile};
    assert_eq!(sound, [(Alone, true), (ParentMeanwhile, false), (Child, true)]);
}

const DYNAMIC: &str = "creation/fork-exec-dynamic";

#[test]
fn an_exec_that_traps_is_marked_and_judged_without_its_traps() {
    let inflated = "holds: within 1-10 ms, tolerance included; inflated by virtualisation: 68 \
                    CPUIDs at 6.80 µs are 44.1 % of it; without them 586 µs [450, 742]: below \
                    1.00 ms";
    says("462 µs of 1,050", whole(), "A1", DYNAMIC, inflated);
    assert!(!is_inflated(whole(), "A1", "creation/fork-exec-dynamic/64MiB"), "of 2,266");
    // A ratio is no time that a band of milliseconds could be left of.
    assert!(!is_inflated(whole(), "A3", DYNAMIC));
    // What holds may be inflated as well; where a gate takes the verdict, nothing is said.
    let mut record = only(&[STATIC]);
    stretch(&mut record, STATIC, 1.3);
    says("holds", &judge(&record), "A1", STATIC, "holds: …");
    assert!(is_inflated(&judge(&record), "A1", STATIC));
    cell_mut(&mut record, STATIC).launches.truncate(2);
    assert!(!is_inflated(&judge(&record), "A1", STATIC));
}

const STATIC: &str = "creation/fork-exec-static";

fn is_inflated(judged: &Everything, claim: &str, experiment: &str) -> bool {
    cell(judged, claim, experiment).reason.contains("inflated by virtualisation")
}

#[test]
fn cheap_cpuids_inflate_nothing_and_uncounted_ones_are_not_guessed() {
    let words = "; how much of it trapped CPUIDs take was not counted";
    let uncounted: fn(&mut Record, f64) = |record, times| {
        check_mut(record, "exec-cpuids-dynamic").figure = None;
        stretch(record, DYNAMIC, times);
    };
    table! { only(&[DYNAMIC]);
        "cheap": |r| check_mut(r, "cpuid").figure = Some(100.0),
            ["A1", DYNAMIC] => "holds: within 1-10 ms, tolerance included";
    }
    let said = |change: &dyn Fn(&mut Record), id| {
        let mut record = only(&[DYNAMIC]);
        change(&mut record);
        cell(&judge(&record), id, DYNAMIC).reason.clone()
    };
    // Where they trap, a cell that holds says that they were not counted.
    let cheap = |record: &mut Record| {
        uncounted(record, 1.5);
        check_mut(record, "cpuid").figure = Some(100.0);
    };
    assert_eq!(said(&cheap, "A1"), "within 1-10 ms");
    let slow = |record: &mut Record| uncounted(record, 1.5);
    assert_eq!(said(&slow, "A1"), format!("within 1-10 ms{words}"));
    assert!(!said(&slow, "A3").contains(words), "above 100× does not hold");
    let quick = |record: &mut Record| uncounted(record, 0.75);
    assert!(said(&quick, "A3").ends_with(words) && !said(&quick, "A1").contains(words));
    let counted = |record: &mut Record| stretch(record, DYNAMIC, 0.75);
    assert!(!said(&counted, "A3").contains(words));
}

#[test]
fn creation_needs_four_fifths_of_six_pairs_in_each_launch() {
    let verdict = |quick: bool, pairs: usize| {
        let id = "creation/fork/256MiB";
        let mut record = fixture::full(&["creation/aa-thread", "creation/aa-process", id]);
        record.run.quick = quick;
        let launches = if quick { 5 } else { 7 };
        let cell = cell_mut(&mut record, id);
        cell.launches.truncate(launches);
        cell.launches.iter_mut().for_each(|launch| launch.pairs.truncate(pairs));
        self::cell(&judge(&record), "A1", id).verdict
    };
    for quick in [false, true] {
        assert_eq!(verdict(quick, 5), CellVerdict::Holds, "quick: {quick}");
        assert_eq!(verdict(quick, 4), CellVerdict::Shown, "quick: {quick}");
    }
}

#[test]
fn what_was_not_measured_is_not_there() {
    for record in [fixture::empty(true), only(&[])] {
        let Creation { flag_sets, sweeps, races, .. } = judge(&record).creation;
        assert!(flag_sets.is_empty() && sweeps.is_empty() && races.is_empty());
    }
}
