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
    fn only_a_partner_gives_figures_per_switch() {
        let hands_over = |id: &str| crate::primitive::find(id).unwrap().describe().hands_over();
        for alone in [
            "thread/pthread",
            "process/fork-exec-tiny",
            "baseline/null",
            "pipe/alone",
            "flush/whole",
            "flush/eight-pages",
            "request/prefork",
            "connection/thread-per-connection",
        ] {
            assert!(!hands_over(alone), "{alone}");
        }
        for pair in ["pipe/thread", "futex/process", "condvar/thread-shared", "ring/vm-process"] {
            assert!(hands_over(pair), "{pair}");
        }
    }

    #[test]
    fn every_primitive_says_what_it_is_in_words_of_its_own() {
        let names: BTreeSet<&str> = all().map(|entry| entry.name).collect();
        assert_eq!(names.len(), all().count());
        for entry in all() {
            let said = [entry.name, entry.op, entry.excluded, entry.source];
            assert!(said.iter().all(|text| !text.is_empty()), "{}", entry.id);
        }
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
