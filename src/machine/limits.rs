//! Limits on what this process may make, and the memory there is.

use crate::cgroup;
use crate::proc::{self, Found, names, text};
use crate::record::Value;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, rlim_t, setrlimit};
use std::io;

/// Soft and hard limit (getrlimit(2)).
pub(super) fn rlimit(resource: Resource) -> Found<[rlim_t; 2]> {
    getrlimit(resource).map(Into::into).map_err(|error| format!("getrlimit: {error}"))
}

/// A soft limit as a fact.
pub(super) fn soft(resource: Resource) -> Found<Value> {
    rlimit(resource).map(|[soft, _]| counted(soft))
}

/// A hard limit as a fact.
pub(super) fn hard(resource: Resource) -> Found<Value> {
    rlimit(resource).map(|[_, hard]| counted(hard))
}

fn counted(limit: rlim_t) -> Value {
    match limit {
        RLIM_INFINITY => Value::Text("unlimited".to_owned()),
        limit => Value::Count(limit),
    }
}

/// Raises the soft limit on open descriptors (RLIMIT_NOFILE) of this process to its hard limit, as
/// servers and their clients do; what it forks and starts inherits that. Returns both limits as
/// they are then.
///
/// # Errors
/// getrlimit(2)'s and setrlimit(2)'s: none is expected.
pub fn raise_descriptor_limit() -> io::Result<(u64, u64)> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft < hard {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    }
    Ok((hard, hard))
}

/// Memory of the machine by its name in /proc/meminfo (proc_meminfo(5)).
pub(super) fn memory_bytes(name: &str) -> Found<u64> {
    proc::bytes(&text("/proc/meminfo")?, name).ok_or_else(|| format!("/proc/meminfo has no {name}"))
}

/// Memory that could still be taken without swapping, bytes: the machine's, or what the control
/// group's limit leaves where that is less.
///
/// # Errors
/// The kernel does not tell.
pub fn available_memory_bytes() -> Result<u64, String> {
    let available = memory_bytes("MemAvailable")?;
    // Where no controller limits memory, none can be found.
    let left = cgroup::memory_headroom_bytes().ok().flatten();
    Ok(left.map_or(available, |left| available.min(left)))
}

/// The caches that `cpu` sees, the private ones first.
pub(super) fn caches(cpu: usize) -> Found<String> {
    let folder = format!("/sys/devices/system/cpu/cpu{cpu}/cache");
    let mut caches = Vec::new();
    for index in names(&folder)?.iter().filter(|name| name.starts_with("index")) {
        let file = |name: &str| text(format!("{folder}/{index}/{name}"));
        // Emulators list caches without a size.
        let size = file("size").unwrap_or_else(|_| "of unknown size".to_owned());
        let shared = file("shared_cpu_list");
        caches.push(cache(&file("level")?, &file("type")?, &size, shared.as_deref()));
    }
    if caches.is_empty() { Err(format!("{folder} lists none")) } else { Ok(caches.join(", ")) }
}

fn cache(level: &str, kind: &str, size: &str, shared: Result<&str, &String>) -> String {
    let kind = match kind {
        "Data" => "d",
        "Instruction" => "i",
        _ => "",
    };
    let shared = match shared {
        Ok(shared) if shared.contains([',', '-']) => format!(" shared by CPUs {shared}"),
        Ok(_) => String::new(),
        Err(_) => " shared by unknown CPUs".to_owned(),
    };
    format!("L{level}{kind} {size}{shared}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_becomes_the_hard_one() {
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        assert_eq!(raise_descriptor_limit().unwrap(), (hard, hard));
        assert_eq!(getrlimit(Resource::RLIMIT_NOFILE).unwrap(), (hard, hard));
        assert_eq!(raise_descriptor_limit().unwrap(), (hard, hard), "again changes nothing");
    }

    #[test]
    fn a_limit_is_a_number_or_none() {
        assert_eq!(counted(1024), Value::Count(1024));
        assert_eq!(counted(RLIM_INFINITY), Value::Text("unlimited".to_owned()));
    }

    #[test]
    fn caches_in_words() {
        assert_eq!(cache("1", "Data", "48K", Ok("1")), "L1d 48K");
        assert_eq!(cache("3", "Unified", "32768K", Ok("0-1")), "L3 32768K shared by CPUs 0-1");
        let closed = cache("2", "Unified", "1024K", Err(&String::new()));
        assert_eq!(closed, "L2 1024K shared by unknown CPUs");
    }
}
