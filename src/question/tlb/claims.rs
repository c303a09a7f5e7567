//! What textbooks say of switches and of the TLB.

use super::misses;
use super::plan::{Comparison, Kind, id};
use super::share::{FLUSHED, KEPT as KEPT_SHARE};
use crate::claim::{Band, CellDef, Claim, Estimand, ISOLATION, Quantifier, Reader};
use crate::question::switching::plan::ping_pong;
use crate::question::tlb::sentences;
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

pub(in crate::question) const B1: Claim = Claim {
    id: "B1",
    topic: "Switch",
    sentence: "A switch to another process must flush the TLB.",
    short: "a process switch flushes the TLB",
    promise: "at every switch",
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
    quantifier: Quantifier::Every,
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
    sentence: "Switching to another process costs 1000 to 2000 cycles more than to another \
               thread.",
    short: "... costs 1,000-2,000 cycles more",
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
    quantifier: Quantifier::Typical,
    stated: &["futex", "nothing touched, 2 address spaces"],
    where_time_is_virtual: &[],
    say: sentences::b2,
    cells: ring_cells! {
        between("futex", || ping_pong("futex"), Estimand::ExtraCycles),
        between("pipe", || ping_pong("pipe"), Estimand::ExtraCycles);
        ExtraCycles SWITCH, "nothing touched", 0: 2 3 4 5 6 7 8 9;
        ExtraCycles SWITCH, "16 pages touched", 16: 2 4 5 7 9;
        ExtraCycles SWITCH, "48 pages touched", 48: 2 4 5 7 9;
    },
};

pub(in crate::question) const B3: Claim = Claim {
    id: "B3",
    topic: "Switch",
    sentence: "Thread switches are two to five times faster than process switches.",
    short: "a thread switch is 2-5x faster",
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
    quantifier: Quantifier::Typical,
    stated: &["futex", "pipe", "nothing touched, 2 address spaces"],
    where_time_is_virtual: &[],
    say: sentences::b3,
    cells: ring_cells! {
        between("futex", || ping_pong("futex"), Estimand::Ratio),
        between("pipe", || ping_pong("pipe"), Estimand::Ratio);
        Ratio SWITCH, "nothing touched", 0: 2 3 4 5 6 7 8 9;
        Ratio SWITCH, "16 pages touched", 16: 2 4 5 7 9;
        Ratio SWITCH, "48 pages touched", 48: 2 4 5 7 9;
    },
};

pub(in crate::question) const B4: Claim = Claim {
    id: KEPT,
    topic: "Switch",
    sentence: "A core keeps the translations of several address spaces at once.",
    short: "a core keeps several spaces' TLB",
    promise: "several",
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
    quantifier: Quantifier::Typical,
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
