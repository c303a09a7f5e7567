//! Whom the kernel lets read another process's memory.

use super::look;
use crate::question::isolation::plan as isolation;
use crate::record::{Probe, ProbeRun, Record};
use crate::report::html::{escape, paragraph, table};

/// The probes, from who is farthest from its reader to who is nearest.
const TRIED: [(&str, &str, &str); 5] = [
    ("read-other-uid", "a process of another user", "process_vm_readv"),
    ("read-undumpable", "one of the same user that forbids dumps", "process_vm_readv"),
    ("read-same-uid", "one of the same user", "process_vm_readv"),
    ("mem-file", "one of the same user", "/proc/pid/mem"),
    ("read-child", "the reader's own child", "process_vm_readv"),
];

pub(super) fn html(record: &Record) -> String {
    let tried = || {
        TRIED.iter().filter_map(|(id, whom, how)| {
            Some((record.probe(&isolation::protect(id))?, *whom, *how))
        })
    };
    let rows: Vec<Vec<String>> = tried().map(|(probe, whom, how)| row(probe, whom, how)).collect();
    if rows.is_empty() {
        return String::new();
    }
    let scope = tried().find_map(|(probe, ..)| look::same(probe, "ptrace_scope"));
    let head = ["Who is read", "How", "The kernel", "Users", "May be dumped"];
    table(&head, &rows) + &scope.map_or(String::new(), |scope| paragraph("", &setting(scope)))
}

fn row(probe: &Probe, whom: &str, how: &str) -> Vec<String> {
    if probe.runs.is_empty() {
        return vec![escape(whom), escape(how), look::reason(probe)];
    }
    let dumpable = match look::same(probe, "dumpable") {
        Some(0.0) => "no",
        Some(_) => "yes",
        None => "-",
    };
    vec![
        escape(whom),
        escape(how),
        escape(&look::each(probe, answer)) + &look::reason(probe),
        escape(&look::each(probe, users)),
        escape(dumpable),
    ]
}

fn figure(run: &ProbeRun, what: &str) -> Option<f64> {
    run.seen.iter().find(|seen| seen.what == what).map(|seen| seen.figure)
}

fn answer(run: &ProbeRun) -> String {
    match (figure(run, "bytes read"), figure(run, "errno")) {
        (Some(bytes), _) if bytes > 0.0 => "lets it".to_owned(),
        (_, Some(errno)) if errno == EFAULT => {
            "lets it, though nothing is mapped there (EFAULT)".to_owned()
        }
        (_, Some(errno)) if errno > 0.0 => format!("refuses: {}", errno_name(errno as i64)),
        _ => "does not say".to_owned(),
    }
}

/// An address where nothing is mapped: who may read at all was asked before.
const EFAULT: f64 = 14.0;

/// Names of the errors that a refusal ends in, the same numbers on every architecture that is
/// measured (errno(3)).
fn errno_name(number: i64) -> String {
    let name = match number {
        1 => "EPERM",
        13 => "EACCES",
        _ => return format!("error {number}"),
    };
    name.to_owned()
}

fn users(run: &ProbeRun) -> String {
    let uid = |who: &str| figure(run, &format!("uid of the {who}")).map(|uid| uid.to_string());
    match (uid("reader"), uid("target")) {
        (Some(reader), Some(target)) => format!("{reader} reads {target}"),
        _ => "-".to_owned(),
    }
}

/// The setting that decides for processes of one user; -1 where the kernel has none, less where it
/// cannot be read.
fn setting(scope: f64) -> String {
    let who = match scope {
        -1.0 => {
            return "This kernel has no Yama: who has the same user may read whoever does not \
                    forbid dumps."
                .to_owned();
        }
        s if s < 0.0 => {
            return "The setting that decides within one user, kernel.yama.ptrace_scope, could not \
                    be read.".to_owned();
        }
        0.0 => "who has the same user may read whoever does not forbid dumps",
        1.0 => "a process may read its own descendants, and who asked for it",
        2.0 => "only who has CAP_SYS_PTRACE may read others",
        _ => "nobody may read others",
    };
    format!("kernel.yama.ptrace_scope is {scope} here: {who}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_probe_of_reading_is_shown() {
        let of_reading = ["read-", "mem-"];
        let all = crate::question::probes().filter(|entry| entry.family == isolation::PROTECT);
        let names = all.map(|entry| entry.name);
        for name in names.filter(|name| of_reading.iter().any(|start| name.starts_with(start))) {
            assert!(TRIED.iter().any(|(tried, ..)| name == *tried), "{name}");
        }
    }

    #[test]
    fn a_setting_says_who_may_read_whom() {
        assert!(setting(-1.0).contains("no Yama"));
        assert!(setting(1.0).contains("is 1 here: a process may read its own descendants"));
        assert!(setting(-2.0).contains("could not be read"));
        assert!(setting(3.0).contains("nobody may"));
    }
}
