//! The texts that state the claims.

/// A text that states claims.
pub const ISOLATION: &str = "Process vs Thread: Core Architecture and Isolation";
/// A text that states claims.
pub const STATE: &str = "Threads vs Processes: Shared vs Isolated State";
