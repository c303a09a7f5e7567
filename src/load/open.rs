//! The open loop.
