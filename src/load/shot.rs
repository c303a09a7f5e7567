//! The shot: load, one request that kills what serves it, and what becomes of the others.

use serde::{Deserialize, Serialize};

/// When the shot falls and how closely is looked at what follows.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Shot {
    /// Load before it, nanoseconds.
    pub before_ns: u64,
    /// Load after it, nanoseconds.
    pub after_ns: u64,
    /// Width of a bin, nanoseconds.
    pub bin_ns: u64,
}
