//! The two-level bootstrap: launches with replacement, pairs with replacement within them.

use super::{Interval, median_in_place};
use oorandom::Rand64;

/// Draws, where the distribution of what is drawn is not known.
const RESAMPLES: usize = 4_000;
/// Where they start: the same samples have the same interval.
const SEED: u128 = 0x5eed;
/// The ends of a 95 % interval.
const ENDS: [f64; 2] = [0.025, 0.975];

/// Median over launches of medians over pairs, with its 95 % interval. Empty launches do not count.
///
/// No lots are cast: how the median of the medians of draws is distributed is known exactly, so no
/// verdict hangs on a seed.
///
/// `None` with fewer than two launches, which have no interval.
#[must_use]
pub fn cluster_median(launches: &[Vec<f64>]) -> Option<Interval> {
    let samples = Clusters::of(launches)?;
    let [low, high] = ENDS.map(|share| samples.quantile(share));
    Some(Interval { estimate: samples.estimate, low, high })
}

/// The same interval, or that of Student's t over the launches' medians where it is wider: of few
/// launches the bootstrap, which draws none but those, makes too little.
#[must_use]
pub fn launch_median(launches: &[Vec<f64>]) -> Option<Interval> {
    let samples = Clusters::of(launches)?;
    let drawn = cluster_median(launches)?;
    let reach = samples.student();
    Some(Interval {
        low: drawn.low.min(drawn.estimate - reach),
        high: drawn.high.max(drawn.estimate + reach),
        ..drawn
    })
}

/// A figure of all launches taken together, with its 95 % interval: `figure` is told which launches
/// to take, all of them once and then as the bootstrap draws them. `None` with fewer than two
/// launches, which have no interval.
#[must_use]
pub fn cluster_pooled(launches: usize, figure: impl Fn(&[usize]) -> f64) -> Option<Interval> {
    if launches < 2 {
        return None;
    }
    let mut random = Rand64::new(SEED);
    let mut drawn: Vec<usize> = (0..launches).collect();
    let estimate = figure(&drawn);
    let draw = |_| {
        drawn.iter_mut().for_each(|one| *one = random.rand_range(0..launches as u64) as usize);
        figure(&drawn)
    };
    let draws = (0..RESAMPLES).map(draw).collect();
    Some(percentiles(estimate, draws))
}

/// A figure of what many medians of medians come to, each drawn anew.
pub(super) fn drawn(
    points: &[Clusters],
    estimate: f64,
    figure: impl Fn(&[f64]) -> Option<f64>,
) -> Interval {
    let mut random = Rand64::new(SEED);
    let shares: Vec<Vec<f64>> = points.iter().map(Clusters::shares).collect();
    let draw = |_| {
        let median = |(point, shares): (&Clusters, &Vec<f64>)| {
            let share = random.rand_float();
            point.values[shares.partition_point(|below| *below < share).min(shares.len() - 1)]
        };
        let medians: Vec<f64> = points.iter().zip(&shares).map(median).collect();
        figure(&medians)
    };
    percentiles(estimate, (0..RESAMPLES).filter_map(draw).collect())
}

/// The 95 % in the middle of the draws.
fn percentiles(estimate: f64, mut draws: Vec<f64>) -> Interval {
    draws.sort_by(f64::total_cmp);
    let last = draws.len().saturating_sub(1) as f64;
    let [low, high] = ENDS.map(|end| draws[(end * last).round() as usize]);
    Interval { estimate, low, high }
}

/// Samples of at least two launches.
pub(super) struct Clusters {
    /// Each launch's values, rising.
    launches: Vec<Vec<f64>>,
    /// All values, rising.
    values: Vec<f64>,
    /// The median of the launches' medians.
    pub(super) estimate: f64,
}

impl Clusters {
    pub(super) fn of(launches: &[Vec<f64>]) -> Option<Self> {
        let sorted = |launch: &Vec<f64>| {
            let mut launch = launch.clone();
            launch.sort_by(f64::total_cmp);
            launch
        };
        let launches: Vec<Vec<f64>> =
            launches.iter().filter(|l| !l.is_empty()).map(sorted).collect();
        if launches.len() < 2 {
            return None;
        }
        let mut medians: Vec<f64> = launches.iter().map(|launch| middle(launch)).collect();
        let estimate = median_in_place(&mut medians);
        let values = sorted(&launches.concat());
        Some(Clusters { launches, values, estimate })
    }

