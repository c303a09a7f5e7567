//! What this process may do: capabilities, counting, real-time scheduling.

use super::limits::rlimit;
use crate::cgroup;
use crate::proc::{Capabilities, Found, names, number, text};
use nix::sys::resource::{Resource, rlim_t};
use nix::unistd::geteuid;

/// The rights that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rights {
    /// Effective user is root.
    pub(super) root: bool,
    pub(super) capabilities: Capabilities,
    /// In a user namespace of its own, where capabilities open neither counting nor real-time
    /// scheduling.
    pub(super) own_namespace: bool,
}

impl Rights {
    /// The rights of this process, from /proc/self.
    pub(super) fn read() -> Found<Rights> {
        let status = text("/proc/self/status")?;
        let capabilities =
            Capabilities::effective(&status).ok_or("/proc/self/status has no CapEff")?;
        // Without user namespaces the file does not exist, and there is only the first one.
        let own_namespace = text("/proc/self/uid_map").is_ok_and(|map| !maps_all(&map));
        Ok(Rights { root: geteuid().is_root(), capabilities, own_namespace })
    }

    /// May this process count what others may not?
    pub(super) fn counts_all(self) -> bool {
        // `CAP_SYS_ADMIN` includes the other.
        let set_aside = [Capabilities::PERFMON, Capabilities::SYS_ADMIN];
        self.has_any(set_aside) && !self.own_namespace
    }

    pub(super) fn has_any(self, of: [u32; 2]) -> bool {
        of.iter().any(|capability| self.capabilities.has(*capability))
    }

    /// May this process count the kernel's part at this level of perf_event_paranoid?
    pub(super) fn counts_kernel(self, paranoid: i64) -> bool {
        self.counts_all() || paranoid <= 1
    }

    /// The rights in words.
    pub(super) fn words(self) -> String {
        let has = |capability| yes_no(self.capabilities.has(capability));
        format!(
            "{}; CAP_PERFMON {}, CAP_SYS_ADMIN {}, CAP_SYS_NICE {}{}",
            if self.root { "root" } else { "not root" },
            has(Capabilities::PERFMON),
            has(Capabilities::SYS_ADMIN),
            has(Capabilities::SYS_NICE),
            if self.own_namespace {
                "; in a user namespace, outside of which they count for nothing"
            } else {
                ""
            },
        )
    }
}

/// "yes" or "no".
pub(super) fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// Does a uid_map give every user its own number, as only the first namespace's does
/// (user_namespaces(7))?
fn maps_all(uid_map: &str) -> bool {
    uid_map.split_whitespace().eq(["0", "0", "4294967295"])
}

/// The level of perf_event_paranoid with what it leaves to this process (perf_event_open(2),
/// Documentation/admin-guide/sysctl/kernel.rst).
pub(super) fn paranoid_words(level: i64, rights: Rights) -> String {
    if rights.counts_all() {
        return format!(
            "{level} (overridden by this process's rights): user and kernel may be counted"
        );
    }
    let permits = match level {
        ..=-1 => "anyone may count everything",
        0 => "anyone may count user and kernel, and whole CPUs",
        1 => "anyone may count user and kernel of its own processes",
        2 => "this process may count its user part only",
        _ => "this process may count its user part only, or nothing on Debian and Ubuntu kernels",
    };
    format!("{level}: {permits}")
}

/// PMUs of the processor in a listing of /sys/bus/event_source/devices, such as `cpu` or
/// `armv8_pmuv3_0`.
pub(super) fn pmus() -> Found<Vec<String>> {
    Ok(names("/sys/bus/event_source/devices")?
        .into_iter()
        .filter(|name| is_cpu_pmu(name))
        .collect())
}

fn is_cpu_pmu(name: &str) -> bool {
    // riscv-pmu: the SBI PMU driver's name before it became `cpu`.
    matches!(name, "cpu" | "cpu_core" | "cpu_atom" | "riscv-pmu")
        || name.starts_with("armv")
        || (name.starts_with("apple_") && name.ends_with("_pmu"))
}

/// What decides over `SCHED_FIFO` (sched(7), Documentation/scheduler/sched-rt-group.rst).
#[derive(Debug, Clone, Copy)]
struct RealTime {
    /// `CAP_SYS_NICE` that counts.
    privileged: bool,
    /// Soft RLIMIT_RTPRIO.
    highest_priority: rlim_t,
    /// sched_rt_runtime_us: -1 unlimited.
    runtime_us: Option<i64>,
    /// cpu.rt_runtime_us of this process's group, where the kernel keeps one.
    group_runtime_us: Option<i64>,
}

