//! What textbooks say of switches and of the TLB.

use super::misses;
use super::plan::{Comparison, Kind, id};
use super::share::{FLUSHED, KEPT as KEPT_SHARE};
use crate::claim::Hinge::{
    AddressSpaceIds, AddressSpaceSlots, Emulation, Fifo, Hypervisor, Kernel, PageTableIsolation,
    Processor,
};
use crate::claim::{Band, CellDef, Claim, Estimand, Hinge, ISOLATION, Quantifier, Reader};
use crate::question::switching::plan::{floor, ping_pong};
use crate::question::tlb::sentences;
use crate::record::Id;

const REFILL: Comparison = Comparison::Refill(Kind::Process);
const SWITCH: Comparison = Comparison::Switch;
const FLOOR: Comparison = Comparison::Floor;

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
                estimand: ring_estimand!($estimand $actors $pages),
            },)+)+
        ]
    };
}

/// What is read off the ring with so many actors that touch so many pages.
macro_rules! ring_estimand {
    (Misses $actors:literal $pages:literal) => {
        Estimand::Counted(Reader {
            name: "misses per page",
            read: |record| misses::read(record, $actors, $pages),
        })
    };
    ($estimand:ident $actors:literal $pages:literal) => {
        Estimand::$estimand
    };
}

/// A switch takes the TLB as a flush does; a figure may lie beyond one, by noise.
const FLUSHED_BAND: Band = Band { low: FLUSHED, high: f64::INFINITY };
/// A switch leaves it; a figure may lie below zero, by noise.
const KEPT_BAND: Band = Band { low: f64::NEG_INFINITY, high: KEPT_SHARE };

/// What a flush of the TLB depends on.
const FLUSHES: &[Hinge] = &[
    Emulation,
    AddressSpaceIds,
    AddressSpaceSlots,
    PageTableIsolation,
    Hypervisor,
    Processor,
    Kernel,
];
/// What a switch depends on.
const SWITCHES: &[Hinge] = &[
    Emulation,
    AddressSpaceIds,
    AddressSpaceSlots,
    PageTableIsolation,
    Hypervisor,
    Processor,
    Kernel,
    Fifo,
];

pub(in crate::question) const B1: Claim = Claim {
    id: "B1",
    topic: "Switch",
    sentence: "A switch to another process must flush the TLB.",
    short: "a process switch flushes the TLB",
    promise: "at every switch",
    source: ISOLATION,
    quantity: "TLB refill after a switch, as a share of the refill after a forced flush (0: \
               nothing lost, 1: all lost); with a PMU, TLB misses per page, processes minus \
               threads",
    band: FLUSHED_BAND,
    contrary: Some(KEPT_BAND),
    truth: "TLB entries carry the identifier of their address space (PCID on x86, ASID elsewhere), \
            so a switch does not have to flush them. A flush occurs only when more address spaces \
            share a core than it has identifiers or room for. Below that, a switch loses little \
            more than the small first level of the TLB, which the second level refills.",
    exceptions: "A processor without identifiers flushes at every switch. With page-table \
                 isolation, each address space needs two identifiers and kernel entry costs more, \
                 but entries still survive a switch. On arm64 the identifiers do not run out in \
                 this experiment. An emulator flushes as its authors chose.",
    quantifier: Quantifier::Every,
    hinges_on: FLUSHES,
    stated: &["16 pages touched, 2 address spaces"],
    where_time_is_virtual: &["misses counted, 2 address spaces"],
    say: sentences::b1,
    cells: ring_cells! {
        ;
        RefillFraction REFILL, "16 pages touched", 16: 2 3 4 5 6 7 8 9;
        RefillFraction REFILL, "48 pages touched", 48: 2 4 5 7 9;
        Misses REFILL, "misses counted", 16: 2 3 4 5 6 7 8 9;
    },
};

