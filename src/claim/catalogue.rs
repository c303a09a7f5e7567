//! The catalogue: every claim with its band, its source and the cells that decide it.

mod communicate;
mod contend;
mod create;
mod keep;
mod lose;
mod serve;
mod state;

pub(crate) use create::A1;
pub(super) use create::RACE;
pub(super) use keep::STACKS;

use super::share::{FLUSHED, KEPT as KEPT_SHARE};
use super::{Band, CellDef, Claim, Estimand};
use crate::question::switching::plan::ping_pong;
use crate::question::tlb::plan::{Comparison, Kind, id};
use crate::record::Id;

const REFILL: Comparison = Comparison::Refill(Kind::Process);
const SWITCH: Comparison = Comparison::Switch;

/// The cells of rings, after some others: one series per line, with the numbers of address spaces.
macro_rules! ring_cells {
    ($($first:expr),*;
     $($estimand:ident $family:expr, $series:literal, $pages:literal: $($actors:literal)+;)+) => {
        &[
            $($first,)*
            $($(CellDef {
                title: concat!($series, ", ", $actors, " address spaces"),
                series: $series,
                condition: concat!($actors, " address spaces"),
                experiment: || id($family, $actors, $pages),
                estimand: Estimand::$estimand,
            },)+)+
        ]
    };
}

const ISOLATION: &str = "Process vs Thread: Core Architecture and Isolation";
const STATE: &str = "Threads vs Processes: Shared vs Isolated State";

/// A switch takes the TLB as a flush does; a figure may lie beyond one, by noise.
const FLUSHED_BAND: Band = Band { low: FLUSHED, high: f64::INFINITY };
/// A switch leaves it; a figure may lie below zero, by noise.
const KEPT_BAND: Band = Band { low: f64::NEG_INFINITY, high: KEPT_SHARE };

/// All claims, in the order in which they are shown.
pub const CLAIMS: &[Claim] = &[
    create::A1,
    create::A2,
    create::A3,
    create::A4,
    Claim {
        id: "B1",
        topic: "Switch",
        sentence: "A switch to another process must flush the TLB.",
        promise: "\u{3c6} ≥ 0.8",
        source: ISOLATION,
        quantity: "\u{3c6}: what the pages touched after a switch take longer than when they are \
                   touched again, over the same after a forced flush; with a PMU, misses per page \
                   touched, processes minus threads",
        band: FLUSHED_BAND,
        contrary: Some(KEPT_BAND),
        truth: "Translations carry the identifier of their address space (PCID on x86, ASID \
                elsewhere), so that a switch need not flush them. Only when more address spaces \
                take turns on a core than it has identifiers or room for does each switch cost \
                what a flush costs. Below that, a switch loses little more than the small first \
                level of the TLB, which the second level refills.",
        exceptions: "A processor without such identifiers flushes at every switch: then \u{3c6} is \
                     near one from two address spaces on. With page-table isolation each address \
                     space takes two identifiers and entering the kernel costs more, but what is \
                     kept stays kept. On arm64 the identifiers do not run out in such an \
                     experiment. Emulators flush as their authors chose.",
        cells: ring_cells! {
            ;
            RefillFraction REFILL, "16 pages touched", 16: 2 3 4 5 6 7 8 9;
            RefillFraction REFILL, "48 pages touched", 48: 2 4 5 7 9;
            MissesPerPage REFILL, "misses counted", 16: 2 3 4 5 6 7 8 9;
        },
    },
    Claim {
        id: "B2",
        topic: "Switch",
        sentence: "Switching to another process costs 1000 to 2000 cycles more than to another \
                   thread.",
        promise: "+1000-2000 cycles",
        source: ISOLATION,
        quantity: "core cycles per switch, process minus thread, in pairs, on one core",
        band: Band { low: 1000.0, high: 2000.0 },
        contrary: None,
        truth: "A switch of address spaces writes one register and picks another set of page \
                tables. With process context identifiers the entries of a few recent address \
                spaces stay in the TLB, so between two processes little is lost; the figure grows \
                with the number of address spaces that share the core and with the pages touched \
                per turn. Threads share a file table: each of their reads and writes counts a \
                reference to the file that a process with a table of its own need not count, so \
                through pipes the thread can even be the dearer one.",
        exceptions: "Processors without PCID or ASIDs, kernels with page-table isolation, and \
                     barriers against branch prediction attacks pay more. In the rings the actors \
                     differ in nothing but their clone flags. The ping-pongs are between actors of \
                     the C library, which differ in where their stacks lie and in what the kernel \
                     writes to each at a switch (restartable sequences); their difference has been \
                     seen to move by several percent of a switch from one build of this program to \
                     the next, which is not explained.",
        cells: ring_cells! {
            between("futex", || ping_pong("futex"), Estimand::ExtraCycles),
            between("pipe", || ping_pong("pipe"), Estimand::ExtraCycles);
            ExtraCycles SWITCH, "nothing touched", 0: 2 3 4 5 6 7 8 9;
            ExtraCycles SWITCH, "16 pages touched", 16: 2 4 5 7 9;
            ExtraCycles SWITCH, "48 pages touched", 48: 2 4 5 7 9;
        },
    },
    Claim {
        id: "B3",
        topic: "Switch",
        sentence: "Thread switches are two to five times faster than process switches.",
        promise: "2-5×",
        source: ISOLATION,
        quantity: "time per switch of processes over that of threads, in pairs, on one core",
        band: Band { low: 2.0, high: 5.0 },
        contrary: None,
        truth: "Most of a switch is entering the kernel, waking the partner and choosing what runs \
                next, and that is the same for both. The change of address space is a small part \
                of it while few share the core.",
        exceptions: "Many address spaces on one core together with a working set as big as the \
                     TLB come close to two. Through pipes, threads pay for the file table that \
                     they share.",
        cells: ring_cells! {
            between("futex", || ping_pong("futex"), Estimand::Ratio),
            between("pipe", || ping_pong("pipe"), Estimand::Ratio);
            Ratio SWITCH, "nothing touched", 0: 2 3 4 5 6 7 8 9;
            Ratio SWITCH, "16 pages touched", 16: 2 4 5 7 9;
            Ratio SWITCH, "48 pages touched", 48: 2 4 5 7 9;
        },
    },
    Claim {
        id: KEPT,
        topic: "Switch",
        sentence: "A core keeps the translations of several address spaces at once.",
        promise: "\u{3c6} ≤ 0.3",
        source: "the question behind B1, asked by this project",
        quantity: "as B1, by the number of address spaces that take turns on the core",
        band: KEPT_BAND,
        contrary: Some(FLUSHED_BAND),
        truth: "Each translation in the TLB carries the identifier of its address space. Linux on \
                x86 hands out six identifiers per core and takes back the oldest for a seventh \
                address space, whose translations it must then flush first; a processor may keep \
                the translations of fewer, whatever Linux does.",
        exceptions: "Other work on the core takes identifiers too. An address space that runs on \
                     many cores at once may have an identifier of its own on processors that can \
                     flush each other's TLBs. On arm64 there are hundreds of identifiers at least, \
                     and no such number is in sight.",
        cells: ring_cells! {
            ;
            RefillFraction REFILL, "16 pages touched", 16: 2 3 4 5 6 7 8 9;
            RefillFraction REFILL, "48 pages touched", 48: 2 4 5 7 9;
        },
    },
    keep::C1,
    keep::C2,
    keep::C3,
    lose::D1,
    lose::D2,
    state::F1,
    state::F2,
    communicate::E1,
    communicate::E5,
    contend::E2,
    contend::E6,
    serve::E3,
    create::E4,
    contend::G1,
];

