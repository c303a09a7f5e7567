//! Medians and their intervals. Pure: samples in, figures out, the same figures for the same seed.
//!
//! The unit of analysis is the launch, because that is where variance lives (layout, addresses, the
//! neighbour of the day): the estimate is the median over launches of the medians over pairs, and
//! its interval a percentile bootstrap that draws launches first and pairs within them (Kalibera
//! and Jones, "Rigorous benchmarking in reasonable time", ISMM 2013). With seven launches it is
//! conservative: it covers about 99 % where 95 % is asked.

mod line;

pub use line::{Line, theil_sen};

use oorandom::Rand64;
use std::collections::BTreeMap;

/// Draws of the bootstrap.
const RESAMPLES: usize = 2_000;

/// An estimate with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The median.
    pub estimate: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Interval {
    /// Each of the three numbers put through a rising function.
    #[must_use]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Interval { estimate: f(self.estimate), low: f(self.low), high: f(self.high) }
    }

    /// A sum of independent intervals, each with its factor, by the recovery of their variances
    /// (Zou and Donner, "Construction of confidence limits about effect measures", Statistics in
    /// Medicine 27, 2008).
    #[must_use]
    pub fn combination(terms: &[(f64, Interval)]) -> Self {
        let estimate = terms.iter().map(|(factor, term)| factor * term.estimate).sum();
        let reach = |towards_high: bool| {
            let term = |(factor, term): &(f64, Interval)| {
                let high = (*factor > 0.0) == towards_high;
                let end = if high { term.high } else { term.low };
                (factor * (end - term.estimate)).powi(2)
            };
            terms.iter().map(term).sum::<f64>().sqrt()
        };
        Interval { estimate, low: estimate - reach(false), high: estimate + reach(true) }
    }

    /// The quotient of two independent intervals of what is more than nothing, on logarithmic axes.
    #[must_use]
    pub fn over(self, other: Interval) -> Self {
        let [one, other] = [self, other].map(|interval| interval.map(f64::ln));
        Self::combination(&[(1.0, one), (-1.0, other)]).map(f64::exp)
    }

    /// Half of the interval's length.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// The farthest that any point of the interval lies from `centre`.
    #[must_use]
    pub fn farthest_from(&self, centre: f64) -> f64 {
        (self.low - centre).abs().max((self.high - centre).abs())
    }
}

/// The median of `values`, or `None` if there are none. Not a number sorts last.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut values = values.to_vec();
    (!values.is_empty()).then(|| median_in_place(&mut values))
}

/// The `share` quantile of `values` (nearest rank), or `None` if there are none.
#[must_use]
pub fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    values.get((share * last as f64).round() as usize).copied()
}

/// Robust standard deviation: 1.4826 times the median absolute deviation. `None` with fewer than
/// two values.
#[must_use]
pub fn robust_deviation(values: &[f64]) -> Option<f64> {
    let centre = median(values)?;
    let distances: Vec<f64> = values.iter().map(|value| (value - centre).abs()).collect();
    (values.len() > 1).then(|| median(&distances).map(|mad| 1.4826 * mad))?
}

/// Median over launches of medians over pairs, with its 95 % interval. Empty launches do not count.
///
/// `None` with fewer than two launches, which have no interval.
#[must_use]
pub fn cluster_median(launches: &[Vec<f64>], seed: u64) -> Option<Interval> {
    let samples = Clusters::of(launches)?;
    let mut random = Rand64::new(u128::from(seed));
    let mut medians = Vec::new();
    let draws = (0..RESAMPLES).map(|_| samples.draw(&mut random, &mut medians)).collect();
    Some(percentiles(samples.estimate, draws))
}

/// A figure of all launches taken together, with its 95 % interval: `figure` is told which launches
/// to take, all of them once and then as the bootstrap draws them. `None` with fewer than two
/// launches, which have no interval.
#[must_use]
pub fn cluster_pooled(
    launches: usize,
    seed: u64,
    figure: impl Fn(&[usize]) -> f64,
) -> Option<Interval> {
    if launches < 2 {
        return None;
    }
    let mut random = Rand64::new(u128::from(seed));
    let mut drawn: Vec<usize> = (0..launches).collect();
    let estimate = figure(&drawn);
    let draw = |_| {
        drawn.iter_mut().for_each(|one| *one = pick(&mut random, launches));
        figure(&drawn)
    };
    let draws = (0..RESAMPLES).map(draw).collect();
    Some(percentiles(estimate, draws))
}

