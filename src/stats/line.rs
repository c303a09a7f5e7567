//! A line through points, each the median of samples in launches.

use super::bootstrap::{Clusters, drawn};
use super::{Interval, median};

/// A line through points by Theil and Sen: a point far off does not bend it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// The median of the slopes between all pairs of points, with its 95 % interval: that of the
    /// samples, not that of the points about the line.
    pub slope: Interval,
    /// The median of what the points have beyond the slope times their place.
    pub intercept: f64,
    /// Correlation of the points (Pearson's R); 0 where they are all of one height.
    pub correlation: f64,
}

/// The line through points: a place, and the samples there by launches.
///
/// The bootstrap draws the median of each point anew, as [`super::cluster_median`] does. `None`
/// where a point has fewer than two launches or there are fewer than two places.
#[must_use]
pub fn theil_sen(points: &[(f64, Vec<Vec<f64>>)]) -> Option<Line> {
    let places: Vec<f64> = points.iter().map(|(place, _)| *place).collect();
    let samples: Vec<Clusters> =
        points.iter().map(|(_, launches)| Clusters::of(launches)).collect::<Option<_>>()?;
    let heights: Vec<f64> = samples.iter().map(|point| point.estimate).collect();
    let estimate = slope(&places, &heights)?;
    let slope = drawn(&samples, estimate, |heights| slope(&places, heights));
    let beyond: Vec<f64> = places.iter().zip(&heights).map(|(x, y)| y - estimate * x).collect();
    let correlation = correlation(&places, &heights);
    Some(Line { slope, intercept: median(&beyond)?, correlation })
}

/// The median of the slopes between all pairs of points at different places.
fn slope(places: &[f64], heights: &[f64]) -> Option<f64> {
    let mut slopes = Vec::new();
    for (second, x) in places.iter().enumerate() {
        for (first, before) in places[..second].iter().enumerate().filter(|(_, b)| *b != x) {
            slopes.push((heights[second] - heights[first]) / (x - before));
        }
    }
    median(&slopes)
}

fn correlation(places: &[f64], heights: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (x, y) = (mean(places), mean(heights));
    let moment = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
        places.iter().zip(heights).map(|(a, b)| f(a - x, b - y)).sum()
    };
    let spread = (moment(&|a, _| a * a) * moment(&|_, b| b * b)).sqrt();
    if spread > 0.0 { moment(&|a, b| a * b) / spread } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oorandom::Rand64;

    fn calm(place: f64, height: f64) -> (f64, Vec<Vec<f64>>) {
        (place, vec![vec![height; 5]; 7])
    }

    #[test]
    fn an_exact_line_is_found_exactly() {
        let points = [0.0, 1.0, 16.0, 64.0, 256.0].map(|x| calm(x, 85.0 + 19.0 * x));
        let line = theil_sen(&points).unwrap();
        assert_eq!(line.slope, Interval { estimate: 19.0, low: 19.0, high: 19.0 });
        assert_eq!(line.intercept, 85.0);
        assert!((line.correlation - 1.0).abs() < 1e-12);
    }

    #[test]
    fn one_point_far_off_does_not_bend_it() {
        let mut points: Vec<_> =
            (0..8).map(|x| calm(f64::from(x), 3.0 - 2.0 * f64::from(x))).collect();
        points[3] = calm(3.0, 1e6);
        let line = theil_sen(&points).unwrap();
        assert_eq!((line.slope.estimate, line.intercept), (-2.0, 3.0));
        assert!(line.correlation.abs() < 0.5);
    }

    #[test]
    fn what_has_no_line_has_none() {
        assert_eq!(theil_sen(&[]), None);
        assert_eq!(theil_sen(&[calm(1.0, 2.0)]), None);
        assert_eq!(theil_sen(&[calm(1.0, 2.0), calm(1.0, 3.0)]), None);
        let one_launch = (2.0, vec![vec![1.0; 9]]);
        assert_eq!(theil_sen(&[calm(1.0, 2.0), one_launch]), None);
    }

    #[test]
    fn a_flat_line_has_no_correlation() {
        let line = theil_sen(&[calm(0.0, 5.0), calm(1.0, 5.0), calm(2.0, 5.0)]).unwrap();
        assert_eq!((line.slope.estimate, line.intercept), (0.0, 5.0));
        assert_eq!(line.correlation, 0.0);
    }

    /// The coverage that the interval promises, on samples about a known line.
    #[test]
    fn the_interval_covers_the_slope_at_least_as_often_as_it_says() {
        let mut random = Rand64::new(42);
        let mut noise = move || random.rand_float() - 0.5;
        let mut covered = 0;
        for _ in 0..60 {
            let points: Vec<_> = (0..5)
                .map(|x| {
                    let launch = |bias: f64, noise: &mut dyn FnMut() -> f64| {
                        (0..10).map(|_| 7.0 * f64::from(x) + bias + 2.0 * noise()).collect()
                    };
                    let launches =
                        (0..7).map(|_| launch(noise(), &mut noise)).collect::<Vec<Vec<f64>>>();
                    (f64::from(x), launches)
                })
                .collect();
            let slope = theil_sen(&points).unwrap().slope;
            assert!(slope.low < slope.high && slope.half_width() < 1.0, "{slope:?}");
            covered += usize::from(slope.low <= 7.0 && 7.0 <= slope.high);
        }
        assert!(covered >= 55, "{covered} of 60");
    }
}
