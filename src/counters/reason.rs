//! Why a counter is missing: the errno, the setting with its present value, the rights held, and
//! the remedy.

use super::Event;
use super::tracefs::Unfound;
use crate::proc::{self, Capabilities};
use crate::record::Modes;
use nix::errno::Errno;
use std::io;

/// What was asked for when an event did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Counting a task, in these modes.
    Task(Modes),
    /// Counting whatever runs on a CPU, the kernel included.
    Cpu,
}

/// One sentence on why the event did not open.
pub(super) fn of(event: &Event, asked: Asked, error: &io::Error) -> String {
    let errno = error.raw_os_error().map(Errno::from_raw);
    let paranoid = proc::text("/proc/sys/kernel/perf_event_paranoid");
    let paranoid = paranoid.unwrap_or_else(|_| "unreadable".to_owned());
    explain(event, asked, errno, &paranoid, &rights(), &error.to_string())
}

/// One sentence on why the tracepoint of TLB flushes has no number here.
pub(super) fn of_unfound(unfound: &Unfound) -> String {
    unfindable(unfound, &rights())
}

/// Why a counter that opened never ran.
pub(super) fn of_never_ran() -> String {
    let fast = proc::text("/sys/bus/event_source/devices/cpu_core/cpus").ok();
    let fast = fast.and_then(|list| Some((proc::cpu_list(&list)?, list)));
    never_ran(nix::sched::sched_getcpu().ok(), fast)
}

/// `fast` are the CPUs that generic events count on, of a processor whose cores differ.
fn never_ran(cpu: Option<usize>, fast: Option<(Vec<usize>, String)>) -> String {
    match (cpu, fast) {
        (Some(cpu), Some((fast, list))) if !fast.contains(&cpu) => format!(
            "the cores of this processor differ, the kernel counts this event on those of the \
             kind cpu_core alone, and CPU {cpu} is of another; `taskset -c {list}` keeps to them"
        ),
        _ => "the processor's counters were taken by others".to_owned(),
    }
}

/// As whom, and with which rights, this process runs.
fn rights() -> String {
    let status = proc::read("/proc/self/status").unwrap_or_default();
    let user = if nix::unistd::geteuid().is_root() { "root" } else { "an ordinary user" };
    format!("running as {user} {}", capabilities(&status))
}

/// Which of the two capabilities that matter are in force (capabilities(7)).
fn capabilities(status: &str) -> String {
    const KNOWN: [(u32, &str); 2] =
        [(Capabilities::PERFMON, "CAP_PERFMON"), (Capabilities::SYS_ADMIN, "CAP_SYS_ADMIN")];
    let Some(in_force) = Capabilities::effective(status) else {
        return "with unknown capabilities".to_owned();
    };
    let held: Vec<&str> =
        KNOWN.iter().filter(|(bit, _)| in_force.has(*bit)).map(|(_, name)| *name).collect();
    match held.is_empty() {
        true => "without CAP_PERFMON".to_owned(),
        false => format!("with {}", held.join(" and ")),
    }
}

fn explain(
    event: &Event,
    asked: Asked,
    errno: Option<Errno>,
    paranoid: &str,
    rights: &str,
    plain: &str,
) -> String {
    let level = format!("perf_event_paranoid is {paranoid}, {rights}");
    match errno {
        Some(e @ (Errno::ENOENT | Errno::ENODEV | Errno::EOPNOTSUPP)) if event.hardware => format!(
            "{e}: this processor or virtual machine offers no such hardware event; run on bare \
             metal or let the hypervisor pass a virtual PMU to the guest"
        ),
        Some(e @ Errno::EACCES) if asked == Asked::Cpu => format!(
            "{e}: counting all of a CPU, as tracepoints of a switch need, is refused ({level}); \
             `sysctl kernel.perf_event_paranoid=0` or CAP_PERFMON allows it"
        ),
        Some(e @ Errno::EACCES) if asked == Asked::Task(Modes::UserKernel) => format!(
            "{e}: counting the kernel is refused ({level}); `sysctl kernel.perf_event_paranoid=1` \
             or CAP_PERFMON allows it"
        ),
        Some(e @ Errno::EACCES) => format!(
            "{e}: all counting is refused ({level}); `sysctl kernel.perf_event_paranoid=2` or \
             CAP_PERFMON allows it"
        ),
        Some(e @ (Errno::EPERM | Errno::ENOSYS)) => format!(
            "{e}: the system call itself is refused ({level}), as container sandboxes do; allow \
             perf_event_open in the seccomp profile or run outside the container"
        ),
        Some(e @ Errno::EMFILE) => format!("{e}: raise the limit on open files (ulimit -n)"),
        Some(e @ Errno::EBUSY) => format!(
            "{e}: another tool uses the counters exclusively; stop \
                                           it"
        ),
        Some(e) => format!("{e} ({level})"),
        None => plain.to_owned(),
    }
}

