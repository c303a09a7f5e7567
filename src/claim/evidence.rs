//! What the samples of one cell say, before anything is judged.

use super::Samples;
use super::drift::{Drift, for_a_rerun};
use crate::record::{Arm, Cell, Half, LabState, Launch, Pair, Placement};
use crate::stats::{self, Interval};

/// What the samples of one cell say.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The first arm.
    pub a: ArmEvidence,
    /// The second arm.
    pub b: ArmEvidence,
    /// Launches that have pairs left.
    pub launches: usize,
    /// Pairs that were kept.
    pub pairs: usize,
    /// Pairs that a witness discarded.
    pub discarded: usize,
    /// Time of the second arm over time of the first, per operation.
    pub ratio: Option<Interval>,
    /// Nanoseconds per switch of the second arm minus the first.
    pub extra_ns_per_switch: Option<Interval>,
    /// Time until the first instruction of the second arm over that of the first, where both stamp
    /// it.
    pub ready_ratio: Option<Interval>,
    /// Time until reaped of the second arm over that of the first, without the bills, where both
    /// stamp their moments.
    pub reaped_ratio: Option<Interval>,
    /// Refill of the second arm over refill of the first, where both walk pages.
    pub refill_fraction: Option<Interval>,
    /// What these samples are good for.
    pub samples: Samples,
    /// Smallest difference that this many pairs show with a power of 80 %, as a share of 1.
    pub minimum_detectable: Option<f64>,
}

/// What the samples of one arm say.
#[derive(Debug, Clone)]
pub struct ArmEvidence {
    /// The arm.
    pub arm: Arm,
    /// Nanoseconds per operation.
    pub time_ns: Option<Interval>,
    /// Smallest, 5 % and 95 % batch mean, nanoseconds per operation.
    pub spread_ns: Option<[f64; 3]>,
    /// Median of the first operation of a visit, nanoseconds, where it was timed apart.
    pub unwashed_ns: Option<f64>,
    /// Median ticks of the architecture's counter per operation.
    pub ticks_per_op: Option<f64>,
    /// Context switches per operation over all batches.
    pub switches_per_op: Option<f64>,
    /// Involuntary context switches per operation over all batches.
    pub involuntary_per_op: Option<f64>,
    /// Longest stretch under `SCHED_FIFO`, nanoseconds.
    pub fifo_stretch_ns: u64,
    /// From the creating call to its return, nanoseconds, where it is stamped.
    pub call_ns: Option<Interval>,
    /// From the creating call to the first instruction of what was created, nanoseconds, where it
    /// is stamped.
    pub first_ns: Option<Interval>,
    /// From the creating call to the actor reaped, nanoseconds, where the moments are stamped.
    pub reaped_ns: Option<Interval>,
    /// What each page costs that the creator writes again afterwards, nanoseconds, where that is
    /// stamped.
    pub bill_ns_per_page: Option<Interval>,
    /// What the first touch of a page takes longer than the second, ticks, where pages are walked.
    pub refill_ticks_per_page: Option<Interval>,
    /// CPU time of the busiest thread of the client over the batch's time, the median; `None` where
    /// there is no server.
    pub client_share: Option<f64>,
    /// CPU time of the server over the batch's time, the median: up to 1 for each CPU that it may
    /// use.
    pub server_share: Option<f64>,
    /// State of the lab at its first launch.
    pub lab: Option<LabState>,
}

impl ArmEvidence {
    /// Shares of the time in which the client's busiest thread and each CPU that the server may use
    /// were busy; `None` where one of them was not measured. Where nothing is pinned the server may
    /// use what the client's lab may.
    #[must_use]
    pub fn busy_shares(&self) -> Option<[f64; 2]> {
        Some([self.client_share?, self.server_share? / self.server_cpus() as f64])
    }

    /// How many CPUs the server may use.
    #[must_use]
    pub fn server_cpus(&self) -> usize {
        match self.arm.placement {
            Placement::Free => self.lab.as_ref().map_or(1, |lab| lab.cpus.len().max(1)),
            _ => 1,
        }
    }
}

