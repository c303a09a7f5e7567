//! Bytes as a Criterion measurement.

use criterion::Throughput;
use criterion::measurement::{Measurement, ValueFormatter};

/// Bytes, read outside and handed over by `iter_custom`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bytes;

/// Divisor and name of the binary unit that fits a value.
fn scale(typical: f64) -> (f64, &'static str) {
    match typical {
        size if size >= 1_048_576.0 => (1_048_576.0, "MiB"),
        size if size >= 1024.0 => (1024.0, "KiB"),
        _ => (1.0, "B"),
    }
}

impl Measurement for Bytes {
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

impl ValueFormatter for Bytes {
    fn scale_values(&self, typical: f64, values: &mut [f64]) -> &'static str {
        let (divisor, name) = scale(typical);
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

    fn scale_for_machines(&self, _values: &mut [f64]) -> &'static str {
        "bytes"
    }
}
