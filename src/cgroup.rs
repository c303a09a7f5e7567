//! Control groups: those that a driver makes and removes, and what those of this process allow.

mod accounting;
mod claim;
mod group;
pub(crate) mod reaper;

pub(crate) use accounting::{
    cpu_quota, memory_headroom_bytes, memory_limit_bytes, own, pids_limit, pids_room,
};
pub use group::{Group, enter, limit_memory};
pub use reaper::CgroupReaper;
