//! The facts of a machine and what they warn of, in the order in which they are printed.

use super::hypervisor::Host;
use super::kernel::CLOCK_SOURCES;
use super::sandbox::Sandbox;
use super::survey::Survey;
use super::{cores, hypervisor, kernel, kinds, limits, mitigation, rights, space, steal};
use crate::cgroup;
use crate::proc::{Found, number, text};
use crate::record::{Fact, Failure, Modes, Value};
use crate::sys::memory::page_bytes;
use nix::sys::resource::Resource;
use std::env::consts::ARCH;

/// What is told of a machine: a fact is one item of [`FACTS`].
struct FactDef {
    title: &'static str,
    /// Its value, or why it is unknown.
    read: Read,
    /// What it makes less trustworthy here, if anything, and what would help.
    warn: fn(&Survey) -> Option<String>,
}

/// How the value of a fact is read.
enum Read {
    Words(fn(&Survey) -> Found<String>),
    Figure(fn(&Survey) -> Found<Value>),
}

/// A fact in words, which warns of nothing.
const fn fact(title: &'static str, read: fn(&Survey) -> Found<String>) -> FactDef {
    FactDef { title, read: Read::Words(read), warn: |_| None }
}

/// A fact that is a figure, and warns of nothing.
const fn figure(title: &'static str, read: fn(&Survey) -> Found<Value>) -> FactDef {
    FactDef { title, read: Read::Figure(read), warn: |_| None }
}

impl FactDef {
    const fn warns(self, warn: fn(&Survey) -> Option<String>) -> FactDef {
        FactDef { warn, ..self }
    }
}

const FACTS: &[FactDef] = &[
    fact("processor", |survey| Ok(survey.processor.as_ref()?.in_full())),
    fact("architecture", |_| Ok(ARCH.to_owned())),
    figure("CPUs allowed", |survey| Ok(counted(survey.cpus.len()))).warns(one_cpu),
    figure("CPUs online", |survey| Ok(counted(survey.online.as_ref()?.len()))),
    figure("cores allowed", |survey| cores::physical(&survey.cpus).map(counted)),
    fact("kinds of core", |survey| Ok(kinds::words(survey.kinds.as_ref()?))).warns(unlike_cores),
    fact("SMT", smt_in_words).warns(smt),
    fact("caches", |survey| limits::caches(survey.main)),
    figure("memory", |_| limits::memory_bytes("MemTotal").map(Value::Bytes)),
    figure("memory available", |_| limits::memory_bytes("MemAvailable").map(Value::Bytes)),
    fact("hypervisor", host).warns(guest),
    fact("container", |_| Ok(hypervisor::container())),
    fact("sandbox", |_| Sandbox::fact()),
    fact("kernel", |_| kernel::describe()),
    fact("clock source", |survey| survey.clock_source.clone()).warns(other_clock_source),
    fact("clock sources", |_| text(format!("{CLOCK_SOURCES}/available_clocksource"))),
    fact("invariant TSC", invariant_tsc).warns(variant_tsc),
    fact("frequency", |survey| kernel::frequency(survey.main, survey.governor.as_deref()?))
        .warns(moving_clock),
    figure("highest frequency", |survey| kernel::highest_hertz(survey.main).map(Value::Hertz)),
    fact("load average", load).warns(others_at_work),
    fact("transparent huge pages", |survey| survey.huge_pages.clone()).warns(unasked_huge_pages),
    fact("page-table isolation", |survey| {
        Ok(mitigation::isolation_words(survey.page_table_isolation.as_ref()?))
    }),
    fact("spectre v2", |_| mitigation::spectre_v2()),
    fact("other mitigations", |_| mitigation::others()),
    fact("address-space ids", |survey| mitigation::address_space_ids(survey.cpuinfo()?)),
    fact("address-space switch", |survey| space::switch(ARCH, survey)),
    figure("address-space slots", |survey| space::slots(ARCH, survey).map(Value::Count)),
    fact("perf_event_paranoid", paranoid).warns(kernel_not_counted),
    fact("rights", |survey| survey.rights.clone().map(rights::Rights::words)),
    fact("processor's PMU", pmus),
    fact("SCHED_FIFO", fifo).warns(no_fifo),
    fact("cgroup CPU quota", cpu_quota).warns(quota),
    figure("cgroup memory limit", |_| Ok(or_none(cgroup::memory_limit_bytes()?, Value::Bytes))),
    figure("cgroup pids limit", |_| Ok(or_none(cgroup::pids_limit()?, Value::Count))),
    figure("RLIMIT_NPROC", |_| limits::soft(Resource::RLIMIT_NPROC)),
    figure("RLIMIT_NPROC, hard", |_| limits::hard(Resource::RLIMIT_NPROC)),
    figure("RLIMIT_NOFILE", |_| limits::soft(Resource::RLIMIT_NOFILE)),
    // To which servers and clients raise their own.
    figure("RLIMIT_NOFILE, hard", |_| limits::hard(Resource::RLIMIT_NOFILE)),
    figure("pid_max", |_| number("/proc/sys/kernel/pid_max").map(Value::Count)),
    fact("libc of this program", |_| Ok(libc())),
    fact("steal", |survey| survey.steal.clone().map(steal::words)),
    figure("page size", |_| Ok(Value::Bytes(page_bytes() as u64))),
];

