//! Clocks: the monotonic one, the architecture's counter, and the calendar.

use nix::errno::Errno;
use nix::poll::ppoll;
use nix::sys::time::TimeSpec;
use std::fmt;
use std::mem::MaybeUninit;
use std::time::{Duration, Instant};

/// Sleeps so long, at least. By ppoll(2), which a filter of system calls leaves to every program
/// that waits for anything; the standard library's sleep panics where clock_nanosleep(2) is
/// refused.
pub fn pause(time: Duration) {
    let end = Instant::now() + time;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        match ppoll(&mut [], Some(TimeSpec::from_duration(left)), None) {
            Ok(_) | Err(Errno::EINTR) => {}
            // Waiting costs time of a CPU then, and goes on.
            Err(_) => std::thread::yield_now(),
        }
    }
}

/// Nanoseconds of `CLOCK_MONOTONIC` (clock_gettime(2)): since an unspecified start, never set back.
///
/// By the C library itself: the wrapper of nix costs a third more here.
#[inline]
#[must_use]
pub fn monotonic_ns() -> u64 {
    let mut now = MaybeUninit::<libc::timespec>::zeroed();
    // SAFETY: the call fills in the timespec. It cannot fail: Linux always has this clock.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, now.as_mut_ptr()) };
    // SAFETY: zeroed, and for a struct of two numbers any bits are a value.
    let now = unsafe { now.assume_init() };
    // Neither field of this clock is ever negative.
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// CPU time of the calling thread, nanoseconds (`CLOCK_THREAD_CPUTIME_ID` of clock_gettime(2)).
///
/// # Errors
/// The kernel has no such clock.
pub fn thread_cpu_ns() -> std::io::Result<u64> {
    let spent = nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID)?;
    Ok(std::time::Duration::from(spent).as_nanos() as u64)
}

/// Name of the counter that [`ticks`] reads; `none` where this program knows none.
pub const TICKS_NAME: &str = if cfg!(target_arch = "x86_64") {
    "TSC"
} else if cfg!(target_arch = "aarch64") {
    "cntvct"
} else if cfg!(target_arch = "riscv64") {
    "time"
} else {
    "none"
};

/// The time-stamp counter, read after every earlier instruction has completed.
///
/// `lfence` is what orders it (Intel SDM, RDTSC). The SDM also knows a fence after the read, which
/// only the start of a span of some nanoseconds would need.
#[cfg(target_arch = "x86_64")]
#[inline]
#[must_use]
#[allow(unused_unsafe, reason = "newer compilers hold these intrinsics safe, 1.85 does not")]
pub fn ticks() -> u64 {
    // SAFETY: SSE2, which has lfence, is part of every x86-64 processor.
    unsafe { core::arch::x86_64::_mm_lfence() };
    // SAFETY: rdtsc touches no memory, and Linux leaves it open to user mode (it is denied only to
    // a process that asked for that with prctl(PR_SET_TSC), which this one never does).
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// The virtual counter, read after every earlier instruction has completed: `isb` is what orders
/// it.
#[cfg(target_arch = "aarch64")]
#[inline]
#[must_use]
pub fn ticks() -> u64 {
    let ticks: u64;
    // SAFETY: only writes its output register; Linux opens cntvct_el0 to user mode (it is what the
    // vDSO reads).
    unsafe {
        core::arch::asm!("isb", "mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack));
    }
    ticks
}

/// The `time` counter. No fence orders it in user mode.
#[cfg(target_arch = "riscv64")]
#[inline]
#[must_use]
pub fn ticks() -> u64 {
    let ticks: u64;
    // SAFETY: only writes its output register; Linux opens the time CSR to user mode (it is what
    // the vDSO reads).
    unsafe { core::arch::asm!("rdtime {}", out(reg) ticks, options(nomem, nostack)) };
    ticks
}

/// No counter is known here: always 0.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
#[inline]
#[must_use]
pub fn ticks() -> u64 {
    0
}

/// A moment of the calendar, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UtcTime {
    /// Year of the Christian era.
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 60: the calendar knows leap seconds, though Linux's clock does not show them.
    pub second: u32,
}

/// The calendar's name for `seconds_since_epoch`, seconds since 1970 (gmtime_r(3)).
///
/// # Panics
/// The year has no room in 32 bits, which no clock shows.
#[must_use]
pub fn utc(seconds_since_epoch: i64) -> UtcTime {
    let mut broken_down = MaybeUninit::<libc::tm>::zeroed();
    // The C type is 32 bits wide on some targets; libc warns of its name on musl, hence the cast
    // without one.
    let seconds = seconds_since_epoch as _;
    // SAFETY: both pointers are to live variables of the right type, of which the call keeps
    // neither.
    let filled = unsafe { libc::gmtime_r(&seconds, broken_down.as_mut_ptr()) };
    assert!(!filled.is_null(), "{seconds_since_epoch} s has no year in 32 bits");
    // SAFETY: zeroed above, and all-zero bytes are a valid `tm` (numbers and a pointer that may be
    // null).
    let tm = unsafe { broken_down.assume_init() };
    UtcTime {
        year: tm.tm_year + 1900,
        month: tm.tm_mon as u32 + 1,
        day: tm.tm_mday as u32,
        hour: tm.tm_hour as u32,
        minute: tm.tm_min as u32,
        second: tm.tm_sec as u32,
    }
}

impl UtcTime {
    /// Fit for the name of a folder: `20261121T194500Z`.
    #[must_use]
    pub fn compact(&self) -> String {
        let UtcTime { year, month, day, hour, minute, second } = self;
        format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
    }
}

impl fmt::Display for UtcTime {
    /// ISO 8601, such as `2026-11-21T19:45:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UtcTime { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_knows_leap_days_and_times_before_the_epoch() {
        assert_eq!(utc(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(utc(951_827_696).to_string(), "2000-02-29T12:34:56Z");
        assert_eq!(utc(-1).to_string(), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn clocks_go_forward() {
        let (ns, counter) = (monotonic_ns(), ticks());
        pause(Duration::from_millis(2));
        assert!(monotonic_ns() - ns >= 2_000_000, "a sleep is never shorter than asked for");
        assert_eq!(ticks() > counter, TICKS_NAME != "none");
    }
}
