//! What to expect of a switch of address space: whether it flushes the TLB, and from how many
//! address spaces in turns on.
//!
//! An expectation from the sources of Linux, never a finding: the measurements decide. Sources:
//! arch/x86/mm/tlb.c and arch/x86/include/asm/tlbflush.h (Linux 4.14, 6.15),
//! Documentation/arch/x86/pti.rst, arch/arm64/mm/context.c, arch/riscv/mm/context.c (Linux 5.12).

use super::cpu::Cpuinfo;
use super::hypervisor::Host;
use crate::proc::Found;

/// What decides it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Traits<'a> {
    /// As `std::env::consts::ARCH` names it.
    pub(super) architecture: &'a str,
    pub(super) cpuinfo: Cpuinfo<'a>,
    /// Page-table isolation.
    pub(super) isolation: Option<bool>,
    /// The kernel's release, such as `6.18.44-generic`.
    pub(super) release: Option<&'a str>,
    pub(super) host: Host,
}

/// What a switch of address space is expected to do, in a few sentences.
pub(super) fn switch(traits: Traits<'_>) -> Found<String> {
    let Traits { isolation, .. } = traits;
    let (kernel, isolated) = match traits.architecture {
        "x86_64" => (x86(traits), isolated_x86(traits)),
        "aarch64" => (aarch64().to_owned(), isolated_aarch64()),
        "riscv64" => (riscv64(traits).to_owned(), ""),
        other => return Err(format!("this program does not know how Linux does it on {other}")),
    };
    let isolation = match isolation {
        Some(true) => isolated,
        Some(false) => "",
        // Where no processor needs it, the kernel has none.
        None if isolated.is_empty() => "",
        None => "; whether page tables are isolated, which costs more, is unknown",
    };
    Ok(format!("{kernel}{isolation}{}", nested(traits.host)))
}

fn x86(traits: Traits<'_>) -> String {
    if !traits.cpuinfo.has("pcid") {
        return "every switch flushes the TLB: the processor has no PCID, so the cost rises at two \
                address spaces"
            .to_owned();
    }
    if at_least(traits.release, 4, 14) == Some(false) {
        return "every switch flushes the TLB: Linux uses PCID only from 4.14 on, so the cost rises \
                at two address spaces"
            .to_owned();
    }
    let six = "no flush up to six address spaces per CPU: Linux has six PCIDs per CPU \
               (TLB_NR_DYN_ASIDS), and a seventh address space forces a flush; the processor may \
               hold fewer";
    format!("{six}{}", broadcast(traits))
}

/// Global identifiers, which processors with INVLPGB get from Linux 6.15 on.
fn broadcast(traits: Traits<'_>) -> &'static str {
    if at_least(traits.release, 6, 15) != Some(true) {
        return "";
    }
    if traits.cpuinfo.has("invlpgb") {
        return "; an address space on more than three CPUs at once gets a PCID in addition to the \
                six (INVLPGB)";
    }
    // Linux gives this feature no name in /proc/cpuinfo, and hypervisors do not show it to guests.
    match traits.host == Host::Bare && traits.cpuinfo.is_amd() {
        true => {
            "; where the processor has INVLPGB, which Linux does not list, an address space on \
             more than three CPUs at once gets a PCID in addition to the six"
        }
        false => "",
    }
}

fn isolated_x86(traits: Traits<'_>) -> &'static str {
    match traits.cpuinfo.has("pcid") {
        true => {
            "; page-table isolation uses two PCIDs per address space, has no global kernel \
             entries, and loads CR3 at every kernel entry and exit: all costs are higher"
        }
        false => "; page-table isolation flushes it at every kernel entry and exit too",
    }
}

fn aarch64() -> &'static str {
    "no flush until all ASIDs (8 or 16 bits) are in use, then one per CPU: no cliff at a small \
     number of address spaces"
}

fn isolated_aarch64() -> &'static str {
    "; page-table isolation uses two ASIDs per address space and switches tables at every kernel \
     entry and exit: all costs are higher"
}

fn riscv64(traits: Traits<'_>) -> &'static str {
    match at_least(traits.release, 5, 12) {
        Some(false) => {
            "every switch flushes the TLB: Linux uses ASIDs only from 5.12 on, so the cost rises \
             at two address spaces"
        }
        _ => {
            "with hardware ASIDs, no flush until all are in use; without them, a flush at every \
             switch: the kernel's boot log says which ('ASID allocator')"
        }
    }
}

fn nested(host: Host) -> &'static str {
    match host {
        Host::Bare => "",
        Host::Guest(_) => {
            "; in a guest, a TLB refill may also walk the host's tables, so it takes longer"
        }
    }
}