pub(in crate::question) const B2: Claim = Claim {
    id: "B2",
    topic: "Switch",
    sentence: "Switching to another process costs 1,000 to 2,000 cycles more than to another \
               thread.",
    short: "... costs 1,000-2,000 cycles more",
    promise: "+1,000-2,000 cycles",
    source: ISOLATION,
    quantity: "core cycles per switch, processes minus threads; in pairs, on one core",
    band: Band { low: 1000.0, high: 2000.0 },
    contrary: None,
    truth: "A switch between address spaces writes one register and selects other page tables. \
            With PCIDs, the entries of a few recent address spaces stay in the TLB, so two \
            processes lose little. The cost grows with the number of address spaces on the core \
            and with the working set per turn. Threads share a descriptor table and count file \
            references, so through pipes a thread switch can even be slower.",
    exceptions: "Processors without PCID or ASID, page-table isolation, and barriers against \
                 branch-prediction attacks cost more. The ping-pongs compare tasks of the C \
                 library, whose stacks and restartable sequences also differ. Their difference has \
                 moved by several per cent from build to build, without a known cause. In the \
                 rings, tasks differ only in clone flags. All call the kernel through the C \
                 library, as programs do; in line, a flush finds fewer pages to take.",
    quantifier: Quantifier::Typical,
    hinges_on: SWITCHES,
    stated: &["futex", "nothing touched, 2 address spaces"],
    where_time_is_virtual: &[],
    say: sentences::b2,
    cells: ring_cells! {
        between("futex", || ping_pong("futex"), Estimand::ExtraCycles),
        between("pipe", || ping_pong("pipe"), Estimand::ExtraCycles),
        between("futex, inlined calls", || floor("futex"), Estimand::ExtraCycles),
        between("pipe, inlined calls", || floor("pipe"), Estimand::ExtraCycles);
        ExtraCycles SWITCH, "nothing touched", 0: 2 3 4 5 6 7 8 9;
        ExtraCycles SWITCH, "16 pages touched", 16: 2 4 5 7 9;
        ExtraCycles SWITCH, "48 pages touched", 48: 2 4 5 7 9;
        ExtraCycles FLOOR, "nothing touched, inlined calls", 0: 2 7;
    },
};

pub(in crate::question) const B3: Claim = Claim {
    id: "B3",
    topic: "Switch",
    sentence: "Thread switches are two to five times faster than process switches.",
    short: "a thread switch is 2-5x faster",
    promise: "2-5×",
    source: ISOLATION,
    quantity: "time per switch of processes, divided by that of threads; in pairs, on one core",
    band: Band { low: 2.0, high: 5.0 },
    contrary: None,
    truth: "Most of a switch is kernel entry, the wake-up of the partner and the choice of the \
            next task, which are the same for both. The change of address space is a small part of \
            it while few processes share the core.",
    exceptions: "Many address spaces on one core, together with a working set as large as the TLB, \
                 come close to a factor of two. Through pipes, threads pay for the descriptor \
                 table that they share.",
    quantifier: Quantifier::Typical,
    hinges_on: SWITCHES,
    stated: &["futex", "pipe", "nothing touched, 2 address spaces"],
    where_time_is_virtual: &[],
    say: sentences::b3,
    cells: ring_cells! {
        between("futex", || ping_pong("futex"), Estimand::Ratio),
        between("pipe", || ping_pong("pipe"), Estimand::Ratio),
        between("futex, inlined calls", || floor("futex"), Estimand::Ratio),
        between("pipe, inlined calls", || floor("pipe"), Estimand::Ratio);
        Ratio SWITCH, "nothing touched", 0: 2 3 4 5 6 7 8 9;
        Ratio SWITCH, "16 pages touched", 16: 2 4 5 7 9;
        Ratio SWITCH, "48 pages touched", 48: 2 4 5 7 9;
        Ratio FLOOR, "nothing touched, inlined calls", 0: 2 7;
    },
};

pub(in crate::question) const B4: Claim = Claim {
    id: KEPT,
    topic: "Switch",
    sentence: "A core holds the TLB entries of several address spaces at once.",
    short: "a core holds several spaces' TLB",
    promise: "several",
    source: "the question behind B1, asked by this project",
    quantity: "as B1, by the number of address spaces that share the core",
    band: KEPT_BAND,
    contrary: Some(FLUSHED_BAND),
    truth: "TLB entries carry the identifier of their address space. Linux on x86 has six \
            identifiers per core. For a seventh address space it reuses the oldest, and must flush \
            that identifier's entries first. A processor may hold the entries of fewer address \
            spaces, whatever Linux does.",
    exceptions: "Other work on the core uses identifiers too. On processors that can flush each \
                 other's TLBs, an address space on many cores may have an identifier of its own. \
                 arm64 has at least hundreds of identifiers, so no such limit is in reach.",
    quantifier: Quantifier::Typical,
    hinges_on: FLUSHES,
    stated: &[
        "16 pages touched, 2 address spaces",
        "16 pages touched, 3 address spaces",
        "16 pages touched, 4 address spaces",
    ],
    where_time_is_virtual: &[],
    say: sentences::b4,
    cells: ring_cells! {
        ;
        RefillFraction REFILL, "16 pages touched", 16: 2 3 4 5 6 7 8 9;
        RefillFraction REFILL, "48 pages touched", 48: 2 4 5 7 9;
    },
};

/// Id of the claim whose reason names how many address spaces are kept.
pub(crate) const KEPT: &str = "B4";

/// Between two actors, by one of the ping-pongs.
const fn between(name: &'static str, experiment: fn() -> Id, estimand: Estimand) -> CellDef {
    CellDef { title: name, series: name, condition: "", experiment, estimand }
}
