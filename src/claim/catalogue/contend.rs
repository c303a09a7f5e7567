//! What textbooks say of actors that work at the same time.

use super::STATE;
use crate::claim::{Band, Claim};

pub(super) const E2: Claim = Claim {
    id: "E2",
    topic: "Share",
    sentence: "Where they share no state, processes can be faster than threads.",
    promise: "≥ 1.1×",
    source: STATE,
    quantity: "time per operation of threads over that of processes that do the same at the same time, one on each CPU, in pairs",
    band: Band { low: 1.1, high: f64::INFINITY },
    contrary: None,
    truth: "",
    exceptions: "",
    cells: &[],
};

pub(super) const G1: Claim = Claim {
    id: "G1",
    topic: "Serve",
    sentence: "Ten threads count faster, and in less memory, than ten processes.",
    promise: "≥ 1.1×",
    source: STATE,
    quantity: "wall time of ten forked processes over that of ten threads that do the same work, and their most memory, in pairs",
    band: Band { low: 1.1, high: f64::INFINITY },
    contrary: None,
    truth: "",
    exceptions: "",
    cells: &[],
};
