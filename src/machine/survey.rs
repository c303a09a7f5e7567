//! What several readers need to know of the machine: its name, its facts and what these warn of
//! look at the same survey.

use super::cpu::{Cpuinfo, Processor};
use super::hypervisor::{self, Host};
use super::kinds::{self, CoreKind};
use super::rights::{self, Rights};
use super::steal::{self, Times};
use super::{cores, kernel, mitigation, real_time};
use crate::cgroup;
use crate::counters;
use crate::proc::{Found, Tree, number, text};
use crate::record::{Modes, Result};

/// The machine as far as it can be seen; each value or the reason why there is none.
#[derive(Debug, Clone)]
pub(super) struct Survey {
    /// Text of /proc/cpuinfo.
    pub(super) cpuinfo: Found<String>,
    pub(super) processor: Found<Processor>,
    pub(super) cpus: Vec<usize>,
    /// The CPU that pinned actors use.
    pub(super) main: usize,
    /// Kinds of core among the CPUs that may be used, the fastest first.
    pub(super) kinds: Found<Vec<CoreKind>>,
    pub(super) online: Found<Vec<usize>>,
    pub(super) smt: Found<bool>,
    /// And what shows that it is one.
    pub(super) host: Found<(Host, String)>,
    pub(super) release: Found<String>,
    pub(super) clock_source: Found<String>,
    pub(super) governor: Found<String>,
    pub(super) load: Found<[f64; 3]>,
    /// Tasks of others that run or want to run.
    pub(super) others_runnable: Found<u32>,
    pub(super) huge_pages: Found<String>,
    /// And what shows whether it is on.
    pub(super) page_table_isolation: Found<(bool, String)>,
    pub(super) paranoid: Found<i64>,
    pub(super) rights: Found<Rights>,
    /// In which modes counting was permitted when it was tried.
    pub(super) counting: Found<Modes>,
    pub(super) pmus: Found<Vec<String>>,
    /// By which right `SCHED_FIFO` was permitted when it was tried, or why not.
    pub(super) fifo: Result<String>,
    pub(super) cpu_quota: Found<Option<f64>>,
    pub(super) steal: Found<Times>,
}

impl Survey {
    /// Looks at this machine.
    ///
    /// # Errors
    /// The CPUs that may be used are unknown.
    pub(super) fn take() -> Result<Survey> {
        let cpuinfo = text("/proc/cpuinfo");
        let lines = cpuinfo.as_deref().map(Cpuinfo).map_err(ToString::to_string);
        let board = text("/proc/device-tree/model").ok();
        let cpus = cores::allowed()?;
        let main = cores::placement()?.main;
        let rights = Rights::read();
        Ok(Survey {
            processor: lines.clone().and_then(|lines| lines.processor(board.as_deref())),
            kinds: kinds::kinds(Tree::KERNEL, &cpus),
            online: cores::online(),
            smt: cores::smt_active(&cpus),
            host: hypervisor::host(Tree::KERNEL),
            release: kernel::release_and_version().map(|(release, _)| release),
            clock_source: kernel::clock_source(),
            governor: text(format!("/sys/devices/system/cpu/cpu{main}/cpufreq/scaling_governor")),
            load: kernel::load(),
            others_runnable: kernel::others_runnable(),
            huge_pages: kernel::huge_pages(),
            page_table_isolation: {
                // Without its flags what the kernel says of Meltdown may tell.
                let lines = lines.unwrap_or(Cpuinfo(""));
                mitigation::page_table_isolation(Tree::KERNEL, lines)
            },
            paranoid: number("/proc/sys/kernel/perf_event_paranoid"),
            counting: counters::permitted(),
            pmus: rights::pmus(),
            fifo: real_time::fifo_words(),
            cpu_quota: cgroup::cpu_quota(),
            steal: steal::all_cpus(),
            cpuinfo,
            cpus,
            main,
            rights,
        })
    }

    /// The processor's lines.
    pub(super) fn cpuinfo(&self) -> Found<Cpuinfo<'_>> {
        Ok(Cpuinfo(self.cpuinfo.as_ref()?))
    }
}

/// A machine on which nothing warrants a warning, for tests to spoil.
#[cfg(test)]
pub(super) fn quiet_machine() -> Survey {
    use crate::proc::Capabilities;
    Survey {
        cpuinfo: Ok("flags : pcid invpcid constant_tsc nonstop_tsc\n".to_owned()),
        processor: Ok(Processor { name: "AMD EPYC 7763".to_owned(), detail: None }),
        cpus: vec![0, 1],
        main: 1,
        kinds: Ok(vec![CoreKind { name: "up to 3.6 GHz".to_owned(), cpus: vec![0, 1] }]),
        online: Ok(vec![0, 1]),
        smt: Ok(false),
        host: Ok((Host::Bare, "no hypervisor flag".to_owned())),
        release: Ok("6.18.44-generic".to_owned()),
        clock_source: Ok("tsc".to_owned()),
        governor: Ok("performance".to_owned()),
        load: Ok([0.1, 0.2, 0.3]),
        others_runnable: Ok(1),
        huge_pages: Ok("madvise".to_owned()),
        page_table_isolation: Ok((false, "meltdown: Not affected".to_owned())),
        paranoid: Ok(1),
        rights: Ok(Rights {
            root: false,
            capabilities: Capabilities(1 << Capabilities::SYS_NICE),
            own_namespace: false,
        }),
        counting: Ok(Modes::UserKernel),
        pmus: Ok(vec!["cpu".to_owned()]),
        fifo: Ok("by CAP_SYS_NICE".to_owned()),
        cpu_quota: Ok(None),
        steal: Ok(Times { steal: 0, total: 1000 }),
    }
}
