//! What would help where the kernel refused something: decided here alone, by the error number and
//! by what stands in the way at that moment.
//!
//! One error number has many causes: EAGAIN of a new thread is a limit on threads, or on address
//! space, as its stack has no room. So each limit is read while what ran into it still lives, and
//! the ones that are named are those of which next to nothing is left.

use super::bound::limits;
use super::sandbox::Sandbox;
use crate::record::{Failure, Limit};
use nix::errno::Errno;

/// Of a limit at which something failed at most this share is left, or what one more takes.
const NEXT_TO_NOTHING: f64 = 1.0 / 50.0;

/// Each limit: how it is raised, and how much of it one more actor may take where that is neither
/// tasks nor bytes.
const LIMITS: [(&str, &str, f64); 12] = [
    ("kernel.pid_max", "sysctl kernel.pid_max", 0.0),
    ("kernel.threads-max", "sysctl kernel.threads-max", 0.0),
    ("pids.max", "the control group's pids.max (docker: --pids-limit)", 0.0),
    ("RLIMIT_NPROC", "ulimit -u", 0.0),
    ("vm.max_map_count", "sysctl vm.max_map_count", 4.0),
    ("RLIMIT_AS", "ulimit -v", 0.0),
    ("RLIMIT_DATA", "ulimit -d", 0.0),
    ("commit limit", "more swap, or sysctl vm.overcommit_memory=0", 0.0),
    ("available memory", "end other programs", 0.0),
    ("RLIMIT_NOFILE", "ulimit -Hn", 4.0),
    ("fs.file-max", "sysctl fs.file-max", 4.0),
    ("net.ipv4.ip_local_port_range", "sysctl net.ipv4.ip_local_port_range", 4.0),
];

/// What was asked for at once, of which the kernel may refuse all or the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demanded {
    /// Threads and processes.
    pub tasks: u64,
    /// Address space, bytes.
    pub bytes: u64,
}

impl Demanded {
    /// One more actor: a thread may want a stack, and a heap of the C library.
    pub const ACTOR: Demanded = Demanded { tasks: 2, bytes: 72 << 20 };

    /// So many bytes.
    #[must_use]
    pub const fn bytes(bytes: u64) -> Self {
        Demanded { bytes, ..Demanded::ACTOR }
    }

    /// So many threads of one process.
    #[must_use]
    pub const fn threads(count: u64) -> Self {
        Demanded { tasks: count, bytes: count * Demanded::ACTOR.bytes }
    }

    /// How much of a limit with this unit.
    fn of(self, unit: &str) -> Option<f64> {
        match unit {
            "threads" => Some(self.tasks as f64),
            "bytes" => Some(self.bytes as f64),
            _ => None,
        }
    }
}

/// The same failure with what would help against it, where it has an error number and no remedy of
/// its own. `calls` names the system calls of which one was refused, as a manual page does; it may
/// be empty. To be asked while what was made so far still lives.
#[must_use]
pub fn advised(failure: Failure, calls: &str) -> Failure {
    advised_for(failure, calls, Demanded::ACTOR)
}

/// The same where more was asked for at once.
#[must_use]
pub fn advised_for(failure: Failure, calls: &str, wanted: Demanded) -> Failure {
    let advice = match (&failure.remedy, failure.errno) {
        (None, Some(errno)) => remedy(Errno::from_raw(errno), calls, wanted, limits, Sandbox::here),
        _ => None,
    };
    match advice {
        Some(advice) => failure.remedy(advice),
        None => failure,
    }
}

/// How to raise a limit of [`limits`].
#[must_use]
pub fn how_to_raise(name: &str) -> String {
    match LIMITS.iter().find(|(known, ..)| *known == name) {
        Some((_, how, _)) => format!("raise {name} ({how})"),
        None => format!("raise {name}"),
    }
}

/// What an error number may mean.
fn remedy(
    errno: Errno,
    calls: &str,
    wanted: Demanded,
    limits: impl FnOnce() -> Vec<Limit>,
    sandbox: impl FnOnce() -> Sandbox,
) -> Option<String> {
    match errno {
        Errno::EAGAIN | Errno::ENOMEM => {
            Some(raise(&limits(), wanted, |unit| matches!(unit, "threads" | "mappings" | "bytes")))
        }
        // It has one cause, and without a descriptor no limit can be read.
        Errno::EMFILE => Some(how_to_raise("RLIMIT_NOFILE")),
        Errno::ENFILE => Some("raise sysctl fs.file-max".to_owned()),
        Errno::EADDRNOTAVAIL => Some(raise(&limits(), wanted, |unit| unit == "ports")),
        Errno::EPERM | Errno::EACCES | Errno::ENOSYS => sandbox().remedy(errno, calls),
        _ => None,
    }
}

/// Which limits to raise: those that are reached, or else that none of them is.
fn raise(limits: &[Limit], wanted: Demanded, concerns: impl Fn(&str) -> bool) -> String {
    let asked = || limits.iter().filter(|limit| concerns(&limit.unit));
    let reached: Vec<String> = asked().filter_map(|limit| reached(limit, wanted)).collect();
    match reached.as_slice() {
        [] => {
            let names: Vec<&str> =
                asked().filter(|limit| limit.most.is_some()).map(|l| l.name.as_str()).collect();
            format!(
                "of the limits that this process can see none is reached ({}): look at those of \
                 the machine that it runs in, and at its kernel's log",
                names.join(", ")
            )
        }
        reached => format!("raise {}", reached.join("; or ")),
    }
}

