//! What a dependent load costs by how many pages the loads go round: how far the TLB reaches.
//!
//! Three ways, the same number of lines in each: a line of every base page; the same lines where
//! huge pages hold them; and lines next to each other ("dense"), which is what the caches alone
//! cost.

#[cfg(test)]
pub(super) mod made_up;
mod memory;

use super::{kernel, limits};
use crate::proc::Found;
use crate::record::Value;
use crate::sys::clock::monotonic_ns;
use crate::sys::memory::page_bytes;
use crate::sys::walk::PointerChase;
use memory::{LINE_BYTES, MOST_BYTES, Memory, granted};
use std::time::{Duration, Instant};

/// Numbers of pages, ascending. Those between the powers of two are sizes of TLBs in use.
const GRID: [u32; 16] =
    [32, 48, 64, 72, 96, 128, 192, 256, 512, 1024, 1536, 2048, 3072, 4096, 8192, 16_384];

/// Both large mappings together may take one part in this many of what memory is left.
const PARTS_LEFT: u64 = 10;

/// Loads of a sample, or more to make it whole rounds: so few that many a sample is left alone by
/// interrupts and other guests.
const LOADS: u32 = 16_384;

/// A step of the clock may be this share of a sample.
const CLOCK_SHARE: f64 = 0.02;

/// Samples of each size in a round.
const SAMPLES: u32 = 2;

/// A cost within this many cycles of the least one is still the first level's.
pub(super) const FIRST_LEVEL_WITHIN: f64 = 1.5;

/// How much is done.
struct Effort {
    pages: u32,
    /// Rounds over all sizes. The best of all samples counts: an interruption only ever costs.
    rounds: u32,
    time: Duration,
}

const FULL: Effort = Effort { pages: 16_384, rounds: 16, time: Duration::from_millis(1_200) };
const QUICK: Effort = Effort { pages: 4096, rounds: 16, time: Duration::from_millis(300) };

/// Cycles of the core for one load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) pages: u32,
    /// Base pages.
    pub(super) base: f64,
    /// Huge pages, where there are any.
    pub(super) huge: Option<f64>,
    /// As many lines next to each other.
    pub(super) dense: f64,
}

/// Cost of a load by pages.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    /// Ascending by pages; never empty.
    pub(super) points: Vec<Point>,
    /// Why no huge page was walked.
    pub(super) no_huge: Option<String>,
    /// Why the curve ends before it was meant to.
    pub(super) cut: Option<String>,
    /// Bytes of a base page.
    pub(super) page_bytes: u64,
    /// Bytes of a huge page, where there are any.
    pub(super) huge_bytes: u64,
}

impl Curve {
    /// Its points at the powers of two.
    pub(super) fn shown(&self) -> String {
        let points = self.points.iter().filter(|point| point.pages.is_power_of_two());
        let points: Vec<String> = points
            .map(|point| {
                let huge = point.huge.map_or("-".to_owned(), |huge| format!("{huge:.1}"));
                format!("{} pages {:.1}/{huge}/{:.1}", point.pages, point.base, point.dense)
            })
            .collect();
        let huge = match self.no_huge {
            Some(_) => Value::Text("none".to_owned()),
            None => Value::Bytes(self.huge_bytes),
        };
        let base = Value::Bytes(self.page_bytes);
        format!("cycles a load, {base}/{huge}/dense: {}", points.join(", "))
    }
}

impl Point {
    /// What base pages cost beyond what the caches do, cycles.
    pub(super) fn base_excess(&self) -> f64 {
        self.base - self.dense
    }

    /// What huge pages cost beyond what the caches do, cycles.
    pub(super) fn huge_excess(&self) -> Option<f64> {
        Some(self.huge? - self.dense)
    }
}

/// Walks pages on this CPU, whose core runs at `ghz`, by a clock with steps of `step_ns`. Takes up
/// to 131 MiB of memory and gives all of it back.
pub(super) fn measure(quick: bool, ghz: f64, step_ns: f64) -> Found<Curve> {
    let effort = if quick { QUICK } else { FULL };
    let start = Instant::now();
    let page_bytes = page_bytes();
    let (pages, short) =
        affordable(effort.pages, page_bytes as u64, limits::available_memory_bytes()?)?;
    let memory = Memory::map(pages, page_bytes)?;
    let grid: Vec<u32> = GRID.into_iter().filter(|&on_grid| on_grid <= pages).collect();
    let populated = memory.populate(&grid, start + effort.time / 3);
    let slow = (populated < grid.len()).then(|| "giving pages memory took too long".to_owned());
    let huge = memory.huge.as_ref().map_err(String::clone);
    let granted = huge.and_then(|huge| granted(huge, grid[populated - 1] as usize * page_bytes));

    let grid = &grid[..populated];
    let (huge, shortest_ns) = (granted.is_ok(), f64::INFINITY);
    let mut sampled = Sampled { memory: &memory, huge, least_ns: Vec::new(), shortest_ns };
    sampled.rounds(grid, effort.rounds, start + effort.time);
    fine_enough(step_ns, sampled.shortest_ns)?;
    let points = sampled.points(grid, ghz);
    let late = (points.len() < populated).then(|| "loads took too long".to_owned());
    Ok(Curve {
        points,
        no_huge: granted.err(),
        cut: late.or(slow).or(short),
        page_bytes: page_bytes as u64,
        huge_bytes: kernel::huge_page_bytes().unwrap_or(0),
    })
}

