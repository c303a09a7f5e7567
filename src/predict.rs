//! What a fork, a switch and workers would take of a given process, by what a run measured.
//!
//! Each figure is a sum of measured figures with factors: of a small parent's fork, and of what
//! each thing that a parent holds adds. It says whether it was measured, lies between what was
//! measured, or beyond; what the run has no figure for is not predicted.

mod beside;
mod check;
mod fork;
mod process;
mod shape;
mod small;
mod source;
mod sum;
mod text;

pub use beside::{Beside, Switch, WorkerMemory};
pub use check::{Checked, check};
pub use fork::{Fork, ForkPart, Regime};
pub use process::of_process;
pub use shape::{Given, ProcessShape};
pub use small::{SmallParent, lacking};
pub use sum::{Absent, Amount, Answer, Basis};
pub use text::{checked_text, text};

use crate::record::Record;
use serde::Serialize;
use source::Source;

/// What is to be predicted besides a fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wishes {
    /// Private pages that the process goes on to write after its fork.
    pub writes: u64,
    /// Workers, each a thread or a process.
    pub workers: u32,
    /// Workers that take turns on one core.
    pub actors: u32,
    /// Pages that each reads per turn.
    pub pages: u32,
}

/// All that a run says of a process.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    /// The process.
    pub process: ProcessShape,
    /// What the parts of its fork are counted from, where the run says so.
    pub small_parent: Option<SmallParent>,
    /// Name of the run.
    pub run: String,
    /// The machine of the run, in a line.
    pub machine: String,
    /// Its fork, as often as there are regimes.
    pub forks: Vec<Fork>,
    /// What writing its pages takes afterwards, and other ways to create.
    pub beside: Vec<Beside>,
    /// Memory of workers.
    pub memory: Vec<WorkerMemory>,
    /// A switch among workers.
    pub switch: Switch,
}

/// Predicts by a record what a process of this shape would take.
#[must_use]
pub fn predict(process: &ProcessShape, wishes: &Wishes, record: &Record) -> Prediction {
    let source = Source::of(record);
    Prediction {
        process: process.clone(),
        small_parent: SmallParent::of(record).ok(),
        run: record.run.id.clone(),
        machine: record.machine.summary.clone(),
        forks: Regime::ALL.map(|regime| Fork::of(process, regime, &source)).into(),
        beside: beside::beside(process, wishes, &source),
        memory: beside::memory(process, wishes, &source),
        switch: beside::switch(wishes, &source),
    }
}

/// What a small parent of a run holds: what is not given of a process is as there.
///
/// # Errors
/// The record says nothing of it.
pub fn small(record: &Record) -> crate::record::Result<SmallParent> {
    SmallParent::of(record)
        .map_err(|absent| absent.failure("reading what the run's small parent holds"))
}