    /// Half of the 95 % interval of a median of values that are spread as those of the launches.
    /// Of five launches on, one that is far off does not count for more than another.
    fn student(&self) -> f64 {
        let medians: Vec<f64> = self.launches.iter().map(|launch| middle(launch)).collect();
        let count = medians.len();
        let spread = if count < ROBUST { super::deviation } else { super::robust_deviation };
        let spread = spread(&medians).unwrap_or(0.0);
        t_95(count - 1) * spread * (MEDIAN_PENALTY / count as f64).sqrt()
    }

    /// The least value at or below which this share of the bootstrap's draws lies.
    fn quantile(&self, share: f64) -> f64 {
        let at = self.values.partition_point(|value| self.share_below(*value) < share);
        self.values[at.min(self.values.len() - 1)]
    }

    /// Of each value the share of the draws that come to it or less.
    fn shares(&self) -> Vec<f64> {
        self.values.iter().map(|value| self.share_below(*value)).collect()
    }

    /// The share of the bootstrap's draws that come to `value` or less.
    ///
    /// A draw takes a launch, and from it as many values as it has, with replacement. The middle
    /// one of them is at most `value` where at least half of them are, and how many are is
    /// binomial. So it is with the middle one of as many launches as there are.
    fn share_below(&self, value: f64) -> f64 {
        let of_launch = |launch: &Vec<f64>| {
            let below = launch.partition_point(|one| *one <= value);
            median_is_among(below as f64 / launch.len() as f64, launch.len())
        };
        let drawn: f64 = self.launches.iter().map(of_launch).sum();
        median_is_among(drawn / self.launches.len() as f64, self.launches.len())
    }
}

/// The median of values that rise.
fn middle(rising: &[f64]) -> f64 {
    f64::midpoint(rising[(rising.len() - 1) / 2], rising[rising.len() / 2])
}

/// So many values have a median distance from their median that means something.
const ROBUST: usize = 5;

/// Variance of a median over that of a mean, of normal values.
pub(crate) const MEDIAN_PENALTY: f64 = std::f64::consts::FRAC_PI_2;

/// What 95 % of Student's t distribution with so many degrees of freedom lies within.
pub(super) fn t_95(freedom: usize) -> f64 {
    const FEW: [f64; 10] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
    // Beyond, the start of its expansion in 1 / freedom (Cornish and Fisher).
    let more = || super::Z_95 + 2.37 / freedom as f64 + 2.8 / (freedom * freedom) as f64;
    freedom.checked_sub(1).and_then(|at| FEW.get(at)).copied().unwrap_or_else(more)
}

/// The probability that the median of `count` draws is one of those of which each draw is with this
/// probability, the lesser ones. Of an even number a coin takes one of the two in the middle.
fn median_is_among(probability: f64, count: usize) -> f64 {
    let upper = at_least(count / 2 + 1, count, probability);
    match count % 2 {
        1 => upper,
        _ => f64::midpoint(at_least(count / 2, count, probability), upper),
    }
}

/// Probability that at least `least` of `count` tries succeed.
fn at_least(least: usize, count: usize, probability: f64) -> f64 {
    if probability > 0.5 {
        return 1.0 - at_least(count - least + 1, count, 1.0 - probability);
    }
    let odds = probability / (1.0 - probability);
    // Of more than a thousand tries the first term would be too small for a float.
    let start = (1.0 - probability).ln() * count as f64;
    let scale = (start + LARGEST_EXPONENT).min(0.0);
    let mut term = (start - scale).exp();
    let mut fewer = 0.0;
    for successes in 0..least {
        fewer += term;
        term *= (count - successes) as f64 / (successes + 1) as f64 * odds;
    }
    1.0 - fewer * scale.exp()
}

