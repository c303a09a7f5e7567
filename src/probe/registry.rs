//! The list of all probes.

mod isolation;
mod memory;
mod state;

use super::Entry;

/// All probes.
pub fn all() -> impl DoubleEndedIterator<Item = &'static Entry> + Clone {
    [memory::ALL, isolation::ALL, state::ALL].into_iter().flatten()
}
