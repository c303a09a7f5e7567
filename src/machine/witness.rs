//! A witness of what the host is like: the cost of what does the same every time.
//!
//! Launches of one cell differ by what the neighbours on the host do meanwhile. That leaves a trace
//! in the cost of entering the kernel, which needs the core and its caches, and of a guest in that
//! of leaving it for the hypervisor. A lab looks right before its first batch, on its own CPU;
//! nothing is timed then.

use super::cost::median_ns;
use crate::record::{CPUID_NS, GETPPID_NS};
use crate::sys::system_calls::Inlined;
use std::collections::BTreeMap;
use std::hint::black_box;

/// Batches of each cost; their median counts, so that a tick in one of them does not.
const BATCHES: usize = 9;
/// System calls of a batch: some ten microseconds.
const CALLS: u32 = 100;
/// Traps of a batch: some microseconds, or some hundred below a hypervisor that is itself a guest.
#[cfg(target_arch = "x86_64")]
const TRAPS: u32 = 3;

/// Looks once, at the CPU that it is called on: nanoseconds of a getppid(2) and, of a guest on
/// x86-64, of a CPUID. No other architecture has an instruction that always traps.
#[must_use]
pub fn witness() -> BTreeMap<String, f64> {
    let getppid = || {
        black_box(Inlined::getppid());
    };
    let mut seen = BTreeMap::from([(GETPPID_NS.to_owned(), median_ns(BATCHES, CALLS, getppid))]);
    seen.extend(trap_ns().map(|ns| (CPUID_NS.to_owned(), ns)));
    seen
}

#[cfg(target_arch = "x86_64")]
fn trap_ns() -> Option<f64> {
    use crate::sys::latency_chain::{cpuid_once, under_hypervisor};
    (under_hypervisor() == Some(true)).then(|| median_ns(BATCHES, TRAPS, cpuid_once))
}

#[cfg(not(target_arch = "x86_64"))]
fn trap_ns() -> Option<f64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_call_costs_something_and_a_trap_more() {
        let seen = witness();
        let getppid_ns = seen[GETPPID_NS];
        assert!(getppid_ns > 0.0, "{seen:?}");
        let guest = crate::sys::latency_chain::under_hypervisor() == Some(true);
        assert_eq!(seen.contains_key(CPUID_NS), guest);
        assert!(seen.get(CPUID_NS).is_none_or(|ns| *ns > 0.0), "{seen:?}");
    }
}