/// All facts. One that cannot be found says why.
pub(super) fn facts(survey: &Survey) -> Vec<Fact> {
    let of = |FactDef { title, read, .. }: &FactDef| {
        let value = match read {
            Read::Words(read) => read(survey).map(Value::Text),
            Read::Figure(read) => read(survey),
        };
        Fact { name: (*title).to_owned(), value: value.into() }
    };
    FACTS.iter().map(of).collect()
}

/// What makes the figures of this machine less trustworthy.
pub(super) fn warnings(survey: &Survey) -> Vec<String> {
    FACTS.iter().filter_map(|fact| (fact.warn)(survey)).collect()
}

fn counted(things: usize) -> Value {
    Value::Count(things as u64)
}

fn one_cpu(survey: &Survey) -> Option<String> {
    let text = "only one CPU may be used: comparisons on two cores are skipped; widen the affinity \
                (taskset, cpuset) or add a CPU";
    (survey.cpus.len() == 1).then(|| text.to_owned())
}

/// What runs where the scheduler likes runs on fast and slow cores in turns.
fn unlike_cores(survey: &Survey) -> Option<String> {
    let all = survey.kinds.as_ref().ok().filter(|kinds| kinds.len() > 1)?;
    let fastest: Vec<String> = all.first()?.cpus.iter().map(usize::to_string).collect();
    Some(format!(
        "the cores differ: {}; figures of free placement and of all cores mix them; `taskset -c \
         {}` keeps to the fastest",
        kinds::words(all),
        fastest.join(",")
    ))
}

fn smt_in_words(survey: &Survey) -> Found<String> {
    survey.smt.clone().map(|active| if active { "active" } else { "not active" }.to_owned())
}

fn smt(survey: &Survey) -> Option<String> {
    let text = "SMT is active: work on a sibling thread slows the measured core; `echo off > \
                /sys/devices/system/cpu/smt/control`, or leave the siblings idle";
    (survey.smt == Ok(true)).then(|| text.to_owned())
}

fn host(survey: &Survey) -> Found<String> {
    let (host, evidence) = survey.host.as_ref()?;
    Ok(format!("{}: {evidence}", host.words()))
}

/// The machine is shared with guests that are out of sight.
fn guest(survey: &Survey) -> Option<String> {
    let (host, _) = survey.host.as_ref().ok().filter(|(host, _)| *host != Host::Bare)?;
    let steal = survey.steal.clone().map_or_else(|why| format!("unknown: {why}"), steal::words);
    Some(format!(
        "{}: other guests may share CPUs, caches and TLB, and traps cost more (steal {steal}); use \
         bare metal or pinned virtual CPUs",
        host.words()
    ))
}

/// The kernel does not keep time with the processor's own counter.
fn other_clock_source(survey: &Survey) -> Option<String> {
    let name = survey.clock_source.as_ref().ok()?;
    (cfg!(target_arch = "x86_64") && name != "tsc").then(|| {
        format!(
            "clock source '{name}' is not tsc: a clock read may cost more than the operation; \
             where tsc is available: `echo tsc > \
             /sys/devices/system/clocksource/clocksource0/current_clocksource`"
        )
    })
}

/// Does the time-stamp counter tick evenly at every frequency and in every idle state?
fn invariant_tsc(survey: &Survey) -> Found<String> {
    if !cfg!(target_arch = "x86_64") {
        return Ok("no TSC: this architecture's counter has one rate by definition".to_owned());
    }
    let cpuinfo = survey.cpuinfo()?;
    let flag = |flag| Ok(format!("{flag} {}", rights::yes_no(cpuinfo.has(flag)?)));
    Ok(INVARIANT.into_iter().map(flag).collect::<Found<Vec<String>>>()?.join(", "))
}