/// The 95 % in the middle of the draws.
fn percentiles(estimate: f64, mut draws: Vec<f64>) -> Interval {
    draws.sort_by(f64::total_cmp);
    let at = |share: f64| draws[(share * (draws.len() - 1) as f64).round() as usize];
    Interval { estimate, low: at(0.025), high: at(0.975) }
}

/// Samples of at least two launches, each sorted.
struct Clusters {
    launches: Vec<Vec<f64>>,
    ranks: BTreeMap<usize, Ranks>,
    estimate: f64,
}

impl Clusters {
    fn of(launches: &[Vec<f64>]) -> Option<Self> {
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
        let middle =
            |launch: &Vec<f64>| (launch[(launch.len() - 1) / 2] + launch[launch.len() / 2]) / 2.0;
        let mut medians: Vec<f64> = launches.iter().map(middle).collect();
        let estimate = median_in_place(&mut medians);
        let mut ranks = BTreeMap::new();
        for launch in &launches {
            ranks.entry(launch.len()).or_insert_with(|| Ranks::of(launch.len()));
        }
        Some(Clusters { launches, ranks, estimate })
    }

    /// One draw of the bootstrap: launches with replacement, then the median of pairs drawn with
    /// replacement from each.
    fn draw(&self, random: &mut Rand64, medians: &mut Vec<f64>) -> f64 {
        medians.clear();
        for _ in &self.launches {
            let launch = &self.launches[pick(random, self.launches.len())];
            medians.push(launch[self.ranks[&launch.len()].draw(random)]);
        }
        median_in_place(medians)
    }
}

/// Where the median of as many draws with replacement from sorted values comes to lie among them.
///
/// Drawing the values themselves gives the same, a hundred times slower: the middle one of n draws
/// lies among the first k values exactly when at least half of the draws do, and how many do is
/// binomial.
#[derive(Debug)]
struct Ranks {
    /// For the lower and the upper middle one (the same where the number is odd): the probability
    /// that it lies at or before each place.
    cumulative: [Vec<f64>; 2],
}

impl Ranks {
    fn of(count: usize) -> Self {
        let at = |middle: usize| {
            (1..=count).map(|first| at_least(middle, count, first as f64 / count as f64)).collect()
        };
        Ranks { cumulative: [count.div_ceil(2), count / 2 + 1].map(at) }
    }

    /// A place. Of two middle ones a coin takes one, where the median of an even number is between
    /// both.
    fn draw(&self, random: &mut Rand64) -> usize {
        let cumulative = &self.cumulative[pick(random, 2)];
        let share = random.rand_float();
        cumulative.partition_point(|reached| *reached <= share).min(cumulative.len() - 1)
    }
}

/// Probability that at least `least` of `count` tries succeed.
fn at_least(least: usize, count: usize, probability: f64) -> f64 {
    if probability >= 1.0 {
        return 1.0;
    }
    // Terms in logarithms: the first may be too small for a float.
    let odds = (probability / (1.0 - probability)).ln();
    let mut term = count as f64 * (1.0 - probability).ln();
    let mut sum = 0.0;
    for successes in 0..=count {
        if successes >= least {
            sum += term.exp();
        }
        term += ((count - successes) as f64 / (successes + 1) as f64).ln() + odds;
    }
    sum
}

fn pick(random: &mut Rand64, count: usize) -> usize {
    random.rand_range(0..count as u64) as usize
}