impl Evidence {
    /// Reads the evidence off the samples. The intervals are those of a rerun on a machine that
    /// drifts so; without a drift, those of this run alone.
    #[must_use]
    pub fn of(cell: &Cell, drift: Option<Drift>) -> Self {
        let share = |sampled: Interval| match drift {
            Some(drift) => for_a_rerun(sampled, drift.of_ratio(sampled.estimate)),
            None => sampled,
        };
        let median = median_of(drift);
        let kept: Vec<Vec<&Pair>> = cell.launches.iter().map(kept).collect();
        let each = |f: &dyn Fn(&Pair) -> f64| -> Vec<Vec<f64>> {
            kept.iter().map(|pairs| pairs.iter().map(|pair| f(pair)).collect()).collect()
        };
        let log_ratios = each(&|pair| (pair.b.ns_per_op() / pair.a.ns_per_op()).ln());
        let per_switch = |half: &Half| half.elapsed_ns as f64 / half.switches as f64;
        let switching = kept.iter().flatten().all(|p| p.a.switches > 0 && p.b.switches > 0);
        let extra = each(&|pair| per_switch(&pair.b) - per_switch(&pair.a));
        // A difference moves by a share of what it is a difference of.
        let difference = |sampled: Interval| {
            let size = stats::median(&each(&|pair| per_switch(&pair.b)).concat());
            let moved = |drift: Drift| Some(drift.ratios.deviation * size?);
            drift.and_then(moved).map_or(sampled, |moved| sampled.for_a_rerun(moved))
        };
        let quotient = |f: fn(&Arm, &Half) -> Option<f64>| {
            let log = |pair: &Pair| Some((f(&cell.b, &pair.b)? / f(&cell.a, &pair.a)?).ln());
            read_off(&kept, median, &log).map(|logs| share(logs.map(f64::exp)))
        };
        let all: usize = cell.launches.iter().map(|launch| launch.pairs.len()).sum();
        let pairs: usize = kept.iter().map(Vec::len).sum();
        Evidence {
            a: ArmEvidence::of(&cell.a, &kept, |pair| &pair.a, cell, 0, drift),
            b: ArmEvidence::of(&cell.b, &kept, |pair| &pair.b, cell, 1, drift),
            launches: kept.iter().filter(|pairs| !pairs.is_empty()).count(),
            pairs,
            discarded: all - pairs,
            ratio: median(&log_ratios).map(|logs| share(logs.map(f64::exp))),
            extra_ns_per_switch: switching.then(|| median(&extra).map(difference)).flatten(),
            ready_ratio: quotient(first_ns),
            reaped_ratio: quotient(reaped_ns),
            refill_fraction: read_off(&kept, median, &|pair| pair.refill_fraction(cell)).map(share),
            samples: Samples::Enough,
            minimum_detectable: minimum_detectable(&log_ratios.concat()),
        }
    }

    /// Share of the pairs that were discarded.
    #[must_use]
    pub fn discarded_share(&self) -> f64 {
        self.discarded as f64 / (self.pairs + self.discarded).max(1) as f64
    }
}

impl ArmEvidence {
    fn of(
        arm: &Arm,
        kept: &[Vec<&Pair>],
        half: impl Fn(&Pair) -> &Half,
        cell: &Cell,
        side: usize,
        drift: Option<Drift>,
    ) -> Self {
        let again = |sampled: Interval| {
            drift.map_or(sampled, |drift| for_a_rerun(sampled, drift.times.deviation))
        };
        let median = median_of(drift);
        let times: Vec<Vec<f64>> =
            kept.iter().map(|pairs| pairs.iter().map(|p| half(p).ns_per_op()).collect()).collect();
        let halves: Vec<&Half> = kept.iter().flatten().map(|pair| half(pair)).collect();
        let flat = times.concat();
        let ops: u64 = halves.iter().map(|h| h.ops).sum();
        let per_op = |total: u64| (ops > 0).then(|| total as f64 / ops as f64);
        let unwashed: Vec<f64> =
            halves.iter().map(|h| h.unwashed_ns as f64).filter(|ns| *ns > 0.0).collect();
        let ticks: Vec<f64> =
            halves.iter().map(|h| h.elapsed_ticks as f64 / h.ops as f64).collect();
        let stamp = |f: fn(&Arm, &Half) -> Option<f64>| {
            read_off(kept, median, &|pair| f(arm, half(pair))).map(again)
        };
        ArmEvidence {
            arm: arm.clone(),
            time_ns: median(&times).map(again),
            spread_ns: (|| {
                let quantile = |share| stats::quantile(&flat, share);
                Some([quantile(0.0)?, quantile(0.05)?, quantile(0.95)?])
            })(),
            unwashed_ns: stats::median(&unwashed),
            ticks_per_op: stats::median(&ticks).filter(|ticks| *ticks > 0.0),
            switches_per_op: per_op(halves.iter().map(|h| h.switches).sum()),
            involuntary_per_op: per_op(halves.iter().map(|h| h.involuntary).sum()),
            fifo_stretch_ns: halves.iter().map(|h| h.fifo_stretch_ns).max().unwrap_or(0),
            call_ns: stamp(call_ns),
            first_ns: stamp(first_ns),
            reaped_ns: stamp(reaped_ns),
            bill_ns_per_page: stamp(bill_ns_per_page),
            refill_ticks_per_page: stamp(|arm, half| half.refill_ticks_per_page(arm)),
            client_share: booked(&halves, |half| (half.client_cpu_ns, half.elapsed_ns)),
            server_share: booked(&halves, |half| (half.server_cpu_ns, half.elapsed_ns)),
            lab: cell.launches.first().map(|launch| launch.states[side].clone()),
        }
    }
}

