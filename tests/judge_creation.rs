//! What the judge says of creation, on records made in code.

mod fixture;

use fixture::judged::{Everything, judge};
use fixture::{cell_mut, check_mut, stretch_b};
use process_vs_thread::claim::{CellVerdict, JudgedCell, JudgedClaim};
use process_vs_thread::question::creation::evidence::{
    BreakEven, Creation, FlagStep, Flat, Race, Sweep, Way, Writer,
};
use process_vs_thread::question::creation::plan::{
    self as creation, Axis, WAYS, flags, flat, race, stamped, sweep, way as way_of,
};
use process_vs_thread::record::{CheckOutcome, Failure, Id, Placement, Probe, Record, Stop};
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

fn claim<'j>(judged: &'j Everything, id: &str) -> &'j JudgedClaim {
    judged.claims.iter().find(|judged| judged.claim.id == id).expect("a claim")
}

fn cell<'j>(judged: &'j Everything, id: &str, experiment: impl ToString) -> &'j JudgedCell {
    let experiment = experiment.to_string();
    let mut cells = claim(judged, id).cells.iter();
    cells.find(|cell| cell.def.id().to_string() == experiment).expect("a cell of the claim")
}

/// Within a hundredth: the samples of the fixture lie a per mille or two below their law.
fn near(found: Interval, expected: f64) {
    assert!((found.estimate / expected - 1.0).abs() < 0.01, "{found:?} is not {expected}");
    assert!(found.low <= found.estimate && found.estimate <= found.high, "{found:?}");
}

/// Takes the verdict of every comparison away.
fn fail_a_control(record: &mut Record) {
    stretch_b(cell_mut(record, "creation/aa-thread"), 1.07);
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
    let refused = cell(whole(), "A4", "creation/pool/small/x64");
    assert_eq!(refused.verdict, CellVerdict::NotMeasurable);
    assert_eq!(
        refused.reason,
        "preparing a pool of 64 threads: 16 threads for each of 2 CPUs at most"
    );
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
    let reason = |id, experiment| cell(whole(), id, experiment).reason.as_str();
    assert_eq!(reason("A2", "creation/std"), "within 10-100 µs");
    assert_eq!(reason("A4", "creation/pool/small/x16"), "fork ≤ pool");
    assert_eq!(reason("E4", "creation/dispatch/pipe-process/fork"), "≥ 10×");
}