const INVARIANT: [&str; 2] = ["constant_tsc", "nonstop_tsc"];

fn variant_tsc(survey: &Survey) -> Option<String> {
    let cpuinfo = survey.cpuinfo().ok()?;
    let lacks = |flag: &&str| cpuinfo.has(flag) == Ok(false);
    let variant = cfg!(target_arch = "x86_64") && INVARIANT.iter().any(lacks);
    let text = "the TSC is not invariant (constant_tsc, nonstop_tsc): its cycles do not measure \
                time; use the results in nanoseconds only";
    variant.then(|| text.to_owned())
}

fn moving_clock(survey: &Survey) -> Option<String> {
    match &survey.governor {
        Ok(name) if name == "performance" => None,
        Ok(name) => Some(format!(
            "frequency governor '{name}' changes the CPU frequency during the run: times drift, \
             paired ratios do not; `cpupower frequency-set -g performance`"
        )),
        Err(why) => Some(format!(
            "CPU frequency is not visible ({why}): see the measured drift in the check \
             frequency-drift"
        )),
    }
}

fn load(survey: &Survey) -> Found<String> {
    let [one, five, fifteen] = survey.load.clone()?;
    Ok(format!("{one} {five} {fifteen}"))
}

fn others_at_work(survey: &Survey) -> Option<String> {
    let average = survey.load.as_ref().ok()?[0];
    let cpus = survey.online.as_ref().map_or(survey.cpus.len(), Vec::len);
    let busy = average > cpus as f64 / 2.0 && survey.others_runnable != Ok(0);
    busy.then(|| {
        format!(
            "load average {average:.2} on {cpus} CPUs at the start, and other programs run: they \
             distort the results; stop them and repeat the run"
        )
    })
}

fn unasked_huge_pages(survey: &Survey) -> Option<String> {
    let text = "transparent huge pages are set to 'always': forks may be cheaper and thread stacks \
                larger than with 4 KiB pages; `echo madvise > \
                /sys/kernel/mm/transparent_hugepage/enabled`";
    (survey.huge_pages.as_deref() == Ok("always")).then(|| text.to_owned())
}

fn paranoid(survey: &Survey) -> Found<String> {
    Ok(rights::paranoid_words(survey.paranoid.clone()?, &survey.counting))
}

fn kernel_not_counted(survey: &Survey) -> Option<String> {
    let shown = survey.paranoid.as_ref().map_or("unknown".to_owned(), i64::to_string);
    match &survey.counting {
        Ok(Modes::UserKernel) => None,
        Ok(Modes::User) => Some(format!(
            "perf_event_paranoid {shown} hides kernel events, and creation and switching are \
             kernel work; `sysctl kernel.perf_event_paranoid=1`, or CAP_PERFMON"
        )),
        Err(why) => Some(format!("no event can be counted: {why}")),
    }
}

fn pmus(survey: &Survey) -> Found<String> {
    let pmus = survey.pmus.as_ref()?;
    let none = "none: no hardware event can be counted";
    Ok(if pmus.is_empty() { none.to_owned() } else { pmus.join(", ") })
}

fn fifo(survey: &Survey) -> Found<String> {
    Ok(match &survey.fifo {
        Ok(how) => format!("permitted {how}"),
        Err(failure) => format!("not permitted: {}", failure.why),
    })
}

fn no_fifo(survey: &Survey) -> Option<String> {
    let Failure { why, remedy, .. } = survey.fifo.as_ref().err()?;
    let help = remedy.as_ref().map_or(String::new(), |remedy| format!("; {remedy}"));
    Some(format!(
        "SCHED_FIFO is not permitted ({why}): switches are timed under SCHED_OTHER and vary \
         more{help}"
    ))
}

fn cpu_quota(survey: &Survey) -> Found<String> {
    let quota = survey.cpu_quota.clone()?;
    Ok(quota.map_or("none".to_owned(), |cpus| format!("{cpus:.2} CPUs")))
}

/// A cgroup stops this process when it used up its share.
fn quota(survey: &Survey) -> Option<String> {
    let cpus = survey.cpu_quota.clone().ok()??;
    Some(format!(
        "a cgroup grants {cpus:.2} CPUs and throttles this process beyond that: pauses look like \
         slow operations; raise cpu.max (docker: --cpus)"
    ))
}

fn or_none(limit: Option<u64>, value: fn(u64) -> Value) -> Value {
    limit.map_or(Value::Text("none".to_owned()), value)
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
mod tests;
