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
}
