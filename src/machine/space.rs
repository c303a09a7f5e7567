//! What to expect of a switch of address space: whether it flushes the TLB, and from how many
//! address spaces in turns on.
//!
//! An expectation from the sources of Linux, never a finding: the measurements decide. Sources:
//! arch/x86/mm/tlb.c and arch/x86/include/asm/tlbflush.h (Linux 4.14, 6.15),
//! Documentation/arch/x86/pti.rst, arch/arm64/mm/context.c, arch/riscv/mm/context.c (Linux 5.12).

use super::hypervisor::Host;
use super::survey::Survey;
use crate::proc::Found;

/// What a switch of address space is expected to do on an architecture, as `std::env::consts::ARCH`
/// names it.
pub(super) fn switch(architecture: &str, survey: &Survey) -> Found<String> {
    let pcid = architecture == "x86_64" && survey.cpuinfo()?.has("pcid")?;
    let host = survey.host.as_ref().ok().map(|(host, _)| *host);
    let kernel = match architecture {
        "x86_64" => x86(survey, pcid, host)?,
        "aarch64" => {
            "no flush until all ASIDs, of 8 or 16 bits, were handed out, and then one on each CPU: \
             no cliff is expected at a small number of address spaces"
                .to_owned()
        }
        "riscv64" => riscv64(survey).to_owned(),
        other => return Err(format!("this program does not know how Linux does it on {other}")),
    };
    let isolation = match (&survey.page_table_isolation, architecture) {
        // No processor needs it, so the kernel has none.
        (Ok((false, _)), _) | (_, "riscv64") => "",
        (Err(_), _) => "; whether page tables are isolated, which costs more, is unknown",
        (Ok((true, _)), "x86_64") if !pcid => {
            "; page-table isolation flushes it at every kernel entry and exit too"
        }
        (Ok((true, _)), "x86_64") => {
            "; page-table isolation takes two PCIDs for each, keeps no kernel entry global, and \
             loads CR3 at every kernel entry and exit: all costs are higher"
        }
        (Ok((true, _)), _) => {
            "; page-table isolation takes two ASIDs for each and switches tables at every kernel \
             entry and exit: all costs are higher"
        }
    };
    let nested = match host {
        Some(Host::Bare) => "",
        None => "; whether a refill walks the tables of a host too is unknown",
        Some(Host::Guest(_)) => {
            "; in a guest, a TLB refill may also walk the host's tables, so it takes longer"
        }
    };
    Ok(format!("{kernel}{isolation}{nested}"))
}

/// How many address spaces Linux keeps in the TLB of a CPU at once; one where it flushes at every
/// switch.
pub(super) fn slots(architecture: &str, survey: &Survey) -> Found<u64> {
    /// `TLB_NR_DYN_ASIDS` of arch/x86/mm/tlb.c.
    const KEPT: u64 = 6;
    match architecture {
        "x86_64" => {
            let used = match survey.cpuinfo()?.has("pcid")? {
                false => Some(false),
                true => since(survey, 4, 14),
            };
            let unknown = "the kernel's version is unknown, and with it whether it uses PCIDs";
            used.map(|used| if used { KEPT } else { 1 }).ok_or_else(|| unknown.to_owned())
        }
        "riscv64" if since(survey, 5, 12) == Some(false) => Ok(1),
        other => Err(format!("on {other} it depends on the width of the ASID, which Linux hides")),
    }
}

fn x86(survey: &Survey, pcid: bool, host: Option<Host>) -> Found<String> {
    let flushes = "every switch flushes the TLB, from two address spaces in turns on, as";
    if !pcid {
        return Ok(format!("{flushes} there is no PCID to tell address spaces apart"));
    }
    if since(survey, 4, 14) == Some(false) {
        return Ok(format!("{flushes} Linux uses PCID from 4.14 on only"));
    }
    let cpuinfo = survey.cpuinfo()?;
    let beside = "one at work on more than three CPUs at once gets a PCID beside the six";
    let broadcast = match since(survey, 6, 15) == Some(true) {
        true if cpuinfo.has("invlpgb")? => format!("; {beside} (INVLPGB)"),
        // Linux gives this feature no name in /proc/cpuinfo, and hypervisors do not show it.
        true if host == Some(Host::Bare) && cpuinfo.is_amd() => {
            format!("; where the processor has INVLPGB, which Linux does not list, {beside}")
        }
        _ => String::new(),
    };
    Ok(format!(
        "Linux keeps six PCIDs per CPU (TLB_NR_DYN_ASIDS): up to six address spaces in turns flush \
         nothing, and a seventh forces a flush; the TLB itself may tell fewer apart{broadcast}"
    ))
}

