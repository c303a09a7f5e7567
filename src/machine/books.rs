//! The books of memory: a control group's where there is one, and the whole machine's.
//!
//! Sources: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst, proc_meminfo(5),
//! proc_pid_smaps(5).

use crate::cgroup::Group;
use crate::proc::{self, Found, number, state, text};
use crate::record::{Failure, MemoryReading, MemorySource, Result};
use crate::sys::memory::page_bytes;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Where a reading comes from.
#[derive(Debug, Clone)]
pub struct Books {
    source: MemorySource,
    folder: PathBuf,
}

impl Books {
    /// Those of a group, or the machine's with the reason why there is no group.
    #[must_use]
    pub fn of(group: &Result<Group>) -> Self {
        match group {
            Ok(group) => Books {
                source: match group.is_unified() {
                    true => MemorySource::CgroupV2,
                    false => MemorySource::CgroupV1,
                },
                folder: group.folder().to_owned(),
            },
            Err(why) => {
                let source = MemorySource::Meminfo { why: why.to_string() };
                Books { source, folder: PathBuf::new() }
            }
        }
    }

    /// Which they are.
    #[must_use]
    pub fn source(&self) -> &MemorySource {
        &self.source
    }

    /// What is in use now, by `lab` and by those of its units that have an address space of their
    /// own.
    ///
    /// The total is read first: to look at processes takes memory, which is charged to whoever
    /// looks.
    ///
    /// # Errors
    /// A file that should be there is not, or may not be read.
    pub fn read(&self, lab: i32, processes: &[i32]) -> Result<MemoryReading> {
        let tried = |why| Failure::new(format!("reading the memory of process {lab}"), why);
        let mut reading = self.parts().map_err(tried)?;
        let status = text(format!("/proc/{lab}/status")).map_err(tried)?;
        reading.virtual_bytes = kibibytes(&status, "VmSize").map_err(tried)?;
        reading.resident_bytes = kibibytes(&status, "VmRSS").map_err(tried)?;
        for process in std::iter::once(&lab).chain(processes) {
            let rollup = text(format!("/proc/{process}/smaps_rollup")).map_err(tried)?;
            reading.proportional_bytes += kibibytes(&rollup, "Pss").map_err(tried)?;
        }
        Ok(reading)
    }

    fn parts(&self) -> Found<MemoryReading> {
        match self.source {
            MemorySource::CgroupV2 => unified(&self.folder),
            MemorySource::CgroupV1 => legacy(&self.folder),
            MemorySource::Meminfo { .. } => machines(),
        }
    }
}

fn unified(folder: &Path) -> Found<MemoryReading> {
    let total_bytes = number(folder.join("memory.current"))?;
    let stat = text(folder.join("memory.stat"))?;
    Ok(MemoryReading {
        total_bytes,
        // Since Linux 5.19.
        peak_bytes: number(folder.join("memory.peak")).unwrap_or(0),
        kernel_stack_bytes: counted(&stat, "kernel_stack")?,
        page_table_bytes: counted(&stat, "pagetables")?,
        slab_bytes: counted(&stat, "slab")?,
        anonymous_bytes: counted(&stat, "anon")?,
        socket_bytes: counted(&stat, "sock")?,
        ..MemoryReading::default()
    })
}

fn legacy(folder: &Path) -> Found<MemoryReading> {
    let usage: u64 = number(folder.join("memory.usage_in_bytes"))?;
    let peak: u64 = number(folder.join("memory.max_usage_in_bytes"))?;
    // Buffers of TCP are in an account of their own there.
    let socket_bytes = number(folder.join("memory.kmem.tcp.usage_in_bytes")).unwrap_or(0);
    let anonymous_bytes = counted(&text(folder.join("memory.stat"))?, "rss")?;
    Ok(MemoryReading {
        total_bytes: usage + socket_bytes,
        peak_bytes: peak,
        anonymous_bytes,
        socket_bytes,
        ..machines()?
    })
}

