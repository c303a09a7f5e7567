//! What defends the kernel against its processor, and how address spaces are told apart in the TLB.
//!
//! Both decide what a switch of address space costs: page-table isolation (PTI) loads page tables
//! at every system call, IBPB clears branch predictors at a switch, and address-space ids (PCID,
//! ASID) spare the TLB a flush.

use super::cpu::Cpuinfo;
use crate::proc::{Found, Tree, names};
use std::env::consts::ARCH;

const FOLDER: &str = "/sys/devices/system/cpu/vulnerabilities";

/// What the kernel says about one vulnerability (Documentation/admin-guide/hw-vuln).
fn about(tree: Tree<'_>, vulnerability: &str) -> Found<String> {
    tree.text(&format!("{FOLDER}/{vulnerability}"))
}

/// Is page-table isolation on, and what shows it?
///
/// Two places tell, and either may be silent: the kernel's flag `pti`, which is there where it
/// isolates for whatever reason (`pti=on` on a processor that needs none), and what it says about
/// Meltdown.
pub(super) fn page_table_isolation(tree: Tree<'_>, cpuinfo: Cpuinfo<'_>) -> Found<(bool, String)> {
    let flag = (ARCH == "x86_64").then(|| cpuinfo.has("pti"));
    isolation(flag, about(tree, "meltdown"))
}

/// `flag` is `None` on architectures without one, whose words say it all.
fn isolation(flag: Option<Found<bool>>, meltdown: Found<String>) -> Found<(bool, String)> {
    let said = meltdown.as_deref().is_ok_and(|words| words.contains("PTI"));
    let words = |meltdown: Found<String>| {
        meltdown.map_or_else(|why| why, |meltdown| format!("meltdown: {meltdown}"))
    };
    match (flag, meltdown) {
        (Some(Ok(true)), meltdown) if !said => {
            Ok((true, format!("the kernel's flag pti; {}", words(meltdown))))
        }
        (Some(Err(no_flag)), Err(silent)) => Err(format!("{no_flag}; {silent}")),
        (Some(Err(no_flag)), Ok(words)) if words.starts_with("Not affected") => Err(format!(
            "{no_flag}, and on a processor that is not affected it may be on all the same (pti=on)"
        )),
        (None, Err(silent)) => Err(silent),
        (_, meltdown) => Ok((said, words(meltdown))),
    }
}

/// Page-table isolation in one line.
pub(super) fn isolation_words((on, shown): &(bool, String)) -> String {
    format!("PTI {} ({shown})", if *on { "on" } else { "off" })
}

/// Spectre v2 in one line, with what it does at a switch of address space first.
pub(super) fn spectre_v2() -> Found<String> {
    about(Tree::KERNEL, "spectre_v2").map(|spectre| predictor_barriers(&spectre))
}

fn predictor_barriers(spectre: &str) -> String {
    let barrier = |name: &str| {
        let mut parts = spectre.split([';', ',']).map(str::trim);
        let state = parts.find_map(|part| part.strip_prefix(name)?.strip_prefix(": "));
        state.unwrap_or("not reported").to_owned()
    };
    format!("IBPB {}, STIBP {} ({spectre})", barrier("IBPB"), barrier("STIBP"))
}

/// The other vulnerabilities, counted by state, those that are open by name.
pub(super) fn others() -> Found<String> {
    let names = names(FOLDER)?;
    let states = names.iter().filter(|name| !matches!(name.as_str(), "meltdown" | "spectre_v2"));
    // One that cannot be read is unclear.
    let state = |name| about(Tree::KERNEL, name).unwrap_or_else(|reason| reason);
    let states: Vec<(&str, String)> = states.map(|name| (name.as_str(), state(name))).collect();
    Ok(count(&states))
}

fn count(states: &[(&str, String)]) -> String {
    let starting = |with: &str| states.iter().filter(|(_, state)| state.starts_with(with)).count();
    let (mitigated, not_affected) = (starting("Mitigation"), starting("Not affected"));
    let open = states
        .iter()
        .filter(|(_, s)| !s.starts_with("Mitigation") && !s.starts_with("Not affected"));
    let open: Vec<&str> = open.map(|(name, _)| *name).collect();
    let names = if open.is_empty() { String::new() } else { format!(" ({})", open.join(", ")) };
    format!(
        "{mitigated} mitigated, {not_affected} not applicable, {} open or unclear{names}",
        open.len()
    )
}

