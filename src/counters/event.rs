//! The events: which, under which name, and what each means on this processor.

use super::tracepoint::Whose;
use perf_event::events::{self, Cache, CacheOp, CacheResult, Hardware, Software, WhichCache};

/// One event.
#[derive(Debug)]
pub struct Event {
    /// Its name, as perf(1) writes it where perf(1) has one.
    pub name: &'static str,
    /// Counting it in user mode alone says something. Some events are the kernel's own: there they
    /// open and read 0.
    pub in_user_mode: bool,
    /// It needs a hardware counter.
    pub hardware: bool,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Cycles,
    Instructions,
    TlbMiss { instruction: bool, store: bool },
    ContextSwitches,
    Migrations,
    PageFaults,
    TlbSwitch { flushed: bool },
}

/// Every event that a counting lab opens.
pub const EVENTS: &[Event] = &[
    Event { name: "cycles", in_user_mode: true, hardware: true, kind: Kind::Cycles },
    Event { name: "instructions", in_user_mode: true, hardware: true, kind: Kind::Instructions },
    Event {
        name: "dTLB-load-misses",
        in_user_mode: true,
        hardware: true,
        kind: Kind::TlbMiss { instruction: false, store: false },
    },
    Event {
        name: "dTLB-store-misses",
        in_user_mode: true,
        hardware: true,
        kind: Kind::TlbMiss { instruction: false, store: true },
    },
    Event {
        name: "iTLB-load-misses",
        in_user_mode: true,
        hardware: true,
        kind: Kind::TlbMiss { instruction: true, store: false },
    },
    Event {
        name: "context-switches",
        in_user_mode: false,
        hardware: false,
        kind: Kind::ContextSwitches,
    },
    Event { name: "cpu-migrations", in_user_mode: false, hardware: false, kind: Kind::Migrations },
    Event { name: "page-faults", in_user_mode: true, hardware: false, kind: Kind::PageFaults },
    Event {
        name: "tlb-kept",
        in_user_mode: false,
        hardware: false,
        kind: Kind::TlbSwitch { flushed: false },
    },
    Event {
        name: "tlb-flushed",
        in_user_mode: false,
        hardware: false,
        kind: Kind::TlbSwitch { flushed: true },
    },
];

/// How an event is asked for.
#[derive(Debug)]
pub(super) enum Source {
    /// From perf, for a task.
    Task(events::Event),
    /// From the tracepoint `tlb:tlb_flush`, on a CPU: hits that meet this condition.
    Switches(&'static str),
}

impl Event {
    /// How this event is asked for.
    pub(super) fn source(&self) -> Source {
        Source::Task(match self.kind {
            Kind::Cycles => Hardware::CPU_CYCLES.into(),
            Kind::Instructions => Hardware::INSTRUCTIONS.into(),
            Kind::TlbMiss { instruction, store } => Cache {
                which: if instruction { WhichCache::ITLB } else { WhichCache::DTLB },
                operation: if store { CacheOp::WRITE } else { CacheOp::READ },
                result: CacheResult::MISS,
            }
            .into(),
            Kind::ContextSwitches => Software::CONTEXT_SWITCHES.into(),
            Kind::Migrations => Software::CPU_MIGRATIONS.into(),
            Kind::PageFaults => Software::PAGE_FAULTS.into(),
            // Reason 0 is TLB_FLUSH_ON_TASK_SWITCH (include/linux/mm_types.h); pages are 0 where
            // what the TLB holds of the next address space is still good, and all of them where it
            // is not (arch/x86/mm/tlb.c).
            Kind::TlbSwitch { flushed: false } => {
                return Source::Switches("reason==0 && pages==0");
            }
            Kind::TlbSwitch { flushed: true } => {
                return Source::Switches("reason==0 && pages!=0");
            }
        })
    }
}

/// Who made the processor, as far as the meaning of its events differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vendor {
    Intel,
    Amd,
    Arm,
    Riscv,
    Other,
}