/// The whole machine's. Their sum is the total.
fn machines() -> Found<MemoryReading> {
    let meminfo = text("/proc/meminfo")?;
    let part = |name| kibibytes(&meminfo, name);
    let [kernel_stack_bytes, page_table_bytes, slab_bytes, anonymous_bytes] =
        [part("KernelStack")?, part("PageTables")?, part("Slab")?, part("AnonPages")?];
    let socket_bytes = tcp_pages(&text("/proc/net/sockstat")?)? * page_bytes() as u64;
    let parts = [kernel_stack_bytes, page_table_bytes, slab_bytes, anonymous_bytes, socket_bytes];
    Ok(MemoryReading {
        total_bytes: parts.iter().sum(),
        kernel_stack_bytes,
        page_table_bytes,
        slab_bytes,
        anonymous_bytes,
        socket_bytes,
        ..MemoryReading::default()
    })
}

/// `Name:   12 kB` in bytes.
fn kibibytes(text: &str, name: &str) -> Found<u64> {
    proc::bytes(text, name).ok_or_else(|| format!("there is no {name}"))
}

/// `name 12`.
fn counted(stat: &str, name: &str) -> Found<u64> {
    let value = stat.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let number = value.and_then(|value| value.trim().parse().ok());
    number.ok_or_else(|| format!("memory.stat has no {name}"))
}

/// `TCP: inuse 5 orphan 0 tw 0 alloc 7 mem 3`: the pages of all buffers.
fn tcp_pages(sockstat: &str) -> Found<u64> {
    let line = sockstat.lines().find_map(|line| line.strip_prefix("TCP:"));
    let mut words = line.unwrap_or_default().split_whitespace();
    let pages = words.find(|word| *word == "mem").and_then(|_| words.next()?.parse().ok());
    pages.ok_or_else(|| "/proc/net/sockstat has no memory of TCP".to_owned())
}

/// Waits until each thread of these processes sleeps until something wakes it.
///
/// # Errors
/// One is gone, or is busy until the end of `patience`.
pub fn await_asleep(processes: &[i32], patience: Duration) -> Result<()> {
    await_each(processes, patience, "is idle", "it has not come to rest", |process| {
        match state(&text(format!("/proc/{process}/stat"))?) {
            Some('Z' | 'X') | None => Err("it has ended".to_owned()),
            state => Ok(state == Some('S') && all_asleep(process)?),
        }
    })
}

/// Does every thread of a process sleep? One that ends meanwhile does not.
fn all_asleep(process: i32) -> Found<bool> {
    let folder = format!("/proc/{process}/task");
    let threads = std::fs::read_dir(&folder).map_err(|e| format!("{folder}: {e}"))?;
    let asleep = |thread: std::fs::DirEntry| {
        text(thread.path().join("stat")).is_ok_and(|stat| state(&stat) == Some('S'))
    };
    Ok(threads.flatten().all(asleep))
}

/// Waits until none of these processes has memory any more, whether or not it was reaped.
///
/// # Errors
/// One lives at the end of `patience`.
pub fn await_gone(processes: &[i32], patience: Duration) -> Result<()> {
    await_each(processes, patience, "is gone", "it still lives", |process| {
        let stat = text(format!("/proc/{process}/stat"));
        Ok(!stat.is_ok_and(|stat| !matches!(state(&stat), Some('Z' | 'X'))))
    })
}

