//! What the lab is: the state that decides what a fork in it costs, read from /proc.

use crate::primitive::Companion;
use crate::record::{Actor, Failure, LabState, Result};
use crate::text::of_file;
use nix::sys::resource::{UsageWho, getrusage};
use std::fs;
use std::io::{BufRead, BufReader};

/// Reads the lab's own state (proc(5)).
pub(super) fn read() -> Result<LabState> {
    let mappings = Mappings::read()?;
    let status = text("/proc/self/status")?;
    // Counting the descriptors opens one more.
    let fds = entries("/proc/self/fd")?.saturating_sub(1);
    Ok(LabState {
        rss_bytes: mappings.resident_bytes,
        vmas: mappings.all,
        written_vmas: mappings.written,
        own_bytes: mappings.own_bytes,
        fds,
        threads: entries("/proc/self/task")?,
        huge_bytes: mappings.huge_bytes,
        program_bytes: fs::metadata("/proc/self/exe").map_or(0, |program| program.len()),
        cpus: cpu_list(status_field(&status, "Cpus_allowed_list:").unwrap_or_default()),
    })
}

/// What the mappings of this process come to (proc_pid_smaps(5), which walks the page tables: the counts of status and
/// statm lag behind by some pages per thread).
#[derive(Debug, Default, PartialEq, Eq)]
struct Mappings {
    /// All but x86's page of old system calls, which belongs to the kernel.
    all: u64,
    /// Those with private pages that were written.
    written: u64,
    /// The memory of those pages.
    own_bytes: u64,
    /// Memory that is resident.
    resident_bytes: u64,
    /// Memory in huge pages; none on kernels without them.
    huge_bytes: u64,
}

impl Mappings {
    /// A line at a time: a whole text in memory would be a mapping of its own.
    fn read() -> Result<Self> {
        let tried = "reading /proc/self/smaps";
        let mut found = Mappings::default();
        let file = fs::File::open("/proc/self/smaps").map_err(|e| Failure::os(tried, e))?;
        // A path need not be UTF-8.
        for line in BufReader::with_capacity(4096, file).split(b'\n') {
            let line = line.map_err(|e| Failure::os(tried, e))?;
            found.add(&String::from_utf8_lossy(&line));
        }
        Ok(found)
    }

    fn add(&mut self, line: &str) {
        let mut words = line.split_ascii_whitespace();
        let name = words.next();
        let mut bytes =
            || words.next().and_then(|kib| kib.parse().ok()).map_or(0, |kib: u64| kib << 10);
        match name {
            Some("Rss:") => self.resident_bytes += bytes(),
            Some("AnonHugePages:") => self.huge_bytes += bytes(),
            Some("Anonymous:") => {
                let own_bytes = bytes();
                self.written += u64::from(own_bytes > 0);
                self.own_bytes += own_bytes;
            }
            Some(range) if !range.ends_with(':') => {
                self.all += u64::from(!line.ends_with("[vsyscall]"));
            }
            _ => {}
        }
    }
}

/// Context switches of all actors so far: all and involuntary (getrusage(2)). The last switch of a child is in them,
/// that of a thread is not: the kernel closes a thread's books before it.
pub(super) fn switches(companions: &[Companion]) -> Result<[u64; 2]> {
    let usage = |who| getrusage(who).map_err(|e| Failure::os("counting context switches", e));
    let mut total = [0, 0];
    for used in [usage(UsageWho::RUSAGE_SELF)?, usage(UsageWho::RUSAGE_CHILDREN)?] {
        let voluntary = used.voluntary_context_switches() as u64;
        let involuntary = used.involuntary_context_switches() as u64;
        total = [total[0] + voluntary + involuntary, total[1] + involuntary];
    }
    // A companion that is a thread is in RUSAGE_SELF; a process is in RUSAGE_CHILDREN only when it is reaped.
    for Companion { task, .. } in companions.iter().filter(|c| c.actor != Actor::Thread) {
        let status = text(&format!("/proc/{task}/status"))?;
        let involuntary = field(&status, "nonvoluntary_ctxt_switches:");
        total[0] += field(&status, "voluntary_ctxt_switches:") + involuntary;
        total[1] += involuntary;
    }
    Ok(total)
}

fn text(path: &str) -> Result<String> {
    of_file(path).map_err(|e| Failure::os(format!("reading {path}"), e))
}

fn entries(path: &str) -> Result<u64> {
    let listed = fs::read_dir(path).map_err(|e| Failure::os(format!("reading {path}"), e))?;
    Ok(listed.count() as u64)
}

fn status_field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

/// The number at the start of a field, 0 where the field is absent.
pub(super) fn field(text: &str, name: &str) -> u64 {
    let number = status_field(text, name).and_then(|value| value.split_whitespace().next());
    number.and_then(|value| value.parse().ok()).unwrap_or(0)
}

/// CPUs of a list such as `0-2,5`.
fn cpu_list(list: &str) -> Vec<usize> {
    let mut cpus = Vec::new();
    for range in list.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        if let (Ok(first), Ok(last)) = (first.parse::<usize>(), last.parse::<usize>()) {
            cpus.extend(first..=last);
        }
    }
    cpus
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_cpus_are_read() {
        assert_eq!(cpu_list("0-2,5"), [0, 1, 2, 5]);
        assert_eq!(cpu_list("3"), [3]);
        assert!(cpu_list("").is_empty());
    }

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let status =
            "voluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\nVmRSS:\t  8 kB\n";
        assert_eq!(field(status, "voluntary_ctxt_switches:"), 12);
        assert_eq!(field(status, "nonvoluntary_ctxt_switches:"), 3);
        assert_eq!(field(status, "VmRSS:"), 8);
        assert_eq!(field(status, "absent:"), 0);
    }

    #[test]
    fn what_is_written_and_resident_is_summed_over_the_mappings() {
        let smaps = "\
55d0-55d1 r-xp 00000000 fe:00 7 /a path: with words
Rss: 12 kB
Anonymous: 0 kB
VmFlags: rd ex
7f00-7f10 rw-p 00000000 00:00 0
Rss: 2052 kB
Anonymous: 2052 kB
AnonHugePages: 2048 kB
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]
Rss: 0 kB
Anonymous: 0 kB";
        let mut found = Mappings::default();
        smaps.lines().for_each(|line| found.add(line));
        let [own_bytes, resident_bytes, huge_bytes] = [2052 << 10, 2064 << 10, 2048 << 10];
        let all = Mappings { all: 2, written: 1, own_bytes, resident_bytes, huge_bytes };
        assert_eq!(found, all);
    }

    #[test]
    fn this_process_has_a_state() {
        let state = read().unwrap();
        assert!(state.rss_bytes > 0 && state.vmas > 3 && state.fds >= 3 && state.threads >= 1);
        assert!(state.program_bytes > 0 && !state.cpus.is_empty());
    }
}
