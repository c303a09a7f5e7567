//! What textbooks say of the memory that threads and processes keep.

use super::ISOLATION;
use crate::claim::{Band, Claim};

pub(super) const C1: Claim = Claim {
    id: "C1",
    topic: "Keep",
    sentence: "Each thread takes one to eight megabytes for its stack.",
    promise: "1-8 MiB",
    source: ISOLATION,
    quantity: "memory per idle thread: once as address space, once as memory in use, kernel memory included",
    band: Band { low: 1048576.0, high: 8388608.0 },
    contrary: None,
    truth: "",
    exceptions: "",
    cells: &[],
};

pub(super) const C2: Claim = Claim {
    id: "C2",
    topic: "Keep",
    sentence: "A process keeps more memory than a thread: an address space of its own.",
    promise: "> 1.5×",
    source: ISOLATION,
    quantity: "memory in use per idle process over that per idle thread, kernel memory included",
    band: Band { low: 1.5, high: f64::INFINITY },
    contrary: None,
    truth: "",
    exceptions: "",
    cells: &[],
};

pub(super) const C3: Claim = Claim {
    id: "C3",
    topic: "Keep",
    sentence: "A process has 128 TiB of address space on a 64-bit system.",
    promise: "128 TiB",
    source: ISOLATION,
    quantity: "the last page that can be mapped, and that none can beyond",
    band: Band::YES,
    contrary: None,
    truth: "",
    exceptions: "",
    cells: &[],
};
