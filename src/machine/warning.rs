//! What makes the figures less trustworthy: what it means, and what helps.

use super::hypervisor::Host;
use super::steal;
use super::survey::Survey;
use std::fmt;

/// Something about the machine that its figures have to be read with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Warning {
    /// One CPU only.
    OneCpu,
    /// Others are at work: load average of the last minute, and CPUs online.
    Load { average: f64, cpus: usize },
    /// A governor that changes the clock.
    Governor { name: String },
    /// The clock's governor is out of sight, with the reason.
    GovernorUnknown { why: String },
    /// The machine is shared with guests that are out of sight; steal in words.
    Guest { host: String, steal: String },
    /// The kernel does not keep time with the processor's own counter.
    ClockSource { name: String },
    /// The time-stamp counter may change its rate, or stop.
    VariantTsc,
    /// CPUs share cores.
    Smt,
    /// A cgroup stops this process when it used up its share.
    Quota { cpus: f64 },
    /// Counters may not count the kernel.
    KernelNotCounted { paranoid: i64 },
    /// No real-time scheduling, with the reason.
    NoFifo { why: String },
    /// Memory becomes huge pages unasked.
    HugePages,
}

/// The warnings that a machine gives cause for.
pub(super) fn warnings(survey: &Survey) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if survey.cpus.len() == 1 {
        warnings.push(Warning::OneCpu);
    }
    warnings.extend(load(survey));
    warnings.extend(frequency(survey));
    if survey.host != Host::Bare {
        let steal = survey.steal.clone().map_or_else(|why| format!("unknown: {why}"), steal::words);
        warnings.push(Warning::Guest { host: survey.host.words(), steal });
    }
    warnings.extend(time(survey));
    if survey.smt == Ok(true) {
        warnings.push(Warning::Smt);
    }
    warnings.extend(rights(survey));
    if survey.huge_pages.as_deref() == Ok("always") {
        warnings.push(Warning::HugePages);
    }
    warnings
}

fn load(survey: &Survey) -> Option<Warning> {
    let average = survey.load.as_ref().ok()?[0];
    let cpus = survey.online.as_ref().map_or(survey.cpus.len(), Vec::len);
    (average > cpus as f64 / 2.0).then_some(Warning::Load { average, cpus })
}

fn frequency(survey: &Survey) -> Option<Warning> {
    match &survey.governor {
        Ok(name) if name == "performance" => None,
        Ok(name) => Some(Warning::Governor { name: name.clone() }),
        Err(why) => Some(Warning::GovernorUnknown { why: why.clone() }),
    }
}

fn time(survey: &Survey) -> Vec<Warning> {
    let mut warnings = Vec::new();
    match &survey.clock_source {
        Ok(name) if cfg!(target_arch = "x86_64") && name != "tsc" => {
            warnings.push(Warning::ClockSource { name: name.clone() });
        }
        _ => {}
    }
    if survey.invariant_tsc() == Some(false) {
        warnings.push(Warning::VariantTsc);
    }
    warnings
}

