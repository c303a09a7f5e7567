//! What is planned to be measured: an experiment is a family at a point, its arms, and how they are
//! sampled. The questions make them.

use crate::record::{Arm, Coordinate, Id, Parent, Policy, Shape};

/// How batches of an experiment are sized and when its sampling stops.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Protocol {
    /// Operations at the start of each visit that wash out the other arm's traces and are not timed
    /// with the batch.
    pub discarded_ops: u64,
    /// Fewest operations of a timed batch.
    pub least_ops: u64,
    /// Aimed length of a timed batch, nanoseconds.
    pub batch_ns: u64,
    /// Longest timed batch, nanoseconds: of operations so long, there are fewer than
    /// [`Protocol::least_ops`].
    pub longest_ns: u64,
    /// Rest before each batch, nanoseconds; 0 for none.
    pub rest_ns: u64,
    /// Most pairs of a launch.
    pub pairs_per_launch: usize,
    /// Aimed half-width of the figure's 95 % interval.
    pub precision_aim: f64,
    /// The figure that sampling is to make precise.
    pub figure: Figure,
    /// It is judged by bands of an order of magnitude, or a tenth: fewer launches do.
    pub broad: bool,
}

/// The figure of a cell that sampling is to make precise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Time of the second arm over time of the first.
    Ratio,
    /// Time until the second arm is ready over time until the first is.
    ReadyRatio,
    /// Refill of the second arm over refill of the first.
    RefillFraction,
}

/// What a cell is for, and so how much of it is measured and when.
///
/// A plan tells evidence and controls apart; what claims make of a cell is known to the claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A figure of a chart, a table or a sentence, on which no verdict turns: three launches.
    Evidence,
    /// On the axis along which a stated cell lies, where an answer may change.
    Axis,
    /// Decides a claim, or a gate of one that does; measured in short runs too.
    Stated,
    /// An A/A comparison, by which all others are judged: as often in short runs as in whole ones.
    Control,
}

impl Role {
    /// Is it measured in short runs too?
    #[must_use]
    pub fn is_short(self) -> bool {
        self >= Role::Stated
    }
}

/// How much of the grids is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grid {
    /// What fits into the minutes of a usual run.
    Default,
    /// Everything (`PROCESS_VS_THREAD_FULL=1`): some ten minutes more.
    Full,
}

/// Most batches of this length see no preemption.
pub(crate) const LONGEST_BATCH_NS: u64 = 10_000_000;

/// What actors on two cores do to each other: a wake-up takes as long as fifty switches.
pub const TOGETHER: Protocol = Protocol {
    discarded_ops: 4,
    least_ops: 4,
    batch_ns: 1_000_000,
    longest_ns: LONGEST_BATCH_NS,
    rest_ns: 0,
    pairs_per_launch: 20,
    precision_aim: 0.015,
    figure: Figure::Ratio,
    broad: true,
};

/// One comparison to measure in pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Its family at a point.
    pub id: Id,
    /// What it is for.
    pub role: Role,
    /// How it is sampled.
    pub protocol: Protocol,
    /// First arm; by convention the thread.
    pub a: Arm,
    /// Second arm; by convention the process.
    pub b: Arm,
}

impl Experiment {
    /// A comparison of arms that differ, or of an arm with itself, which is a control unless it is
    /// there for its moments.
    #[must_use]
    pub fn new(id: Id, protocol: Protocol, a: Arm, b: Arm) -> Self {
        let role = if a == b && !a.stamped { Role::Control } else { Role::Evidence };
        Experiment { id, role, protocol, a, b }
    }

    /// The same where cells of this role are judged with it.
    #[must_use]
    pub fn needed_by(self, role: Role) -> Self {
        Experiment { role: self.role.max(role), ..self }
    }
}

/// Size of the bigger parent in the creation experiments, MiB.
pub const BIG_PARENT_MIB: u64 = 64;

/// Id of the twin of an experiment that runs under `SCHED_OTHER`.
#[must_use]
pub fn twin(id: Id) -> Id {
    id.and(Coordinate::Policy(Policy::Other))
}

/// An arm of the counting pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// Name of the question that it belongs to.
    pub question: &'static str,
    /// What is counted.
    pub arm: Arm,
    /// In how many launches, each a row of its own: where launches differ, their average would hide
    /// it.
    pub launches: usize,
    /// Counted in short runs too.
    pub headline: bool,
}

/// Units of one kind to keep, and to read the memory of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeping {
    /// Its family at a point.
    pub id: Id,
    /// The kind of unit.
    pub kind: &'static str,
    /// What the process that creates them holds besides its own.
    pub parent: Parent,
    /// How many units live at each reading after the first, which is without any.
    pub units: &'static [u32],
    /// Measured in short runs too.
    pub headline: bool,
}

/// A server to put under load, with latencies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loading {
    /// Its family at a point.
    pub id: Id,
    /// How the server divides its connections.
    pub shape: Shape,
    /// Connections at a time.
    pub connections: u32,
    /// Private pages of a connection that each request touches.
    pub pages: u32,
    /// Measured in short runs too.
    pub headline: bool,
}

/// A server of which a worker is shot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shooting {
    /// Its family at a point.
    pub id: Id,
    /// How the server divides its connections.
    pub shape: Shape,
    /// Connections at a time, besides the one that shoots.
    pub connections: u32,
}

/// A server that keeps idle connections, whose memory is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idling {
    /// Its family at a point.
    pub id: Id,
    /// How the server divides its connections.
    pub shape: Shape,
    /// How many connections there are at each reading after the first, which is without any.
    pub units: &'static [u32],
    /// Read in short runs too.
    pub headline: bool,
    /// As many as textbooks speak of are shown once, not sloped.
    pub shown_once: bool,
}
