//! What textbooks say of the state that threads and processes share.

use super::STATE;
use crate::claim::{Band, Claim};

pub(super) const F1: Claim = Claim {
    id: "F1",
    topic: "Share",
    sentence: "Threads share memory, descriptors, handlers, folder and identity, processes share none of it; clone flags choose.",
    promise: "as listed",
    source: STATE,
    quantity: "what the other side sees after one side has changed it, piece by piece",
    band: Band::YES,
    contrary: None,
    truth: "",
    exceptions: "",
    cells: &[],
};

pub(super) const F2: Claim = Claim {
    id: "F2",
    topic: "Share",
    sentence: "kill targets a process, pthread_kill a thread; a fatal signal ends all threads.",
    promise: "as said",
    source: STATE,
    quantity: "who handled the signal, counted per thread",
    band: Band::YES,
    contrary: None,
    truth: "",
    exceptions: "",
    cells: &[],
};