fn rights(survey: &Survey) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Ok(Some(cpus)) = survey.cpu_quota {
        warnings.push(Warning::Quota { cpus });
    }
    if let (Some(false), Ok(paranoid)) = (survey.counts_kernel(), &survey.paranoid) {
        warnings.push(Warning::KernelNotCounted { paranoid: *paranoid });
    }
    if let Err(why) = &survey.fifo {
        warnings.push(Warning::NoFifo { why: why.clone() });
    }
    warnings
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::OneCpu => f.write_str(
                "only one CPU may be used: nothing that needs two cores can be measured; widen \
                 the affinity (taskset, cpuset), or give the machine a second CPU",
            ),
            Warning::Load { average, cpus } => write!(
                f,
                "load average {average:.2} on {cpus} CPUs over the last minute, a build just before \
                 included: if other programs still run, they take turns with what is measured"
            ),
            Warning::Governor { name } => write!(
                f,
                "frequency governor '{name}' changes the clock while it is measured: times drift, \
                 ratios of pairs do not; `cpupower frequency-set -g performance` holds it",
            ),
            Warning::GovernorUnknown { why } => write!(
                f,
                "whether the clock's frequency changes cannot be seen ({why}): the checks \
                 core-frequency and frequency-drift tell instead",
            ),
            Warning::Guest { host, steal } => write!(
                f,
                "{host}: CPUs, caches and TLB may be shared with guests that are out of sight, \
                 and traps cost more (steal {steal}); a bare machine or pinned virtual CPUs help",
            ),
            Warning::ClockSource { name } => write!(
                f,
                "clock source '{name}' is not tsc: reading the time may cost more than what is \
                 timed; `echo tsc > \
                 /sys/devices/system/clocksource/clocksource0/current_clocksource`, where it is \
                 available",
            ),
            Warning::VariantTsc => f.write_str(
                "the TSC is not invariant (constant_tsc, nonstop_tsc): cycles are no measure of \
                 time here; trust nanoseconds only",
            ),
            Warning::Smt => f.write_str(
                "SMT is active: a sibling's work slows the core that is measured; `echo off > \
                 /sys/devices/system/cpu/smt/control`, or keep the siblings idle",
            ),
            Warning::Quota { cpus } => write!(
                f,
                "a cgroup grants {cpus:.2} CPUs and stops this process when they are used up: \
                 pauses look like slow operations; raise cpu.max (docker: --cpus)",
            ),
            Warning::KernelNotCounted { paranoid } => write!(
                f,
                "perf_event_paranoid {paranoid} keeps the kernel's part from being counted, and \
                 creating and switching are kernel work; `sysctl kernel.perf_event_paranoid=1`, \
                 or CAP_PERFMON",
            ),
            Warning::NoFifo { why } => write!(
                f,
                "SCHED_FIFO is not permitted ({why}): switches are timed under SCHED_OTHER, whose \
                 wake-up preemption mixes paths",
            ),
            Warning::HugePages => f.write_str(
                "transparent huge pages are set to 'always': memory that should be in 4 KiB pages \
                 may not be, which makes fork cheaper and thread stacks larger; `echo madvise > \
                 /sys/kernel/mm/transparent_hugepage/enabled`",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::steal::Times;
    use super::super::survey::quiet_machine;
    use super::*;

    /// The warnings of a quiet machine after `spoil`.
    fn after(spoil: impl Fn(&mut Survey)) -> Vec<Warning> {
        let mut survey = quiet_machine();
        spoil(&mut survey);
        warnings(&survey)
    }

    #[test]
    fn a_quiet_machine_has_none() {
        assert_eq!(after(|_| ()), []);
    }

    #[test]
    fn each_cause_gives_its_own_warning() {
        assert_eq!(after(|s| s.cpus = vec![3]), [Warning::OneCpu]);
        assert_eq!(
            after(|s| s.load = Ok([1.1, 0.0, 0.0])),
            [Warning::Load { average: 1.1, cpus: 2 }]
        );
        assert_eq!(after(|s| s.load = Ok([1.0, 9.0, 9.0])), []);
        let powersave = Warning::Governor { name: "powersave".to_owned() };
        assert_eq!(after(|s| s.governor = Ok("powersave".to_owned())), [powersave]);
        let hidden = Warning::GovernorUnknown { why: "no cpufreq".to_owned() };
        assert_eq!(after(|s| s.governor = Err("no cpufreq".to_owned())), [hidden]);
        assert_eq!(after(|s| s.smt = Ok(true)), [Warning::Smt]);
        assert_eq!(after(|s| s.cpu_quota = Ok(Some(1.5))), [Warning::Quota { cpus: 1.5 }]);
        assert_eq!(after(|s| s.paranoid = Ok(2)), [Warning::KernelNotCounted { paranoid: 2 }]);
        let refused = Warning::NoFifo { why: "no right".to_owned() };
        assert_eq!(after(|s| s.fifo = Err("no right".to_owned())), [refused]);
        assert_eq!(after(|s| s.huge_pages = Ok("always".to_owned())), [Warning::HugePages]);
    }

    #[test]
    fn a_guest_shows_its_steal() {
        let found = after(|s| {
            s.host = Host::Guest("kvm");
            s.steal = Ok(Times { steal: 10, total: 1000 });
        });
        assert_eq!(found.len(), 1);
        let text = found[0].to_string();
        assert!(text.starts_with("KVM guest: ") && text.contains("1.00 %"), "{text}");
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn time_without_the_processors_counter() {
        let found = after(|s| {
            s.clock_source = Ok("hpet".to_owned());
            s.cpuinfo = "flags : constant_tsc\n".to_owned();
        });
        assert_eq!(found, [Warning::ClockSource { name: "hpet".to_owned() }, Warning::VariantTsc]);
    }
}
