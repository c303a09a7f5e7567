//! What Criterion is handed: values measured outside, by `iter_custom`. Criterion stores no unit,
//! so that one other than time is part of the benchmark's name as well.

use criterion::Throughput;
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use process_vs_thread::record::{Failure, Result};
use std::cell::Cell;

/// What a value is of.
#[derive(Debug, Clone, Copy)]
pub enum Unit {
    /// Time, in nanoseconds.
    Time,
    /// Memory, in bytes.
    Bytes,
    /// Cycles, of the kind of this name.
    Cycles(&'static str),
}

impl Unit {
    /// As the record calls it.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Time => "ns",
            Unit::Bytes => "bytes",
            Unit::Cycles(kind) => kind,
        }
    }
}

/// Values of one unit, as Criterion takes its samples.
#[derive(Debug)]
pub struct Measured {
    unit: Unit,
    more: Cell<bool>,
}

/// Relative difference between one sample and the next where both are equal: far below a byte, a
/// cycle and a nanosecond.
const APART: f64 = 1e-9;

impl Measured {
    /// Values of this unit.
    pub fn of(unit: Unit) -> Self {
        Measured { unit, more: Cell::new(false) }
    }
}

/// A value that Criterion can take: of another it makes no estimate, or a panic.
pub fn fit(value: f64) -> Result<f64> {
    match value.is_finite() && value > 0.0 {
        true => Ok(value),
        false => Err(Failure::new("taking a sample", format!("{value} is no quantity above zero"))),
    }
}

impl Measurement for Measured {
    type Intermediate = ();
    type Value = f64;

    fn start(&self) {}

    fn end(&self, (): ()) -> f64 {
        0.0
    }

    fn add(&self, a: &f64, b: &f64) -> f64 {
        a + b
    }

    fn zero(&self) -> f64 {
        0.0
    }

    /// Memory is charged in steps, so that all samples of two runs may be equal, and Criterion's
    /// t-test, whose statistic then is 0 / 0 in every resample, panics. Every other sample is a
    /// billionth larger here: no figure that is shown differs, the record has what was measured,
    /// and a baseline of equal samples from an earlier run can be compared too.
    fn to_f64(&self, value: &f64) -> f64 {
        match self.more.replace(!self.more.get()) {
            true => value * (1.0 + APART),
            false => *value,
        }
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        &self.unit
    }
}

impl ValueFormatter for Unit {
    fn scale_values(&self, typical: f64, values: &mut [f64]) -> &'static str {
        let (divisor, name) = match self {
            Unit::Time => return WallTime.formatter().scale_values(typical, values),
            Unit::Bytes if typical >= 1_048_576.0 => (1_048_576.0, "MiB"),
            Unit::Bytes if typical >= 1024.0 => (1024.0, "KiB"),
            Unit::Bytes => (1.0, "B"),
            Unit::Cycles(kind) => (1.0, *kind),
        };
        values.iter_mut().for_each(|value| *value /= divisor);
        name
    }

    fn scale_throughputs(
        &self,
        typical: f64,
        _throughput: &Throughput,
        values: &mut [f64],
    ) -> &'static str {
        self.scale_values(typical, values)
    }

    fn scale_for_machines(&self, values: &mut [f64]) -> &'static str {
        match self {
            Unit::Time => WallTime.formatter().scale_for_machines(values),
            unit => unit.name(),
        }
    }
}