/// A median of medians with its interval.
type Median = fn(&[Vec<f64>]) -> Option<Interval>;

/// Of a rerun, the wider one.
fn median_of(drift: Option<Drift>) -> Median {
    if drift.is_some() { stats::launch_median } else { stats::cluster_median }
}

/// Nanoseconds of an operation until a moment that is stamped; 0 stands for no stamp.
fn moment(total_ns: u64, half: &Half) -> Option<f64> {
    (total_ns > 0).then(|| total_ns as f64 / half.ops as f64)
}

fn call_ns(_: &Arm, half: &Half) -> Option<f64> {
    moment(half.call_ns, half)
}

fn first_ns(_: &Arm, half: &Half) -> Option<f64> {
    moment(half.first_ns, half)
}

fn reaped_ns(arm: &Arm, half: &Half) -> Option<f64> {
    Some(half.reaped_ns_per_op()).filter(|ns| arm.stamped && *ns > 0.0)
}

fn bill_ns_per_page(arm: &Arm, half: &Half) -> Option<f64> {
    let pages = f64::from(arm.pages);
    moment(half.bill_ns, half).filter(|_| pages > 0.0).map(|ns| ns / pages)
}

/// The median of a CPU time over something else; nothing where a batch has no CPU time.
fn booked(halves: &[&Half], read: fn(&Half) -> (u64, u64)) -> Option<f64> {
    let quotient = |half: &&Half| {
        let (cpu_ns, over) = read(half);
        (cpu_ns > 0).then(|| cpu_ns as f64 / over as f64)
    };
    stats::median(&halves.iter().map(quotient).collect::<Option<Vec<f64>>>()?)
}

/// The median of what can be read off the pairs; nothing where it cannot be read off one of them.
fn read_off(
    kept: &[Vec<&Pair>],
    median: Median,
    read: &dyn Fn(&Pair) -> Option<f64>,
) -> Option<Interval> {
    let launch = |pairs: &Vec<&Pair>| pairs.iter().map(|pair| read(pair)).collect();
    let values: Option<Vec<Vec<f64>>> = kept.iter().map(launch).collect();
    median(&values?)
}

/// Nanoseconds per operation of an arm, by launches: the samples that its time is the median of.
#[must_use]
pub fn samples(cell: &Cell, half: fn(&Pair) -> &Half) -> Vec<Vec<f64>> {
    let launch = |launch| kept(launch).into_iter().map(|pair| half(pair).ns_per_op()).collect();
    cell.launches.iter().map(launch).collect()
}

/// Pairs that no witness discards and that hold work: a clock too coarse for a batch says 0.
pub(super) fn kept(launch: &Launch) -> Vec<&Pair> {
    let worked = |half: &Half| half.ops > 0 && half.elapsed_ns > 0;
    let sound = |pair: &&Pair| pair.discarded.is_none() && worked(&pair.a) && worked(&pair.b);
    launch.pairs.iter().filter(sound).collect()
}

/// 2.8 standard errors of a median (1.25 times that of a mean): 80 % power at 5 %, two-sided.
fn minimum_detectable(log_ratios: &[f64]) -> Option<f64> {
    let deviation = stats::robust_deviation(log_ratios)?;
    Some(2.8 * 1.25 * deviation / (log_ratios.len() as f64).sqrt())
}
