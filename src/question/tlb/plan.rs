//! What does a switch of address space do to the TLB?
//!
//! Rings of K actors on one core, N pages to each. What differs between the arms of a cell is said
//! by its family.

use crate::plan::{Counted, Experiment, Figure, Grid, LONGEST_BATCH_NS, Protocol, Role, twin};
use crate::question::arm;
use crate::record::{Arm, Coordinate, Family, Id, Order, Policy};
use std::ops::RangeInclusive;

const QUESTION: &str = "tlb";

/// Half a millisecond: there are many cells, and a pair is as good with half the hops.
const TRANSLATION: Protocol = Protocol {
    discarded_ops: 8,
    least_ops: 16,
    batch_ns: 500_000,
    longest_ns: LONGEST_BATCH_NS,
    rest_ns: 0,
    pairs_per_launch: 30,
    precision_aim: 0.015,
    figure: Figure::Ratio,
    broad: false,
};

/// Where the walk is compared with the walk after a forced flush: the fraction is judged at 0.3 and
/// 0.8.
const REFILL: Protocol =
    Protocol { precision_aim: 0.06, figure: Figure::RefillFraction, ..TRANSLATION };

/// Actors on the core, of the cells that touch nothing or 16 pages.
pub const ACTORS: RangeInclusive<u32> = 2..=9;
/// Most actors of a cell that decides a claim: as many as Linux keeps on any processor.
const MOST_STATED: u32 = 4;
/// Actors of the cells that touch more: on either side of what processors (4) and Linux (6) are
/// known to keep.
pub const FEW_ACTORS: [u32; 5] = [2, 4, 5, 7, 9];
/// Actors of the rings with calls in line: where the TLB is kept, and where it no longer is.
pub const FLOOR_ACTORS: [u32; 2] = [2, 7];
/// Pages per actor, of the cells that touch any. Those of nine actors take under a third of a
/// second-level TLB of 1,536 entries: what is lost is lost to the switch and not for lack of room,
/// which alias threads check.
pub const PAGES: [u32; 2] = [16, 48];
/// Pages that counters and the headline use: they fit any first-level TLB.
pub const HEADLINE_PAGES: u32 = 16;
/// Pages per actor with `PROCESS_VS_THREAD_FULL=1`.
pub const FULL_PAGES: [u32; 10] = [8, 16, 32, 48, 64, 96, 128, 256, 512, 1024];
/// Actors of the same.
pub const FULL_ACTORS: RangeInclusive<u32> = 1..=12;

/// A family of cells: what its arms differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// A ring of threads against a ring of processes, with calls by the C library.
    Switch,
    /// The same with the calls in line: the floor of a switch.
    Floor,
    /// A ring of threads against a ring of processes that share one address space.
    SharedMemory,
    /// A ring of this kind of K actors against one of K + 1.
    Step(Kind),
    /// The walk after a forced flush against the walk in a ring of this kind.
    Refill(Kind),
    /// The walk after a forced flush against the walk after something that should flush nothing, or
    /// little.
    Control(Without),
}

impl Comparison {
    fn named(self) -> Family {
        let (name, prefix) = match self {
            Comparison::Switch => ("switch", "tlb/switch"),
            Comparison::Floor => ("floor", "tlb/switch-inlined"),
            Comparison::SharedMemory => ("shared-memory", "tlb/shared-memory"),
            Comparison::Step(_) => ("step", "tlb/step"),
            Comparison::Refill(_) => ("refill", "tlb/refill"),
            Comparison::Control(_) => ("without-flush", "tlb/control"),
        };
        Family { question: QUESTION, name, prefix }
    }

    /// Is it that of this experiment?
    #[must_use]
    pub fn has(self, id: &Id) -> bool {
        id.is_of(self.named())
    }
}

/// The actors of a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Threads that walk the same addresses.
    Thread,
    /// Threads that walk the same memory at addresses of their own: as many translations as
    /// processes need.
    AliasThread,
    /// Processes that share one address space.
    VmProcess,
    /// Processes with an address space each.
    Process,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 4] = [Kind::Thread, Kind::AliasThread, Kind::VmProcess, Kind::Process];

    /// Its name in ids.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Thread => "thread",
            Kind::AliasThread => "alias-thread",
            Kind::VmProcess => "vm-process",
            Kind::Process => "process",
        }
    }
}

/// What is done in place of a forced flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// The rights of eight pages change: dropped one by one, unless the machine makes more of it.
    EightPages,
    /// The same calls on pages that were never touched.
    Untouched,
    /// A barrier that makes cores synchronise.
    Membarrier,
    /// A yield to nobody.
    Yield,
}

impl Without {
    /// All of them.
    pub const ALL: [Without; 4] =
        [Without::EightPages, Without::Untouched, Without::Membarrier, Without::Yield];

    /// Its name in ids, and behind `flush/` the primitive.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Without::EightPages => "eight-pages",
            Without::Untouched => "untouched",
            Without::Membarrier => "membarrier",
            Without::Yield => "yield",
        }
    }
}

