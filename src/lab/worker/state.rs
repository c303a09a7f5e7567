//! What the lab is: the state that decides what a fork in it costs, read from /proc.

use crate::primitive::Companion;
use crate::proc::{self, MapLine, cpu_list, field};
use crate::record::{Actor, Failure, LabState, Result};
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
        cpus: field(&status, "Cpus_allowed_list").and_then(cpu_list).unwrap_or_default(),
    })
}

/// What the mappings of this process come to (proc_pid_smaps(5), which walks the page tables: the
/// counts of status and statm lag behind by some pages per thread).
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
        match MapLine::of(line) {
            MapLine::Mapping(_) => self.all += u64::from(!line.ends_with("[vsyscall]")),
            MapLine::Bytes("Rss", bytes) => self.resident_bytes += bytes,
            MapLine::Bytes("AnonHugePages", bytes) => self.huge_bytes += bytes,
            MapLine::Bytes("Anonymous", bytes) => {
                self.written += u64::from(bytes > 0);
                self.own_bytes += bytes;
            }
            _ => {}
        }
    }
}

/// Context switches of all actors so far: all and involuntary (getrusage(2)). The last switch of a
/// child is in them, that of a thread is not: the kernel closes a thread's books before it.
pub(super) fn switches(companions: &[Companion]) -> Result<[u64; 2]> {
    let usage = |who| getrusage(who).map_err(|e| Failure::os("counting context switches", e));
    let mut total = [0, 0];
    for used in [usage(UsageWho::RUSAGE_SELF)?, usage(UsageWho::RUSAGE_CHILDREN)?] {
        let voluntary = used.voluntary_context_switches() as u64;
        let involuntary = used.involuntary_context_switches() as u64;
        total = [total[0] + voluntary + involuntary, total[1] + involuntary];
    }
    // A companion that is a thread is in RUSAGE_SELF; a process is in RUSAGE_CHILDREN only when it
    // is reaped.
    for Companion { task, .. } in companions.iter().filter(|c| c.actor != Actor::Thread) {
        let status = text(&format!("/proc/{task}/status"))?;
        let count = |name| {
            let unlisted = || {
                Failure::new(
                    format!("counting the switches of task {task}"),
                    format!("its status has no {name}"),
                )
            };
            count(&status, name).ok_or_else(unlisted)
        };
        let involuntary = count("nonvoluntary_ctxt_switches")?;
        total[0] += count("voluntary_ctxt_switches")? + involuntary;
        total[1] += involuntary;
    }
    Ok(total)
}

/// The number of a field.
fn count(status: &str, name: &str) -> Option<u64> {
    field(status, name)?.parse().ok()
}

fn text(path: &str) -> Result<String> {
    proc::read(path).map_err(|e| Failure::os(format!("reading {path}"), e))
}

fn entries(path: &str) -> Result<u64> {
    proc::entries(path).map_err(|e| Failure::os(format!("reading {path}"), e))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_count_that_is_not_listed_is_not_zero() {
        let status = "voluntary_ctxt_switches:\t12\n";
        assert_eq!(count(status, "voluntary_ctxt_switches"), Some(12));
        assert_eq!(count(status, "nonvoluntary_ctxt_switches"), None);
    }

    #[test]
    fn this_process_has_a_state() {
        let state = read().unwrap();
        assert!(state.rss_bytes > 0 && state.vmas > 3 && state.fds >= 3 && state.threads >= 1);
        assert!(state.program_bytes > 0 && !state.cpus.is_empty());
    }
}