/// How this processor tells address spaces apart in its TLB. What follows for a switch is a fact of
/// its own.
pub(super) fn address_space_ids(cpuinfo: Cpuinfo<'_>) -> Found<String> {
    match ARCH {
        "x86_64" => tagged_tlb(cpuinfo).map(str::to_owned),
        "aarch64" => Ok("hardware ASIDs, 8 or 16 bits".to_owned()),
        _ => Err("only the kernel's boot log tells, if any ('ASID allocator')".to_owned()),
    }
}

fn tagged_tlb(cpuinfo: Cpuinfo<'_>) -> Found<&'static str> {
    Ok(match (cpuinfo.has("pcid")?, cpuinfo.has("invpcid")?) {
        (true, true) => "PCID and INVPCID",
        (true, false) => "PCID without INVPCID",
        (false, _) => "no PCID: each switch of address space flushes the TLB",
    })
}

/// The same in two or three words, for the summary.
pub(super) fn address_space_ids_short(cpuinfo: Cpuinfo<'_>) -> &'static str {
    match ARCH {
        "x86_64" => match cpuinfo.has("pcid") {
            Ok(true) => "PCID",
            Ok(false) => "no PCID",
            Err(_) => "PCID unknown",
        },
        "aarch64" => "hardware ASIDs",
        _ => "ASIDs unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn isolation_by_the_kernels_flag_and_by_its_words() {
        let told = |flag: Found<bool>, meltdown: Found<&str>| {
            let told =
                isolation(Some(flag), meltdown.map(str::to_owned).map_err(|e| e.to_string()));
            told.as_ref().map(isolation_words).map_err(Clone::clone)
        };
        fn silent<T>() -> Found<T> {
            Err("closed".to_owned())
        }
        assert_eq!(
            told(Ok(true), Ok("Mitigation: PTI")).unwrap(),
            "PTI on (meltdown: Mitigation: PTI)"
        );
        let forced = told(Ok(true), Ok("Not affected")).unwrap();
        assert_eq!(forced, "PTI on (the kernel's flag pti; meltdown: Not affected)");
        assert_eq!(told(Ok(false), Ok("Vulnerable")).unwrap(), "PTI off (meltdown: Vulnerable)");
        // A kernel before 4.15 had no such file, and a container may hide either.
        assert!(told(Ok(true), silent()).unwrap().starts_with("PTI on"));
        assert_eq!(told(Ok(false), silent()).unwrap(), "PTI off (closed)");
        assert!(told(silent(), Ok("Mitigation: PTI")).unwrap().starts_with("PTI on"));
        assert_eq!(told(silent(), silent()).unwrap_err(), "closed; closed");
        assert_eq!(told(silent(), Ok("Vulnerable")).unwrap(), "PTI off (meltdown: Vulnerable)");
        assert!(told(silent(), Ok("Not affected")).unwrap_err().contains("pti=on"));
        let without = isolation(None, Ok("Not affected".to_owned()));
        assert!(!without.unwrap().0, "no flag on this architecture, whose words say it");
        assert!(isolation(None, silent()).is_err());
    }

    #[test]
    fn barriers_are_found_in_old_and_new_spelling() {
        let new = "Mitigation: Retpolines; IBPB: conditional; STIBP: disabled; RSB filling";
        assert!(predictor_barriers(new).starts_with("IBPB conditional, STIBP disabled ("));
        let old = "Mitigation: Full generic retpoline, IBPB: always-on, RSB filling";
        assert!(predictor_barriers(old).starts_with("IBPB always-on, STIBP not reported ("));
    }

    #[test]
    fn open_vulnerabilities_are_named() {
        let states = [
            ("mds", "Not affected".to_owned()),
            ("srso", "Vulnerable: Safe RET".to_owned()),
            ("spectre_v1", "Mitigation: barriers".to_owned()),
        ];
        assert_eq!(count(&states), "1 mitigated, 1 not applicable, 1 open or unclear (srso)");
    }

    #[test]
    fn tagged_tlb_by_flags() {
        let of = |cpuinfo| tagged_tlb(Cpuinfo(cpuinfo));
        assert_eq!(of("flags : fpu pcid invpcid"), Ok("PCID and INVPCID"));
        assert_eq!(of("flags : fpu pcid"), Ok("PCID without INVPCID"));
        assert!(of("flags : fpu").unwrap().starts_with("no PCID"));
        assert!(of("").is_err(), "a text without flags says nothing");
    }
}
