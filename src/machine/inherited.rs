//! What the suite has from the process that started it, and what figures depend on: put to what
//! programs start with, or said where it cannot be.
//!
//! Not touched: the limits of resources and the CPUs, which somebody set for a reason and which are
//! facts and planned for; and the four signals that ask a program to end, by which `nohup` and a
//! shell's `&` say who may.

use crate::proc::{self, field};
use crate::sys::inherited::{
    nice, personality, policy, set_nice, set_plain_personality, unblock_but,
};
use crate::sys::{sched, signal};
use nix::sys::prctl;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;
use nix::unistd::{alarm, gettid};
use std::io;

/// A thing that is inherited.
struct Inherited {
    /// In words, with what it spoils.
    name: &'static str,
    /// How it is, where that is not how programs start.
    odd: fn() -> io::Result<Option<String>>,
    /// Has it be as programs start with it.
    settle: fn() -> io::Result<()>,
}

/// What became of all of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settled {
    /// What was put right, with how it was.
    pub changed: Vec<String>,
    /// What could not be, with how it is and why.
    pub left: Vec<String>,
}

/// Signals by which others ask a program to end: their say stays.
const ENDING: [Signal; 4] = [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM];
/// Which a Rust program and this one ignore by themselves.
const OWN: [Signal; 2] = [Signal::SIGPIPE, Signal::SIGXFSZ];
/// What a task may be woken late by, unless it is told otherwise (prctl(2), PR_SET_TIMERSLACK).
const SLACK_NS: i32 = 50_000;
/// The kernel's limit on the stack unless it is told otherwise.
const STACK_BYTES: u64 = 8 << 20;
/// Policies by their numbers (sched(7)).
const OTHER: i32 = 0;
const POLICIES: [&str; 8] = [
    "SCHED_OTHER",
    "SCHED_FIFO",
    "SCHED_RR",
    "SCHED_BATCH",
    "4",
    "SCHED_IDLE",
    "SCHED_DEADLINE",
    "SCHED_EXT",
];

const ALL: &[Inherited] = &[
    Inherited {
        name: "ignored signals",
        odd: || Ok(Some(ignored()?).filter(|list| !list.is_empty()).map(|list| words(&list))),
        settle: || ignored()?.into_iter().try_for_each(|signal| Ok(signal::by_default(signal)?)),
    },
    Inherited {
        name: "blocked signals",
        odd: || Ok(Some(blocked()?).filter(|list| !list.is_empty()).map(|list| words(&list))),
        settle: || unblock_but(&ENDING),
    },
    Inherited {
        name: "a pending alarm",
        odd: || Ok(alarm::cancel().map(|seconds| format!("in {seconds} s"))),
        settle: || Ok(()),
    },
    Inherited {
        name: "the scheduling policy",
        odd: || {
            let found = policy()?;
            let name = POLICIES.get(found as usize).map_or("unknown", |name| name);
            Ok((found != OTHER).then(|| name.to_owned()))
        },
        settle: || sched::set_other(gettid()),
    },
    Inherited {
        name: "the nice value",
        odd: || Ok(Some(nice()?).filter(|nice| *nice != 0).map(|nice| nice.to_string())),
        settle: || set_nice(0),
    },
    Inherited {
        name: "the timer slack",
        odd: || {
            let found = prctl::get_timerslack()?;
            // 0 under a real-time policy, where it has no meaning.
            Ok((found != SLACK_NS && found != 0).then(|| format!("{found} ns")))
        },
        settle: || Ok(prctl::set_timerslack(SLACK_NS as u64)?),
    },
    Inherited {
        name: "the personality (address randomization)",
        odd: || Ok(Some(personality()?).filter(|p| *p != 0).map(|p| format!("{p:#x}"))),
        settle: set_plain_personality,
    },
    Inherited {
        name: "transparent huge pages of this process",
        // Kernels without them know nothing of it.
        odd: || Ok(prctl::get_thp_disable().unwrap_or(false).then(|| "disabled".to_owned())),
        settle: || Ok(prctl::set_thp_disable(false)?),
    },
    Inherited {
        name: "the stack's limit (ulimit -s)",
        // Without a limit the kernel lays out a process another way, and glibc makes threads'
        // stacks smaller.
        odd: || {
            let (soft, _) = getrlimit(Resource::RLIMIT_STACK)?;
            Ok((soft == RLIM_INFINITY).then(|| "unlimited".to_owned()))
        },
        settle: || {
            let (_, hard) = getrlimit(Resource::RLIMIT_STACK)?;
            Ok(setrlimit(Resource::RLIMIT_STACK, STACK_BYTES, hard)?)
        },
    },
    Inherited {
        name: "the protection from the out-of-memory killer",
        odd: || {
            let score = proc::number::<i64>("/proc/self/oom_score_adj").unwrap_or(0);
            Ok((score < 0).then(|| score.to_string()))
        },
        settle: || std::fs::write("/proc/self/oom_score_adj", "0"),
    },
];

