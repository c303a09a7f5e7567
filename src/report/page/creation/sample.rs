//! What a judge may say of creation, made by hand for tests: every part has something to say.

use super::View;
use crate::claim::creation::{
    BreakEven, Creation, Dispatch, FlagSet, FlagStep, Flat, Placed, Point, Race, RacePoint, Slope,
    Spectrum, Sweep, Trap, Way, Write, Writer,
};
use crate::claim::judge;
use crate::question::creation::plan::{self as plan, Axis, COPYING, FLAG_SETS, WAYS};
use crate::record::{Failure, Placement, Probe, ProbeRun, Record, Run, SCHEMA, Seen};
use crate::stats::Interval;

/// A figure whose interval reaches a tenth of it to either side.
pub(super) fn at(estimate: f64) -> Interval {
    Interval { estimate, low: estimate * 0.9, high: estimate * 1.1 }
}

/// A record that has measured nothing, and knows all primitives.
pub(super) fn nothing() -> Record {
    let run = Run {
        id: "id".into(),
        started_utc: "2026-01-02T03:04:05Z".into(),
        duration_s: 1.0,
        command: "cargo bench".into(),
        version: "0.1.0".into(),
        ..Run::default()
    };
    let known = include_str!("../../../record/schema5.json");
    let primitives = serde_json::from_str(known).unwrap();
    Record { schema: SCHEMA, run, primitives, ..Record::default() }
}

/// A page of a record that has measured nothing, with this said of creation.
pub(super) fn html(creation: Creation) -> String {
    let record = nothing();
    let mut judged = judge(&record);
    judged.creation = creation;
    super::html(&View { record: &record, judged: &judged })
}

/// Nothing at all.
pub(super) fn empty() -> Creation {
    Creation {
        spectra: Vec::new(),
        ways: Vec::new(),
        sweeps: Vec::new(),
        flats: Vec::new(),
        races: Vec::new(),
        dispatches: Vec::new(),
        placed: Vec::new(),
        writes: Vec::new(),
        traps: Vec::new(),
        probes: Vec::new(),
    }
}

/// Something of everything.
pub(super) fn creation() -> Creation {
    Creation {
        spectra: vec![spectrum(0, 54_000.0), spectrum(64, 1_032_000.0)],
        ways: WAYS.into_iter().map(way).collect(),
        sweeps: Axis::ALL.into_iter().map(sweep).collect(),
        flats: vec![
            flat("clone/vm-vfork", Some(true)),
            flat("process/spawn-tiny", None),
            flat("thread/pthread", Some(false)),
        ],
        races: vec![
            race("small", BreakEven::At(Interval { estimate: 8.2, low: 7.5, high: 9.0 })),
            race("small-exec", BreakEven::NotUpTo(16)),
            race("64MiB", BreakEven::Always),
            race("small-free", BreakEven::Unknown),
        ],
        dispatches: vec![
            dispatch("futex-process/fork", 85_000.0, Some(at(1.03))),
            dispatch("pipe-thread/pthread", 1_200.0, None),
        ],
        placed: ["thread/pthread", "process/fork", "futex/thread"]
            .into_iter()
            .flat_map(placed)
            .collect(),
        writes: vec![
            write(Writer::Alone, 20.0),
            write(Writer::ParentAfter, 1_600.0),
            write(Writer::ParentMeanwhile, 4_000.0),
            write(Writer::Child, 4_200.0),
        ],
        traps: vec![Trap {
            experiment: plan::way("fork-exec-dynamic", 0),
            count: 68.0,
            cost_ns: 6_800.0,
            share: at(0.44),
            residual_ns: at(588_000.0),
            inflated: true,
        }],
        probes: vec![probe(), unseen()],
    }
}

fn spectrum(parent_mib: u64, without_vm_ns: f64) -> Spectrum {
    let time = |name: &str| match name {
        "thread" => 6_500.0,
        "vm-fs-files-sighand" => 7_900.0,
        "vm-files" => 8_100.0,
        "vm" => 9_800.0,
        "vm-vfork" => 11_400.0,
        _ => without_vm_ns,
    };
    let set = |(name, flags): &(&'static str, &'static str)| FlagSet {
        name,
        flags,
        time_ns: at(time(name)),
        ratio: (*name != "thread").then(|| at(time(name) / 6_500.0)),
    };
    let step = |from, to, without| FlagStep {
        from,
        to,
        without,
        ratio: at(time(to) / time(from)),
        extra_ns: at(time(to) - time(from)),
        contradicts: Some((from, parent_mib) == ("files", 64)),
    };
    let steps = vec![
        step("thread", "vm-fs-files-sighand", "without THREAD"),
        step("vm-fs-files-sighand", "vm-files", "without FS and SIGHAND"),
        step("vm-files", "vm", "without FILES"),
        step("vm", "vm-vfork", "with VFORK"),
        step("vm", "none", "without VM"),
        step("files", "none", "without FILES"),
        step("fs-files", "files", "without FS"),
    ];
    Spectrum { parent_mib, sets: FLAG_SETS.iter().map(set).collect(), steps, comparable: true }
}

