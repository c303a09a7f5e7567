//! The facts of a machine that a claim's answer depends on: where two runs give different words,
//! one of these that differs may explain it.

use crate::record::{Finding, Machine, Value};
use std::fmt;

/// A fact that an answer may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hinge {
    /// The model of the processor.
    Processor,
    /// Identifiers of address spaces in the TLB: PCID, ASID.
    AddressSpaceIds,
    /// How many address spaces Linux keeps in the TLB of a CPU.
    AddressSpaceSlots,
    /// Page-table isolation.
    PageTableIsolation,
    /// Transparent huge pages.
    HugePages,
    /// Bytes of a page.
    PageSize,
    /// What the machine is a guest of.
    Hypervisor,
    /// Are the processors emulated in software?
    Emulation,
    /// Release of the kernel.
    Kernel,
    /// CPUs that the run may use.
    Cpus,
    /// What the user may do.
    Rights,
    /// May tasks run under `SCHED_FIFO`?
    Fifo,
    /// The C library.
    Libc,
}

impl Hinge {
    /// What a run says of it, without what the fact explains besides; nothing where it does not
    /// say.
    #[must_use]
    pub fn of(self, machine: &Machine) -> Option<String> {
        let brief = |name: &str| match machine.fact(name)? {
            Finding::Known(Value::Text(text)) => Some(brief(text)),
            Finding::Known(value) => Some(value.to_string()),
            Finding::Unknown(_) => None,
        };
        match self {
            Hinge::Emulation => {
                machine.emulated.map(|is| if is { "emulated" } else { "not emulated" }.to_owned())
            }
            Hinge::Cpus => (!machine.cpus.is_empty()).then(|| machine.cpus.len().to_string()),
            Hinge::Processor => match machine.fact("processor")? {
                Finding::Known(value) => Some(value.to_string()),
                Finding::Unknown(_) => None,
            },
            _ => brief(self.fact()),
        }
    }

    /// Name of the fact that it is read off.
    fn fact(self) -> &'static str {
        match self {
            Hinge::Processor => "processor",
            Hinge::AddressSpaceIds => "address-space ids",
            Hinge::AddressSpaceSlots => "address-space slots",
            Hinge::PageTableIsolation => "page-table isolation",
            Hinge::HugePages => "transparent huge pages",
            Hinge::PageSize => "page size",
            Hinge::Hypervisor => "hypervisor",
            Hinge::Emulation => "emulation",
            Hinge::Kernel => "kernel",
            Hinge::Cpus => "CPUs",
            Hinge::Rights => "rights",
            Hinge::Fifo => "SCHED_FIFO",
            Hinge::Libc => "libc of this program",
        }
    }
}

impl fmt::Display for Hinge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.fact())
    }
}

/// A fact without what explains it: `PTI off` of `PTI off (meltdown: Not affected)`.
pub(super) fn unexplained(fact: &str) -> String {
    cut(fact, &[" (", ": ", "; "])
}

/// The first of several things that a fact tells, without what explains it.
fn brief(fact: &str) -> String {
    cut(fact, &[" (", ": ", "; ", ", "])
}

fn cut(fact: &str, ends: &[&str]) -> String {
    let end = ends.iter().filter_map(|end| fact.find(end)).min().unwrap_or(fact.len());
    fact[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Fact;

    #[test]
    fn a_fact_is_compared_without_its_explanation() {
        let facts = vec![
            Fact::words("page-table isolation", "PTI off (meltdown: Not affected)"),
            Fact::words("hypervisor", "KVM guest: named by its CPUID entry"),
            Fact::words("rights", "root; CAP_PERFMON yes"),
            Fact { name: "page size".into(), value: Finding::Known(Value::Bytes(4096)) },
            Fact { name: "SCHED_FIFO".into(), value: Finding::Unknown("closed".into()) },
        ];
        let machine = Machine { facts, cpus: vec![0, 3], ..Machine::default() };
        let said = |hinge: Hinge| hinge.of(&machine);
        assert_eq!(said(Hinge::PageTableIsolation).as_deref(), Some("PTI off"));
        assert_eq!(said(Hinge::Hypervisor).as_deref(), Some("KVM guest"));
        assert_eq!(said(Hinge::Rights).as_deref(), Some("root"));
        assert_eq!(said(Hinge::PageSize).as_deref(), Some("4 KiB"));
        assert_eq!(said(Hinge::Cpus).as_deref(), Some("2"));
        assert_eq!(
            [said(Hinge::Fifo), said(Hinge::Kernel), said(Hinge::Emulation)],
            [const { None }; 3]
        );
    }
}