/// Puts this process, and what it starts, to the state that programs start in.
#[must_use]
pub fn settle() -> Settled {
    let mut settled = Settled::default();
    for Inherited { name, odd, settle } in ALL {
        match odd() {
            Ok(None) => {}
            Ok(Some(found)) => match settle() {
                Ok(()) => settled.changed.push(format!("{name}: {found}")),
                Err(e) => settled.left.push(format!("{name}: {found} ({e})")),
            },
            Err(e) => settled.left.push(format!("{name}: unknown ({e})")),
        }
    }
    settled
}

impl Settled {
    /// As a fact.
    #[must_use]
    pub fn words(&self) -> String {
        let part = |what: &str, list: &[String]| {
            (!list.is_empty()).then(|| format!("{what} {}", list.join(", ")))
        };
        let parts = [part("put back:", &self.changed), part("left as it was:", &self.left)];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "as programs start".to_owned() } else { parts.join("; ") }
    }

    /// What figures may suffer from.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        (!self.left.is_empty()).then(|| {
            format!(
                "inherited from what started this program, and not to be changed: {}; benchmark \
                 processes have it too; start it from a plain shell",
                self.left.join(", ")
            )
        })
    }
}

/// Signals that are ignored and should not be.
fn ignored() -> io::Result<Vec<Signal>> {
    let kept = |signal: &Signal| !ENDING.contains(signal) && !OWN.contains(signal);
    Ok(listed("SigIgn")?.into_iter().filter(kept).collect())
}

/// Signals that are blocked and should not be.
fn blocked() -> io::Result<Vec<Signal>> {
    Ok(listed("SigBlk")?.into_iter().filter(|signal| !ENDING.contains(signal)).collect())
}

fn listed(name: &str) -> io::Result<Vec<Signal>> {
    let status = proc::read("/proc/self/status")?;
    let mask = field(&status, name).and_then(|mask| u64::from_str_radix(mask, 16).ok());
    let mask = mask.ok_or_else(|| io::Error::other(format!("/proc/self/status has no {name}")))?;
    Ok(of_mask(mask))
}

/// The signals of a mask; real-time ones have no names and no meaning here.
fn of_mask(mask: u64) -> Vec<Signal> {
    Signal::iterator().filter(|signal| mask >> (*signal as u32 - 1) & 1 == 1).collect()
}

fn words(signals: &[Signal]) -> String {
    let names: Vec<&str> = signals.iter().map(|signal| signal.as_str()).collect();
    names.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_read_as_the_kernel_writes_them() {
        assert_eq!(of_mask(0x10000), [Signal::SIGCHLD]);
        assert_eq!(of_mask(0x1001), [Signal::SIGHUP, Signal::SIGPIPE]);
        assert_eq!(of_mask(0), []);
    }

    #[test]
    fn what_is_left_is_a_fact_and_a_warning() {
        let plain = Settled::default();
        assert_eq!((plain.words(), plain.warning()), ("as programs start".to_owned(), None));
        let changed = Settled { changed: vec!["the nice value: 19".to_owned()], ..plain };
        assert_eq!(changed.words(), "put back: the nice value: 19");
        assert_eq!(changed.warning(), None);
        let left = Settled { left: vec!["the nice value: 19 (EACCES)".to_owned()], ..changed };
        assert!(left.words().contains("left as it was: the nice value: 19 (EACCES)"));
        assert!(left.warning().unwrap().contains("19 (EACCES)"));
    }
}
