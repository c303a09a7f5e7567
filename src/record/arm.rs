//! What one side of a comparison is: a primitive and the conditions it runs under.

use super::Work;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What runs beside the main actor, or is created by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// Shares the creator's address space.
    Thread,
    /// Has an address space of its own.
    Process,
    /// A process that shares its creator's address space (clone(2), `CLONE_VM`), and nothing else.
    #[serde(rename = "vm-process")]
    VmProcess,
    /// Nothing: a baseline with one actor.
    Alone,
}

/// Where the actors of a primitive may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// All actors pinned to one CPU.
    SameCore,
    /// The main actor pinned to one CPU, its partner to another. Of creations, both may use both:
    /// what is created inherits its creator's CPUs, and the kernel chooses.
    TwoCores,
    /// Each worker pinned to a CPU of its own; more workers than this run may use CPUs are refused.
    AllCores,
    /// Nothing pinned: the scheduler decides.
    Free,
}

/// The scheduling policy of the actors while they are timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// `SCHED_OTHER`: what programs get.
    Other,
    /// `SCHED_FIFO`: no wake-up preemption, so the path of a switch is always the same. In
    /// stretches under 50 ms.
    Fifo,
}

/// How the pages of a turn are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Each line names the next: nothing hides what a miss costs.
    Chase,
    /// Each line is read regardless of the others: misses overlap.
    Independent,
}

/// How the calls of a hand-over reach the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Calls {
    /// By the instruction, in line: the floor. What records say that name neither.
    #[default]
    Inlined,
    /// By the C library's functions: what programs get.
    Library,
}

impl Calls {
    fn is_inlined(&self) -> bool {
        *self == Calls::Inlined
    }
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Arm {
    /// Id of the primitive in the registry, such as `process/fork`.
    pub primitive: String,
    /// What an operation of it does.
    pub work: Work,
    /// Where the actors may run.
    pub placement: Placement,
    /// Scheduling policy while timed.
    pub policy: Policy,
    /// What the lab that creates, or runs, the actors holds besides its own.
    pub parent: Parent,
    /// Pages of shared data of which each actor reads a line per turn; where creations are stamped,
    /// private pages that the creator writes once all is over.
    pub pages: u32,
    /// How it reads them.
    pub order: Order,
    /// The pages are parts of huge ones.
    pub huge: bool,
    /// Actors that share the work, the main one included, or threads of a pool; 0 where the
    /// primitive has its own number.
    pub actors: u32,
    /// The moments of each creation are stamped: the call returns, the first instruction, what the
    /// creator pays later.
    pub stamped: bool,
    /// Bytes of a message, or turns of a worker's loop; 0 where the primitive has neither.
    pub amount: u64,
    /// How the calls of a hand-over are made; other primitives have their own way.
    #[serde(default, skip_serializing_if = "Calls::is_inlined")]
    pub calls: Calls,
}

/// What a lab holds besides its own: it decides what a fork in it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Parent {
    /// Private memory, touched; bytes.
    pub memory_bytes: u64,
    /// That memory is in transparent huge pages, else all in base pages.
    pub huge: bool,
    /// Mappings of a touched page each.
    pub mappings: u32,
    /// Open file descriptors.
    pub descriptors: u32,
    /// Idle threads.
    pub threads: u32,
    /// The memory was touched in an order that has nothing to do with its addresses, as a heap is:
    /// neighbours in it are no neighbours in the machine's memory.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub scattered: bool,
    /// Mappings that hold no page of their own: of a file, read and not written, or of nothing.
    #[serde(default, skip_serializing_if = "is_none")]
    pub clean_mappings: u32,
}

fn is_none(number: &u32) -> bool {
    *number == 0
}

impl Parent {
    /// One that holds this much memory in base pages.
    #[must_use]
    pub fn of_mib(mebibytes: u64) -> Self {
        Parent { memory_bytes: mebibytes << 20, ..Parent::default() }
    }

    /// One that holds this much memory in huge pages.
    #[must_use]
    pub fn of_huge_mib(mebibytes: u64) -> Self {
        Parent { huge: true, ..Parent::of_mib(mebibytes) }
    }