fn way(primitive: &'static str) -> Way {
    let reaped = if primitive.contains("fork") { 85_000.0 } else { 12_500.0 };
    Way {
        primitive,
        call_ns: Some(at(reaped / 2.0)),
        first_ns: (!primitive.contains("dynamic")).then(|| at(reaped * 0.7)),
        reaped_ns: at(reaped),
        bill_ns_per_page: Some(at(10.0)),
        ratio: Some(at(reaped / 12_500.0)),
    }
}

fn sweep(axis: Axis) -> Sweep {
    let each = match axis {
        Axis::Memory => 19_000.0,
        Axis::HugeMemory => 500.0,
        Axis::Mappings => 800.0,
        Axis::Descriptors => 20.0,
        Axis::Threads => 0.0,
    };
    let point = |point: u32| Point {
        at: point,
        fork_ns: at(85_000.0 + each * f64::from(point)),
        thread_ns: at(12_500.0),
        ratio: at((85_000.0 + each * f64::from(point)) / 12_500.0),
        sound: true,
    };
    let (last, measured) = axis.points().split_last().unwrap();
    let mut points: Vec<Point> =
        std::iter::once(0).chain(measured.iter().copied()).map(point).collect();
    let mut missing = Vec::new();
    match axis {
        Axis::Memory => missing.push((*last, "no <memory> left".to_owned())),
        _ => points.push(point(*last)),
    }
    let slope = |ns| Slope { ns_per_unit: at(ns), base_ns: 85_000.0, correlation: Some(0.9991) };
    Sweep {
        axis,
        small: None,
        points,
        fork: Ok(slope(each / if axis == Axis::Memory { 256.0 } else { 1.0 })),
        thread: Some(slope(0.0)),
        one_ms_at: (axis == Axis::Memory).then(|| at(48.2)),
        missing,
    }
}

fn flat(primitive: &'static str, flat: Option<bool>) -> Flat {
    let points = [64, 256].map(|mib| (mib, at(11_400.0), at(11_600.0), at(1.02)));
    Flat { primitive, points: points.into(), flat }
}

fn race(name: &'static str, break_even: BreakEven) -> Race {
    let point = |threads: u32| RacePoint {
        threads,
        pool_ready_ns: at(9_000.0 * f64::from(threads)),
        child_ready_ns: at(75_000.0),
        pool_total_ns: at(15_000.0 * f64::from(threads)),
        child_total_ns: at(115_000.0),
        ratio: at(75.0 / (9.0 * f64::from(threads))),
    };
    Race { name, points: [1, 2, 4, 8, 16].map(point).into(), break_even }
}

fn dispatch(name: &'static str, create: f64, paid_after: Option<Interval>) -> Dispatch {
    let (dispatch_ns, create_ns) = (at(2_500.0), at(create));
    Dispatch { name, dispatch_ns, create_ns, ratio: at(create / 2_500.0), paid_after }
}

fn placed(primitive: &'static str) -> Vec<Placed> {
    let (here, wake) = match primitive {
        "futex/thread" => (2_000.0, 100_000.0),
        _ => (12_500.0, 90_000.0),
    };
    let there = |placement| Placed {
        primitive,
        placement,
        same_core_ns: at(here),
        time_ns: at(here + wake),
        ratio: at((here + wake) / here),
        sound: true,
    };
    vec![there(Placement::TwoCores), there(Placement::Free)]
}

fn write(who: Writer, ns: f64) -> Write {
    Write { who, ns_per_page: at(ns), sound: true }
}

/// Two runs that agree.
pub(super) fn probe() -> Probe {
    let run = |figure| {
        let seen = Seen { what: "its share <Pss>".into(), figure, unit: "bytes".into() };
        ProbeRun { holds: true, seen: vec![seen] }
    };
    Probe {
        id: COPYING.named("shared"),
        statement: "after a fork all pages are shared".into(),
        runs: vec![run(3_355_443.0), run(4_194_304.0)],
        failure: None,
    }
}

/// One that could not be run.
fn unseen() -> Probe {
    Probe {
        id: COPYING.named("code"),
        statement: "workers share the code".into(),
        runs: Vec::new(),
        failure: Some(Failure::new("reading smaps", "no Pss in it")),
    }
}