/// How many of `wanted` pages may be walked with this much memory left, and why not all.
fn affordable(wanted: u32, page_bytes: u64, left_bytes: u64) -> Found<(u32, Option<String>)> {
    let room = left_bytes / PARTS_LEFT / 2;
    let bytes = u64::from(wanted) * page_bytes;
    let why = match () {
        () if bytes <= room.min(MOST_BYTES) => return Ok((wanted, None)),
        () if room < MOST_BYTES => {
            let left = left_bytes >> 20;
            format!("memory is short: {left} MiB are available, and the limit is a tenth")
        }
        () => format!("the limit is {} MiB of pages", MOST_BYTES >> 20),
    };
    let pages = room.min(MOST_BYTES) / page_bytes;
    match GRID.into_iter().rfind(|&on_grid| u64::from(on_grid) <= pages) {
        Some(pages) => Ok((pages, Some(why))),
        None => Err(why),
    }
}

/// Does a clock of this step measure a sample this short?
fn fine_enough(step_ns: f64, sample_ns: f64) -> Found<()> {
    if step_ns <= CLOCK_SHARE * sample_ns {
        return Ok(());
    }
    Err(format!(
        "the clock is too coarse: its steps of {step_ns:.0} ns are more than {:.0} % of a walk of \
         {sample_ns:.0} ns",
        100.0 * CLOCK_SHARE,
    ))
}

/// Samples so far.
struct Sampled<'m> {
    memory: &'m Memory,
    huge: bool,
    /// Per size of the grid, the least that a load cost, nanoseconds: base pages, dense, huge
    /// pages.
    least_ns: Vec<[f64; 3]>,
    /// The shortest sample, nanoseconds.
    shortest_ns: f64,
}

impl Sampled<'_> {
    /// Goes round the sizes while there is time, and takes the first of them in any case. In
    /// rounds, so that what disturbs for some milliseconds does not disturb all samples of a size.
    fn rounds(&mut self, grid: &[u32], rounds: u32, end: Instant) {
        for round in 0..rounds {
            for (size, &pages) in grid.iter().enumerate() {
                if (round, size) != (0, 0) && Instant::now() > end {
                    return;
                }
                let least_ns = self.visit(pages);
                match self.least_ns.get_mut(size) {
                    Some(known) => *known = std::array::from_fn(|i| known[i].min(least_ns[i])),
                    None => self.least_ns.push(least_ns),
                }
            }
        }
    }

    /// The least that a load costs in some samples, nanoseconds.
    fn visit(&mut self, pages: u32) -> [f64; 3] {
        let Memory { page_bytes, base, huge, dense } = self.memory;
        let mut chases = vec![
            PointerChase::lay(base.words(), pages, *page_bytes),
            PointerChase::lay(dense.words(), pages, LINE_BYTES),
        ];
        if let (true, Ok(huge)) = (self.huge, huge) {
            chases.push(PointerChase::lay(huge.words(), pages, *page_bytes));
        }
        let loads = LOADS.next_multiple_of(pages);
        let mut least_ns = [f64::INFINITY; 3];
        for _ in 0..SAMPLES {
            for (chase, least_ns) in chases.iter().zip(&mut least_ns) {
                // A round to bring back what the others pushed out of caches and TLB.
                chase.run(pages);
                let start = monotonic_ns();
                chase.run(loads);
                *least_ns = least_ns.min((monotonic_ns() - start) as f64);
            }
        }
        self.shortest_ns = least_ns.into_iter().fold(self.shortest_ns, f64::min);
        least_ns.map(|ns| ns / f64::from(loads))
    }

    /// The points of the curve on a core that runs at `ghz`.
    fn points(&self, grid: &[u32], ghz: f64) -> Vec<Point> {
        let costs = grid.iter().zip(&self.least_ns);
        let point = |(&pages, least_ns): (&u32, &[f64; 3])| {
            let [base, dense, huge] = least_ns.map(|ns| ns * ghz);
            Point { pages, base, dense, huge: self.huge.then_some(huge) }
        };
        costs.map(point).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn short_memory_shortens_the_curve() {
        assert_eq!(affordable(16_384, 4096, 8 * GIB), Ok((16_384, None)));
        let (pages, why) = affordable(16_384, 4096, GIB).unwrap();
        assert_eq!((pages, why.unwrap().contains("1024 MiB are available")), (8192, true));
        assert!(affordable(16_384, 4096, GIB >> 10).unwrap_err().contains("short"));
        let (pages, why) = affordable(16_384, 64 << 10, 64 * GIB).unwrap();
        assert_eq!((pages, why.as_deref()), (1024, Some("the limit is 64 MiB of pages")));
    }

    #[test]
    fn a_coarse_clock_is_refused() {
        assert_eq!(fine_enough(42.0, 8_000.0), Ok(()));
        assert!(fine_enough(1_000.0, 8_000.0).unwrap_err().contains("1000 ns"));
        // A clock that moves by the timer shows most walks as no time at all.
        assert!(fine_enough(4e6, 0.0).is_err());
    }
}