/// Id of the claim whose reason names how many address spaces are kept.
pub(super) const KEPT: &str = "B4";

/// Between two actors, by one of the ping-pongs.
const fn between(name: &'static str, experiment: fn() -> Id, estimand: Estimand) -> CellDef {
    CellDef { title: name, series: name, condition: "", experiment, estimand }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{self, Grid};

    use crate::question;
    use crate::question::Question;
    use crate::question::communication::plan as communication;
    use crate::question::contention::plan as contention;
    use crate::question::creation::plan as creation;
    use crate::question::memory::plan as memory;
    use crate::question::servers::plan as servers;
    use crate::record::Policy;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_bands_are_bands() {
        let ids: BTreeSet<&str> = CLAIMS.iter().map(|claim| claim.id).collect();
        assert_eq!(ids.len(), CLAIMS.len());
        assert!(
            CLAIMS.iter().all(|claim| claim.band.high > 0.0 && claim.band.low < claim.band.high)
        );
    }

    #[test]
    fn every_cell_refers_to_an_experiment_of_the_plan() {
        for policy in [Policy::Fifo, Policy::Other] {
            let plan = question::experiments(policy, Grid::Default);
            for cell in CLAIMS.iter().flat_map(|claim| claim.cells) {
                let id = cell.id();
                let probed = question::probes().any(|entry| entry.id() == id);
                let kept = |id: &Id| {
                    memory::keepings().iter().any(|keeping| keeping.id == *id)
                        || servers::idlings().iter().any(|idling| idling.id == *id)
                };
                let shot = servers::shootings().iter().any(|shot| shot.id == id);
                let found = match cell.estimand {
                    Estimand::MemoryOver(other) | Estimand::PeakOver(other) => {
                        kept(&id) && kept(&other.id())
                    }
                    estimand if estimand.is_shot() => shot,
                    estimand if estimand.is_answer() => probed,
                    estimand if estimand.is_footprint() => kept(&id),
                    _ => plan.iter().any(|e| e.id == id),
                };
                assert!(found, "{id}");
            }
        }
    }

    #[test]
    fn every_experiment_is_a_cell_a_twin_or_a_comparison_of_like_with_like() {
        let used: BTreeSet<Id> = CLAIMS.iter().flat_map(|c| c.cells).map(CellDef::id).collect();
        // What decides no claim is read by the questions' own evidence and pages.
        let read = [
            creation::STAMPED,
            creation::FLATS,
            creation::PLACEMENT,
            creation::WRITE,
            communication::ONE_CORE,
            communication::CORES,
            communication::STREAM,
            contention::ALONE,
            contention::DRILLS,
            contention::DRILL_ATOMIC,
        ];
        let twins: BTreeSet<Id> = used.iter().cloned().map(plan::twin).collect();
        for e in question::experiments(Policy::Fifo, Grid::Default) {
            let served = [vec![servers::per_core()], servers::started().to_vec()].concat();
            let beside = read.iter().any(|family| e.id.is_of(*family))
                || e.id.question() == Question::Tlb.name()
                || served.contains(&e.id);
            let serves = e.a == e.b || twins.contains(&e.id) || beside || used.contains(&e.id);
            assert!(serves, "{} serves no claim", e.id);
        }
    }

    #[test]
    fn cells_of_a_claim_are_told_apart_by_title_and_by_place() {
        for claim in CLAIMS {
            let titles: BTreeSet<&str> = claim.cells.iter().map(|cell| cell.title).collect();
            let places: BTreeSet<(&str, &str)> =
                claim.cells.iter().map(|cell| (cell.series, cell.condition)).collect();
            assert_eq!(
                (titles.len(), places.len()),
                (claim.cells.len(), claim.cells.len()),
                "{}",
                claim.id
            );
        }
    }
}
