//! Time that the hypervisor gave to other guests (proc_stat(5), field `steal`).

use crate::proc::{Found, text};
use nix::unistd::{SysconfVar, sysconf};
use std::fs::File;
use std::io::Read;

/// Room for the lines of about 500 CPUs.
const ROOM_BYTES: usize = 48 << 10;

/// Steal of one CPU since boot, in ticks of the kernel's user clock (mostly 10 ms each).
///
/// One read into a fixed buffer: cheap enough to stand beside a batch. Not one on the stack: every
/// call would touch each page of it. `None` where /proc/stat has no such CPU.
#[must_use]
pub fn steal_ticks(cpu: usize) -> Option<u64> {
    let mut room = vec![0; ROOM_BYTES];
    let length = File::open("/proc/stat").ok()?.read(&mut room).ok()?;
    cpu_line(&room[..length], cpu).and_then(|line| Some(times(line)?.steal))
}

/// Ticks of one line of /proc/stat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    /// What other guests got.
    pub(super) steal: u64,
    /// All time, idle included.
    pub(super) total: u64,
}

/// The line of one CPU, if the whole of it is there.
fn cpu_line(stat: &[u8], cpu: usize) -> Option<&str> {
    let name = format!("cpu{cpu} ");
    let whole = stat.iter().rposition(|&byte| byte == b'\n')?;
    std::str::from_utf8(&stat[..whole]).ok()?.lines().find(|line| line.starts_with(&name))
}

/// The ticks of a line: user, nice, system, idle, iowait, irq, softirq, steal. Guest time is in
/// user already.
fn times(line: &str) -> Option<Times> {
    let fields = line.split_whitespace().skip(1).take(8).map(|field| field.parse().ok());
    let fields: Vec<u64> = fields.collect::<Option<_>>()?;
    Some(Times { steal: *fields.get(7)?, total: fields.iter().sum() })
}

/// Ticks of all CPUs together since boot.
pub(super) fn all_cpus() -> Found<Times> {
    let stat = text("/proc/stat")?;
    let line = stat.lines().next().filter(|line| line.starts_with("cpu "));
    line.and_then(times).ok_or_else(|| "/proc/stat does not show steal".to_owned())
}

/// Ticks per second (sysconf(3), `_SC_CLK_TCK`).
pub(super) fn ticks_per_s() -> f64 {
    // 100 on every architecture of today: it is part of the kernel's interface to programs.
    sysconf(SysconfVar::CLK_TCK).ok().flatten().map_or(100.0, |ticks| ticks as f64)
}

/// Steal since boot in words.
pub(super) fn words(times: Times) -> String {
    let share = 100.0 * times.steal as f64 / times.total.max(1) as f64;
    format!(
        "{:.2} s since boot, {share:.2} % of all CPUs' time",
        times.steal as f64 / ticks_per_s()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &[u8] =
        b"cpu  30 0 20 100 1 2 3 44 0 0\ncpu1 1 0 0 0 0 0 0 7 0 0\ncpu10 1 0 0 0 0 0 0 9 0 0\n\
        cpu11 1 0 0 0 0 0 0 1";

    #[test]
    fn a_cpus_line_is_found_by_its_whole_name() {
        let steal = |cpu| cpu_line(STAT, cpu).and_then(times).map(|t| t.steal);
        assert_eq!(steal(1), Some(7));
        assert_eq!(steal(10), Some(9));
        assert_eq!(steal(0), None);
        assert_eq!(steal(11), None, "a line that is cut off has no steal");
    }

    #[test]
    fn times_add_up_without_guests() {
        assert_eq!(times("cpu  30 0 20 100 1 2 3 44 5 5"), Some(Times { steal: 44, total: 200 }));
        assert_eq!(times("cpu  30 0 20 100"), None);
        assert!(words(Times { steal: 44, total: 200 }).contains("22.00 %"));
    }

    #[test]
    fn this_machine_has_a_cpu() {
        assert!((0..64).any(|cpu| steal_ticks(cpu).is_some()));
    }
}
