//! What is said of the claims about crashes, memory of others, and shared state.

use crate::claim::{Case, CellVerdict, ClaimVerdict, Said};
use crate::question::servers::evidence::Servers;
use crate::record::Shape;

pub(super) fn d1(case: &Case) -> Said {
    let [holds, decided] = case.tally();
    let panic = case.holds("a thread: panic that unwinds") == Some(false);
    let crashes = Servers::of(case.record).blasts;
    let lost = |shape| {
        let crash = crashes.iter().find(|crash| crash.shape == shape)?;
        Some(format!("{} of {}", crash.dropped[1], crash.connections))
    };
    let servers = lost(Shape::ThreadPool).zip(lost(Shape::Prefork));
    Said {
        here: format!("{holds} of {decided}"),
        row: match case.claim.verdict {
            ClaimVerdict::True => format!("process crash contained, {holds}/{decided}"),
            _ => format!("{holds}/{decided}"),
        },
        lead: match case.claim.stated().iter().find(|cell| cell.verdict == CellVerdict::Fails) {
            Some(other) => format!("not observed: {}", other.def.title),
            None => "a fatal signal in one thread ended all four; in one of four processes, three \
                     ran on"
                .to_owned(),
        },
        boundary: panic.then(|| "exception: an unwinding Rust panic".to_owned()),
        exception: servers.map(|(threads, prefork)| {
            format!("servers lost {threads} connections with threads, {prefork} with prefork")
        }),
        ..Said::default()
    }
}

pub(super) fn d2(case: &Case) -> Said {
    let can = |title| case.holds(title) == Some(false);
    let same_user = ["reading one of the same user", "the memory file of one of the same user"];
    let across = match case.holds("reading another user's process") {
        Some(true) => Some("across users the kernel refuses".to_owned()),
        _ => None,
    };
    if same_user.into_iter().any(can) {
        return Said {
            here: "same user can".to_owned(),
            row: "a process of the same user can".to_owned(),
            scope: "within one user".to_owned(),
            lead: "process_vm_readv and /proc/pid/mem read another process's memory here"
                .to_owned(),
            boundary: across,
            exception: None,
        };
    }
    // As with Yama's ptrace_scope 1.
    if can("reading one's own child") {
        return Said {
            here: "own child can be read".to_owned(),
            row: "a process can read its own child's".to_owned(),
            scope: "for one's own child".to_owned(),
            lead: "process_vm_readv reads its memory here".to_owned(),
            boundary: Some("the kernel refuses other processes of the same user".to_owned()),
            exception: None,
        };
    }
    Said {
        here: "refused".to_owned(),
        row: "refused, also to the same user".to_owned(),
        lead: "the kernel refuses process_vm_readv and /proc/pid/mem to other processes of the \
               same user"
            .to_owned(),
        boundary: across,
        ..Said::default()
    }
}

pub(super) fn f1(case: &Case) -> Said {
    let [holds, decided] = case.tally();
    let raw = case.holds("thread: user set by the system call") == Some(false);
    let other = case.claim.cells.iter().find(|cell| {
        cell.verdict == CellVerdict::Fails
            && cell.def.title != "thread: user set by the system call"
    });
    Said {
        here: format!("{holds} of {decided}"),
        row: match raw {
            true => format!("{holds}/{decided}; raw setuid is per thread"),
            false => format!("{holds}/{decided}"),
        },
        scope: format!("in {holds} of {decided} checks"),
        lead: match (raw, other) {
            (_, Some(other)) => format!("not observed: {}", other.def.title),
            (true, None) => "the raw setuid system call changes one thread only; the C library's \
                             setuid changes them all"
                .to_owned(),
            (false, None) => "threads share memory, files, handlers and identity; processes share \
                              none of them"
                .to_owned(),
        },
        ..Said::default()
    }
}

pub(super) fn f2(case: &Case) -> Said {
    let [holds, decided] = case.tally();
    Said {
        here: format!("{holds} of {decided}"),
        row: format!("{holds}/{decided}"),
        lead: match holds == decided {
            true => "kill reaches any thread that does not block the signal, pthread_kill only \
                     its target; a fatal signal ends all threads"
                .to_owned(),
            false => format!("{holds} of {decided} checks hold"),
        },
        ..Said::default()
    }
}