/// How to raise a limit of which next to nothing is left, or less than was asked for.
fn reached(limit: &Limit, wanted: Demanded) -> Option<String> {
    let (_, how, actor) = LIMITS.iter().find(|(name, ..)| *name == limit.name)?;
    let (most, left) = (limit.most?, limit.most? - limit.used);
    let least = wanted.of(&limit.unit).unwrap_or(*actor).max(most * NEXT_TO_NOTHING);
    (left <= least).then(|| {
        format!("{} ({how}), which is {most:.0} with {:.0} in use", limit.name, limit.used)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(name: &str, unit: &str, most: Option<f64>, used: f64) -> Limit {
        Limit { name: name.into(), most, used, unit: unit.into(), note: None }
    }

    /// A machine on which all is far away.
    fn wide() -> Vec<Limit> {
        vec![
            limit("kernel.pid_max", "threads", Some(32_768.0), 200.0),
            limit("pids.max", "threads", None, 0.0),
            limit("RLIMIT_NPROC", "threads", Some(30_000.0), 120.0),
            limit("vm.max_map_count", "mappings", Some(65_530.0), 40.0),
            limit("RLIMIT_AS", "bytes", None, 1e7),
            limit("RLIMIT_DATA", "bytes", None, 1e6),
            limit("commit limit", "bytes", None, 1e9),
            limit("RLIMIT_NOFILE", "descriptors", Some(1_024.0), 8.0),
        ]
    }

    fn told(errno: Errno, spoil: Limit) -> String {
        let mut limits = wide();
        let at = limits.iter().position(|limit| limit.name == spoil.name).unwrap();
        limits[at] = spoil;
        remedy(errno, "clone(2)", Demanded::ACTOR, || limits, || Sandbox::Absent).unwrap()
    }

    #[test]
    fn the_limit_that_is_reached_is_the_one_to_raise() {
        let threads =
            |name, most, used| told(Errno::EAGAIN, limit(name, "threads", Some(most), used));
        assert!(threads("RLIMIT_NPROC", 100.0, 99.0).starts_with("raise RLIMIT_NPROC (ulimit -u)"));
        assert!(threads("pids.max", 60.0, 60.0).contains("--pids-limit"));
        let bytes = |errno, name, most, used| told(errno, limit(name, "bytes", Some(most), used));
        let space = bytes(Errno::EAGAIN, "RLIMIT_AS", 400e6, 395e6);
        assert!(space.starts_with("raise RLIMIT_AS (ulimit -v)") && !space.contains("ulimit -u"));
        assert!(bytes(Errno::ENOMEM, "RLIMIT_DATA", 100e6, 99e6).contains("ulimit -d"));
        assert!(bytes(Errno::ENOMEM, "commit limit", 4e9, 3.98e9).contains("overcommit"));
        let much = || vec![limit("RLIMIT_AS", "bytes", Some(400e6), 150e6)];
        let at_once = |bytes| {
            let wanted = Demanded::bytes(bytes);
            remedy(Errno::ENOMEM, "", wanted, much, || Sandbox::Absent).unwrap()
        };
        assert!(at_once(256 << 20).contains("ulimit -v"));
        assert!(at_once(1 << 20).contains("none is reached"));
        let few = || vec![limit("RLIMIT_NPROC", "threads", Some(40.0), 10.0)];
        let threads = Demanded::threads(200);
        let crowd = remedy(Errno::EAGAIN, "", threads, few, || Sandbox::Absent).unwrap();
        assert!(crowd.contains("ulimit -u"), "those that were made are gone: {crowd}");
        let files = told(Errno::EMFILE, limit("RLIMIT_NOFILE", "descriptors", Some(64.0), 64.0));
        assert!(files.contains("ulimit -Hn"), "{files}");
    }

    #[test]
    fn where_none_is_reached_none_is_blamed() {
        let far = remedy(Errno::EAGAIN, "", Demanded::ACTOR, wide, || Sandbox::Absent).unwrap();
        assert!(far.contains("none is reached (kernel.pid_max, RLIMIT_NPROC, vm.max"), "{far}");
        assert_eq!(remedy(Errno::EINVAL, "", Demanded::ACTOR, wide, || Sandbox::Absent), None);
    }

    #[test]
    fn a_refused_call_is_named_where_a_filter_is_in_force() {
        let told =
            |errno, sandbox: Sandbox| remedy(errno, "clone3(2)", Demanded::ACTOR, wide, || sandbox);
        let filtered = told(Errno::EPERM, Sandbox::Filter).unwrap();
        assert!(filtered.contains("clone3(2)") && filtered.contains("seccomp"), "{filtered}");
        assert!(told(Errno::ENOSYS, Sandbox::Absent).unwrap().contains("this kernel has no"));
        assert_eq!(told(Errno::EPERM, Sandbox::Absent), None, "nothing known would help");
    }

    #[test]
    fn every_limit_of_this_machine_can_be_raised() {
        for limit in limits() {
            assert!(LIMITS.iter().any(|(name, ..)| *name == limit.name), "{}", limit.name);
        }
    }

    #[test]
    fn a_remedy_of_its_own_stays() {
        let own = Failure::os("x", Errno::EMFILE).remedy("this one");
        assert_eq!(advised(own, "").remedy.as_deref(), Some("this one"));
        assert_eq!(advised(Failure::new("x", "in words"), "").remedy, None);
        assert!(advised(Failure::os("x", Errno::ENFILE), "").remedy.is_some());
    }
}