/// e to minus this is still a float.
const LARGEST_EXPONENT: f64 = 700.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn pick(random: &mut Rand64, count: usize) -> usize {
        random.rand_range(0..count as u64) as usize
    }

    /// Launches that differ, of noisy samples.
    fn noisy(random: &mut Rand64, launches: usize, pairs: usize) -> Vec<Vec<f64>> {
        let launch = |_| {
            let bias = random.rand_float() - 0.5;
            (0..pairs).map(|_| bias + 4.0 * (random.rand_float() - 0.5)).collect()
        };
        (0..launches).map(launch).collect()
    }

    #[test]
    fn what_is_computed_is_what_many_draws_come_to() {
        let mut random = Rand64::new(3);
        for (launches, pairs) in [(5, 6), (7, 21), (8, 10), (3, 1)] {
            let samples = noisy(&mut random, launches, pairs);
            let clusters = Clusters::of(&samples).unwrap();
            // A coin between the two in the middle, as the computation has it.
            let mut middle = |mut values: Vec<f64>| {
                values.sort_by(f64::total_cmp);
                let places = [(values.len() - 1) / 2, values.len() / 2];
                values[places[pick(&mut random, 2)]]
            };
            let mut other = Rand64::new(5);
            let mut draws: Vec<f64> = Vec::new();
            for _ in 0..20_000 {
                let medians = (0..launches).map(|_| {
                    let launch = &samples[pick(&mut other, launches)];
                    middle((0..pairs).map(|_| launch[pick(&mut other, pairs)]).collect())
                });
                let medians: Vec<f64> = medians.collect();
                draws.push(middle(medians));
            }
            for value in &clusters.values {
                let below = draws.iter().filter(|draw| *draw <= value).count() as f64 / 20_000.0;
                let computed = clusters.share_below(*value);
                assert!((below - computed).abs() < 0.015, "{launches}: {below} {computed}");
            }
        }
    }

    #[test]
    fn heads_and_tails_are_as_likely_however_often_the_coin_is_thrown() {
        for count in [1_usize, 9, 59, 999, 1_501] {
            let half = at_least(count.div_ceil(2), count, 0.5);
            assert!((half - 0.5).abs() < 1e-9, "{count}: {half}");
        }
        assert!((at_least(3, 4, 0.25) - 13.0 / 256.0).abs() < 1e-12);
        assert!((at_least(3, 4, 0.75) - 189.0 / 256.0).abs() < 1e-12);
        assert_eq!((at_least(1, 4, 0.0), at_least(4, 4, 1.0)), (0.0, 1.0));
    }

    #[test]
    fn the_spread_of_few_launches_counts_for_more_than_drawing_among_them() {
        let three = [vec![1.0; 9], vec![2.0; 9], vec![3.0; 9]];
        let drawn = cluster_median(&three).unwrap();
        assert_eq!((drawn.low, drawn.high), (1.0, 3.0));
        let wider = launch_median(&three).unwrap();
        let reach = 4.303 * (MEDIAN_PENALTY / 3.0).sqrt();
        assert!((wider.half_width() - reach).abs() < 1e-12 && wider.estimate == 2.0, "{wider:?}");
        let mut many = vec![vec![1.0; 9]; 8];
        many.push(vec![90.0; 9]);
        assert_eq!(launch_median(&many).map(|i| i.half_width()), Some(0.0), "one is far off");
        assert!((t_95(11) - 2.201).abs() < 0.003 && (t_95(30) - 2.042).abs() < 0.003);
    }

    #[test]
    fn interval_of_equal_samples_is_a_point() {
        let launches = vec![vec![2.0; 10]; 7];
        let interval = cluster_median(&launches).unwrap();
        assert_eq!((interval.estimate, interval.low, interval.high), (2.0, 2.0, 2.0));
    }

    #[test]
    fn interval_sees_the_spread_between_launches() {
        // Each launch is calm; only the launches differ. Resampling pairs alone would give a point.
        let launches: Vec<Vec<f64>> = (0..7).map(|launch| vec![f64::from(launch); 60]).collect();
        let interval = cluster_median(&launches).unwrap();
        assert_eq!(interval.estimate, 3.0);
        assert!(interval.low <= 1.0 && interval.high >= 5.0, "{interval:?}");
    }

    #[test]
    fn a_pooled_figure_is_of_all_launches_and_its_interval_of_those_drawn() {
        let launches = [1.0, 2.0, 3.0, 4.0, 50.0];
        let mean = |drawn: &[usize]| {
            drawn.iter().map(|one| launches[*one]).sum::<f64>() / drawn.len() as f64
        };
        let interval = cluster_pooled(launches.len(), mean).unwrap();
        assert_eq!(interval.estimate, 12.0);
        assert!(interval.low < 4.0 && interval.high > 20.0, "{interval:?}");
        assert_eq!(cluster_pooled(launches.len(), mean), Some(interval), "the same again");
        assert_eq!(cluster_pooled(1, mean), None);
    }

    #[test]
    fn one_launch_has_no_interval() {
        assert_eq!(cluster_median(&[vec![1.0, 2.0]]), None);
        assert_eq!(cluster_median(&[vec![1.0, 2.0], vec![]]), None);
    }

    /// The coverage that the interval promises of its own launches, on samples whose true median is
    /// known.
    #[test]
    fn the_interval_covers_the_truth_at_least_as_often_as_it_says() {
        let mut random = Rand64::new(42);
        let covers = |_| {
            let interval = cluster_median(&noisy(&mut random, 7, 20)).unwrap();
            interval.low <= 0.0 && 0.0 <= interval.high
        };
        let covered = (0..200).map(covers).filter(|covers| *covers).count();
        assert!(covered >= 185, "{covered} of 200");
    }
}
