//! What the smallest things cost: reading the clock, entering the kernel, trapping to a hypervisor.

use crate::record::{Check, CheckOutcome};
use crate::stats;
use crate::sys::clock::monotonic_ns;
use nix::unistd::getppid;
use std::hint::black_box;

/// The shortest batch that is ever timed, nanoseconds. What a clock adds to it must stay under
/// [`MARGIN`].
const SHORTEST_BATCH_NS: f64 = 50_000.0;

/// The least margin of a verdict, as a share of 1.
const MARGIN: f64 = 0.02;

/// What an instrument may add to the shortest batch, nanoseconds.
pub(super) const TOLERATED_NS: f64 = SHORTEST_BATCH_NS * MARGIN;

/// From here on CPUID traps to a hypervisor: none does so in less, and no processor takes so long
/// by itself.
const TRAP_NS: f64 = 500.0;

/// From here on the hypervisor that it traps to is itself a guest.
const NESTED_TRAP_NS: f64 = 5_000.0;

/// Median over batches of what one `operation` costs, nanoseconds; the loop around it included.
pub(super) fn median_ns(batches: usize, length: u32, mut operation: impl FnMut()) -> f64 {
    let mut costs: Vec<f64> = Vec::with_capacity(batches);
    for _ in 0..batches {
        let start = monotonic_ns();
        for _ in 0..length {
            operation();
        }
        costs.push((monotonic_ns() - start) as f64 / f64::from(length));
    }
    stats::median(&costs).expect("there are batches")
}

/// What one reading of the monotonic clock costs.
pub(super) fn clock_read() -> Check {
    let ns = median_ns(31, 1_000, || {
        black_box(monotonic_ns());
    });
    let passed = ns <= TOLERATED_NS;
    let detail = format!(
        "one reading of CLOCK_MONOTONIC takes {ns:.1} ns; {TOLERATED_NS} ns are the most that the \
         shortest batch bears",
    );
    Check::figure("clock-read", ns, "ns", CheckOutcome::passed_if(passed), detail)
}

/// What the least system call costs. The C library keeps no copy of the parent's id, so `getppid`
/// is always one.
pub(super) fn null_system_call() -> Check {
    let ns = median_ns(31, 1_000, || {
        black_box(getppid());
    });
    let detail = format!("one getppid takes {ns:.1} ns: kernel entry and exit");
    Check::figure("null-system-call", ns, "ns", CheckOutcome::Informative, detail)
}

/// What CPUID costs: every one traps to a hypervisor, and every exec of a dynamic program executes
/// dozens.
#[cfg(target_arch = "x86_64")]
pub(super) fn cpuid() -> Check {
    let ns = median_ns(31, 10, crate::sys::latency_chain::cpuid_once);
    let detail = format!("one CPUID takes {ns:.0} ns: {}", cpuid_meaning(ns));
    Check::figure("cpuid", ns, "ns", CheckOutcome::Informative, detail)
}

/// Only x86 has CPUID.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn cpuid() -> Check {
    Check::not_measurable("cpuid", "ns", "this architecture has no instruction that always traps")
}

#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "only x86 has CPUID"))]
fn cpuid_meaning(ns: f64) -> &'static str {
    if ns > NESTED_TRAP_NS {
        "it traps to a nested hypervisor, and exec of a dynamic program does so dozens of times"
    } else if ns > TRAP_NS {
        "it traps to a hypervisor, and exec of a dynamic program does so dozens of times"
    } else {
        "it does not trap to a hypervisor"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_operation_costs_more() {
        let spin = |rounds: u64| {
            median_ns(15, 100, || {
                (0..rounds).for_each(|round| {
                    black_box(round);
                });
            })
        };
        assert!(spin(1_000) > 3.0 * spin(100));
    }

    #[test]
    fn traps_by_cost() {
        assert!(cpuid_meaning(60.0).contains("does not trap"));
        assert!(cpuid_meaning(1_200.0).contains("traps to a hypervisor, and"));
        assert!(cpuid_meaning(6_800.0).contains("nested"));
    }
}
