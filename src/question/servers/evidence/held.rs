//! A server with idle connections: what each keeps, and what very many do.

use super::Held;
use crate::claim::footprint::per_unit;
use crate::question::servers::plan::{HOLD, KEEP, of_shape};
use crate::record::{Footprint, FootprintLaunch, Record, Shape};
use crate::stats;

impl Held {
    /// What the footprints of a shape say, if there is one.
    pub(super) fn of(shape: Shape, record: &Record) -> Option<Self> {
        let [keep, hold] = [KEEP, HOLD].map(|family| record.footprint(&of_shape(family, shape)));
        if keep.is_none() && hold.is_none() {
            return None;
        }
        let mut failures: Vec<_> =
            [keep, hold].into_iter().flatten().filter_map(|one| one.failure.clone()).collect();
        failures.dedup();
        Some(Held {
            shape,
            per_connection_bytes: keep
                .and_then(|keep| per_unit(keep, |reading| reading.total_bytes as f64)),
            most: hold.and_then(together),
            capped: hold.and_then(|hold| hold.capped.clone()),
            failures,
        })
    }
}

/// How many there were in the end, and what they took beyond what was in use without any, bytes.
fn together(hold: &Footprint) -> Option<(u32, f64)> {
    let ends = |launch: &FootprintLaunch| match launch.readings.as_slice() {
        [first, .., last] => Some((last.units, last.total_bytes as f64 - first.total_bytes as f64)),
        _ => None,
    };
    let ends: Vec<(u32, f64)> = hold.launches.iter().map(ends).collect::<Option<_>>()?;
    let (units, _) = *ends.first()?;
    let alike = ends.iter().all(|(others, _)| *others == units);
    let bytes: Vec<f64> = ends.iter().map(|(_, bytes)| *bytes).collect();
    stats::median(&bytes).filter(|_| alike).map(|bytes| (units, bytes))
}
