//! The pairs of the grids, and the benchmarks.

use super::{
    Axis, BILLED_PAGES, DISPATCHES, FLAG_SETS, FLAT, PLACED, POOL_SIZES, POOL_SIZES_BESIDE,
    QUESTION, RACES, RESTED, Rival, SHOWN_FLAT, STALLS, STAMPED, WAYS, WOKEN, dispatch, flags,
    flat, moving, placed, race, rested, rested_at, stalled, stamped, sweep, way, writes as written,
};
use super::{CREATION, CREATION_CONTROL, CREATION_GRID, CREATION_HEAVY, CREATION_RESTED};
use crate::plan::{BIG_PARENT_MIB, Experiment, Figure, Grid, Protocol};
use crate::question::arm;
use crate::record::{Arm, Coordinate, Id, Parent, Placement};

/// A point of a grid.
fn pair(id: Id, a: Arm, b: Arm) -> Experiment {
    let protocol = if heavy(&b) { CREATION_HEAVY } else { CREATION_GRID };
    Experiment::new(id, protocol, a, b)
}

fn pthread() -> Arm {
    arm("thread/pthread")
}

/// The paired experiments.
pub(in crate::question) fn experiments(grid: Grid) -> Vec<Experiment> {
    let mut plan = headlines();
    plan.extend(sweeps());
    plan.extend(ways());
    plan.extend(flag_sets());
    plan.extend(moments());
    plan.extend(races(grid));
    plan.extend(dispatches());
    plan.extend(moves());
    plan.extend(writes());
    plan.extend(flats(grid));
    if grid == Grid::Full {
        plan.extend(placements());
    }
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

/// What is measured more exactly than the grids.
fn headlines() -> Vec<Experiment> {
    let headline = |id, a: Arm, b: Arm| {
        let protocol = if a == b { CREATION_CONTROL } else { CREATION };
        Experiment::new(id, protocol, a, b)
    };
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
        pair(sweep(axis, point), a, b)
    })
    .collect()
}

/// A thread against the ways to make a process that the headlines leave out.
fn ways() -> Vec<Experiment> {
    let ways = ["fork-exec-static", "spawn-tiny", "vfork-exec-tiny", "command-tiny"];
    let one = |name: &str| {
        let b = arm(&format!("process/{name}"));
        pair(way(name, 0), pthread(), b)
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
            pair(flags(set, parent_mib), arm(FLAG_SETS[0].0), arm(set))
        }));
    }
    plan
}

/// The same in a small parent and in a big one.
fn flats(grid: Grid) -> Vec<Experiment> {
    let shown = |flat: &&(&str, _)| grid == Grid::Full || flat.0 == SHOWN_FLAT;
    let ways = FLAT.iter().filter(shown);
    let points = ways.flat_map(|(id, points)| points.iter().map(move |p| (*id, *p)));
    points
        .map(|(id, point)| {
            let big = arm(id).in_parent(Axis::Memory.parent(point));
            pair(flat(id, point), arm(id), big)
        })
        .collect()
}

/// Every way with its moments stamped.
fn moments() -> Vec<Experiment> {
    let arm = |id: &str| arm(id).stamped().touching(BILLED_PAGES);
    let way = |id: &str| pair(stamped(id), arm("thread/pthread"), arm(id));
    let mut plan: Vec<Experiment> = WAYS.into_iter().map(way).collect();
    // What a caller of fork waits for, which a program that serves others meanwhile stalls for.
    let points = STALLS.iter().flat_map(|(axis, points)| points.iter().map(|p| (*axis, *p)));
    plan.extend(points.map(|(axis, point)| {
        let parent = axis.parent(point);
        let [a, b] = ["thread/pthread", "process/fork"].map(|id| arm(id).in_parent(parent));
        pair(stalled(axis, point), a, b)
    }));
    let grown = RESTED.iter().flat_map(|(axis, points)| points.iter().map(|p| (*axis, *p)));
    let grown = grown.map(|(axis, point)| (rested_at(axis, point), axis.parent(point)));
    plan.extend([(rested(), Parent::default())].into_iter().chain(grown).map(|(id, parent)| {
        let [a, b] = ["thread/pthread", "process/fork"].map(|id| arm(id).in_parent(parent));
        Experiment::new(id, CREATION_RESTED, a, b)
    }));
    plan
}