impl Vendor {
    /// Read off /proc/cpuinfo.
    pub(super) fn here() -> Self {
        let text = crate::proc::read("/proc/cpuinfo").unwrap_or_default();
        Self::of(&text)
    }

    fn of(cpuinfo: &str) -> Self {
        if cfg!(target_arch = "aarch64") {
            Vendor::Arm
        } else if cfg!(target_arch = "riscv64") {
            Vendor::Riscv
        } else if cpuinfo.contains("GenuineIntel") {
            Vendor::Intel
        } else if cpuinfo.contains("AuthenticAMD") {
            Vendor::Amd
        } else {
            Vendor::Other
        }
    }
}

impl Event {
    /// What the event counts on a processor of this vendor: the generic names hide that they
    /// differ.
    pub(super) fn meaning(&self, vendor: Vendor, whose: Whose) -> &'static str {
        match self.kind {
            Kind::Cycles => "core cycles while the actors ran",
            Kind::Instructions => "instructions retired",
            Kind::TlbMiss { instruction, store } => miss(vendor, instruction, store),
            Kind::ContextSwitches => "switches away from the actors, counted by the scheduler",
            Kind::Migrations => "moves of an actor to another CPU",
            Kind::PageFaults => "page faults, minor and major",
            Kind::TlbSwitch { flushed } => switch(flushed, whose),
        }
    }
}

fn miss(vendor: Vendor, instruction: bool, store: bool) -> &'static str {
    match (vendor, instruction, store) {
        (Vendor::Intel, false, false) => "page walks completed for loads",
        (Vendor::Intel, false, true) => "page walks completed for stores",
        (Vendor::Intel, true, _) => "page walks completed for instruction fetches",
        (Vendor::Amd, false, false) => "misses of the second-level data TLB, loads and stores",
        (Vendor::Amd, false, true) => "not mapped to an event by the kernel on this vendor",
        (Vendor::Amd, true, _) => "misses of both levels of the instruction TLB",
        (Vendor::Arm, false, _) => "refills of the first-level data TLB",
        (Vendor::Arm, true, _) => "refills of the first-level instruction TLB",
        (Vendor::Riscv, ..) => "misses as the SBI firmware's PMU maps the generic event",
        (Vendor::Other, ..) => "misses as the kernel maps the generic event",
    }
}

fn switch(flushed: bool, whose: Whose) -> &'static str {
    match (flushed, whose) {
        (false, Whose::Actors) => {
            "switches straight from an actor to another address space at which the kernel did not \
             flush the TLB (tlb:tlb_flush)"
        }
        (true, Whose::Actors) => {
            "switches straight from an actor to another address space at which the kernel flushed \
             the TLB (tlb:tlb_flush)"
        }
        (false, Whose::Anyones) => {
            "switches to another address space at which the kernel did not flush the TLB \
             (tlb:tlb_flush), by any task on the actors' CPUs"
        }
        (true, Whose::Anyones) => {
            "switches to another address space at which the kernel flushed the TLB \
             (tlb:tlb_flush), by any task on the actors' CPUs"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let names: std::collections::BTreeSet<&str> =
            EVENTS.iter().map(|event| event.name).collect();
        assert_eq!(names.len(), EVENTS.len());
    }

    #[test]
    fn a_meaning_says_whose_switches_and_what_became_of_the_tlb() {
        let switches = EVENTS.iter().filter(|e| matches!(e.source(), Source::Switches(_)));
        let meanings: std::collections::BTreeSet<&str> = switches
            .flat_map(|e| [Whose::Actors, Whose::Anyones].map(|w| e.meaning(Vendor::Amd, w)))
            .collect();
        assert_eq!(meanings.len(), 4);
    }

    #[test]
    fn the_same_name_means_different_things() {
        let loads = &EVENTS[2];
        assert_eq!(loads.name, "dTLB-load-misses");
        let means = |vendor| loads.meaning(vendor, Whose::Actors);
        assert_ne!(means(Vendor::Intel), means(Vendor::Amd));
    }
}