fn unfindable(unfound: &Unfound, rights: &str) -> String {
    let mount = "`mount -t tracefs nodev /sys/kernel/tracing`";
    match unfound {
        Unfound::OtherProcessor => {
            "kernels have the tracepoint tlb:tlb_flush on x86 processors alone".to_owned()
        }
        Unfound::Absent(path) => format!(
            "tracefs holds no {}: this kernel was built without the tracepoint (CONFIG_FTRACE)",
            path.display()
        ),
        Unfound::Refused(path, error) => format!(
            "{}: reading {} is refused ({rights}); run as root, or with CAP_PERFMON where the \
             owner of the machine gives the group the right (`mount -o remount,gid=GROUP,mode=750 \
             /sys/kernel/tracing`)",
            named(error),
            path.display()
        ),
        Unfound::Unmounted(error) if error.raw_os_error() == Some(Errno::ENODEV as i32) => {
            format!("{}: this kernel was built without tracefs (CONFIG_FTRACE)", named(error))
        }
        Unfound::Unmounted(error) => format!(
            "{}: tracefs, which names the tracepoint's number, is mounted nowhere, and a mount of \
             our own is refused ({rights}); mount it ({mount}) and run as root or with CAP_PERFMON",
            named(error)
        ),
    }
}

/// The error by its name, as far as it is the system's.
pub(super) fn named(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(number) => Errno::from_raw(number).to_string(),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::EVENTS;
    use std::path::PathBuf;

    fn said(name: &str, modes: Modes, errno: Errno) -> String {
        told(name, Asked::Task(modes), errno)
    }

    fn told(name: &str, asked: Asked, errno: Errno) -> String {
        let event = EVENTS.iter().find(|event| event.name == name).unwrap();
        explain(event, asked, Some(errno), "4", "running as an ordinary user", "plain")
    }

    #[test]
    fn capabilities_are_read_off_their_bits() {
        assert_eq!(capabilities("CapEff:\t0000000000000000\n"), "without CAP_PERFMON");
        assert_eq!(capabilities("CapEff:\t0000004000000000\n"), "with CAP_PERFMON");
        assert_eq!(
            capabilities("CapEff:\t000001ffffffffff\n"),
            "with CAP_PERFMON and CAP_SYS_ADMIN"
        );
        assert_eq!(capabilities(""), "with unknown capabilities");
    }

    #[test]
    fn a_counter_never_runs_on_a_core_of_another_kind() {
        let fast = || Some((vec![0, 1], "0-1".to_owned()));
        assert!(never_ran(Some(5), fast()).contains("CPU 5 is of another; `taskset -c 0-1`"));
        for (cpu, fast) in [(Some(1), fast()), (None, fast()), (Some(5), None)] {
            assert!(never_ran(cpu, fast).contains("taken by others"));
        }
    }

    #[test]
    fn each_reason_names_errno_setting_rights_and_remedy() {
        let refused = said("page-faults", Modes::UserKernel, Errno::EACCES);
        for part in ["EACCES", "paranoid is 4", "ordinary user", "paranoid=1", "CAP_PERFMON"] {
            assert!(refused.contains(part), "{refused}");
        }
        assert!(said("page-faults", Modes::User, Errno::EACCES).contains("all counting"));
        assert!(said("cycles", Modes::User, Errno::ENOENT).contains("PMU"));
        assert!(said("cycles", Modes::User, Errno::EPERM).contains("seccomp"));
        assert!(said("cycles", Modes::User, Errno::ENOSYS).contains("seccomp"));
    }
    #[test]
    fn a_whole_cpu_needs_more_than_a_task() {
        let refused = told("tlb-kept", Asked::Cpu, Errno::EACCES);
        for part in ["EACCES", "of a CPU", "paranoid is 4", "paranoid=0", "CAP_PERFMON"] {
            assert!(refused.contains(part), "{refused}");
        }
        assert!(told("tlb-kept", Asked::Cpu, Errno::EPERM).contains("seccomp"));
        assert!(told("tlb-kept", Asked::Cpu, Errno::EMFILE).contains("ulimit -n"));
    }

    #[test]
    fn a_tracepoint_without_a_number_says_what_was_tried_and_what_helps() {
        let error = |errno: Errno| io::Error::from_raw_os_error(errno as i32);
        let path = || PathBuf::from("/t/events/tlb/tlb_flush/id");
        let said = |unfound| unfindable(&unfound, "running as an ordinary user");
        let unmounted = said(Unfound::Unmounted(error(Errno::EPERM)));
        for part in ["EPERM", "nowhere", "ordinary user", "mount -t tracefs", "CAP_PERFMON"] {
            assert!(unmounted.contains(part), "{unmounted}");
        }
        let refused = said(Unfound::Refused(path(), error(Errno::EACCES)));
        for part in ["EACCES", "/t/events", "ordinary user", "root", "CAP_PERFMON", "gid="] {
            assert!(refused.contains(part), "{refused}");
        }
        assert!(said(Unfound::Unmounted(error(Errno::ENODEV))).contains("without tracefs"));
        assert!(said(Unfound::Absent(path())).contains("without the tracepoint"));
        assert!(said(Unfound::OtherProcessor).contains("x86"));
    }
}