/// A ring under the policy of paired experiments is told apart from the same ring under another by
/// its twin's id.
#[must_use]
pub fn id(family: Comparison, actors: u32, pages: u32) -> Id {
    let kind = match family {
        Comparison::Switch
        | Comparison::Floor
        | Comparison::SharedMemory
        | Comparison::Refill(Kind::Process) => None,
        Comparison::Step(kind) | Comparison::Refill(kind) => Some(kind.name()),
        Comparison::Control(without) => Some(without.name()),
    };
    let kind = kind.map(|name| Coordinate::Kind(name.to_owned()));
    let actors = (actors > 0).then_some(Coordinate::Actors(actors));
    let pages = (pages > 0).then_some(Coordinate::Pages(pages));
    family.named().at([kind, actors, pages].into_iter().flatten().collect::<Vec<_>>())
}

/// Id of the comparison of the forced flush with itself.
#[must_use]
pub fn flush_control() -> Id {
    Id::control(QUESTION, "flush").and(Coordinate::Pages(HEADLINE_PAGES))
}

/// A ring under `SCHED_OTHER`, with its calls in line.
#[must_use]
pub fn ring(kind: Kind, actors: u32, pages: u32) -> Arm {
    arm(&format!("ring/{}", kind.name())).among(actors).touching(pages)
}

fn flush(name: &str, pages: u32) -> Arm {
    arm(&format!("flush/{name}")).touching(pages)
}

/// The paired experiments.
pub(in crate::question) fn experiments(paired: Policy, grid: Grid) -> Vec<Experiment> {
    let mut plan = controls(paired);
    for actors in ACTORS {
        plan.push(cell(Comparison::Switch, actors, 0, paired));
        plan.push(cell(Comparison::Refill(Kind::Process), actors, HEADLINE_PAGES, paired));
        // Beside each refill what so many translations cost in one address space: too little room
        // takes its verdict.
        let room = cell(Comparison::Refill(Kind::AliasThread), actors, HEADLINE_PAGES, paired);
        let needed_by = if actors <= MOST_STATED { Role::Stated } else { Role::Axis };
        plan.push(room.needed_by(needed_by));
    }
    plan.extend(FLOOR_ACTORS.map(|actors| cell(Comparison::Floor, actors, 0, paired)));
    if paired == Policy::Fifo {
        plan.push(under_other(*ACTORS.start()));
    }
    for actors in FEW_ACTORS {
        for pages in PAGES {
            plan.push(cell(Comparison::Switch, actors, pages, paired));
        }
        let [few, many] = PAGES;
        for (kind, pages) in [
            (Kind::Process, many),
            (Kind::AliasThread, many),
            (Kind::VmProcess, few),
            (Kind::Thread, few),
        ] {
            plan.push(cell(Comparison::Refill(kind), actors, pages, paired));
        }
    }
    if grid == Grid::Full {
        full(&mut plan, paired);
    }
    plan
}

/// The switch of so many actors that touch nothing, under `SCHED_OTHER`.
fn under_other(actors: u32) -> Experiment {
    let other = cell(Comparison::Switch, actors, 0, Policy::Other);
    Experiment { id: twin(other.id.clone()), ..other }
}

/// An arm against itself, and the calls of a flush that must not flush.
fn controls(policy: Policy) -> Vec<Experiment> {
    let ring = |kind| ring(kind, 4, HEADLINE_PAGES);
    let of = |kind: Kind| Id::control(QUESTION, kind.name());
    let [threads, processes] = Id::controls(QUESTION);
    vec![
        alike(threads, ring(Kind::Thread).by_library(), TRANSLATION, policy),
        alike(processes, ring(Kind::Process).by_library(), TRANSLATION, policy),
        alike(flush_control(), flush("whole", HEADLINE_PAGES), REFILL, policy),
        alike(of(Kind::AliasThread), ring(Kind::AliasThread), TRANSLATION, policy),
        cell(Comparison::Control(Without::Untouched), 0, HEADLINE_PAGES, policy)
            .needed_by(Role::Stated),
    ]
}

fn alike(id: Id, arm: Arm, protocol: Protocol, policy: Policy) -> Experiment {
    let a = arm.under(policy);
    Experiment::new(id, protocol, a.clone(), a)
}