#[test]
fn first_instructions_and_reaped_are_read_off_the_stamps_without_the_bill() {
    let figure = |id: &str, title: &str| {
        let mut cells = claim(whole(), id).cells.iter();
        cells.find(|cell| cell.def.title == title).expect("a cell").figure.expect("a figure")
    };
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

fn steps(record: &Record, parent_mib: u64) -> Vec<FlagStep> {
    let spectra = judge(record).creation.spectra.into_iter();
    spectra.filter(|s| s.parent_mib == parent_mib).flat_map(|s| s.steps).collect()
}

#[test]
fn a_flag_costs_what_the_set_without_it_takes_more() {
    let [small, big] = whole().creation.spectra.as_slice() else { panic!("two parents") };
    assert_eq!([small.parent_mib, big.parent_mib], [0, 64]);
    let names: Vec<&str> = small.sets.iter().map(|set| set.name).collect();
    assert_eq!((names[0], names[7], names.len()), ("thread", "none", 8));
    assert!(small.sets[0].ratio.is_none());
    near(small.sets[0].time_ns, 6_500.0);
    near(small.sets[7].ratio.unwrap(), 54.2 / 6.5);
    let step = |from, to| small.steps.iter().find(|s| (s.from, s.to) == (from, to)).unwrap();
    near(step("thread", "vm-fs-files-sighand").ratio, 7.9 / 6.5);
    near(step("vm", "none").ratio, 54.2 / 9.8);
    near(step("vm", "none").extra_ns, 44_400.0);
    assert!(small.steps.iter().chain(&big.steps).all(|step| step.contradicts == Some(false)));
    assert_eq!(small.steps.len(), 7);
}

#[test]
fn sharing_less_that_costs_less_contradicts_the_kernels_work() {
    let contradictions = |record: &Record| -> Vec<(&str, &str)> {
        let steps = steps(record, 0).into_iter().filter(|step| step.contradicts == Some(true));
        steps.map(|step| (step.from, step.to)).collect()
    };
    let mut record = only(&["creation/flags/"]);
    stretch_b(cell_mut(&mut record, flags("vm-files", 0)), 3.0);
    assert_eq!(contradictions(&record), [("vm-files", "vm")]);
    // Neither a set of too few samples nor figures without their controls contradict anything.
    let mut short = record.clone();
    fixture::kill(cell_mut(&mut short, flags("vm-files", 0)));
    let unjudged: Vec<(&str, &str)> = steps(&short, 0)
        .iter()
        .filter(|step| step.contradicts.is_none())
        .map(|step| (step.from, step.to))
        .collect();
    assert_eq!(unjudged, [("vm-fs-files-sighand", "vm-files"), ("vm-files", "vm")]);
    assert!(contradictions(&short).is_empty());
    fail_a_control(&mut record);
    assert!(steps(&record, 0).iter().all(|step| step.contradicts.is_none()));
    assert!(!judge(&record).creation.spectra[0].comparable);
    // VFORK takes nothing away: that it is cheaper contradicts nothing.
    let mut record = only(&["creation/flags/"]);
    stretch_b(cell_mut(&mut record, flags("vm-vfork", 0)), 0.5);
    assert!(contradictions(&record).is_empty());
}

#[test]
fn a_set_that_is_missing_takes_its_steps_with_it() {
    let mut record = only(&["creation/flags/"]);
    record.cells.retain(|cell| cell.id != flags("vm", 0));
    let left: Vec<(&str, &str)> = steps(&record, 0).iter().map(|s| (s.from, s.to)).collect();
    let expected = [
        ("thread", "vm-fs-files-sighand"),
        ("vm-fs-files-sighand", "vm-files"),
        ("files", "none"),
        ("fs-files", "files"),
    ];
    assert_eq!(left, expected);
    assert_eq!(steps(&record, 64).len(), 7);
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
    stretch_b(cell_mut(&mut record, "creation/fork"), 2.0);
    let creation = judge(&record).creation;
    near(way(&creation, "process/fork").ratio.unwrap(), 13.6);
    near(way(&creation, "process/fork").reaped_ns, 85_000.0);
    record.cells.retain(|cell| cell.id.to_string() != "creation/fork");
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
    let first = cell(&judged, "A1", &id);
    assert_eq!(first.verdict, CellVerdict::Inconclusive);
    assert_eq!(first.reason, "too few samples for an interval");
}

fn swept(creation: &Creation, axis: Axis) -> &Sweep {
    creation.sweeps.iter().find(|sweep| sweep.axis == axis).expect("a sweep")
}

#[test]
fn a_fork_costs_so_much_for_each_thing_that_it_copies() {
    let creation = &whole().creation;
    assert_eq!(creation.sweeps.len(), Axis::ALL.len());
    let slope = |axis| swept(creation, axis).fork.as_ref().unwrap();
    near(slope(Axis::Memory).ns_per_unit, 19_000.0 / 256.0);
    near(slope(Axis::HugeMemory).ns_per_unit, 1_000.0);
    near(slope(Axis::Mappings).ns_per_unit, 800.0);
    near(slope(Axis::Descriptors).ns_per_unit, 20.0);
    assert_eq!(slope(Axis::Threads).ns_per_unit.estimate, 0.0);
    let memory = slope(Axis::Memory);
    assert!((memory.base_ns / 85_000.0 - 1.0).abs() < 0.01 && memory.correlation.unwrap() > 0.9999);
    let sweep = swept(creation, Axis::Memory);
    assert_eq!(sweep.points.iter().map(|p| p.at).collect::<Vec<_>>(), [0, 1, 16, 64, 256, 1024]);
    let thread = sweep.thread.as_ref().unwrap().ns_per_unit;
    assert!(thread.low <= 0.0 && thread.high >= 0.0, "{thread:?}");
    near(sweep.one_ms_at.unwrap(), 915.0 / 19.0);
    near(swept(creation, Axis::Mappings).one_ms_at.unwrap(), 915.0 / 0.8);
    assert_eq!(swept(creation, Axis::HugeMemory).one_ms_at, None);
    assert!(creation.sweeps.iter().all(|sweep| sweep.missing.is_empty()));
}

#[test]
fn an_entry_stands_for_a_page_of_the_machines_size() {
    let mut record = only(&["creation/fork/"]);
    record.machine.page_bytes = Some(16_384);
    let creation = judge(&record).creation;
    near(swept(&creation, Axis::Memory).fork.as_ref().unwrap().ns_per_unit, 19_000.0 / 64.0);
    near(swept(&creation, Axis::HugeMemory).fork.as_ref().unwrap().ns_per_unit, 1_000.0);
    // Where the record does not say, there is no figure for a page, and the rest stands.
    record.machine.page_bytes = None;
    let creation = judge(&record).creation;
    let why = swept(&creation, Axis::Memory).fork.as_ref().unwrap_err();
    assert_eq!(*why, "the record has no page size");
    assert!(swept(&creation, Axis::Memory).thread.is_none());
    near(swept(&creation, Axis::HugeMemory).fork.as_ref().unwrap().ns_per_unit, 1_000.0);
}

#[test]
fn a_parent_that_was_refused_huge_pages_is_missing_with_its_reason() {
    let mut record = only(&["creation/fork/"]);
    let why = "the kernel gave 0 of 256 MiB in huge pages";
    refuse(&mut record, sweep(Axis::HugeMemory, 256), why);
    record.cells.retain(|cell| cell.id != sweep(Axis::HugeMemory, 1024));
    let judged = judge(&record);
    let huge = swept(&judged.creation, Axis::HugeMemory);
    assert_eq!(huge.missing, [(256, format!("preparing the parent: {why}"))]);
    assert_eq!(huge.points.iter().map(|point| point.at).collect::<Vec<_>>(), [0, 64]);
    near(huge.fork.as_ref().unwrap().ns_per_unit, 1_000.0);
    // Any line goes through two points.
    assert_eq!(huge.fork.as_ref().unwrap().correlation, None);
    let refused = cell(&judged, "A1", sweep(Axis::HugeMemory, 256));
    assert_eq!(refused.verdict, CellVerdict::NotMeasurable);
    // Nothing but the refusal is left: it is still said.
    record.cells.retain(|cell| cell.id != sweep(Axis::HugeMemory, 64));
    let alone = judge(&record).creation;
    let huge = swept(&alone, Axis::HugeMemory);
    assert_eq!((huge.missing.len(), huge.fork.is_err()), (1, true));
}

#[test]
fn a_point_that_broke_off_is_shown_and_bends_no_line() {
    let mut record = only(&["creation/fork/"]);
    let id = sweep(Axis::Mappings, 5_000);
    stretch_b(cell_mut(&mut record, &id), 10.0);
    fixture::kill(cell_mut(&mut record, &id));
    let creation = judge(&record).creation;
    let mappings = swept(&creation, Axis::Mappings);
    assert_eq!(mappings.points.len(), 4);
    near(mappings.fork.as_ref().unwrap().ns_per_unit, 800.0);
    // The millisecond would be crossed on the way to it.
    assert_eq!((mappings.points[3].sound, mappings.one_ms_at), (false, None));
}

fn flat_of<'c>(creation: &'c Creation, primitive: &str) -> &'c Flat {
    creation.flats.iter().find(|flat| flat.primitive == primitive).expect("a primitive")
}

