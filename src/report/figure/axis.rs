//! Where a value lies between two ends, and which places between them have a name.

/// Words for a value.
pub(crate) type Format = Box<dyn Fn(f64) -> String>;

/// How values are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Equal differences are equally long.
    Linear,
    /// Equal ratios are equally long. Where the axis begins with 0, that has a place of its own
    /// before the first tick.
    Log,
}

/// An axis.
pub(crate) struct Axis {
    /// What it is of; nothing where the title says it.
    pub(crate) label: String,
    /// How values are spread.
    pub(crate) scale: Scale,
    /// Places with a name, rising.
    pub(crate) ticks: Vec<(f64, String)>,
    /// Its lower end.
    pub(crate) from: f64,
    /// Its upper end.
    pub(crate) to: f64,
    /// Words for a value in tables and notes.
    pub(crate) format: Format,
}

/// Share of a logarithmic axis between 0 and its first tick.
const ZERO: f64 = 0.1;
/// Most ticks that are chosen.
const TICKS: usize = 6;

impl Axis {
    /// A logarithmic axis around values, in powers of ten: times, ratios.
    pub(crate) fn decades(
        label: &str,
        values: &[f64],
        name: impl Fn(f64) -> String,
        format: impl Fn(f64) -> String + 'static,
    ) -> Self {
        let (low, high) = ends(values.iter().copied().filter(|value| *value > 0.0));
        let ticks = powers(10.0, low, high);
        let cut = [low / 2.0, high * 2.0];
        Axis::new(label, Scale::Log, ticks, Some(cut), name, format)
    }

    /// A logarithmic axis around values, in powers of two: bytes.
    pub(crate) fn binary(
        label: &str,
        values: &[f64],
        name: impl Fn(f64) -> String,
        format: impl Fn(f64) -> String + 'static,
    ) -> Self {
        let (low, high) = ends(values.iter().copied().filter(|value| *value > 0.0));
        Axis::new(label, Scale::Log, powers(2.0, low, high), None, name, format)
    }

    /// A logarithmic axis with the places themselves as ticks, of which the first may be 0.
    pub(crate) fn sweep(
        label: &str,
        places: &[f64],
        name: impl Fn(f64) -> String,
        format: impl Fn(f64) -> String + 'static,
    ) -> Self {
        Axis::new(label, Scale::Log, places.to_vec(), None, name, format)
    }

    /// A linear axis of whole numbers: counts.
    pub(crate) fn counts(
        label: &str,
        values: &[f64],
        name: impl Fn(f64) -> String,
        format: impl Fn(f64) -> String + 'static,
    ) -> Self {
        let (low, high) = ends(values.iter().copied());
        let step = step(low, high, 2 * TICKS).max(1.0);
        let ticks = multiples(low, high, step);
        Axis::new(label, Scale::Linear, ticks, None, name, format)
    }

    /// A linear axis in round steps that holds 0 and all values.
    pub(crate) fn from_zero(
        label: &str,
        values: &[f64],
        name: impl Fn(f64) -> String,
        format: impl Fn(f64) -> String + 'static,
    ) -> Self {
        let (low, high) = ends(values.iter().copied().chain([0.0]));
        let ticks = multiples(low, high, step(low, high, TICKS));
        Axis::new(label, Scale::Linear, ticks, None, name, format)
    }

    /// An axis from its first to its last tick, or no farther than what is cut, as long as two
    /// ticks remain.
    fn new(
        label: &str,
        scale: Scale,
        mut ticks: Vec<f64>,
        cut: Option<[f64; 2]>,
        name: impl Fn(f64) -> String,
        format: impl Fn(f64) -> String + 'static,
    ) -> Self {
        let mut from = ticks.first().copied().unwrap_or(0.0);
        let mut to = ticks.last().copied().unwrap_or(1.0);
        if let Some([low, high]) = cut {
            let inside = |tick: &&f64| low <= **tick && **tick <= high;
            if ticks.iter().filter(inside).count() > 1 {
                (from, to) = (from.max(low), to.min(high));
                ticks.retain(|tick| from <= *tick && *tick <= to);
            }
        }
        let ticks = ticks.into_iter().map(|tick| (tick, name(tick))).collect();
        Axis { label: label.to_owned(), scale, ticks, from, to, format: Box::new(format) }
    }

    /// Does the axis reach this value?
    pub(super) fn reaches(&self, value: f64) -> bool {
        let place = self.place(value);
        (-1e-9..=1.0 + 1e-9).contains(&place)
    }

    /// Where a value lies, 0 at the lower end and 1 at the upper.
    pub(super) fn place(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => (value - self.from) / (self.to - self.from),
            Scale::Log if self.from > 0.0 => (value / self.from).ln() / (self.to / self.from).ln(),
            Scale::Log => {
                let ticks = self.ticks.iter().map(|(tick, _)| *tick);
                let first = ticks.filter(|tick| *tick > 0.0).fold(self.to, f64::min);
                if value <= first {
                    return ZERO * value / first;
                }
                ZERO + (1.0 - ZERO) * (value / first).ln() / (self.to / first).ln()
            }
        }
    }

    /// The same, at the end where the axis does not reach it.
    pub(super) fn clamped(&self, value: f64) -> f64 {
        let place = self.place(value);
        if place.is_nan() { 0.0 } else { place.clamp(0.0, 1.0) }
    }
}

/// The least and the most of the finite values.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let mut ends: Option<(f64, f64)> = None;
    for value in values.filter(|value| value.is_finite()) {
        let (low, high) = ends.unwrap_or((value, value));
        ends = Some((low.min(value), high.max(value)));
    }
    ends.unwrap_or((1.0, 1.0))
}

/// Powers of a base from below `low` to above `high`, not too many.
fn powers(base: f64, low: f64, high: f64) -> Vec<f64> {
    let first = (low.ln() / base.ln() + 1e-9).floor() as i32;
    let last = (high.ln() / base.ln() - 1e-9).ceil() as i32;
    let span = (last - first).max(1).unsigned_abs();
    let stride = span.div_ceil(TICKS as u32 - 1);
    let exponent = |index: u32| first + (index * stride) as i32;
    (0..=span.div_ceil(stride)).map(|index| base.powi(exponent(index))).collect()
}

/// A round step between at most so many ticks.
fn step(low: f64, high: f64, ticks: usize) -> f64 {
    let least = (high - low) / (ticks - 1) as f64;
    if least <= 0.0 {
        return 1.0;
    }
    let decade = 10_f64.powf(least.log10().floor());
    let round = [1.0, 2.0, 5.0].into_iter().find(|round| round * decade >= least * (1.0 - 1e-9));
    decade * round.unwrap_or(10.0)
}

/// Multiples of a step around two ends.
fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    let first = (low / step + 1e-9).floor();
    let last = (high / step - 1e-9).ceil().max(first + 1.0);
    (0..=(last - first) as i32).map(|index| (first + f64::from(index)) * step).collect()
}
