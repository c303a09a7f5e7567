//! May this process use `SCHED_FIFO`? Tried, never concluded; what the settings say explains what
//! the trial found (sched(7), Documentation/scheduler/sched-rt-group.rst).

use super::limits::rlimit;
use super::rights::Rights;
use super::sandbox::Sandbox;
use crate::cgroup;
use crate::proc::{Capabilities, Found, number};
use crate::record::{Failure, Policy, Result};
use crate::sys::sched;
use nix::errno::Errno;
use nix::sys::resource::{Resource, rlim_t};
use nix::unistd::gettid;

const TRIED: &str = "setting SCHED_FIFO for benchmark processes";

/// What decides over `SCHED_FIFO`.
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
    sandbox: Sandbox,
}

/// May this process put its labs under `SCHED_FIFO`? Tried on itself, and undone at once.
///
/// # Errors
/// Why not, and what would help.
pub fn fifo_permitted() -> Result<Policy> {
    match fifo_words() {
        Ok(_) => Ok(Policy::Fifo),
        Err(failure) => Err(failure),
    }
}

/// By which right `SCHED_FIFO` is permitted, and for how much of the time.
pub(super) fn fifo_words() -> Result<String> {
    let settings = settings();
    if settings.as_ref().is_ok_and(|settings| settings.runtime_us == Some(0)) {
        // It would be permitted, and never run.
        let why = "kernel.sched_rt_runtime_us is 0: no real-time task ever runs";
        return Err(Failure::new(TRIED, why).remedy("sysctl kernel.sched_rt_runtime_us=950000"));
    }
    let itself = gettid();
    sched::set_fifo(itself).map_err(|e| explained(Failure::os(TRIED, e)))?;
    sched::set_other(itself).map_err(|e| Failure::os(TRIED, e))?;
    Ok(settings.map_or_else(|why| format!("by trial; why is unknown: {why}"), by_which))
}

/// The failure to change a policy, with what would help.
pub fn explained(failure: Failure) -> Failure {
    match (failure.errno.map(Errno::from_raw), settings()) {
        (Some(errno), Ok(settings)) => {
            let remedy = remedy(errno, settings);
            failure.remedy(remedy)
        }
        _ => failure,
    }
}

fn settings() -> Found<RealTime> {
    let rights = Rights::read()?;
    let [limit, _] = rlimit(Resource::RLIMIT_RTPRIO)?;
    let own_group = cgroup::own("cpu").ok().and_then(|group| group.folders.into_iter().next());
    Ok(RealTime {
        privileged: rights.capabilities.has(Capabilities::SYS_NICE) && !rights.own_namespace,
        highest_priority: limit,
        runtime_us: number("/proc/sys/kernel/sched_rt_runtime_us").ok(),
        group_runtime_us: own_group
            .and_then(|folder| number(folder.join("cpu.rt_runtime_us")).ok()),
        sandbox: Sandbox::here(),
    })
}

fn by_which(settings: RealTime) -> String {
    let bound = match settings.runtime_us {
        Some(-1) => "without a bound on its time".to_owned(),
        Some(us) => format!("for {us} us of each sched_rt_period_us"),
        None => "for an unknown share of time".to_owned(),
    };
    match settings.privileged {
        true => format!("by CAP_SYS_NICE, {bound}"),
        false => format!("by RLIMIT_RTPRIO {}, {bound}", settings.highest_priority),
    }
}

/// What would help where the kernel refused it.
fn remedy(errno: Errno, settings: RealTime) -> String {
    let entitled =
        settings.privileged || settings.highest_priority >= sched::FIFO_PRIORITY as rlim_t;
    if errno == Errno::EPERM && settings.group_runtime_us == Some(0) {
        return "its control group has no real-time runtime: start it in the topmost cpu group, or \
                give all groups down to its own some in cpu.rt_runtime_us"
            .to_owned();
    }
    if entitled || errno != Errno::EPERM {
        let refused = settings.sandbox.remedy(errno, "sched_setscheduler(2)");
        return refused.unwrap_or_else(|| {
            "it has the right to: a security module or the kernel's build refuses it".to_owned()
        });
    }
    format!(
        "run as root or with CAP_SYS_NICE{}, or raise RLIMIT_RTPRIO from {} to {} (ulimit -r {})",
        if settings.privileged { "" } else { " of the first user namespace" },
        settings.highest_priority,
        sched::FIFO_PRIORITY,
        sched::FIFO_PRIORITY,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: RealTime = RealTime {
        privileged: false,
        highest_priority: 0,
        runtime_us: Some(950_000),
        group_runtime_us: None,
        sandbox: Sandbox::Absent,
    };

    #[test]
    fn the_remedy_is_that_of_the_cause() {
        let told = |settings| remedy(Errno::EPERM, settings);
        assert!(told(REFUSED).contains("ulimit -r 10"));
        assert!(told(RealTime { highest_priority: 5, ..REFUSED }).contains("from 5 to 10"));
        let root = RealTime { privileged: true, ..REFUSED };
        let in_group = told(RealTime { group_runtime_us: Some(0), ..root });
        assert!(in_group.contains("cpu.rt_runtime_us") && !in_group.contains("as root"));
        let filtered = told(RealTime { sandbox: Sandbox::Filter, ..root });
        assert!(filtered.contains("sched_setscheduler(2)") && !filtered.contains("as root"));
        assert!(told(root).contains("security module"));
        assert!(remedy(Errno::ENOSYS, root).contains("this kernel has no"));
    }

    #[test]
    fn what_permits_it_is_told_with_its_bound() {
        let root = RealTime { privileged: true, ..REFUSED };
        assert_eq!(by_which(root), "by CAP_SYS_NICE, for 950000 us of each sched_rt_period_us");
        let limit = RealTime { highest_priority: 10, runtime_us: Some(-1), ..REFUSED };
        assert_eq!(by_which(limit), "by RLIMIT_RTPRIO 10, without a bound on its time");
    }

    #[test]
    fn the_trial_and_the_words_agree() {
        assert_eq!(fifo_permitted().is_ok(), fifo_words().is_ok());
    }
}