#[test]
fn a_vfork_that_grows_with_its_parent_is_seen() {
    assert!(whole().creation.flats.iter().all(|flat| flat.flat == Some(true)));
    let mut record = only(&["creation/flat/"]);
    stretch_b(cell_mut(&mut record, flat("clone/vm-vfork", 1024)), 1.2);
    let said = |record: &Record| flat_of(&judge(record).creation, "clone/vm-vfork").flat;
    assert_eq!(said(&record), Some(false));
    assert_eq!(flat_of(&judge(&record).creation, "process/spawn-tiny").flat, Some(true));
    fail_a_control(&mut record);
    assert_eq!(said(&record), None);
}

#[test]
fn nothing_is_flat_at_a_size_that_is_missing_or_near_the_margin() {
    let said = |bend: fn(&mut Record, &Id)| {
        let mut record = only(&["creation/flat/"]);
        bend(&mut record, &flat("thread/pthread", 1024));
        flat_of(&judge(&record).creation, "thread/pthread").flat
    };
    assert_eq!(said(|record, id| record.cells.retain(|cell| cell.id != *id)), None);
    assert_eq!(said(|record, id| refuse(record, id, "ENOMEM")), None);
    assert_eq!(said(|record, id| fixture::kill(cell_mut(record, id))), None);
    assert_eq!(said(|record, id| stretch_b(cell_mut(record, id), 1.1)), None);
    assert_eq!(said(|record, id| stretch_b(cell_mut(record, id), 0.8)), Some(false));
}

