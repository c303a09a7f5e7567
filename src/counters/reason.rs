//! Why a counter is missing: the errno, the setting with its present value, the rights held, and the remedy.

use super::Event;
use crate::record::Modes;
use nix::errno::Errno;
use std::io;

/// One sentence on why the event did not open.
pub(super) fn of(event: &Event, modes: Modes, error: &io::Error) -> String {
    let errno = error.raw_os_error().map(Errno::from_raw);
    let paranoid = std::fs::read_to_string("/proc/sys/kernel/perf_event_paranoid");
    let paranoid = paranoid.map_or_else(|_| "unreadable".to_owned(), |text| text.trim().to_owned());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let user = if nix::unistd::geteuid().is_root() { "root" } else { "an ordinary user" };
    let rights = format!("running as {user} {}", capabilities(&status));
    explain(event, modes, errno, &paranoid, &rights, &error.to_string())
}

/// Which of the two capabilities that matter are in force (capabilities(7)).
fn capabilities(status: &str) -> String {
    const KNOWN: [(u32, &str); 2] = [(38, "CAP_PERFMON"), (21, "CAP_SYS_ADMIN")];
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let Some(bits) = line.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()) else {
        return "with unknown capabilities".to_owned();
    };
    let held: Vec<&str> =
        KNOWN.iter().filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, name)| *name).collect();
    match held.is_empty() {
        true => "without CAP_PERFMON".to_owned(),
        false => format!("with {}", held.join(" and ")),
    }
}

fn explain(
    event: &Event,
    modes: Modes,
    errno: Option<Errno>,
    paranoid: &str,
    rights: &str,
    plain: &str,
) -> String {
    let level = format!("perf_event_paranoid is {paranoid}, {rights}");
    match errno {
        Some(e @ (Errno::ENOENT | Errno::ENODEV | Errno::EOPNOTSUPP)) if event.hardware => format!(
            "{e}: this processor or virtual machine offers no such hardware event; run on bare metal or let the \
             hypervisor pass a virtual PMU to the guest"
        ),
        Some(e @ Errno::EACCES) if modes == Modes::UserKernel => format!(
            "{e}: counting the kernel is refused ({level}); `sysctl kernel.perf_event_paranoid=1` or CAP_PERFMON allows it"
        ),
        Some(e @ Errno::EACCES) => format!(
            "{e}: all counting is refused ({level}); `sysctl kernel.perf_event_paranoid=2` or CAP_PERFMON allows it"
        ),
        Some(e @ (Errno::EPERM | Errno::ENOSYS)) => format!(
            "{e}: the system call itself is refused ({level}), as container sandboxes do; allow perf_event_open in \
             the seccomp profile or run outside the container"
        ),
        Some(e @ Errno::EMFILE) => format!("{e}: raise the limit on open files (ulimit -n)"),
        Some(e @ Errno::EBUSY) => format!("{e}: another tool holds the counters exclusively"),
        Some(e) => format!("{e} ({level})"),
        None => plain.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::EVENTS;

    fn said(name: &str, modes: Modes, errno: Errno) -> String {
        let event = EVENTS.iter().find(|event| event.name == name).unwrap();
        explain(event, modes, Some(errno), "4", "running as an ordinary user", "plain")
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
}
