//! What the judge says of memory, on records made in code.

mod fixture;

use fixture::judged::{Everything, cell, claim, judge, says, table};
use fixture::servers::footprint_mut as footprint;
use process_vs_thread::claim::{CellVerdict, ClaimVerdict};
use process_vs_thread::question::memory::evidence::{Bound, Memory, UnitMemory};
use process_vs_thread::record::{Failure, MemorySource, Parent, Record};
use process_vs_thread::stats::Interval;
use std::sync::OnceLock;

/// The fixture, judged once.
fn whole() -> &'static Everything {
    static JUDGED: OnceLock<Everything> = OnceLock::new();
    JUDGED.get_or_init(|| judge(&fixture::memory()))
}

fn unit<'j>(memory: &'j Memory, id: &str) -> &'j UnitMemory {
    memory.unit(&fixture::id(id)).expect("a unit")
}

fn kept_by(record: &mut Record, id: &str, source: MemorySource) {
    footprint(record, id).launches.iter_mut().for_each(|launch| launch.source = source.clone());
}

fn meminfo() -> MemorySource {
    MemorySource::Meminfo { why: "mkdir: read-only".into() }
}

/// A quick run with so many launches of a thread.
fn quick(record: &mut Record, launches: usize) {
    record.run.quick = true;
    footprint(record, "memory/thread").launches.truncate(launches);
}

/// A thousandth around it, as the fixture's launches lie.
fn near(found: Interval, expected: f64) {
    assert!((found.estimate - expected).abs() < 1e-6 * expected.abs(), "{found:?} {expected}");
    let reach = 0.006 * expected.abs() + 1e-9;
    assert!(found.low >= expected - reach && found.high <= expected + reach, "{found:?}");
    assert!(found.low < found.high, "{found:?}");
}

const SMALL: [&str; 2] = ["C2", "forked process, small parent"];
const HEAVY: [&str; 2] = ["C2", "forked process, 64 MiB parent"];
const DEFAULT: [&str; 2] = ["C1", "in use, default stack"];
const SPACE: [&str; 2] = ["C1", "address space, default stack"];

#[test]
fn stacks_are_megabytes_of_address_space_and_kibibytes_of_memory() {
    let cells = [
        ("address space, 64 KiB stack", "fails: below 1.00 MiB"),
        ("address space, default stack", "holds: within 1-8 MiB, tolerance included"),
        ("in use, 64 KiB stack", "fails: below 1.00 MiB"),
        ("in use, default stack", "fails: below 1.00 MiB"),
        ("in use, stack in huge pages", "holds: within 1-8 MiB"),
    ];
    assert_eq!(claim(whole(), "C1").cells.len(), cells.len());
    for (title, expected) in cells {
        says(title, whole(), "C1", title, expected);
    }
    assert_eq!(claim(whole(), "C1").verdict, ClaimVerdict::False);
    let exactly = cell(whole(), "C1", "address space, default stack").figure.unwrap();
    assert_eq!([exactly.low, exactly.estimate, exactly.high], [8_392_704.0; 3]);
}

#[test]
fn it_is_the_address_space_that_costs() {
    let over = |title| cell(whole(), "C2", title).figure.unwrap();
    let cells = [
        ("forked process, small parent", 124_211.0),
        ("forked process, 64 MiB parent", 259_789.0),
        ("process with CLONE_VM", 33_075.0),
    ];
    for (title, bytes) in cells {
        let (found, expected) = (over(title), bytes / 35_635.0);
        assert!((found.estimate / expected - 1.0).abs() < 1e-6, "{title}: {found:?}");
        assert!(found.low > expected * 0.99 && found.high < expected * 1.01, "{found:?}");
    }
    let failed =
        "not measurable here: looking for a dynamic <cat>: not in PATH (install coreutils)";
    says("exec", whole(), "C2", "process after exec, dynamic", failed);
    // A stated cell that could not be measured leaves it open.
    assert_eq!(claim(whole(), "C2").verdict, ClaimVerdict::Undecided);
}

#[test]
fn who_kept_the_figures_is_said_and_two_who_did_are_not_compared() {
    let machine: fn(&mut Record) =
        |r| ["memory/thread", "memory/fork"].iter().for_each(|id| kept_by(r, id, meminfo()));
    table! { fixture::memory();
        "of the whole machine": machine,
            SMALL => "holds: > 1× (measured for the whole machine, other programs included)";
        "of the whole machine": machine,
            DEFAULT => "fails: below 1.00 MiB (measured for the whole machine, other programs \
                        included)";
        "address space is its own": machine,
            SPACE => "holds: within 1-8 MiB, tolerance included";
        "another group": |r| kept_by(r, "memory/fork/64MiB", MemorySource::CgroupV2),
            HEAVY => "inconclusive: the two sides used different memory accounting";
        "a group and a machine": |r| kept_by(r, "memory/fork/64MiB", meminfo()),
            HEAVY => "inconclusive: the two sides used different memory accounting";
        "one launch": |r| {
            footprint(r, "memory/fork/64MiB").launches[3].source = MemorySource::CgroupV2;
        },
            HEAVY => "inconclusive: the two sides used different memory accounting";
    }
}