/// The median of a non-empty slice, which it reorders.
fn median_in_place(values: &mut [f64]) -> f64 {
    let middle = values.len() / 2;
    let odd = values.len() % 2 == 1;
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if odd {
        return upper;
    }
    let lower = below.iter().copied().max_by(f64::total_cmp).unwrap_or(upper);
    (lower + upper) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_odd_even_and_none() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn quantiles_are_values_of_the_sample() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        assert_eq!(quantile(&values, 0.05), Some(5.0));
        assert_eq!(quantile(&values, 0.95), Some(95.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn robust_deviation_ignores_an_outlier() {
        let calm = robust_deviation(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(calm, Some(1.4826));
        assert_eq!(robust_deviation(&[1.0, 2.0, 3.0, 4.0, 1e9]), calm);
    }

    #[test]
    fn independent_intervals_add_up_by_squares_and_turn_with_their_sign() {
        let at = |estimate, below, above| Interval {
            estimate,
            low: estimate - below,
            high: estimate + above,
        };
        let difference =
            Interval::combination(&[(1.0, at(10.0, 3.0, 6.0)), (-1.0, at(4.0, 8.0, 4.0))]);
        assert_eq!((difference.estimate, difference.low, difference.high), (6.0, 1.0, 16.0));
        let halved = Interval::combination(&[(0.5, at(10.0, 3.0, 6.0))]);
        assert_eq!((halved.estimate, halved.low, halved.high), (5.0, 3.5, 8.0));
    }

    #[test]
    fn the_place_of_a_median_is_distributed_as_that_of_drawn_values() {
        let mut random = Rand64::new(3);
        for count in [1_usize, 2, 5, 8, 21] {
            let (ranks, draws) = (Ranks::of(count), 20_000);
            let mut shares = [vec![0.0; count], vec![0.0; count]];
            for _ in 0..draws {
                shares[0][ranks.draw(&mut random)] += 1.0 / f64::from(draws);
                let mut drawn: Vec<usize> = (0..count).map(|_| pick(&mut random, count)).collect();
                drawn.sort_unstable();
                for middle in [(count - 1) / 2, count / 2] {
                    shares[1][drawn[middle]] += 0.5 / f64::from(draws);
                }
            }
            let apart = shares[0].iter().zip(&shares[1]).map(|(a, b)| (a - b).abs());
            assert!(apart.fold(0.0, f64::max) < 0.015, "{count}: {shares:?}");
        }
    }

    #[test]
    fn interval_of_equal_samples_is_a_point() {
        let launches = vec![vec![2.0; 10]; 7];
        let interval = cluster_median(&launches, 1).unwrap();
        assert_eq!((interval.estimate, interval.low, interval.high), (2.0, 2.0, 2.0));
    }

    #[test]
    fn interval_sees_the_spread_between_launches() {
        // Each launch is calm; only the launches differ. Resampling pairs alone would give a point.
        let launches: Vec<Vec<f64>> = (0..7).map(|launch| vec![f64::from(launch); 60]).collect();
        let interval = cluster_median(&launches, 1).unwrap();
        assert_eq!(interval.estimate, 3.0);
        assert!(interval.low <= 1.0 && interval.high >= 5.0, "{interval:?}");
    }

    #[test]
    fn a_pooled_figure_is_of_all_launches_and_its_interval_of_those_drawn() {
        let launches = [1.0, 2.0, 3.0, 4.0, 50.0];
        let mean = |drawn: &[usize]| {
            drawn.iter().map(|one| launches[*one]).sum::<f64>() / drawn.len() as f64
        };
        let interval = cluster_pooled(launches.len(), 3, mean).unwrap();
        assert_eq!(interval.estimate, 12.0);
        assert!(interval.low < 4.0 && interval.high > 20.0, "{interval:?}");
        assert_eq!(cluster_pooled(launches.len(), 3, mean), Some(interval), "the same seed");
        assert_eq!(cluster_pooled(1, 3, mean), None);
    }

    #[test]
    fn one_launch_has_no_interval() {
        assert_eq!(cluster_median(&[vec![1.0, 2.0]], 1), None);
        assert_eq!(cluster_median(&[vec![1.0, 2.0], vec![]], 1), None);
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let launches: Vec<Vec<f64>> =
            (0..7).map(|l| (0..40).map(|p| f64::from((p * 37 + l * 11) % 17)).collect()).collect();
        assert_eq!(cluster_median(&launches, 7), cluster_median(&launches, 7));
    }

    /// The coverage that the interval promises, on samples whose true median is known.
    #[test]
    fn the_interval_covers_the_truth_at_least_as_often_as_it_says() {
        let mut random = Rand64::new(42);
        let mut covered = 0;
        for trial in 0..60 {
            let launches: Vec<Vec<f64>> = (0..7)
                .map(|_| {
                    let bias = random.rand_float() - 0.5;
                    (0..20).map(|_| bias + 4.0 * (random.rand_float() - 0.5)).collect()
                })
                .collect();
            let interval = cluster_median(&launches, trial).unwrap();
            covered += usize::from(interval.low <= 0.0 && 0.0 <= interval.high);
        }
        assert!(covered >= 55, "{covered} of 60");
    }
}
