//! What textbooks say of telling another actor something.

use super::STATE;
use crate::claim::{Band, Claim};

pub(super) const E1: Claim = Claim {
    id: "E1",
    topic: "Share",
    sentence: "Sharing memory is cheap communication.",
    promise: "≥ 100×",
    source: STATE,
    quantity: "time of a round trip through the kernel over time to read a shared variable, or over a round trip through shared memory, in pairs",
    band: Band { low: 100.0, high: f64::INFINITY },
    contrary: None,
    truth: "",
    exceptions: "",
    cells: &[],
};

pub(super) const E5: Claim = Claim {
    id: "E5",
    topic: "Share",
    sentence: "Processes that share memory tell each other something as fast as threads do.",
    promise: "±3 %",
    source: "the question behind E1, asked by this project",
    quantity: "time of a round trip through shared memory between processes over that between threads, in pairs, on two cores",
    band: Band { low: 0.97, high: 1.03 },
    contrary: None,
    truth: "",
    exceptions: "",
    cells: &[],
};
