//! Medians and their intervals. Pure: samples in, figures out.
//!
//! The unit of analysis is the launch, because that is where variance lives (layout, addresses, the
//! neighbour of the day): the estimate is the median over launches of the medians over pairs, and
//! its interval that of a percentile bootstrap which draws launches first and pairs within them
//! (Kalibera and Jones, "Rigorous benchmarking in reasonable time", ISMM 2013). Where the launches
//! of one run end is not where a rerun ends: [`Interval::for_a_rerun`].

mod bootstrap;
mod line;

pub(crate) use bootstrap::MEDIAN_PENALTY;
pub use bootstrap::{cluster_median, cluster_pooled, launch_median};
pub use line::{Line, theil_sen};

/// Standard deviations that 95 % of a normal distribution lie within.
const Z_95: f64 = 1.96;

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

    /// The same for the estimate of a rerun: it is sampled anew, and the machine's state has moved
    /// by a standard deviation of `drift` in each of both runs.
    #[must_use]
    pub fn for_a_rerun(self, drift: f64) -> Self {
        let moved = (Z_95 * drift).powi(2);
        let reach = |sampled: f64| (2.0 * (sampled.powi(2) + moved)).sqrt();
        Interval {
            low: self.estimate - reach(self.estimate - self.low),
            high: self.estimate + reach(self.high - self.estimate),
            ..self
        }
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

/// Standard deviation of a sample. `None` with fewer than two values.
#[must_use]
pub fn deviation(values: &[f64]) -> Option<f64> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (count > 1.0).then(|| (squares / (count - 1.0)).sqrt())
}

/// Median of the variance of a sample of normal values with a variance of 1, of so many degrees of
/// freedom (at least 1): that of chi-squared over them (Wilson and Hilferty).
#[must_use]
pub fn median_variance(freedom: usize) -> f64 {
    (1.0 - 2.0 / (9.0 * freedom.max(1) as f64)).powi(3)
}

/// By how much a standard deviation of so many degrees of freedom is to be widened so that twice as
/// much holds 95 %: Student's t over the normal distribution's.
#[must_use]
pub fn widened_by(freedom: usize) -> f64 {
    bootstrap::t_95(freedom) / Z_95
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
    fn few_degrees_of_freedom_tell_less() {
        assert_eq!((deviation(&[1.0, 3.0]), deviation(&[1.0])), (Some(2.0_f64.sqrt()), None));
        // Tables of chi-squared: medians 0.455, 3.357 and 19.337.
        for (freedom, median) in [(1, 0.455), (4, 3.357 / 4.0), (20, 19.337 / 20.0)] {
            assert!((median_variance(freedom) - median).abs() < 0.02, "{freedom}");
        }
        assert!((widened_by(4) - 2.776 / 1.96).abs() < 1e-3 && widened_by(1_000) < 1.01);
    }

    #[test]
    fn a_rerun_is_sampled_anew_on_a_machine_that_has_moved() {
        let sampled = Interval { estimate: 10.0, low: 9.0, high: 12.0 };
        let again = sampled.for_a_rerun(0.0);
        let root = 2.0_f64.sqrt();
        assert_eq!((again.low, again.high), (10.0 - root, 10.0 + 2.0 * root));
        let moved = Interval { low: 10.0, high: 10.0, ..sampled }.for_a_rerun(1.0 / Z_95);
        assert!((moved.half_width() - root).abs() < 1e-12, "{moved:?}");
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
}
