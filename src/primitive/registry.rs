//! The registry: every primitive, once.

mod baseline;
mod communication;
mod contention;
mod creation;
mod servers;
mod switching;
mod translation;

use super::Entry;

/// Every primitive of the suite.
pub fn all() -> impl DoubleEndedIterator<Item = &'static Entry> + Clone {
    let of_each = [
        baseline::ALL,
        creation::ALL,
        switching::ALL,
        communication::ALL,
        translation::ALL,
        contention::ALL,
        servers::ALL,
    ];
    of_each.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{self, Grid, Question};
    use crate::record::Policy;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique() {
        let ids: BTreeSet<&str> = all().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), all().count());
    }

    #[test]
    fn the_plan_names_registered_primitives_and_leaves_none_out() {
        let mut named: BTreeSet<String> = BTreeSet::new();
        named.extend(Question::ALL.into_iter().flat_map(plan::benches).map(|arm| arm.primitive));
        named.extend(plan::counted(Policy::Fifo).into_iter().map(|c| c.arm.primitive));
        for e in plan::experiments(Policy::Fifo, Grid::Default) {
            named.extend([e.a.primitive, e.b.primitive]);
        }
        let registered: BTreeSet<String> = all().map(|entry| entry.id.to_owned()).collect();
        assert_eq!(named, registered);
    }
}