fn raced<'c>(creation: &'c Creation, name: &str) -> &'c Race {
    creation.races.iter().find(|race| race.name == name).expect("a race")
}

/// Makes every child of a race ready `factor` times as late.
fn delay(record: &mut Record, name: &str, factor: f64) {
    let of = format!("creation/pool/{name}/");
    let cells = record.cells.iter_mut().filter(|cell| cell.id.to_string().starts_with(&of));
    for pair in cells.flat_map(|c| &mut c.launches).flat_map(|l| &mut l.pairs) {
        pair.b.first_ns = (pair.b.first_ns as f64 * factor) as u64;
    }
}

#[test]
fn fork_and_pool_break_even_between_two_sizes() {
    let race = raced(&whole().creation, "small");
    assert_eq!(race.points.iter().map(|p| p.threads).collect::<Vec<_>>(), [1, 2, 4, 8, 16, 32]);
    near(race.points[3].pool_ready_ns, 81_000.0);
    near(race.points[3].child_ready_ns, 90_000.0);
    near(race.points[3].pool_total_ns, 130_000.0);
    near(race.points[3].child_total_ns, 115_000.0);
    let BreakEven::At(threads) = race.break_even else { panic!("{:?}", race.break_even) };
    // On logarithmic axes between 81 µs at 8 threads and 196 µs at 16.
    let share = (90.0_f64 / 81.0).ln() / (196.0_f64 / 81.0).ln();
    near(threads, 8.0 * 2.0_f64.powf(share));
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
    stretch_b(cell_mut(&mut record, &id), 1.2);
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
    assert_eq!(cell(&judge(&record), "A4", &id).verdict, CellVerdict::Holds);
    let offset = check_mut(&mut record, "clock-offset");
    offset.outcome = CheckOutcome::Failed;
    let detail = offset.detail.clone();
    let judged = judge(&record);
    let moved = cell(&judged, "A4", &id);
    assert_eq!((moved.verdict, &moved.reason), (CellVerdict::NotMeasurable, &detail));
    assert_eq!(raced(&judged.creation, "small-free").break_even, BreakEven::Unknown);
    // On one CPU there is one clock.
    assert_eq!(cell(&judged, "A4", race("small", 16)).verdict, CellVerdict::Holds);
    record.checks.retain(|check| check.id != "clock-offset");
    let reason = "it was not measured whether the clocks of two CPUs agree";
    assert_eq!(cell(&judge(&record), "A4", &id).reason, reason);
    // A machine of one CPU has nothing to compare.
    let launches = record.cells.iter_mut().flat_map(|cell| &mut cell.launches);
    launches.flat_map(|launch| &mut launch.states).for_each(|state| state.cpus = vec![0]);
    assert_eq!(cell(&judge(&record), "A4", &id).verdict, CellVerdict::Holds);
    cell_mut(&mut record, &id).launches[1].states[1].cpus.push(1);
    assert_eq!(cell(&judge(&record), "A4", &id).reason, reason);
}

