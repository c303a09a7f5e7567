//! What bounds the number of threads, processes, mappings, descriptors and bytes, as numbers.

use super::limits::{available_memory_bytes, memory_bytes, rlimit};
use super::rights::Rights;
use crate::cgroup;
use crate::proc::{self, Capabilities, Found, number, text};
use crate::record::Limit;
use nix::sys::resource::{RLIM_INFINITY, Resource};
use nix::unistd::geteuid;
use std::fs;
use std::os::unix::fs::MetadataExt;

/// A limit: the most, what is in use, and what is to be said of it.
type Read = Found<(Option<f64>, f64, Option<String>)>;

/// All limits that keeping actors and connections may run into. One that cannot be read says why.
#[must_use]
pub fn limits() -> Vec<Limit> {
    vec![
        limit("kernel.pid_max", "threads", tasks("/proc/sys/kernel/pid_max")),
        limit("kernel.threads-max", "threads", tasks("/proc/sys/kernel/threads-max")),
        limit("pids.max", "threads", pids_max()),
        limit("RLIMIT_NPROC", "threads", processes()),
        limit("vm.max_map_count", "mappings", mappings()),
        limit("available memory", "bytes", available()),
        limit("commit limit", "bytes", commit()),
        limit("RLIMIT_AS", "bytes", own_memory(Resource::RLIMIT_AS, "VmSize")),
        limit("RLIMIT_DATA", "bytes", own_memory(Resource::RLIMIT_DATA, "VmData")),
        limit("RLIMIT_NOFILE", "descriptors", descriptors()),
        limit("fs.file-max", "descriptors", files()),
        limit("net.ipv4.ip_local_port_range", "ports", ports()),
    ]
}

fn limit(name: &str, unit: &str, read: Read) -> Limit {
    let (most, used, note) =
        read.unwrap_or_else(|why| (None, 0.0, Some(format!("could not be read: {why}"))));
    Limit { name: name.to_owned(), most, used, unit: unit.to_owned(), note }
}

/// Threads and processes of the whole machine count to it.
fn tasks(path: &str) -> Read {
    let used = all_tasks(&text("/proc/loadavg")?).ok_or("/proc/loadavg has no count of tasks")?;
    Ok((Some(number(path)?), used, None))
}

/// `0.1 0.2 0.3 1/234 5678`: of the fourth field what is behind the slash.
fn all_tasks(loadavg: &str) -> Option<f64> {
    loadavg.split(' ').nth(3)?.split_once('/')?.1.parse().ok()
}

fn pids_max() -> Read {
    Ok(match cgroup::pids_room()? {
        Some((most, used)) => (Some(most), used, None),
        None => (None, 0.0, Some("no control group of this process sets one".to_owned())),
    })
}

fn processes() -> Read {
    let [soft, _] = rlimit(Resource::RLIMIT_NPROC)?;
    let used = own_tasks()?;
    if soft == RLIM_INFINITY {
        return Ok((None, used, Some("unlimited".to_owned())));
    }
    let rights = Rights::read()?;
    // With either, RLIMIT_NPROC does not bind.
    let free = [Capabilities::SYS_ADMIN, Capabilities::SYS_RESOURCE];
    let exempt = rights.root || rights.has_any(free);
    Ok(match exempt && !rights.own_namespace {
        true => {
            let note = format!("{soft}; does not apply to root, CAP_SYS_ADMIN, CAP_SYS_RESOURCE");
            (None, used, Some(note))
        }
        false => (Some(soft as f64), used, None),
    })
}

/// Threads and processes of this user, as far as /proc shows them.
fn own_tasks() -> Found<f64> {
    let own = geteuid().as_raw();
    let all = proc::processes().map_err(|e| format!("/proc: {e}"))?;
    let folders = all.iter().map(|process| format!("/proc/{process}"));
    let owned = folders.filter(|path| fs::metadata(path).is_ok_and(|data| data.uid() == own));
    // One that has ended meanwhile has none.
    let tasks = owned.map(|path| proc::entries(format!("{path}/task")).unwrap_or(0));
    Ok(tasks.sum::<u64>() as f64)
}

fn mappings() -> Read {
    let used = text("/proc/self/maps")?.lines().count();
    Ok((Some(number("/proc/sys/vm/max_map_count")?), used as f64, None))
}

fn available() -> Read {
    Ok((Some(available_memory_bytes()? as f64), 0.0, None))
}

fn commit() -> Read {
    let used = memory_bytes("Committed_AS")? as f64;
    Ok(match number("/proc/sys/vm/overcommit_memory")? {
        2 => (Some(memory_bytes("CommitLimit")? as f64), used, None),
        mode => {
            let note = format!("vm.overcommit_memory is {mode}: address space is not counted");
            (None, used, Some(note))
        }
    })
}

/// A limit on the memory of each process, and how much of that this one has.
fn own_memory(resource: Resource, name: &str) -> Read {
    let [soft, _] = rlimit(resource)?;
    let untold = || format!("/proc/self/status has no {name}");
    let used = proc::bytes(&text("/proc/self/status")?, name).ok_or_else(untold)? as f64;
    Ok(match soft {
        RLIM_INFINITY => (None, used, Some("unlimited".to_owned())),
        soft => (Some(soft as f64), used, Some("per process".to_owned())),
    })
}

fn descriptors() -> Read {
    let [soft, hard] = rlimit(Resource::RLIMIT_NOFILE)?;
    // Listing them opens one more.
    let open = proc::entries("/proc/self/fd").map_err(|e| format!("/proc/self/fd: {e}"))?;
    let most = (hard != RLIM_INFINITY).then_some(hard as f64);
    let note = format!("per process; it starts at {soft}, and the process may raise it");
    Ok((most, open.saturating_sub(1) as f64, Some(note)))
}

fn files() -> Read {
    let all = text("/proc/sys/fs/file-nr")?;
    let fields: Vec<f64> = all.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [open, free, most] = fields[..] else {
        return Err(format!("/proc/sys/fs/file-nr holds '{all}'"));
    };
    Ok((Some(most), open - free, None))
}

fn ports() -> Read {
    let range = text("/proc/sys/net/ipv4/ip_local_port_range")?;
    let most = range_size(&range).ok_or_else(|| format!("it holds '{range}'"))?;
    Ok((Some(most), 0.0, Some("of one client's address, to one server's port".to_owned())))
}

fn range_size(range: &str) -> Option<f64> {
    let (first, last) = range.split_once(char::is_whitespace)?;
    let (first, last): (f64, f64) = (first.parse().ok()?, last.trim().parse().ok()?);
    Some(last - first + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_kernel_are_understood() {
        assert_eq!(all_tasks("0.10 0.20 0.30 2/345 6789"), Some(345.0));
        assert_eq!(all_tasks("0.10"), None);
        assert_eq!(range_size("32768\t60999"), Some(28232.0));
        assert_eq!(range_size("32768"), None);
    }

    #[test]
    fn each_limit_of_this_machine_is_a_number_or_a_note() {
        let limits = limits();
        for limit in &limits {
            assert!(limit.most.is_some() || limit.note.is_some(), "{limit:?}");
            assert!(limit.most.is_none_or(|most| most > limit.used), "{limit:?}");
        }
        let of = |name: &str| limits.iter().find(|limit| limit.name == name).unwrap();
        assert!(of("kernel.pid_max").used > 1.0 && of("RLIMIT_NPROC").used >= 1.0);
        assert!(of("vm.max_map_count").used > 3.0 && of("RLIMIT_NOFILE").used >= 3.0);
        assert_eq!(limits.len(), 12);
    }
}
