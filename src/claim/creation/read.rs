//! From the samples of a record to what they say of creation.

use super::Creation;
use crate::claim::Evidence;
use crate::record::Record;
use std::collections::BTreeMap;

impl Creation {
    pub(in crate::claim) fn of(_record: &Record, _evidence: &BTreeMap<String, Evidence>) -> Self {
        Creation {
            spectra: Vec::new(),
            ways: Vec::new(),
            sweeps: Vec::new(),
            flats: Vec::new(),
            races: Vec::new(),
            dispatches: Vec::new(),
            placed: Vec::new(),
            writes: Vec::new(),
            traps: Vec::new(),
            probes: Vec::new(),
        }
    }
}