#[test]
fn a_pool_has_paid_after_so_many_tasks() {
    let dispatches = &whole().creation.dispatches;
    assert_eq!(dispatches.len(), 6);
    let fork = &dispatches[0];
    assert_eq!(fork.name, "futex-process/fork");
    near(fork.dispatch_ns, 2_900.0);
    near(fork.create_ns, 85_000.0);
    near(fork.paid_after.unwrap(), 85.0 / 82.1);
    let mut record = only(&["creation/dispatch/"]);
    stretch_b(cell_mut(&mut record, "creation/dispatch/futex-process/fork"), 0.02);
    let judged = judge(&record);
    assert_eq!(judged.creation.dispatches[0].paid_after, None);
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
    let traps = &whole().creation.traps;
    let inflated: Vec<bool> = traps.iter().map(|trap| trap.inflated).collect();
    // 462 µs of 1,015, of 1,050 and of 2,266.
    assert_eq!(inflated, [true, true, false]);
    assert_eq!(
        (traps[1].experiment.to_string(), traps[1].count, traps[1].cost_ns),
        (DYNAMIC.to_owned(), 68.0, 6_800.0)
    );
    near(traps[1].share, 0.4404);
    near(traps[1].residual_ns, 587_600.0);
    let judged = cell(whole(), "A1", DYNAMIC);
    assert!(judged.inflated);
    let reason = "within 1-10 ms, tolerance included; inflated by virtualisation: 68 CPUIDs at \
                  6.80 µs are 44.1 % of it; without them 586 µs [450, 742]: below 1.00 ms";
    assert_eq!(judged.reason, reason);
    assert!(!cell(whole(), "A1", "creation/fork-exec-dynamic/64MiB").inflated);
    // A ratio is no time that a band of milliseconds could be left of.
    assert!(!cell(whole(), "A3", DYNAMIC).inflated);
}

#[test]
fn cheap_cpuids_inflate_nothing_and_uncounted_ones_are_not_guessed() {
    let mut record = only(&[DYNAMIC]);
    check_mut(&mut record, "cpuid").figure = Some(100.0);
    let judged = judge(&record);
    let dynamic = cell(&judged, "A1", DYNAMIC);
    assert!(!dynamic.inflated && !dynamic.reason.contains("CPUID"), "{}", dynamic.reason);
    near(judged.creation.traps[0].share, 0.0065);
    check_mut(&mut record, "exec-cpuids-dynamic").figure = None;
    assert!(judge(&record).creation.traps.is_empty());
    // Where they trap, a cell that holds says that they were not counted.
    stretch_b(cell_mut(&mut record, DYNAMIC), 1.5);
    let words = "; how much of it trapped CPUIDs take was not counted";
    let reason = |record: &Record, id| cell(&judge(record), id, DYNAMIC).reason.clone();
    assert_eq!(reason(&record, "A1"), "within 1-10 ms");
    check_mut(&mut record, "cpuid").figure = Some(6_800.0);
    assert_eq!(reason(&record, "A1"), format!("within 1-10 ms{words}"));
    assert!(!reason(&record, "A3").contains(words), "above 100× does not hold");
    stretch_b(cell_mut(&mut record, DYNAMIC), 0.5);
    assert!(reason(&record, "A3").ends_with(words) && !reason(&record, "A1").contains(words));
    check_mut(&mut record, "exec-cpuids-dynamic").figure = Some(68.0);
    assert!(!reason(&record, "A3").contains(words));
}

#[test]
fn a_figure_that_holds_may_be_inflated_and_one_without_a_verdict_is_not() {
    let mut record = only(&["creation/fork-exec-static"]);
    stretch_b(cell_mut(&mut record, "creation/fork-exec-static"), 1.3);
    let judged = judge(&record);
    assert_eq!(cell(&judged, "A1", "creation/fork-exec-static").verdict, CellVerdict::Holds);
    assert!(cell(&judged, "A1", "creation/fork-exec-static").inflated);
    // Where a gate takes the verdict, the figure means nothing: nothing is said of it.
    cell_mut(&mut record, "creation/fork-exec-static").launches.truncate(2);
    assert!(!cell(&judge(&record), "A1", "creation/fork-exec-static").inflated);
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
fn the_probes_of_copy_on_write_and_no_others_are_of_creation() {
    let mut record = only(&[]);
    let other = Probe { id: fixture::id("probe/fault/abort-thread"), ..record.probes[0].clone() };
    record.probes.push(other);
    let probes = judge(&record).creation.probes;
    let ids: Vec<String> = probes.iter().map(|probe| probe.id.to_string()).collect();
    assert_eq!(ids, ["probe/cow/shared"]);
    assert_eq!(probes[0].agreed(), Some(true));
}

#[test]
fn what_was_not_measured_is_not_there() {
    assert!(judge(&fixture::empty(true)).creation.is_empty());
    let creation = judge(&only(&[])).creation;
    assert!(creation.sweeps.is_empty() && creation.spectra.is_empty() && creation.races.is_empty());
    assert!(!creation.is_empty(), "its probes are");
}