fn riscv64(survey: &Survey) -> &'static str {
    match since(survey, 5, 12) {
        Some(false) => {
            "every switch flushes the TLB, from two address spaces in turns on, as Linux uses \
             ASIDs from 5.12 on only"
        }
        _ => {
            "with hardware ASIDs no flush until all were handed out, without them one at every \
             switch, from two address spaces in turns on: only the kernel's boot log tells which \
             ('ASID allocator'), and it may be closed to this user"
        }
    }
}

/// Is the kernel of this version or a later one? `None` where its release tells none.
fn since(survey: &Survey, major: u32, minor: u32) -> Option<bool> {
    at_least(survey.release.as_deref().ok()?, major, minor)
}

fn at_least(release: &str, major: u32, minor: u32) -> Option<bool> {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    let found = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    Some(found >= (major, minor))
}

#[cfg(test)]
mod tests {
    use super::super::survey::quiet_machine;
    use super::*;

    #[test]
    fn each_trait_of_a_machine_is_told() {
        let flags = |flags: &'static str| {
            move |survey: &mut Survey| survey.cpuinfo = Ok(format!("flags : {flags}\n"))
        };
        let release = |release: &'static str| {
            move |survey: &mut Survey| survey.release = Ok(release.to_owned())
        };
        let amd = |survey: &mut Survey| {
            survey.cpuinfo = Ok("vendor_id : AuthenticAMD\nflags : pcid\n".to_owned());
        };
        let isolated =
            |survey: &mut Survey| survey.page_table_isolation = Ok((true, String::new()));
        let told = |architecture, changes: &[&dyn Fn(&mut Survey)], words: &str| {
            let mut survey = quiet_machine();
            changes.iter().for_each(|change| change(&mut survey));
            let said = switch(architecture, &survey).unwrap();
            assert!(said.contains(words), "{words}: {said}");
            said
        };
        let plain = told("x86_64", &[], "a seventh forces a flush");
        assert!(plain.ends_with("may tell fewer apart"), "{plain}");
        told("x86_64", &[&flags("fpu")], "there is no PCID");
        told("x86_64", &[&release("4.9.0-1")], "from 4.14 on only");
        told("x86_64", &[&flags("pcid invlpgb")], "beside the six (INVLPGB)");
        told("x86_64", &[&amd], "where the processor has INVLPGB");
        let old = told("x86_64", &[&flags("pcid invlpgb"), &release("6.14.0")], "six");
        assert!(!old.contains("INVLPGB"), "{old}");
        told("x86_64", &[&isolated], "two PCIDs");
        let both = told("x86_64", &[&isolated, &flags("fpu")], "every kernel entry");
        assert!(!both.contains("CR3"), "{both}");
        told("x86_64", &[&|s| s.page_table_isolation = Err(String::new())], "is unknown");
        told("aarch64", &[], "8 or 16 bits");
        told("aarch64", &[&isolated], "two ASIDs");
        told("riscv64", &[], "boot log");
        told("riscv64", &[&release("5.11.0")], "from 5.12 on only");
        told("x86_64", &[&|s| s.host = Ok((Host::Guest("kvm"), String::new()))], "host's tables");
        told("x86_64", &[&|s| s.host = Err(String::new())], "of a host too is unknown");
        let mut silent = quiet_machine();
        silent.cpuinfo = Ok("processor : 0\n".to_owned());
        assert!(switch("x86_64", &silent).unwrap_err().contains("lists no flags"));
        assert!(switch("s390x", &quiet_machine()).unwrap_err().contains("s390x"));
    }

    #[test]
    fn slots_are_a_number_where_the_kernel_fixes_one() {
        let mut survey = quiet_machine();
        assert_eq!(slots("x86_64", &survey), Ok(6));
        assert!(slots("aarch64", &survey).is_err() && slots("riscv64", &survey).is_err());
        survey.cpuinfo = Ok("flags : fpu\n".to_owned());
        assert_eq!(slots("x86_64", &survey), Ok(1));
    }

    #[test]
    fn releases_in_order() {
        assert_eq!(at_least("6.15.0-rc3", 6, 15), Some(true));
        assert_eq!(at_least("6.9-fc", 6, 15), Some(false));
        assert_eq!(at_least("10.0", 6, 15), Some(true));
        assert_eq!(at_least("odd", 6, 15), None);
    }
}
