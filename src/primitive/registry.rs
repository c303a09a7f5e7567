//! The registry: every primitive, once.

mod baseline;
mod communication;
mod contention;
mod creation;
mod servers;
mod switching;
mod translation;

use super::Entry;
use crate::joined::{count, joined};

/// The lists that it is made of.
const PARTS: [&[Entry]; 7] = [
    baseline::ALL,
    creation::ALL,
    switching::ALL,
    communication::ALL,
    translation::ALL,
    contention::ALL,
    servers::ALL,
];

/// Every primitive of the suite.
pub const ALL: &[Entry] = &joined::<Entry, { count(&PARTS) }>(&PARTS);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{self, Grid, Question};
    use crate::record::Policy;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique() {
        let ids: BTreeSet<&str> = ALL.iter().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), ALL.len());
    }

    #[test]
    fn the_plan_names_registered_primitives_and_leaves_none_out() {
        let mut named: BTreeSet<String> = BTreeSet::new();
        named.extend(Question::ALL.into_iter().flat_map(plan::benches).map(|arm| arm.primitive));
        named.extend(plan::counted(Policy::Fifo).into_iter().map(|c| c.arm.primitive));
        for e in plan::experiments(Policy::Fifo, Grid::Default) {
            named.extend([e.a.primitive, e.b.primitive]);
        }
        let registered: BTreeSet<String> = ALL.iter().map(|entry| entry.id.to_owned()).collect();
        assert_eq!(named, registered);
    }
}
