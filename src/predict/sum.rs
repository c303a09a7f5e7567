//! Sums of measured figures with factors, and how far they are from what was measured.

use crate::record::{Failure, Id};
use crate::stats::Interval;
use serde::Serialize;

/// How far a figure is from what was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Measured as it is.
    Measured,
    /// Between measured points.
    Interpolated,
    /// Beyond the last measured point, along the line to it.
    Extrapolated,
    /// No more than this: measured of something that takes more.
    AtMost,
}

impl Basis {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Basis::Measured => "measured",
            Basis::Interpolated => "interpolated",
            Basis::Extrapolated => "extrapolated",
            Basis::AtMost => "at most",
        }
    }
}

/// A predicted figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Amount {
    /// The figure.
    pub estimate: f64,
    /// Lower end of its 95 % interval: that of a rerun on the machine of the run.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How far it is from what was measured.
    pub basis: Basis,
}

impl Amount {
    /// The figure with its interval.
    #[must_use]
    pub fn interval(&self) -> Interval {
        Interval { estimate: self.estimate, low: self.low, high: self.high }
    }

    pub(super) fn of(interval: Interval, basis: Basis) -> Self {
        let Interval { estimate, low, high } = interval;
        Amount { estimate, low, high, basis }
    }
}

/// A figure, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It is predicted.
    Predicted(Amount),
    /// It was not measured.
    NotMeasured(Absent),
}

/// Why there is no figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Absent {
    /// The reason.
    pub why: String,
    /// The command that measures it; absent where none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Absent {
    pub(super) fn new(why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Absent { why: why.into(), remedy: Some(remedy.into()) }
    }

    /// The same as an error of what was tried.
    pub(super) fn failure(self, tried: &str) -> Failure {
        let failure = Failure::new(tried, self.why);
        match self.remedy {
            Some(remedy) => failure.remedy(remedy),
            None => failure,
        }
    }

    /// What no command measures.
    pub(super) fn for_good(why: impl Into<String>) -> Self {
        Absent { why: why.into(), remedy: None }
    }
}

impl Answer {
    /// The figure, if there is one.
    #[must_use]
    pub fn amount(&self) -> Option<&Amount> {
        match self {
            Answer::Predicted(amount) => Some(amount),
            Answer::NotMeasured(_) => None,
        }
    }

    /// Of a difference, which may be below nothing.
    pub(super) fn of(found: &Result<Sum, Absent>) -> Self {
        match found {
            Ok(sum) => Answer::Predicted(sum.amount()),
            Err(absent) => Answer::NotMeasured(absent.clone()),
        }
    }

    /// Of a whole time or size. None is below nothing: there its interval ends.
    pub(super) fn of_whole(found: &Result<Sum, Absent>) -> Self {
        match found.as_ref().map(Sum::amount) {
            Ok(amount) if amount.estimate > 0.0 => {
                Answer::Predicted(Amount { low: amount.low.max(0.0), ..amount })
            }
            Ok(_) => Answer::NotMeasured(Absent::for_good(
                "what was measured adds up to nothing or less: the process holds less than the \
                 run's small parent, or noise is more than the figure",
            )),
            Err(absent) => Answer::NotMeasured(absent.clone()),
        }
    }
}

/// A sum of measured figures with factors. One that stands in several sums counts once in the
/// interval of all together.
#[derive(Debug, Clone)]
pub(super) struct Sum {
    terms: Vec<(Id, f64, Interval)>,
    basis: Basis,
}

/// What is less than this share of a sum does not make it an extrapolation.
const NEGLIGIBLE: f64 = 0.05;

impl Sum {
    pub(super) fn nothing() -> Self {
        Sum { terms: Vec::new(), basis: Basis::Measured }
    }

    /// A figure of this measurement.
    pub(super) fn of(id: &Id, figure: Interval) -> Self {
        Sum { terms: vec![(id.clone(), 1.0, figure)], basis: Basis::Measured }
    }

    pub(super) fn on(self, basis: Basis) -> Self {
        Sum { basis: self.basis.max(basis), ..self }
    }

    pub(super) fn times(mut self, factor: f64) -> Self {
        self.terms.iter_mut().for_each(|(_, own, _)| *own *= factor);
        self
    }

    pub(super) fn plus(mut self, other: &Sum) -> Self {
        for (id, factor, figure) in &other.terms {
            match self.terms.iter_mut().find(|(known, ..)| known == id) {
                Some((_, own, _)) => *own += factor,
                None => self.terms.push((id.clone(), *factor, *figure)),
            }
        }
        self
    }

    /// The sum of all, by what the parts that count are based on.
    pub(super) fn total(parts: &[Sum]) -> Self {
        let all = parts.iter().fold(Sum::nothing(), Sum::plus);
        let whole = all.amount().estimate.abs();
        let counts = |part: &&Sum| part.amount().estimate.abs() >= NEGLIGIBLE * whole;
        let basis = parts.iter().filter(counts).map(|part| part.basis).max();
        all.on(basis.unwrap_or(Basis::Measured))
    }

    pub(super) fn amount(&self) -> Amount {
        // What was added and taken away again is exactly nothing.
        let left = self.terms.iter().filter(|(_, factor, _)| *factor != 0.0);
        let terms: Vec<(f64, Interval)> =
            left.map(|(_, factor, figure)| (*factor, *figure)).collect();
        match terms.is_empty() {
            true => Amount { estimate: 0.0, low: 0.0, high: 0.0, basis: self.basis },
            false => Amount::of(Interval::combination(&terms), self.basis),
        }
    }
}