/// Waits until each of these processes is as it should be, by looking every millisecond.
fn await_each(
    processes: &[i32],
    patience: Duration,
    what: &str,
    late: &str,
    is_so: impl Fn(i32) -> Found<bool>,
) -> Result<()> {
    let deadline = Instant::now() + patience;
    for &process in processes {
        let failed = |why| Failure::new(format!("waiting until process {process} {what}"), why);
        while !is_so(process).map_err(failed)? {
            if Instant::now() >= deadline {
                return Err(failed(late.to_owned()));
            }
            crate::sys::clock::pause(Duration::from_millis(1));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_by_their_whole_name() {
        let stat = "anon 8192\nanon_thp 0\nkernel 4096\nkernel_stack 16384\nsock 0";
        assert_eq!(counted(stat, "anon"), Ok(8192));
        assert_eq!(counted(stat, "kernel_stack"), Ok(16384));
        assert_eq!(counted(stat, "slab"), Err("memory.stat has no slab".to_owned()));
        let sockstat = "sockets: used 99\nTCP: inuse 5 orphan 0 tw 0 alloc 7 mem 3\nUDP: mem 9\n";
        assert_eq!(tcp_pages(sockstat), Ok(3));
        assert!(tcp_pages("UDP: mem 9").is_err());
    }

    /// Reads a group of these files.
    fn of_files(
        read: fn(&Path) -> Found<MemoryReading>,
        files: &[(&str, &str)],
    ) -> Found<MemoryReading> {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("pvt-books-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        files.iter().for_each(|(name, text)| std::fs::write(folder.join(name), text).unwrap());
        let found = read(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        found
    }

    #[test]
    fn a_group_of_version_2_tells_every_part() {
        let stat = "anon 10\nkernel 99\nkernel_stack 20\npagetables 30\nsock 40\nslab 50\n";
        let mut files = vec![("memory.current", "1000"), ("memory.stat", stat)];
        let expected = MemoryReading {
            total_bytes: 1000,
            anonymous_bytes: 10,
            kernel_stack_bytes: 20,
            page_table_bytes: 30,
            socket_bytes: 40,
            slab_bytes: 50,
            ..MemoryReading::default()
        };
        assert_eq!(of_files(unified, &files), Ok(expected));
        files.push(("memory.peak", "2000"));
        let peak = of_files(unified, &files).unwrap().peak_bytes;
        assert_eq!(peak, 2000);
        assert!(of_files(unified, &files[1..]).unwrap_err().contains("memory.current"));
    }

    #[test]
    fn a_group_of_version_1_tells_what_it_can() {
        let files = [
            ("memory.usage_in_bytes", "1000"),
            ("memory.max_usage_in_bytes", "2000"),
            ("memory.kmem.tcp.usage_in_bytes", "100"),
            ("memory.stat", "cache 7\nrss 300\n"),
        ];
        let read = of_files(legacy, &files).unwrap();
        assert_eq!((read.total_bytes, read.peak_bytes), (1100, 2000));
        assert_eq!((read.socket_bytes, read.anonymous_bytes), (100, 300));
        assert!(read.kernel_stack_bytes > 0 && read.slab_bytes > 0);
    }

    #[test]
    fn the_machines_books_add_up() {
        let reading = Books::of(&Err(Failure::new("a", "b"))).read(std::process::id() as i32, &[]);
        let reading = reading.unwrap();
        let parts = [
            reading.kernel_stack_bytes,
            reading.page_table_bytes,
            reading.slab_bytes,
            reading.anonymous_bytes,
            reading.socket_bytes,
        ];
        assert_eq!(reading.total_bytes, parts.iter().sum::<u64>());
        assert!(parts[..4].iter().all(|bytes| *bytes > 0), "{reading:?}");
        assert!(reading.virtual_bytes >= reading.resident_bytes && reading.proportional_bytes > 0);
    }

    #[test]
    fn who_is_busy_or_gone_is_said() {
        assert!(await_asleep(&[i32::MAX], Duration::ZERO).unwrap_err().why.contains("not exist"));
        let own = std::process::id() as i32;
        // It is this thread, while the first one waits for it.
        assert!(await_asleep(&[own], Duration::ZERO).unwrap_err().why.contains("to rest"));
        assert!(await_gone(&[own], Duration::ZERO).unwrap_err().why.contains("lives"));
    }

    #[test]
    fn who_has_ended_is_gone_before_it_is_reaped() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let gone = await_gone(&[i32::MAX, child.id() as i32], Duration::from_secs(30));
        child.wait().unwrap();
        assert_eq!(gone, Ok(()));
    }
}
