//! What workers cost each other that do the same at the same time, kind by kind.

use crate::claim::{Evidence, Judged};
use crate::question::contention::plan::{KERNEL_KINDS, USER_KINDS, Workers, against, alone};
use crate::record::Id;
use crate::stats::Interval;
use std::collections::BTreeMap;

/// The kinds of work that were measured, those through the kernel first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Contention {
    /// In the order of the plan.
    pub kinds: Vec<Kind>,
}

/// One kind of work, by as many workers as there are CPUs.
#[derive(Debug, Clone, PartialEq)]
pub struct Kind {
    /// Its name in the plan, such as `mmap`.
    pub name: &'static str,
    /// Time of an operation, which is once by every worker: as threads, nanoseconds.
    pub threads_ns: Option<Interval>,
    /// As processes, nanoseconds.
    pub processes_ns: Option<Interval>,
    /// Time of threads over that of processes, in pairs.
    pub ratio: Option<Interval>,
    /// What company costs threads, where one alone was measured.
    pub among_threads: Option<Company>,
    /// What company costs processes.
    pub among_processes: Option<Company>,
}

/// One worker alone, and what it costs it that there is one on each CPU.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Company {
    /// Time of an operation of one worker, nanoseconds.
    pub alone_ns: Interval,
    /// Time with all of them over that, in pairs.
    pub ratio: Interval,
}

impl Contention {
    /// What the record says.
    #[must_use]
    pub fn of(judged: &Judged) -> Self {
        let evidence = &judged.evidence;
        let kinds = KERNEL_KINDS.into_iter().chain(USER_KINDS);
        Contention { kinds: kinds.filter_map(|name| Kind::of(name, evidence)).collect() }
    }
}

impl Kind {
    fn of(name: &'static str, evidence: &BTreeMap<Id, Evidence>) -> Option<Self> {
        let pair = evidence.get(&against(name));
        let company = |workers| {
            let found = evidence.get(&alone(name, workers))?;
            Some(Company { alone_ns: found.a.time_ns?, ratio: found.ratio? })
        };
        let kind = Kind {
            name,
            threads_ns: pair.and_then(|pair| pair.b.time_ns),
            processes_ns: pair.and_then(|pair| pair.a.time_ns),
            ratio: pair.and_then(|pair| pair.ratio),
            among_threads: company(Workers::Threads),
            among_processes: company(Workers::Processes),
        };
        let measured =
            kind.ratio.is_some() || kind.among_threads.is_some() || kind.among_processes.is_some();
        measured.then_some(kind)
    }
}