#[test]
fn too_few_launches_a_failure_and_nothing_decide_nothing() {
    let few: fn(&mut Record) = |r| footprint(r, "memory/thread-64KiB").launches.truncate(4);
    table! { fixture::memory();
        "few": few, ["C1", "in use, 64 KiB stack"] => "shown, not judged: too few launches: 4";
        "few": few,
            ["C1", "address space, 64 KiB stack"] => "shown, not judged: too few launches: 4";
        "failed": |r| {
            footprint(r, "memory/thread-huge").failure = Some(Failure::new("a", "b"));
        },
            ["C1", "in use, stack in huge pages"] => "inconclusive: a: b";
        "nothing": |r| r.footprints.retain(|row| row.id != fixture::id("memory/vm-process")),
            ["C2", "process with CLONE_VM"] => "not run: not part of this run";
        "zero": |r| for launch in &mut footprint(r, "memory/fork").launches {
            launch.readings[2].total_bytes = launch.readings[1].total_bytes;
        },
            SMALL => "inconclusive: no ratio: one of the two may be zero";
        "three of a quick run": |r| quick(r, 3), DEFAULT => "fails: …";
        "two of a quick run": |r| quick(r, 2), DEFAULT => "inconclusive: too few launches: 2";
    }
}

/// What takes something from a record.
type Spoil = fn(&mut Record);

/// Under a limit on address space, threads with default stacks are the first that do not fit; those
/// with small stacks do, and would say FALSE in their place.
#[test]
fn stacks_are_not_judged_from_what_a_limit_has_left() {
    let failed = |record: &mut Record| {
        let thread = footprint(record, "memory/thread");
        thread.launches.clear();
        let refused = Failure::new("starting thread 17", "EAGAIN");
        thread.failure = Some(refused.remedy("raise the limit on address space: ulimit -v"));
    };
    let absent = |record: &mut Record| {
        record.footprints.retain(|footprint| footprint.id.to_string() != "memory/thread");
    };
    let few = |record: &mut Record| footprint(record, "memory/thread").launches.truncate(2);
    let cases: [(Spoil, &str); 3] = [
        (failed, "starting thread 17: EAGAIN"),
        (absent, "not part of this run"),
        (few, "too few launches"),
    ];
    for (spoil, why) in cases {
        let mut record = fixture::memory();
        spoil(&mut record);
        let judged = judge(&record);
        let left = cell(&judged, "C1", "in use, 64 KiB stack");
        assert_eq!(left.verdict, CellVerdict::Fails, "what is left has a clear answer");
        let stated = cell(&judged, "C1", "in use, default stack");
        assert!(stated.reason.contains(why), "{}", stated.reason);
        let found = claim(&judged, "C1").verdict;
        let open = [ClaimVerdict::Undecided, ClaimVerdict::NotMeasured, ClaimVerdict::NotRun];
        assert!(open.contains(&found), "{why}: {found}");
    }
}

#[test]
fn units_are_read_in_the_order_of_the_plan() {
    let memory = &whole().memory;
    let ids: Vec<String> = memory.units.iter().map(|unit| unit.id.to_string()).collect();
    assert_eq!(
        ids,
        [
            "memory/thread",
            "memory/thread-64KiB",
            "memory/thread-huge",
            "memory/vm-process",
            "memory/fork",
            "memory/fork/64MiB",
            "memory/connection",
        ]
    );
    let thread = unit(memory, "memory/thread");
    near(thread.total_bytes, 35_635.0);
    assert_eq!(thread.units, 1_000);
    assert_eq!(unit(memory, "memory/fork/64MiB").parent, Parent::of_mib(64));
    assert_eq!(
        memory.missing,
        [(
            fixture::id("memory/exec-dynamic"),
            "looking for a dynamic <cat>: not in PATH (install coreutils)".to_owned()
        )]
    );
}

#[test]
fn readings_with_most_units_decide_and_one_reading_decides_nothing() {
    let mut record = fixture::memory();
    for launch in &mut footprint(&mut record, "memory/thread").launches {
        launch.readings[0].total_bytes = 0;
    }
    footprint(&mut record, "memory/fork").launches[2].readings.truncate(1);
    let memory = judge(&record).memory;
    near(unit(&memory, "memory/thread").total_bytes, 35_635.0);
    let (id, reason) = &memory.missing[0];
    assert_eq!(id.to_string(), "memory/fork");
    assert_eq!(reason, "no interval: 7 launches, of which some have fewer than two readings");
}