/// Whether `SCHED_FIFO` should be permitted and why, or why not. Only trying it is proof.
pub(super) fn fifo(rights: Rights) -> std::result::Result<String, String> {
    let [limit, _] = rlimit(Resource::RLIMIT_RTPRIO)?;
    let own_group = cgroup::own("cpu").ok().and_then(|group| group.folders.into_iter().next());
    decide(RealTime {
        privileged: rights.capabilities.has(Capabilities::SYS_NICE) && !rights.own_namespace,
        highest_priority: limit,
        runtime_us: number("/proc/sys/kernel/sched_rt_runtime_us").ok(),
        group_runtime_us: own_group
            .and_then(|folder| number(folder.join("cpu.rt_runtime_us")).ok()),
    })
}

fn decide(facts: RealTime) -> std::result::Result<String, String> {
    if facts.runtime_us == Some(0) {
        return Err("sched_rt_runtime_us is 0; `sysctl kernel.sched_rt_runtime_us=950000` \
                    permits it"
            .into());
    }
    if facts.group_runtime_us == Some(0) {
        return Err("cpu.rt_runtime_us of its cgroup is 0; start it in the root group".into());
    }
    let bound = match facts.runtime_us {
        Some(-1) => "without a bound on its time".to_owned(),
        Some(us) => format!("for {us} us of each sched_rt_period_us"),
        None => "for an unknown share of time".to_owned(),
    };
    if facts.privileged {
        return Ok(format!("by CAP_SYS_NICE, {bound}"));
    }
    if facts.highest_priority > 0 {
        return Ok(format!("by RLIMIT_RTPRIO {}, {bound}", facts.highest_priority));
    }
    Err("no CAP_SYS_NICE and RLIMIT_RTPRIO is 0; root, or `ulimit -r 10`, permits it".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Rights =
        Rights { root: false, capabilities: Capabilities(0), own_namespace: false };
    const REFUSED: RealTime = RealTime {
        privileged: false,
        highest_priority: 0,
        runtime_us: Some(950_000),
        group_runtime_us: None,
    };

    #[test]
    fn rights_in_words() {
        let all = Rights { root: true, capabilities: Capabilities(u64::MAX), ..PLAIN };
        let words = "root; CAP_PERFMON yes, CAP_SYS_ADMIN yes, CAP_SYS_NICE yes";
        assert_eq!(all.words(), words);
        assert!(Rights { own_namespace: true, ..all }.words().contains("in a user namespace"));
        let nice = Rights { capabilities: Capabilities(1 << 23), ..PLAIN }.words();
        assert_eq!(nice, "not root; CAP_PERFMON no, CAP_SYS_ADMIN no, CAP_SYS_NICE yes");
    }

    #[test]
    fn only_the_first_namespace_maps_all() {
        assert!(maps_all("         0          0 4294967295"));
        assert!(!maps_all("0 1000 1"));
    }

    #[test]
    fn counting_the_kernel() {
        assert!(PLAIN.counts_kernel(1));
        assert!(!PLAIN.counts_kernel(2));
        let perfmon = Rights { capabilities: Capabilities(1 << 38), ..PLAIN };
        assert!(perfmon.counts_kernel(2));
        assert!(!Rights { own_namespace: true, ..perfmon }.counts_kernel(2));
        assert!(paranoid_words(2, PLAIN).contains("user part only"));
        assert!(paranoid_words(4, perfmon).contains("overridden"));
    }

    #[test]
    fn pmus_of_processors_only() {
        let known = ["cpu", "cpu_core", "armv8_pmuv3_0", "apple_icestorm_pmu"];
        assert!(known.iter().all(|name| is_cpu_pmu(name)));
        assert!(!["software", "uncore_imc", "msr", "cpum"].iter().any(|name| is_cpu_pmu(name)));
    }

    #[test]
    fn real_time_by_right_and_by_limit() {
        assert!(decide(REFUSED).unwrap_err().contains("RLIMIT_RTPRIO is 0"));
        assert!(
            decide(RealTime { highest_priority: 10, ..REFUSED })
                .unwrap()
                .contains("RLIMIT_RTPRIO 10")
        );
        let root = RealTime { privileged: true, ..REFUSED };
        assert!(decide(root).unwrap().contains("950000 us"));
        assert!(decide(RealTime { group_runtime_us: Some(0), ..root }).is_err());
        assert!(decide(RealTime { runtime_us: Some(0), ..root }).is_err());
    }
}
