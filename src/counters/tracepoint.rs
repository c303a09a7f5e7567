//! The kernel's own books of TLB flushes: its tracepoint `tlb:tlb_flush` as perf events (x86).
//!
//! Opened per CPU and not per task: a switch takes the leaving task's events off the CPU before it
//! changes the address space (`prepare_task_switch` before `switch_mm`), so that a task's own event
//! reads 0 where every switch flushes. Only while all tasks still have the one inherited set of
//! events do these stay on, and the first event of a task's own ends that. A filter on the task
//! that leaves keeps the neighbours' switches out.

use super::reason::{self, Asked};
use super::tracefs::{self, Unfound};
use super::{Event, close_on_exec};
use crate::primitive::Companion;
use crate::sys::perf::set_filter;
use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::{Pid, gettid};
use perf_event::{Builder, Counter};
use perf_event_open_sys::bindings::PERF_TYPE_TRACEPOINT;
use std::collections::BTreeSet;
use std::ffi::{CStr, CString};
use std::io;

/// The tracepoint's folder in tracefs.
const FOLDER: &str = "tlb/tlb_flush";
/// The first namespace of process ids (include/linux/proc_ns.h, `PROC_PID_INIT_INO`): there the ids
/// that the kernel filters by are those that this process knows.
const FIRST_PID_NAMESPACE: &str = "pid:[4026531836]";

/// Whose switches are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Those away from the actors.
    Actors,
    /// All on the CPUs where the actors may run: actors that come and go have no id to filter by
    /// beforehand.
    Anyones,
}

/// How the tracepoint is counted for some actors.
#[derive(Debug)]
pub(super) struct Switches {
    id: Result<u64, Unfound>,
    cpus: io::Result<BTreeSet<usize>>,
    /// The actors to filter by; none where all switches are counted.
    actors: Vec<Pid>,
}

impl Switches {
    /// Around the calling actor and its companions, on all CPUs where they may run.
    pub(super) fn around(companions: &[Companion]) -> Self {
        let mut tasks = vec![gettid()];
        tasks.extend(companions.iter().map(|companion| companion.task));
        let cpus = tasks.iter().map(|task| may_run(*task)).collect::<io::Result<Vec<_>>>();
        let cpus = cpus.map(|each| each.into_iter().flatten().collect());
        let namespace = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        if companions.is_empty() || namespace.as_os_str() != FIRST_PID_NAMESPACE {
            tasks.clear();
        }
        Switches { id: tracefs::id(FOLDER), cpus, actors: tasks }
    }

    /// On one CPU, which is enough to see whether it opens.
    pub(super) fn anywhere() -> Self {
        let cpus = may_run(gettid()).map(|cpus| cpus.into_iter().take(1).collect());
        Switches { id: tracefs::id(FOLDER), cpus, actors: Vec::new() }
    }

    /// Whose switches are counted.
    pub(super) fn whose(&self) -> Whose {
        if self.actors.is_empty() { Whose::Anyones } else { Whose::Actors }
    }

    /// Opens and enables a counter on each CPU, of the hits that meet the condition.
    ///
    /// # Errors
    /// The reason, in one sentence.
    pub(super) fn open(&self, event: &Event, condition: &str) -> Result<Vec<Counter>, String> {
        let id = self.id.as_ref().map_err(reason::of_unfound)?;
        let cpus = self
            .cpus
            .as_ref()
            .map_err(|e| format!("{}: asking where the actors may run", reason::named(e)))?;
        let filter = filter(condition, &self.actors);
        let counters: io::Result<_> = cpus.iter().map(|cpu| open_on(*cpu, *id, &filter)).collect();
        counters.map_err(|e| reason::of(event, Asked::Cpu, &e))
    }
}

fn open_on(cpu: usize, id: u64, filter: &CStr) -> io::Result<Counter> {
    let mut builder = Builder::new().any_pid().one_cpu(cpu);
    builder.include_kernel();
    let attributes = builder.attrs_mut();
    attributes.type_ = PERF_TYPE_TRACEPOINT;
    attributes.config = id;
    let mut counter = builder.build()?;
    close_on_exec(&counter)?;
    set_filter(&counter, filter).map_err(|e| {
        let (e, bytes) = (reason::named(&e), filter.count_bytes());
        io::Error::other(format!("{e}: a filter of {bytes} bytes is refused; a page is the most"))
    })?;
    counter.enable()?;
    Ok(counter)
}

/// The condition, and the actors as tasks that leave: the tracepoint fires before the switch is
/// done.
fn filter(condition: &str, actors: &[Pid]) -> CString {
    let own: Vec<String> = actors.iter().map(|task| format!("common_pid=={task}")).collect();
    let text = match own.is_empty() {
        true => condition.to_owned(),
        false => format!("{condition} && ({})", own.join(" || ")),
    };
    CString::new(text).unwrap_or_default()
}

/// CPUs where a task may run.
fn may_run(task: Pid) -> io::Result<Vec<usize>> {
    let cpus = sched_getaffinity(task)?;
    Ok((0..CpuSet::count()).filter(|cpu| cpus.is_set(*cpu).unwrap_or(false)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_every_actor() {
        let of = |tasks: &[i32]| {
            let tasks: Vec<Pid> = tasks.iter().copied().map(Pid::from_raw).collect();
            filter("pages==0", &tasks).into_string().unwrap()
        };
        assert_eq!(of(&[]), "pages==0");
        assert_eq!(of(&[7]), "pages==0 && (common_pid==7)");
        assert_eq!(of(&[7, 8]), "pages==0 && (common_pid==7 || common_pid==8)");
    }

    #[test]
    fn this_thread_may_run_somewhere() {
        assert!(!may_run(gettid()).unwrap().is_empty());
    }
}
