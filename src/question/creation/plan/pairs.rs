//! The pairs of the grids, and the benchmarks.

use super::{
    Axis, BILLED_PAGES, DISPATCHES, FLAG_SETS, FLAT, PLACED, POOL_SIZES, QUESTION, RACES, Rival,
    WAYS, dispatch, flags, flat, moving, placed, race, stamped, sweep, way, writes as written,
};
use super::{CREATION, CREATION_CONTROL, CREATION_GRID, CREATION_HEAVY};
use crate::plan::{BIG_PARENT_MIB, Experiment, Figure, Protocol, Weight};
use crate::question::arm;
use crate::record::{Arm, Id, Parent, Placement};

fn pair(weight: Weight, id: Id, a: Arm, b: Arm) -> Experiment {
    let protocol = match weight {
        _ if a == b => CREATION_CONTROL,
        Weight::Headline => CREATION,
        _ if heavy(&b) => CREATION_HEAVY,
        _ => CREATION_GRID,
    };
    Experiment { id, weight, protocol, a, b }
}

fn pthread() -> Arm {
    arm("thread/pthread")
}

/// The paired experiments.
pub(in crate::question) fn experiments() -> Vec<Experiment> {
    let mut plan = headlines();
    plan.extend(sweeps());
    plan.extend(ways());
    plan.extend(flag_sets());
    plan.extend(flats());
    plan.extend(moments());
    plan.extend(races());
    plan.extend(dispatches());
    plan.extend(placements());
    plan.extend(writes());
    plan
}

/// Sets of clone flags with VM: nothing is copied, whatever the parent holds.
const SHARING: [&str; 4] =
    ["clone/vm-fs-files-sighand", "clone/vm-files", "clone/vm", "clone/vm-vfork"];

/// Does this arm fork a parent for milliseconds?
fn heavy(arm: &Arm) -> bool {
    let Arm { primitive, parent, .. } = arm;
    let flat = FLAT.iter().map(|(id, _)| *id).chain(SHARING).any(|id| id == primitive);
    !flat && ((parent.mebibytes() >= BIG_PARENT_MIB && !parent.huge) || parent.mappings >= 5_000)
}

/// What a quick run measures too.
fn headlines() -> Vec<Experiment> {
    let headline = |id, a: Arm, b: Arm| pair(Weight::Headline, id, a, b);
    let [threads, processes] = Id::controls(QUESTION);
    let mut plan = vec![
        headline(threads, pthread(), pthread()),
        headline(processes, arm("process/fork"), arm("process/fork")),
        headline(way("std", 0), pthread(), arm("thread/std")),
        headline(way("raw", 0), pthread(), arm("clone/thread")),
    ];
    for process in ["fork", "fork-exec-tiny", "fork-exec-dynamic"] {
        let arm = arm(&format!("process/{process}"));
        plan.push(headline(way(process, 0), pthread(), arm.clone()));
        let big = Parent::of_mib(BIG_PARENT_MIB);
        plan.push(headline(
            way(process, BIG_PARENT_MIB),
            pthread().in_parent(big),
            arm.in_parent(big),
        ));
    }
    plan
}

/// A thread against a fork, both in the same bigger parent.
fn sweeps() -> Vec<Experiment> {
    let points =
        Axis::ALL.into_iter().flat_map(|axis| axis.points().iter().map(move |p| (axis, *p)));
    let more = points.filter(|at| *at != (Axis::Memory, BIG_PARENT_MIB as u32));
    more.map(|(axis, point)| {
        let parent = axis.parent(point);
        let arms = [pthread(), arm("process/fork")].map(|arm| arm.in_parent(parent));
        let [a, b] = arms;
        pair(Weight::Verdict, sweep(axis, point), a, b)
    })
    .collect()
}

/// A thread against the ways to make a process that the headlines leave out.
fn ways() -> Vec<Experiment> {
    let ways = ["fork-exec-static", "spawn-tiny", "vfork-exec-tiny", "command-tiny"];
    let one = |name: &str| {
        let b = arm(&format!("process/{name}"));
        pair(Weight::Verdict, way(name, 0), pthread(), b)
    };
    ways.into_iter().map(one).collect()
}

