//! What several readers need to know of the machine: summary, facts and warnings look at the same
//! survey.

use super::cpu::{Cpuinfo, Processor};
use super::hypervisor::{self, Host};
use super::rights::{self, Rights};
use super::steal::{self, Times};
use super::{cgroup, cores, kernel, mitigation};
use crate::proc::{Found, text};

/// The machine as far as it can be seen; each value or the reason why there is none.
#[derive(Debug, Clone)]
pub(super) struct Survey {
    /// Text of /proc/cpuinfo; empty where it cannot be read.
    pub(super) cpuinfo: String,
    pub(super) processor: Found<Processor>,
    pub(super) cpus: Vec<usize>,
    /// The CPU that pinned actors use.
    pub(super) main: usize,
    pub(super) online: Found<Vec<usize>>,
    pub(super) smt: Found<bool>,
    pub(super) host: Host,
    /// What shows that it is one.
    pub(super) host_evidence: String,
    pub(super) release: Found<String>,
    pub(super) clock_source: Found<String>,
    pub(super) governor: Found<String>,
    pub(super) load: Found<[f64; 3]>,
    pub(super) huge_pages: Found<String>,
    pub(super) page_table_isolation: Found<bool>,
    pub(super) paranoid: Found<i64>,
    pub(super) rights: Found<Rights>,
    pub(super) pmus: Found<Vec<String>>,
    /// Why `SCHED_FIFO` is permitted, or why not.
    pub(super) fifo: std::result::Result<String, String>,
    pub(super) cpu_quota: Found<Option<f64>>,
    pub(super) steal: Found<Times>,
}

impl Survey {
    /// Looks at this machine.
    pub(super) fn take() -> Survey {
        let cpuinfo = text("/proc/cpuinfo").unwrap_or_default();
        let board = text("/proc/device-tree/model").ok();
        let (host, host_evidence) = hypervisor::host(Cpuinfo(&cpuinfo));
        let cpus = cores::allowed();
        let main = cores::placement().main;
        let rights = Rights::read();
        Survey {
            processor: Cpuinfo(&cpuinfo).processor(board.as_deref()),
            online: cores::online(),
            smt: cores::smt_active(&cpus),
            host,
            host_evidence,
            release: kernel::release_and_version().map(|(release, _)| release),
            clock_source: kernel::clock_source(),
            governor: kernel::governor(main),
            load: kernel::load(),
            huge_pages: kernel::huge_pages(),
            page_table_isolation: mitigation::page_table_isolation(),
            paranoid: rights::paranoid(),
            pmus: rights::pmus(),
            fifo: rights.clone().and_then(rights::fifo),
            cpu_quota: cgroup::cpu_quota(),
            steal: steal::all_cpus(),
            cpuinfo,
            cpus,
            main,
            rights,
        }
    }

    /// The processor's lines.
    pub(super) fn cpuinfo(&self) -> Cpuinfo<'_> {
        Cpuinfo(&self.cpuinfo)
    }

    /// Does the time-stamp counter tick evenly at every frequency and in every idle state? `None`
    /// where the architecture's counter always does.
    pub(super) fn invariant_tsc(&self) -> Option<bool> {
        let cpuinfo = self.cpuinfo();
        cfg!(target_arch = "x86_64")
            .then(|| cpuinfo.has("constant_tsc") && cpuinfo.has("nonstop_tsc"))
    }

    /// May this process count the kernel's part? `None` where the setting or the rights are
    /// unknown.
    pub(super) fn counts_kernel(&self) -> Option<bool> {
        let rights = self.rights.as_ref().ok()?;
        Some(rights.counts_kernel(*self.paranoid.as_ref().ok()?))
    }
}

/// A machine on which nothing warrants a warning, for tests to spoil.
#[cfg(test)]
pub(super) fn quiet_machine() -> Survey {
    Survey {
        cpuinfo: "flags : pcid invpcid constant_tsc nonstop_tsc\n".to_owned(),
        processor: Ok(Processor { name: "AMD EPYC 7763".to_owned(), detail: None }),
        cpus: vec![0, 1],
        main: 1,
        online: Ok(vec![0, 1]),
        smt: Ok(false),
        host: Host::Bare,
        host_evidence: "no hypervisor flag".to_owned(),
        release: Ok("6.18.44-generic".to_owned()),
        clock_source: Ok("tsc".to_owned()),
        governor: Ok("performance".to_owned()),
        load: Ok([0.1, 0.2, 0.3]),
        huge_pages: Ok("madvise".to_owned()),
        page_table_isolation: Ok(false),
        paranoid: Ok(1),
        rights: Ok(Rights {
            root: false,
            perfmon: false,
            sys_admin: false,
            sys_nice: true,
            own_namespace: false,
        }),
        pmus: Ok(vec!["cpu".to_owned()]),
        fifo: Ok("by CAP_SYS_NICE".to_owned()),
        cpu_quota: Ok(None),
        steal: Ok(Times { steal: 0, total: 1000 }),
    }
}
