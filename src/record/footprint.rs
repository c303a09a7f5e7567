//! What idle units keep of the memory: a thread, a process, a connection.

use super::{Failure, Id, Parent};
use serde::{Deserialize, Serialize};

/// What units of one kind keep, launch by launch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Footprint {
    /// Its family at a point.
    #[serde(flatten)]
    pub id: Id,
    /// The kind of unit, such as `thread` or `fork`.
    pub kind: String,
    /// What the process that creates them holds besides its own.
    pub parent: Parent,
    /// Why fewer units were made than planned, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capped: Option<String>,
    /// Each in a process of its own.
    pub launches: Vec<FootprintLaunch>,
    /// Why there are no more launches, where one could not be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// One life of the process that creates the units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FootprintLaunch {
    /// Its process id. A server lives once for each reading: of the last one's master.
    pub pid: i32,
    /// Where the total and its parts come from.
    pub source: MemorySource,
    /// First without any unit, then with more and more of them, all idle.
    pub readings: Vec<MemoryReading>,
}

/// Who keeps the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MemorySource {
    /// A control group of version 2, made for this launch: total and parts.
    CgroupV2,
    /// A control group of version 1: the total, private pages and buffers of sockets; the kernel's
    /// parts are changes of the whole machine's (`/proc/meminfo`), not all of which are charged.
    CgroupV1,
    /// No control group could be had, for this reason: total and parts are changes of the whole
    /// machine's.
    Meminfo {
        /// Why.
        why: String,
    },
}

/// What was in use at one moment, bytes. Only differences of two readings mean something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MemoryReading {
    /// Units that live and are idle.
    pub units: u32,
    /// All memory that is charged, kernel memory included. Without a control group the sum of the
    /// parts.
    pub total_bytes: u64,
    /// The most that was ever charged; 0 where nobody keeps it.
    pub peak_bytes: u64,
    /// Kernel stacks.
    pub kernel_stack_bytes: u64,
    /// Page tables.
    pub page_table_bytes: u64,
    /// Slab: task, memory and file structures of the kernel.
    pub slab_bytes: u64,
    /// Private pages of the programs: stacks, heaps, written data.
    pub anonymous_bytes: u64,
    /// Buffers of sockets.
    pub socket_bytes: u64,
    /// Address space of the creating process (`VmSize`).
    pub virtual_bytes: u64,
    /// Resident memory of the creating process (`VmRSS`): pages that it shares are in it whole.
    pub resident_bytes: u64,
    /// Proportional share of all its units and itself (`Pss`): shared pages are in it once.
    pub proportional_bytes: u64,
    /// `ru_maxrss` of the creating process (getrusage(2)). It is kept over exec: a small program
    /// shows that of the one which started it. 0 of a server, which does not tell.
    pub max_rss_self_bytes: u64,
    /// `ru_maxrss` of its children that were waited for: the largest single one. 0 of a server.
    pub max_rss_children_bytes: u64,
}
