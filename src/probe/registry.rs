//! The list of all probes.

mod isolation;
mod memory;
mod state;

use super::Entry;
use crate::joined::{count, joined};

/// The lists that it is made of.
const PARTS: [&[Entry]; 3] = [memory::ALL, isolation::ALL, state::ALL];

/// All probes.
pub const ALL: &[Entry] = &joined::<Entry, { count(&PARTS) }>(&PARTS);
