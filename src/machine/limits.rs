//! Limits on what this process may make, and the memory there is.

use crate::cgroup;
use crate::proc::{self, Found, names, text};
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, rlim_t};

/// Soft and hard limit (getrlimit(2)), in words.
pub(super) fn resource(resource: Resource) -> Found<String> {
    let (soft, hard) = getrlimit(resource).map_err(|error| format!("getrlimit: {error}"))?;
    let words = |limit: rlim_t| {
        if limit == RLIM_INFINITY { "unlimited".to_owned() } else { limit.to_string() }
    };
    Ok(format!("{} (hard {})", words(soft), words(hard)))
}

/// The limit on descriptors of a process, in words, and who does not keep to the soft one.
pub(super) fn open_files() -> Found<String> {
    let limit = resource(Resource::RLIMIT_NOFILE)?;
    Ok(format!("RLIMIT_NOFILE {limit}; servers and clients raise their own to the hard one"))
}

/// The memory limit in force, in words.
pub(super) fn cgroup_memory() -> Found<String> {
    Ok(cgroup::memory_limit_bytes()?.map_or("none".to_owned(), gibibytes))
}

/// Memory of the machine: all, and what is available (proc_meminfo(5)).
pub(super) fn memory() -> Found<String> {
    let meminfo = text("/proc/meminfo")?;
    let field = |name: &str| {
        let bytes = proc::bytes(&meminfo, name);
        bytes.map_or_else(|| format!("unknown (no {name} in /proc/meminfo)"), gibibytes)
    };
    Ok(format!("{}, {} available", field("MemTotal"), field("MemAvailable")))
}

/// Memory that could still be taken without swapping, bytes: the machine's, or what the control
/// group's limit leaves where that is less.
///
/// # Errors
/// The kernel does not tell.
pub fn available_memory_bytes() -> Result<u64, String> {
    let available = proc::bytes(&text("/proc/meminfo")?, "MemAvailable")
        .ok_or("/proc/meminfo has no MemAvailable")?;
    // Where no controller limits memory, none can be found.
    let left = cgroup::memory_headroom_bytes().ok().flatten();
    Ok(left.map_or(available, |left| available.min(left)))
}

fn gibibytes(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
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
    fn caches_in_words() {
        assert_eq!(cache("1", "Data", "48K", Ok("1")), "L1d 48K");
        assert_eq!(cache("3", "Unified", "32768K", Ok("0-1")), "L3 32768K shared by CPUs 0-1");
        let closed = cache("2", "Unified", "1024K", Err(&String::new()));
        assert_eq!(closed, "L2 1024K shared by unknown CPUs");
    }
}
