//! What the first touch of a page costs: a page fault, and under some hypervisors memory from the
//! host besides.

use super::kernel;
use crate::record::{Check, CheckOutcome};
use crate::stats;
use crate::sys::clock::monotonic_ns;
use crate::sys::memory::page_bytes;
use std::hint::black_box;
use std::mem::MaybeUninit;

const PAGES: usize = 2_000;

/// A fault this slow had to fetch the page from the host, nanoseconds.
const SLOW_NS: f64 = 10_000.0;

/// Touches pages that this process never had before.
pub(super) fn first_touch() -> Check {
    let page_bytes = page_bytes();
    // Large enough that the allocator maps it anew instead of handing out pages that were touched
    // before.
    let mut memory: Vec<u8> = Vec::new();
    if let Err(error) = memory.try_reserve_exact(PAGES * page_bytes) {
        return Check::not_measurable(
            "first-touch",
            "ns",
            format!("{PAGES} pages of memory: {error}"),
        );
    }
    let costs = touch_pages(memory.spare_capacity_mut(), page_bytes);
    judge(&costs, kernel::huge_pages().as_deref().unwrap_or("unknown"))
}

/// Cost of the first write to each page, nanoseconds; one reading of the clock included.
fn touch_pages(memory: &mut [MaybeUninit<u8>], page_bytes: usize) -> Vec<f64> {
    let mut costs = vec![0.0; memory.len() / page_bytes];
    for (page, cost) in memory.chunks_exact_mut(page_bytes).zip(&mut costs) {
        let start = monotonic_ns();
        black_box(page[0].write(1));
        *cost = (monotonic_ns() - start) as f64;
    }
    costs
}

fn judge(costs: &[f64], huge_pages: &str) -> Check {
    let slow = costs.iter().filter(|&&ns| ns > SLOW_NS).count() as f64;
    let share = 100.0 * slow / costs.len() as f64;
    let ns = stats::median(costs).expect("pages were touched");
    let huge = match huge_pages {
        "always" => "; huge pages are set to 'always', so most touches find their page there",
        _ => "",
    };
    let detail = format!(
        "the first touch of a page takes {ns:.0} ns (median of {}); {share:.1} % take over \
         {SLOW_NS} ns, as pages do that a hypervisor has to provide{huge}",
        costs.len(),
    );
    Check::figure("first-touch", ns, "ns", CheckOutcome::Informative, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_pages_are_counted_apart() {
        let check = judge(&[100.0, 200.0, 300.0, 20_000.0], "madvise");
        assert_eq!(check.figure, Some(250.0));
        assert!(check.detail.contains("25.0 %"), "{}", check.detail);
        assert!(!check.detail.contains("always"));
    }

    #[test]
    fn each_page_is_touched_once() {
        let mut memory: Vec<u8> = Vec::with_capacity(10 * 4096);
        assert_eq!(touch_pages(&mut memory.spare_capacity_mut()[..10 * 4096], 4096).len(), 10);
    }
}
