//! The kernel: its release, its preemption, its clock, its frequency driver and its memory
//! settings.

use crate::proc::{Found, chosen, field, number, text};
use crate::sys::clock::pause;
use nix::sys::utsname::uname;
use std::time::Duration;

/// Where the kernel lists the clocks that it can keep time with.
pub(super) const CLOCK_SOURCES: &str = "/sys/devices/system/clocksource/clocksource0";
const HUGE_PAGES: &str = "/sys/kernel/mm/transparent_hugepage/enabled";
const HUGE_PAGE_BYTES: &str = "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size";

/// Release (`6.18.44`) and version line of the running kernel (uname(2)).
pub(super) fn release_and_version() -> Found<(String, String)> {
    let names = uname().map_err(|error| format!("uname: {error}"))?;
    let owned = |field: &std::ffi::OsStr| field.to_string_lossy().into_owned();
    Ok((owned(names.release()), owned(names.version())))
}

/// Major and minor number of a release: `6.18` of `6.18.44-generic`.
pub(super) fn series(release: &str) -> String {
    let mut parts = release.split(|c: char| !c.is_ascii_digit());
    match (parts.next(), parts.next()) {
        (Some(major), Some(minor)) if !major.is_empty() && !minor.is_empty() => {
            format!("{major}.{minor}")
        }
        _ => release.to_owned(),
    }
}

/// The release with the preemption model.
pub(super) fn describe() -> Found<String> {
    let (release, version) = release_and_version()?;
    let model = preemption(&version);
    if model != "PREEMPT_DYNAMIC" {
        return Ok(format!("Linux {release}, {model}"));
    }
    let mode = preemption_mode(text("/sys/kernel/debug/sched/preempt"), text("/proc/cmdline"));
    Ok(format!("Linux {release}, {model} ({mode})"))
}

/// The mode of a kernel that can change it, by the list of modes or else by the command line.
fn preemption_mode(list: Found<String>, command_line: Found<String>) -> String {
    let reason = match list {
        Ok(list) => return chosen(&list).unwrap_or("not marked").to_owned(),
        Err(reason) => reason,
    };
    match command_line.as_deref().map(|line| booted_with(line, "preempt=")) {
        Ok(Some(mode)) => mode.to_owned(),
        Ok(None) => format!("mode unknown: not on the command line, and {reason}"),
        Err(closed) => format!("mode unknown: {closed}, and {reason}"),
    }
}

/// The preemption model that a kernel's version line names (init/Makefile, UTS_VERSION).
fn preemption(version: &str) -> &str {
    let named = version.split_whitespace().find(|word| word.starts_with("PREEMPT"));
    named.unwrap_or("no PREEMPT in its version (none or voluntary)")
}

fn booted_with<'a>(command_line: &'a str, option: &str) -> Option<&'a str> {
    command_line.split_whitespace().rev().find_map(|word| word.strip_prefix(option))
}

/// The clock source that the kernel keeps time with.
pub(super) fn clock_source() -> Found<String> {
    text(format!("{CLOCK_SOURCES}/current_clocksource"))
}

/// Driver and turbo of `cpu` behind its governor.
pub(super) fn frequency(cpu: usize, governor: &str) -> Found<String> {
    let driver = text(format!("/sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_driver"));
    let boost = text("/sys/devices/system/cpu/cpufreq/boost").map(|on| on == "1");
    let no_turbo = text("/sys/devices/system/cpu/intel_pstate/no_turbo").map(|off| off == "0");
    let turbo = match boost.or(no_turbo) {
        Ok(true) => "turbo on",
        Ok(false) => "turbo off",
        Err(_) => "turbo unknown",
    };
    let driver = driver.unwrap_or_else(|reason| format!("unknown, {reason}"));
    Ok(format!("governor {governor}, driver {driver}, {turbo}"))
}

/// Load averages over 1, 5 and 15 minutes (proc_loadavg(5)).
pub(super) fn load() -> Found<[f64; 3]> {
    let line = text("/proc/loadavg")?;
    parse_load(&line).ok_or_else(|| format!("/proc/loadavg holds '{line}'"))
}

fn parse_load(line: &str) -> Option<[f64; 3]> {
    let mut loads = line.split_whitespace().map_while(|word| word.parse().ok());
    Some([loads.next()?, loads.next()?, loads.next()?])
}