/// What `PROCESS_VS_THREAD_FULL=1` adds, beside what is planned already.
fn full(plan: &mut Vec<Experiment>, policy: Policy) {
    let vm_process = ring(Kind::VmProcess, 4, HEADLINE_PAGES);
    let mut more =
        vec![alike(Id::control(QUESTION, Kind::VmProcess.name()), vm_process, TRANSLATION, policy)];
    for pages in PAGES {
        let without = Without::ALL.into_iter();
        more.extend(without.map(|w| cell(Comparison::Control(w), 0, pages, policy)));
    }
    for actors in ACTORS {
        more.push(cell(Comparison::SharedMemory, actors, 0, policy));
        if policy == Policy::Fifo {
            more.push(under_other(actors));
        }
    }
    for actors in *ACTORS.start()..*ACTORS.end() {
        let kinds = [Kind::Process, Kind::Thread, Kind::VmProcess].into_iter();
        more.extend(kinds.map(|kind| cell(Comparison::Step(kind), actors, 0, policy)));
    }
    for actors in FULL_ACTORS {
        more.push(cell(Comparison::Switch, actors, 0, policy));
        for pages in FULL_PAGES {
            more.push(cell(Comparison::Switch, actors, pages, policy));
            let refills = Kind::ALL.map(Comparison::Refill).into_iter();
            more.extend(refills.map(|family| cell(family, actors, pages, policy)));
            for (order, huge) in
                [(Order::Independent, false), (Order::Chase, true), (Order::Independent, true)]
            {
                for kind in [Kind::Process, Kind::AliasThread] {
                    let plain = cell(Comparison::Refill(kind), actors, pages, policy);
                    more.push(varied(plain, order, huge));
                }
            }
        }
    }
    for new in more {
        if plan.iter().all(|known| known.id != new.id) {
            plan.push(new);
        }
    }
}

/// The same cell with another order of reading, or in huge pages.
fn varied(plain: Experiment, order: Order, huge: bool) -> Experiment {
    let vary = |arm: Arm| {
        let arm = arm.reading(order);
        if huge { arm.in_huge_pages() } else { arm }
    };
    let order = (order == Order::Independent).then_some(Coordinate::Order(order));
    let huge = huge.then_some(Coordinate::HugePages);
    let id = [order, huge].into_iter().flatten().fold(plain.id, Id::and);
    Experiment { id, a: vary(plain.a), b: vary(plain.b), ..plain }
}

fn cell(family: Comparison, actors: u32, pages: u32, policy: Policy) -> Experiment {
    let library = |kind| ring(kind, actors, pages).by_library();
    let (a, b) = match family {
        Comparison::Switch => (library(Kind::Thread), library(Kind::Process)),
        Comparison::Floor => {
            (ring(Kind::Thread, actors, pages), ring(Kind::Process, actors, pages))
        }
        Comparison::SharedMemory => (library(Kind::Thread), library(Kind::VmProcess)),
        Comparison::Step(kind) => (ring(kind, actors, pages), ring(kind, actors + 1, pages)),
        Comparison::Refill(kind) => (flush("whole", pages), ring(kind, actors, pages)),
        Comparison::Control(without) => (flush("whole", pages), flush(without.name(), pages)),
    };
    let protocol = match family {
        Comparison::Switch | Comparison::Floor | Comparison::SharedMemory | Comparison::Step(_) => {
            TRANSLATION
        }
        Comparison::Refill(_) | Comparison::Control(_) => REFILL,
    };
    let (a, b) = (a.under(policy), b.under(policy));
    let id = id(family, actors, pages);
    Experiment::new(id, protocol, a, b)
}

/// The arms of the counting pass.
pub(in crate::question) fn counted(paired: Policy, grid: Grid) -> Vec<Counted> {
    let mut counted = Vec::new();
    let mut add = |kind, actors, pages, launches, headline| {
        let arm = ring(kind, actors, pages).under(paired);
        counted.push(Counted { question: QUESTION, arm, launches, headline });
    };
    for actors in ACTORS {
        let end = [ACTORS.start(), ACTORS.end()].contains(&&actors);
        // Seven and eight processes fall into one of several steady patterns, each launch into one.
        let launches = if matches!(actors, 7 | 8) { 5 } else { 3 };
        add(Kind::Process, actors, 0, launches, end);
        for (kind, pages) in
            [(Kind::Thread, 0), (Kind::Process, HEADLINE_PAGES), (Kind::Thread, HEADLINE_PAGES)]
        {
            add(kind, actors, pages, 3, end && pages == 0);
        }
        if grid == Grid::Full {
            add(Kind::VmProcess, actors, 0, 3, false);
        }
    }
    // With two actors a line through more points shows what each page adds.
    for pages in [4, 8] {
        add(Kind::Process, 2, pages, 3, false);
        add(Kind::Thread, 2, pages, 3, false);
    }
    counted
}

/// The benchmarks.
pub(in crate::question) fn benches(grid: Grid) -> Vec<Arm> {
    let ends = [2, 9];
    let kinds = [Kind::Thread, Kind::Process].into_iter();
    let both = kinds.flat_map(|kind| ends.map(|actors| ring(kind, actors, 0).by_library()));
    let mut arms: Vec<Arm> = both.collect();
    if grid == Grid::Full {
        arms.push(ring(Kind::VmProcess, 9, 0).by_library());
        arms.extend([5, 7].map(|actors| ring(Kind::Process, actors, 0).by_library()));
        arms.extend([Kind::AliasThread, Kind::Process].map(|kind| ring(kind, 9, HEADLINE_PAGES)));
        arms.extend(["whole", "untouched"].map(|name| flush(name, HEADLINE_PAGES)));
    }
    arms
}