fn counts(met: &[Bound]) -> Vec<(&str, f64)> {
    met.iter().map(|bound| (bound.limit.as_str(), bound.count)).collect()
}

#[test]
fn the_limit_that_is_met_first_stands_first() {
    let [threads, processes] = &whole().memory.bounds[..] else { panic!("two kinds") };
    assert_eq!((threads.units, processes.units), ("threads", "processes"));
    let memory = 20.0 * f64::from(1 << 30);
    assert_eq!(
        counts(&threads.met),
        [
            ("kernel.pid_max", 32_379.0),
            ("vm.max_map_count", 32_750.0),
            ("kernel.threads-max", 191_611.0),
            ("available memory", (memory / 35_635.0).floor()),
        ]
    );
    // Mappings are each process's own.
    assert_eq!(
        counts(&processes.met),
        [
            ("kernel.pid_max", 32_379.0),
            ("available memory", (memory / 124_211.0).floor()),
            ("kernel.threads-max", 191_611.0),
        ]
    );
    assert!((threads.met[0].in_use_bytes.estimate - 32_379.0 * 35_635.0).abs() < 1.0);
}

#[test]
fn a_limit_that_binds_and_one_that_is_passed_already_come_first() {
    let mut record = fixture::memory();
    let mib = f64::from(1 << 20);
    for limit in &mut record.machine.limits {
        match limit.name.as_str() {
            "commit limit" => {
                (limit.most, limit.used, limit.note) = (Some(1024.0 * mib), 24.0 * mib, None);
            }
            "RLIMIT_NPROC" => limit.most = Some(1_000.0),
            "kernel.threads-max" => limit.most = Some(300.0),
            _ => {}
        }
    }
    let [threads, processes] = &judge(&record).memory.bounds[..] else { panic!("two kinds") };
    let first =
        |met: &[Bound]| counts(met)[..3].iter().map(|(_, count)| *count).collect::<Vec<_>>();
    // 1000 MiB by 8196 KiB a thread; by the 6 MiB that a process has at most.
    assert_eq!(first(&threads.met), [0.0, 124.0, 611.0]);
    assert_eq!(first(&processes.met), [0.0, 166.0, 611.0]);
    assert_eq!(threads.met[1].limit, "commit limit");
}

#[test]
fn ten_thousand_connections_are_so_many_times_one() {
    let expected: [(f64, &[(&str, f64)]); 5] = [
        (35_635.0, &[]),
        (124_211.0, &[]),
        (6_144.0, &[("RLIMIT_NOFILE", 4_080.0)]),
        (41_779.0, &[("RLIMIT_NOFILE", 4_080.0)]),
        (130_355.0, &[]),
    ];
    let servings = &whole().memory.servings;
    assert_eq!(servings.len(), expected.len());
    for (serving, (each, refused)) in servings.iter().zip(expected) {
        near(serving.bytes, 10_000.0 * each);
        let found: Vec<(&str, f64)> =
            serving.refused.iter().map(|(limit, count)| (limit.as_str(), *count)).collect();
        assert_eq!(found, refused, "{}", serving.name);
    }
    let mut record = fixture::memory();
    record.footprints.retain(|footprint| footprint.id.to_string() != "memory/connection");
    assert_eq!(judge(&record).memory.servings.len(), 2);
}

#[test]
fn the_drills_peak_is_what_all_its_workers_took_or_else_the_share_of_all() {
    let peaks = |record: &Record| {
        let drill = judge(record).memory.drill;
        [drill.threads, drill.processes].map(|peak| peak.map(|peak| peak.estimate.round()))
    };
    let mut record = fixture::memory();
    assert_eq!(peaks(&record), [Some(404_096.0), Some(1_404_096.0)]);
    for id in ["memory/drill-threads", "memory/drill-processes"] {
        kept_by(&mut record, id, meminfo());
        let launches = &mut footprint(&mut record, id).launches;
        launches.iter_mut().flat_map(|l| &mut l.readings).for_each(|r| r.peak_bytes = 0);
    }
    footprint(&mut record, "memory/drill-threads").launches.clear();
    assert_eq!(peaks(&record), [None, Some(37_000.0)]);
}

#[test]
fn a_record_without_footprints_says_nothing_of_memory() {
    let mut record = fixture::memory();
    record.footprints.clear();
    let judged = judge(&record);
    let memory = &judged.memory;
    assert!(memory.units.is_empty() && memory.missing.is_empty());
    assert!(memory.bounds.is_empty() && memory.servings.is_empty());
    assert_eq!(claim(&judged, "C1").verdict, ClaimVerdict::NotRun);
}
