//! Whether a filter of system calls is in force, as sandboxes and containers set them (seccomp(2)).

use crate::proc::{Found, field, text};
use nix::errno::Errno;

/// What keeps this process from calling the kernel as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sandbox {
    /// No filter.
    Absent,
    /// A filter, whose content nothing tells.
    Filter,
    /// /proc/self/status does not say.
    Unknown,
}

impl Sandbox {
    /// That of this process.
    pub(super) fn here() -> Self {
        text("/proc/self/status").map_or(Sandbox::Unknown, |status| Self::of(&status))
    }

    fn of(status: &str) -> Self {
        match field(status, "Seccomp") {
            Some("0") => Sandbox::Absent,
            Some("1" | "2") => Sandbox::Filter,
            // A kernel without seccomp has no such line; nor has one that hides it.
            _ => Sandbox::Unknown,
        }
    }

    /// As a fact.
    pub(super) fn fact() -> Found<String> {
        match Self::here() {
            Sandbox::Absent => Ok("no filter of system calls".to_owned()),
            Sandbox::Filter => Ok("a seccomp filter, which may refuse calls".to_owned()),
            Sandbox::Unknown => Err("/proc/self/status does not name seccomp".to_owned()),
        }
    }

    /// What would help against a refusal with this error number.
    pub(super) fn remedy(self, errno: Errno, calls: &str) -> Option<String> {
        let one = named(calls);
        match self {
            Sandbox::Filter => Some(format!(
                "a seccomp filter is in force: allow {one} in its profile, or run outside of it \
                 (docker: --security-opt seccomp=unconfined)"
            )),
            _ if errno == Errno::ENOSYS => Some(format!("this kernel has no {one}")),
            _ => None,
        }
    }
}

/// System calls that functions of the C library make, which a filter knows alone.
const BEHIND: [(&str, &str); 3] = [
    ("pthread_create(3)", "clone3(2)"),
    ("posix_spawn(3)", "clone3(2), execve(2)"),
    ("fork(2)", "clone(2)"),
];

/// The calls, with those behind functions of the C library.
fn named(calls: &str) -> String {
    let behind = BEHIND.iter().filter(|(function, _)| calls.contains(function));
    let behind: Vec<&str> = behind.map(|(_, call)| *call).collect();
    match (calls, behind.as_slice()) {
        ("", _) => "the call".to_owned(),
        (calls, []) => calls.to_owned(),
        (calls, behind) => format!("{calls}, which is {}", behind.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_the_c_library_are_told_as_calls() {
        assert_eq!(named("clone(2), wait(2)"), "clone(2), wait(2)");
        let thread = "pthread_create(3), pthread_join(3), which is clone3(2)";
        assert_eq!(named("pthread_create(3), pthread_join(3)"), thread);
        assert_eq!(named(""), "the call");
    }

    #[test]
    fn a_filter_shows_in_the_status() {
        assert_eq!(Sandbox::of("Seccomp:\t0\nSeccomp_filters:\t0\n"), Sandbox::Absent);
        assert_eq!(Sandbox::of("Seccomp:\t2\n"), Sandbox::Filter);
        assert_eq!(Sandbox::of("Name:\tx\n"), Sandbox::Unknown);
    }
}