    /// One that holds this much memory in base pages, touched in any order.
    #[must_use]
    pub fn of_scattered_mib(mebibytes: u64) -> Self {
        Parent { scattered: true, ..Parent::of_mib(mebibytes) }
    }

    /// Its memory, MiB.
    #[must_use]
    pub fn mebibytes(&self) -> u64 {
        self.memory_bytes >> 20
    }
}

impl Arm {
    /// An arm on one core, under `SCHED_OTHER`, in a small lab, touching nothing.
    #[must_use]
    pub fn new(primitive: &str, work: Work) -> Self {
        Arm {
            primitive: primitive.to_owned(),
            work,
            placement: Placement::SameCore,
            policy: Policy::Other,
            parent: Parent::default(),
            pages: 0,
            order: Order::Chase,
            huge: false,
            actors: 0,
            stamped: false,
            amount: 0,
            calls: Calls::Inlined,
        }
    }

    /// The same arm in another place.
    #[must_use]
    pub fn at(self, placement: Placement) -> Self {
        Arm { placement, ..self }
    }

    /// The same arm under another policy.
    #[must_use]
    pub fn under(self, policy: Policy) -> Self {
        Arm { policy, ..self }
    }

    /// The same arm in a lab that holds more.
    #[must_use]
    pub fn in_parent(self, parent: Parent) -> Self {
        Arm { parent, ..self }
    }

    /// The same arm, with each actor reading one line of each of `pages` pages per turn.
    #[must_use]
    pub fn touching(self, pages: u32) -> Self {
        Arm { pages, ..self }
    }

    /// The same arm with another order of reading.
    #[must_use]
    pub fn reading(self, order: Order) -> Self {
        Arm { order, ..self }
    }

    /// The same arm with its pages in huge ones.
    #[must_use]
    pub fn in_huge_pages(self) -> Self {
        Arm { huge: true, ..self }
    }

    /// The same arm with its moments stamped.
    #[must_use]
    pub fn stamped(self) -> Self {
        Arm { stamped: true, ..self }
    }

    /// The same arm with messages, or loops, of this length.
    #[must_use]
    pub fn of(self, amount: u64) -> Self {
        Arm { amount, ..self }
    }

    /// The same arm with its calls made by the C library.
    #[must_use]
    pub fn by_library(self) -> Self {
        Arm { calls: Calls::Library, ..self }
    }

    /// The same arm with this many actors.
    #[must_use]
    pub fn among(self, actors: u32) -> Self {
        Arm { actors, ..self }
    }
}

impl fmt::Display for Arm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.primitive)?;
        if self.actors > 0 {
            write!(f, " x{}", self.actors)?;
        }
        write!(f, "{}", self.parent)?;
        if self.pages > 0 {
            write!(f, " {}pages", self.pages)?;
        }
        if self.order == Order::Independent {
            write!(f, " independent")?;
        }
        if self.huge {
            write!(f, " huge")?;
        }
        if self.stamped {
            write!(f, " stamped")?;
        }
        if self.amount > 0 {
            write!(f, " amount {}", self.amount)?;
        }
        if self.calls == Calls::Library {
            write!(f, " libc")?;
        }
        write!(f, " {} {}", self.placement, self.policy)
    }
}

/// What is held, each behind a space and a plus; nothing where nothing is.
impl fmt::Display for Parent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.memory_bytes > 0 {
            write!(f, " +{}MiB", self.mebibytes())?;
        }
        if self.huge {
            write!(f, "-huge")?;
        }
        if self.scattered {
            write!(f, "-scattered")?;
        }
        let held = [
            (self.mappings, "mappings"),
            (self.clean_mappings, "clean-mappings"),
            (self.descriptors, "descriptors"),
            (self.threads, "threads"),
        ];
        held.iter()
            .filter(|(count, _)| *count > 0)
            .try_for_each(|(n, what)| write!(f, " +{n}{what}"))
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Placement::SameCore => "same-core",
            Placement::TwoCores => "two-cores",
            Placement::AllCores => "all-cores",
            Placement::Free => "free",
        })
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Policy::Other => "SCHED_OTHER",
            Policy::Fifo => "SCHED_FIFO",
        })
    }
}