/// Is a release this version or a later one? `None` where it tells none.
fn at_least(release: Option<&str>, major: u32, minor: u32) -> Option<bool> {
    let mut numbers = release?.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    let found = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    Some(found >= (major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PCID: Cpuinfo<'_> = Cpuinfo("vendor_id : GenuineIntel\nflags : fpu pcid invpcid\n");
    const AMD: Cpuinfo<'_> = Cpuinfo("vendor_id : AuthenticAMD\nflags : fpu pcid invpcid\n");
    const WITHOUT: Cpuinfo<'_> = Cpuinfo("flags : fpu invpcid\n");

    /// An x86 of today with PCID and without isolation, on bare metal, to be changed.
    const X86: Traits<'_> = Traits {
        architecture: "x86_64",
        cpuinfo: PCID,
        isolation: Some(false),
        release: Some("6.18.44-generic"),
        host: Host::Bare,
    };

    fn words(traits: Traits<'_>) -> String {
        switch(traits).unwrap()
    }

    #[test]
    fn pcid_keeps_six() {
        let plain = words(X86);
        assert!(plain.starts_with("no flush up to six"), "{plain}");
        assert!(plain.ends_with("may hold fewer"), "{plain}");
        assert!(words(Traits { release: None, ..X86 }).starts_with("no flush up to six"));
    }

    #[test]
    fn without_pcid_two_are_too_many() {
        let none = words(Traits { cpuinfo: WITHOUT, ..X86 });
        assert!(none.starts_with("every switch flushes") && none.contains("no PCID"), "{none}");
        let old = words(Traits { release: Some("4.9.0-1"), ..X86 });
        assert!(old.starts_with("every switch flushes") && old.contains("from 4.14 on"), "{old}");
        assert!(words(Traits { release: Some("4.14.336"), ..X86 }).starts_with("no flush"));
    }

    #[test]
    fn isolation_costs_more_on_top() {
        let isolated = words(Traits { isolation: Some(true), ..X86 });
        assert!(isolated.contains("six") && isolated.contains("two PCIDs"), "{isolated}");
        let both = words(Traits { isolation: Some(true), cpuinfo: WITHOUT, ..X86 });
        assert!(both.contains("every kernel entry") && !both.contains("CR3"), "{both}");
        let arm = words(Traits { isolation: Some(true), architecture: "aarch64", ..X86 });
        assert!(arm.contains("two ASIDs"), "{arm}");
        assert!(words(Traits { isolation: None, ..X86 }).contains("is unknown"));
        let riscv = words(Traits { isolation: None, architecture: "riscv64", ..X86 });
        assert!(!riscv.contains("isolated"), "{riscv}");
    }

    #[test]
    fn broadcast_needs_the_processor_and_the_kernel() {
        let flagged = Traits { cpuinfo: Cpuinfo("flags : pcid invlpgb"), ..X86 };
        assert!(words(flagged).ends_with("in addition to the six (INVLPGB)"));
        assert!(!words(Traits { release: Some("6.14.0"), ..flagged }).contains("INVLPGB"));
        let amd = Traits { cpuinfo: AMD, ..X86 };
        assert!(words(amd).contains("where the processor has INVLPGB"));
        assert!(!words(Traits { release: Some("6.14.0"), ..amd }).contains("INVLPGB"));
        assert!(!words(Traits { host: Host::Guest("kvm"), ..amd }).contains("INVLPGB"));
        assert!(!words(X86).contains("INVLPGB"));
    }

    #[test]
    fn arm_has_no_small_cliff() {
        let arm = words(Traits { architecture: "aarch64", ..X86 });
        assert!(arm.contains("8 or 16 bits") && arm.contains("no cliff"), "{arm}");
    }

    #[test]
    fn riscv_depends_on_the_hardware_or_on_the_kernels_age() {
        let riscv = Traits { architecture: "riscv64", ..X86 };
        assert!(words(riscv).contains("boot log"));
        assert!(words(Traits { release: Some("5.11.0"), ..riscv }).starts_with("every switch"));
    }

    #[test]
    fn guests_walk_longer() {
        let guest = words(Traits { host: Host::Guest("kvm"), ..X86 });
        assert!(guest.contains("the host's tables"), "{guest}");
        assert!(!words(X86).contains("guest"));
    }

    #[test]
    fn an_unknown_architecture_says_so() {
        assert!(switch(Traits { architecture: "s390x", ..X86 }).unwrap_err().contains("s390x"));
    }

    #[test]
    fn releases_in_order() {
        assert_eq!(at_least(Some("6.15.0-rc3"), 6, 15), Some(true));
        assert_eq!(at_least(Some("6.9-fc"), 6, 15), Some(false));
        assert_eq!(at_least(Some("10.0"), 6, 15), Some(true));
        assert_eq!(at_least(Some("odd"), 6, 15), None);
        assert_eq!(at_least(None, 6, 15), None);
    }
}
