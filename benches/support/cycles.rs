//! Cycles as a Criterion measurement. Criterion stores no unit, so it is part of the benchmark's name as well.

use criterion::Throughput;
use criterion::measurement::{Measurement, ValueFormatter};

/// Cycles of one kind, counted outside and handed over by `iter_custom`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cycles {
    /// `cycles` or `reference cycles`.
    pub(super) unit: &'static str,
}

impl Measurement for Cycles {
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

    fn to_f64(&self, value: &f64) -> f64 {
        *value
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        self
    }
}

impl ValueFormatter for Cycles {
    fn scale_values(&self, _typical: f64, _values: &mut [f64]) -> &'static str {
        self.unit
    }

    fn scale_throughputs(
        &self,
        _typical: f64,
        _throughput: &Throughput,
        _values: &mut [f64],
    ) -> &'static str {
        self.unit
    }

    fn scale_for_machines(&self, _values: &mut [f64]) -> &'static str {
        self.unit
    }
}
