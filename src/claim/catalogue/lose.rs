//! What textbooks say of crashes and of memory that others cannot touch.

use super::ISOLATION;
use crate::claim::{Band, Claim};

pub(super) const D1: Claim = Claim {
    id: "D1",
    topic: "Lose",
    sentence: "A crash in one thread ends its whole process; a crash of one process leaves the others running.",
    promise: "contained",
    source: ISOLATION,
    quantity: "who is alive after a fault of one of several, and what the parent is told",
    band: Band::YES,
    contrary: None,
    truth: "",
    exceptions: "",
    cells: &[],
};

pub(super) const D2: Claim = Claim {
    id: "D2",
    topic: "Lose",
    sentence: "No other process can read or write a process's memory directly.",
    promise: "never",
    source: ISOLATION,
    quantity: "whether a write by one is seen by the other, and whether the kernel lets one read the other",
    band: Band::YES,
    contrary: None,
    truth: "",
    exceptions: "",
    cells: &[],
};