/// All flags of a thread against each set.
fn flag_sets() -> Vec<Experiment> {
    let mut plan = Vec::new();
    for parent_mib in [0, BIG_PARENT_MIB] {
        let parent = Parent::of_mib(parent_mib);
        plan.extend(FLAG_SETS.iter().skip(1).map(|(set, _)| {
            let arm = |set: &str| arm(&format!("clone/{set}")).in_parent(parent);
            pair(Weight::Verdict, flags(set, parent_mib), arm(FLAG_SETS[0].0), arm(set))
        }));
    }
    plan
}

/// The same in a small parent and in a big one.
fn flats() -> Vec<Experiment> {
    let points = FLAT.iter().flat_map(|(id, points)| points.iter().map(move |p| (*id, *p)));
    points
        .map(|(id, point)| {
            let big = arm(id).in_parent(Axis::Memory.parent(point));
            pair(Weight::Verdict, flat(id, point), arm(id), big)
        })
        .collect()
}

/// Every way with its moments stamped.
fn moments() -> Vec<Experiment> {
    let arm = |id: &str| arm(id).stamped().touching(BILLED_PAGES);
    let way = |id: &str| pair(Weight::Verdict, stamped(id), arm("thread/pthread"), arm(id));
    WAYS.into_iter().map(way).collect()
}

/// A fresh pool against one fork.
fn races() -> Vec<Experiment> {
    let mut plan = Vec::new();
    for (name, rival, parent_mib, placement) in RACES {
        let primitive = match rival {
            Rival::Working => "process/fork-working",
            Rival::Exec => "process/fork-exec-tiny",
        };
        let set = |arm: Arm| arm.in_parent(Parent::of_mib(parent_mib)).at(placement).stamped();
        plan.extend(POOL_SIZES.into_iter().map(|threads| {
            let weight = match (name, threads) {
                ("small", 1 | 8) => Weight::Headline,
                _ => Weight::Verdict,
            };
            let pool = set(arm("thread/pool").among(threads));
            let race = pair(weight, race(name, threads), pool, set(arm(primitive)));
            // A pool is judged by when it is ready.
            let protocol = Protocol { figure: Figure::ReadyRatio, ..race.protocol };
            Experiment { protocol, ..race }
        }));
    }
    plan
}

/// A task for a worker that waits against a worker for each task.
fn dispatches() -> Vec<Experiment> {
    let one = |(name, worker, created): (&str, &str, &str)| {
        let first = name == DISPATCHES[0].0;
        let weight = if first { Weight::Headline } else { Weight::Verdict };
        pair(weight, dispatch(name), arm(worker), arm(created))
    };
    DISPATCHES.into_iter().map(one).collect()
}

/// The same on one core and elsewhere, and threads against forks elsewhere.
fn placements() -> Vec<Experiment> {
    let mut plan = Vec::new();
    for placement in [Placement::TwoCores, Placement::Free] {
        let fork = arm("process/fork").at(placement);
        plan.push(pair(Weight::Verdict, moving(placement), pthread().at(placement), fork));
        plan.extend(PLACED.iter().map(|id| {
            let arm = arm(id);
            pair(Weight::Chart, placed(id, placement), arm.clone(), arm.at(placement))
        }));
    }
    plan
}

/// A page written after a fork against one that nobody shares.
fn writes() -> Vec<Experiment> {
    let arm = |id: &str| arm(id).stamped().touching(BILLED_PAGES);
    let own = || arm("process/write-own");
    let [parent, child] = written();
    vec![
        pair(Weight::Chart, parent, own(), arm("process/write-parent")),
        pair(Weight::Chart, child, own(), arm("process/write-child")),
    ]
}

/// The benchmarks.
pub(in crate::question) fn benches() -> Vec<Arm> {
    let ways = WAYS.into_iter().filter(|id| *id != "process/fork-working");
    let mut arms: Vec<Arm> = ways.map(arm).collect();
    let big = Parent::of_mib(BIG_PARENT_MIB);
    arms.extend(["process/fork", "process/spawn-tiny"].map(|id| arm(id).in_parent(big)));
    arms.push(arm("thread/pool").among(8));
    arms
}