/// How often it is looked who runs.
const LOOKS: usize = 5;
/// Between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// Tasks that run or want to run, this one aside: the median of some looks. A load average also
/// remembers a build that has ended, and the suite's own earlier work.
pub(super) fn others_runnable() -> Found<u32> {
    let look = |number: usize| {
        if number > 0 {
            pause(BETWEEN_LOOKS);
        }
        let line = text("/proc/loadavg")?;
        parse_runnable(&line).ok_or_else(|| format!("/proc/loadavg holds '{line}'"))
    };
    let mut looks = (0..LOOKS).map(look).collect::<Found<Vec<u32>>>()?;
    looks.sort_unstable();
    Ok(looks[LOOKS / 2])
}

fn parse_runnable(line: &str) -> Option<u32> {
    let running = line.split_whitespace().nth(3)?.split('/').next()?;
    running.parse::<u32>().ok().map(|tasks| tasks.saturating_sub(1))
}

/// The setting for transparent huge pages: `always`, `madvise` or `never`.
pub(super) fn huge_pages() -> Found<String> {
    let list = text(HUGE_PAGES)?;
    chosen(&list).map(str::to_owned).ok_or_else(|| format!("{HUGE_PAGES} holds '{list}'"))
}

/// Huge pages of the default size that a process could get from the kernel's pool.
///
/// # Errors
/// The kernel has no pool, or does not tell.
pub fn free_huge_pages() -> Result<u64, String> {
    let unlisted = || "/proc/meminfo lists no pool of huge pages".to_owned();
    unreserved(&text("/proc/meminfo")?).ok_or_else(unlisted)
}

/// Huge pages in the pool that nobody has reserved or uses (proc(5), /proc/meminfo).
fn unreserved(meminfo: &str) -> Option<u64> {
    let of = |name| field(meminfo, name)?.parse::<u64>().ok();
    Some(of("HugePages_Free")?.saturating_sub(of("HugePages_Rsvd")?))
}

/// Bytes of a transparent huge page: what one entry of the last but one level of page tables maps.
/// 2 MiB with base pages of 4 KiB, 32 MiB with 16 KiB, 512 MiB with 64 KiB.
///
/// # Errors
/// The kernel has none, or does not tell.
pub fn huge_page_bytes() -> Result<u64, String> {
    number(HUGE_PAGE_BYTES)
}

/// The highest frequency that `cpu` may be set to, hertz; turbo included where the driver says so.
pub(super) fn highest_hertz(cpu: usize) -> Found<f64> {
    let path = format!("/sys/devices/system/cpu/cpu{cpu}/cpufreq/cpuinfo_max_freq");
    number::<u64>(path).map(|kilohertz| kilohertz as f64 * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_runs_is_told_without_the_one_that_looks() {
        assert_eq!(parse_runnable("3.07 1.20 0.80 3/214 4711"), Some(2));
        assert_eq!(parse_runnable("0.00 0.00 0.00 1/90 5"), Some(0));
        assert_eq!(parse_runnable("0.00 0.00 0.00"), None);
    }

    #[test]
    fn huge_pages_that_somebody_has_reserved_are_not_free() {
        let meminfo =
            "HugePages_Total:       8\nHugePages_Free:        5\nHugePages_Rsvd:        2\n";
        assert_eq!(unreserved(meminfo), Some(3));
        assert_eq!(unreserved("MemTotal: 1 kB\n"), None);
    }

    #[test]
    fn series_of_a_release() {
        assert_eq!(series("6.18.44-fc-v669"), "6.18");
        assert_eq!(series("6.1-rc3"), "6.1");
        assert_eq!(series("odd"), "odd");
    }

    #[test]
    fn preemption_by_version_line() {
        assert_eq!(preemption("#1 SMP PREEMPT_DYNAMIC Debian 6.1.0"), "PREEMPT_DYNAMIC");
        assert_eq!(preemption("#1 SMP PREEMPT_RT Mon"), "PREEMPT_RT");
        assert!(preemption("#1 SMP Mon").contains("none or voluntary"));
        let mode = |list: Found<&str>, line: Found<&str>| {
            preemption_mode(list.map(str::to_owned), line.map(str::to_owned))
        };
        let no = |reason: &str| Err(reason.to_owned());
        assert_eq!(mode(Ok("none (full)"), Ok("preempt=none")), "full");
        assert_eq!(mode(no("a"), Ok("quiet preempt=full preempt=none")), "none");
        let silent = "mode unknown: not on the command line, and a";
        assert_eq!(mode(no("a"), Ok("quiet")), silent);
        assert_eq!(mode(no("a"), no("b")), "mode unknown: b, and a");
    }

    #[test]
    fn three_loads_or_none() {
        assert_eq!(parse_load("0.50 1.25 2.00 1/79 3233"), Some([0.5, 1.25, 2.0]));
        assert_eq!(parse_load("0.50 x"), None);
    }
}