/// A fork of a parent of any shape, again and again; and after a rest, its memory scattered.
#[must_use]
pub fn of_shape(parent: Parent) -> [Experiment; 2] {
    let scattered = Parent { scattered: !parent.huge, ..parent };
    [("again", parent, CREATION_HEAVY), ("rested", scattered, CREATION_RESTED)].map(
        |(name, parent, protocol)| {
            let id = STAMPED.named("process-fork-of-shape").and(Coordinate::Kind(name.to_owned()));
            let [a, b] = ["thread/pthread", "process/fork"]
                .map(|id| arm(id).in_parent(parent).stamped().touching(BILLED_PAGES));
            Experiment::new(id, protocol, a, b)
        },
    )
}

/// A fresh pool against one fork.
fn races(grid: Grid) -> Vec<Experiment> {
    let mut plan = Vec::new();
    for (name, rival, parent_mib, placement) in RACES {
        let primitive = match rival {
            Rival::Working => "process/fork-working",
            Rival::Exec => "process/fork-exec-tiny",
        };
        let set = |arm: Arm| arm.in_parent(Parent::of_mib(parent_mib)).at(placement).stamped();
        let judged = rival == Rival::Working && placement == Placement::SameCore;
        let sizes = POOL_SIZES
            .into_iter()
            .filter(|size| grid == Grid::Full || judged || POOL_SIZES_BESIDE.contains(size));
        plan.extend(sizes.map(|threads| {
            let pool = set(arm("thread/pool").among(threads));
            let race = pair(race(name, threads), pool, set(arm(primitive)));
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
        pair(dispatch(name), arm(worker).by_library(), arm(created))
    };
    DISPATCHES.into_iter().map(one).collect()
}

const ELSEWHERE: [Placement; 2] = [Placement::TwoCores, Placement::Free];

/// Threads against forks that may go to other cores.
fn moves() -> Vec<Experiment> {
    let one = |placement| {
        pair(moving(placement), pthread().at(placement), arm("process/fork").at(placement))
    };
    ELSEWHERE.map(one).to_vec()
}

/// The same on one core and elsewhere.
fn placements() -> Vec<Experiment> {
    let there = |placement| {
        PLACED.iter().map(move |id| {
            let arm = if *id == WOKEN { arm(id).by_library() } else { arm(id) };
            pair(placed(id, placement), arm.clone(), arm.at(placement))
        })
    };
    ELSEWHERE.into_iter().flat_map(there).collect()
}

/// A page written after a fork against one that nobody shares.
fn writes() -> Vec<Experiment> {
    let arm = |id: &str| arm(id).stamped().touching(BILLED_PAGES);
    let own = || arm("process/write-own");
    let [parent, child] = written();
    vec![
        pair(parent, own(), arm("process/write-parent")),
        pair(child, own(), arm("process/write-child")),
    ]
}

/// The benchmarks that people compare with theirs.
const USUAL: [&str; 8] = [
    "clone/thread",
    "thread/pthread",
    "thread/std",
    "clone/vm-vfork",
    "process/fork",
    "process/spawn-tiny",
    "process/fork-exec-tiny",
    "process/fork-exec-dynamic",
];

/// The benchmarks.
pub(in crate::question) fn benches(grid: Grid) -> Vec<Arm> {
    if grid == Grid::Default {
        let big = arm("process/fork").in_parent(Parent::of_mib(BIG_PARENT_MIB));
        return USUAL.map(arm).into_iter().chain([big]).collect();
    }
    let ways = WAYS.into_iter().filter(|id| *id != "process/fork-working");
    let mut arms: Vec<Arm> = ways.map(arm).collect();
    let big = Parent::of_mib(BIG_PARENT_MIB);
    arms.extend(["process/fork", "process/spawn-tiny"].map(|id| arm(id).in_parent(big)));
    arms.push(arm("thread/pool").among(8));
    arms
}
