//! The share of the TLB that a switch takes, by time or by misses: what it says.

/// Up to this share the translations were kept.
pub const KEPT: f64 = 0.3;
/// From this share on they were flushed.
pub const FLUSHED: f64 = 0.8;
/// Beyond this share they count as lost, where a number of address spaces is to be named.
pub const HALF: f64 = 0.5;
