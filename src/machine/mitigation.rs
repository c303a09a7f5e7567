//! What defends the kernel against its processor, and how address spaces are told apart in the TLB.
//!
//! Both decide what a switch of address space costs: page-table isolation (PTI) loads page tables
//! at every system call, IBPB clears branch predictors at a switch, and address-space ids (PCID,
//! ASID) spare the TLB a flush.

use super::cpu::Cpuinfo;
use crate::proc::{Found, names, text};
use std::env::consts::ARCH;

const FOLDER: &str = "/sys/devices/system/cpu/vulnerabilities";

/// What the kernel says about one vulnerability (Documentation/admin-guide/hw-vuln).
pub(super) fn about(vulnerability: &str) -> Found<String> {
    text(format!("{FOLDER}/{vulnerability}"))
}

/// Is page-table isolation on?
pub(super) fn page_table_isolation() -> Found<bool> {
    about("meltdown").map(|meltdown| isolates(&meltdown))
}

fn isolates(meltdown: &str) -> bool {
    meltdown.contains("PTI")
}

/// Meltdown in one line.
pub(super) fn meltdown() -> Found<String> {
    let meltdown = about("meltdown")?;
    let isolation = if isolates(&meltdown) { "on" } else { "off" };
    Ok(format!("PTI {isolation} (meltdown: {meltdown})"))
}

/// Spectre v2 in one line, with what it does at a switch of address space first.
pub(super) fn spectre_v2() -> Found<String> {
    about("spectre_v2").map(|spectre| predictor_barriers(&spectre))
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
    let state = |name| about(name).unwrap_or_else(|reason| reason);
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
        "x86_64" => Ok(tagged_tlb(cpuinfo).to_owned()),
        "aarch64" => Ok("hardware ASIDs, 8 or 16 bits".to_owned()),
        _ => Err("only the kernel's boot log tells, if any ('ASID allocator')".to_owned()),
    }
}

fn tagged_tlb(cpuinfo: Cpuinfo<'_>) -> &'static str {
    match (cpuinfo.has("pcid"), cpuinfo.has("invpcid")) {
        (true, true) => "PCID and INVPCID",
        (true, false) => "PCID without INVPCID",
        (false, _) => "no PCID: each switch of address space flushes the TLB",
    }
}

/// The same in two or three words, for the summary.
pub(super) fn address_space_ids_short(cpuinfo: Cpuinfo<'_>) -> &'static str {
    match ARCH {
        "x86_64" if cpuinfo.has("pcid") => "PCID",
        "x86_64" => "no PCID",
        "aarch64" => "hardware ASIDs",
        _ => "ASIDs unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn isolation_by_the_kernels_words() {
        assert!(isolates("Mitigation: PTI"));
        assert!(!isolates("Not affected"));
        assert!(!isolates("Vulnerable"));
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
        assert_eq!(tagged_tlb(Cpuinfo("flags : fpu pcid invpcid")), "PCID and INVPCID");
        assert_eq!(tagged_tlb(Cpuinfo("flags : fpu pcid")), "PCID without INVPCID");
        assert!(tagged_tlb(Cpuinfo("flags : fpu")).starts_with("no PCID"));
    }
}
