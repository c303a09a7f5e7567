//! The events: which, under which name, and what each means on this processor.

use perf_event::Builder;
use perf_event::events::{Cache, CacheOp, CacheResult, Hardware, Software, WhichCache};

/// One event.
#[derive(Debug)]
pub struct Event {
    /// Its name, as perf(1) writes it.
    pub name: &'static str,
    /// Counting it in user mode alone says something. Some events are the kernel's own: there they open and read 0.
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
];

/// The builder, asking for this event.
pub(super) fn opened<'b>(builder: Builder<'b>, event: &Event) -> Builder<'b> {
    match event.kind {
        Kind::Cycles => builder.kind(Hardware::CPU_CYCLES),
        Kind::Instructions => builder.kind(Hardware::INSTRUCTIONS),
        Kind::TlbMiss { instruction, store } => builder.kind(Cache {
            which: if instruction { WhichCache::ITLB } else { WhichCache::DTLB },
            operation: if store { CacheOp::WRITE } else { CacheOp::READ },
            result: CacheResult::MISS,
        }),
        Kind::ContextSwitches => builder.kind(Software::CONTEXT_SWITCHES),
        Kind::Migrations => builder.kind(Software::CPU_MIGRATIONS),
        Kind::PageFaults => builder.kind(Software::PAGE_FAULTS),
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
        let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
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
    /// What the event counts on a processor of this vendor: the generic names hide that they differ.
    pub(super) fn meaning(&self, vendor: Vendor) -> &'static str {
        let Kind::TlbMiss { instruction, store } = self.kind else { return self.plain_meaning() };
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

    fn plain_meaning(&self) -> &'static str {
        match self.kind {
            Kind::Cycles => "core cycles while the actors ran",
            Kind::Instructions => "instructions retired",
            Kind::TlbMiss { .. } => "misses of a translation buffer",
            Kind::ContextSwitches => "switches away from the actors, counted by the scheduler",
            Kind::Migrations => "moves of an actor to another CPU",
            Kind::PageFaults => "page faults, minor and major",
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
    fn the_same_name_means_different_things() {
        let loads = &EVENTS[2];
        assert_eq!(loads.name, "dTLB-load-misses");
        assert_ne!(loads.meaning(Vendor::Intel), loads.meaning(Vendor::Amd));
    }
}
