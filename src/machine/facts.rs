//! The facts of a machine, in the order in which they are printed.

use super::rights::yes_no;
use super::survey::Survey;
use super::{cores, hypervisor, kernel, limits, mitigation, rights, space, steal};
use crate::proc::Found;
use crate::record::Fact;
use nix::sys::resource::Resource;

/// All facts. One that cannot be found says why.
pub(super) fn facts(survey: &Survey) -> Vec<Fact> {
    let mut facts = hardware(survey);
    facts.extend(time(survey));
    facts.extend(protection(survey));
    facts.extend(permitted(survey));
    facts.extend(bounds());
    facts.push(fact("libc of this program", Ok(libc())));
    facts.push(fact("steal", survey.steal.clone().map(steal::words)));
    facts
}

fn hardware(survey: &Survey) -> Vec<Fact> {
    let processor = survey.processor.clone().map(|processor| match processor.detail {
        Some(detail) => format!("{} ({detail})", processor.name),
        None => processor.name,
    });
    let host = format!("{}: {}", survey.host.words(), survey.host_evidence);
    vec![
        fact("processor", processor),
        fact("architecture", Ok(std::env::consts::ARCH.to_owned())),
        fact("CPUs", cpus(survey)),
        fact("cores", cores_in_words(survey)),
        fact("caches", limits::caches(survey.main)),
        fact("memory", limits::memory()),
        fact("hypervisor", Ok(host)),
        fact("container", Ok(hypervisor::container())),
        fact("kernel", kernel::describe()),
    ]
}

fn cpus(survey: &Survey) -> Found<String> {
    let online = survey.online.clone()?.len();
    Ok(format!("{} allowed {:?} of {online} online", survey.cpus.len(), survey.cpus))
}

fn cores_in_words(survey: &Survey) -> Found<String> {
    let cores = cores::physical(&survey.cpus)?;
    let smt = if survey.smt.clone()? { "active" } else { "not active" };
    Ok(format!("{cores} under the allowed CPUs, SMT {smt}"))
}

fn time(survey: &Survey) -> Vec<Fact> {
    let source = survey.clock_source.clone().map(|current| match kernel::clock_sources() {
        Ok(available) => format!("{current} (available: {available})"),
        Err(reason) => format!("{current} (others unknown: {reason})"),
    });
    let invariant = match survey.invariant_tsc() {
        Some(_) => ["constant_tsc", "nonstop_tsc"]
            .map(|flag| format!("{flag} {}", yes_no(survey.cpuinfo().has(flag))))
            .join(", "),
        None => "no TSC: this architecture's counter has one rate by definition".to_owned(),
    };
    let load = survey.load.clone();
    vec![
        fact("clock source", source),
        fact("invariant TSC", Ok(invariant)),
        fact("frequency", kernel::frequency(survey.main)),
        fact("load average", load.map(|[one, five, fifteen]| format!("{one} {five} {fifteen}"))),
        fact("transparent huge pages", survey.huge_pages.clone()),
    ]
}

fn protection(survey: &Survey) -> Vec<Fact> {
    vec![
        fact("page-table isolation", mitigation::meltdown()),
        fact("spectre v2", mitigation::spectre_v2()),
        fact("other mitigations", mitigation::others()),
        fact("address-space ids", Ok(mitigation::address_space_ids(survey.cpuinfo()))),
        fact("address-space switch", space::switch(traits(survey))),
    ]
}

/// What decides the cost of a switch of address space here.
fn traits(survey: &Survey) -> space::Traits<'_> {
    space::Traits {
        architecture: std::env::consts::ARCH,
        cpuinfo: survey.cpuinfo(),
        isolation: survey.page_table_isolation.as_ref().ok().copied(),
        release: survey.release.as_deref().ok(),
        host: survey.host,
    }
}

fn permitted(survey: &Survey) -> Vec<Fact> {
    let paranoid = survey.paranoid.clone().and_then(|level| {
        let rights = survey.rights.clone()?;
        Ok(rights::paranoid_words(level, rights))
    });
    let pmus = survey.pmus.clone().map(|pmus| match pmus.is_empty() {
        true => "none: no hardware event can be counted".to_owned(),
        false => pmus.join(", "),
    });
    let fifo = match &survey.fifo {
        Ok(how) => format!("permitted {how}"),
        Err(why) => format!("not permitted: {why}"),
    };
    vec![
        fact("perf_event_paranoid", paranoid),
        fact("rights", survey.rights.clone().map(|rights| rights.words())),
        fact("processor's PMU", pmus),
        fact("SCHED_FIFO", Ok(fifo)),
    ]
}

fn bounds() -> Vec<Fact> {
    vec![
        fact("cgroup CPU quota", limits::cpu_quota()),
        fact("cgroup memory limit", limits::cgroup_memory()),
        fact("cgroup pids limit", limits::cgroup_pids()),
        fact("RLIMIT_NPROC", limits::resource(Resource::RLIMIT_NPROC)),
        fact("open files", limits::open_files()),
        fact("pid_max", kernel::pid_max().map(|pids| pids.to_string())),
    ]
}

/// A fact with its value, or with the reason why it is unknown.
fn fact(name: &str, value: Found<String>) -> Fact {
    let value = value.unwrap_or_else(|reason| format!("unknown: {reason}"));
    Fact { name: name.to_owned(), value }
}

fn libc() -> String {
    let name = match () {
        () if cfg!(target_env = "gnu") => "glibc",
        () if cfg!(target_env = "musl") => "musl",
        () => "neither glibc nor musl",
    };
    let linked = if cfg!(target_feature = "crt-static") { "static" } else { "dynamic" };
    format!("{name}, linked {linked}")
}

#[cfg(test)]
mod tests {
    use super::super::survey::quiet_machine;
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn facts_have_names_of_their_own_and_values() {
        let facts = facts(&Survey::take());
        let names: HashSet<&str> = facts.iter().map(|fact| fact.name.as_str()).collect();
        assert_eq!(names.len(), facts.len());
        assert!(facts.iter().all(|fact| !fact.value.trim().is_empty()), "{facts:?}");
    }

    #[test]
    fn what_is_unknown_stays_on_the_list() {
        let mut survey = quiet_machine();
        let complete = facts(&survey).len();
        survey.clock_source = Err("nothing there".to_owned());
        survey.rights = Err("no status".to_owned());
        let facts = facts(&survey);
        let value = |name: &str| &facts.iter().find(|fact| fact.name == name).unwrap().value;
        assert_eq!(facts.len(), complete);
        assert_eq!(value("clock source"), "unknown: nothing there");
        assert_eq!(value("perf_event_paranoid"), "unknown: no status");
    }
}
