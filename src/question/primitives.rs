//! The one list of primitives.

use super::{communication, contention, creation, servers, switching, tlb};
use crate::primitive::{Catalogue, Entry, drill};
use crate::record::{Arm, Description, Record, Result};
use std::collections::BTreeSet;

/// Every primitive, question by question.
pub const PRIMITIVES: Catalogue<Entry> = &[
    switching::baseline::ENTRIES,
    creation::thread::ENTRIES,
    creation::pool::ENTRIES,
    creation::spectrum::ENTRIES,
    creation::process::ENTRIES,
    creation::write::ENTRIES,
    switching::pipe::ENTRIES,
    switching::futex::ENTRIES,
    switching::condvar::ENTRIES,
    communication::load::ENTRIES,
    communication::spin::ENTRIES,
    communication::eventfd::ENTRIES,
    communication::socket::ENTRIES,
    communication::stream::ENTRIES,
    tlb::ring::ENTRIES,
    tlb::flush::ENTRIES,
    contention::parallel::ENTRIES,
    drill::ENTRIES,
    servers::request::ENTRIES,
];

/// Every primitive of the suite.
pub fn primitives() -> impl DoubleEndedIterator<Item = &'static Entry> + Clone {
    PRIMITIVES.iter().copied().flatten()
}

/// The primitive with this id.
///
/// # Errors
/// There is none.
pub fn primitive(id: &str) -> Result<&'static Entry> {
    crate::primitive::find(PRIMITIVES, id)
}

/// The primitives that a record holds rows of, in words.
#[must_use]
pub fn described(record: &Record) -> Vec<Description> {
    let used: BTreeSet<&str> = record.used().collect();
    primitives().filter(|entry| used.contains(entry.id)).map(Entry::describe).collect()
}

/// An arm of the primitive with this id, under the plainest conditions.
///
/// # Panics
/// There is none of this name: plans are constant, and a test looks all of theirs up.
#[must_use]
pub fn arm(id: &str) -> Arm {
    primitive(id).unwrap_or_else(|failure| panic!("{failure}")).arm()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique() {
        let ids: BTreeSet<&str> = primitives().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), primitives().count());
    }

    #[test]
    fn only_a_partner_gives_figures_per_switch() {
        let hands_over = |id: &str| primitive(id).unwrap().describe().hands_over();
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
        let names: BTreeSet<&str> = primitives().map(|entry| entry.name).collect();
        assert_eq!(names.len(), primitives().count());
        for entry in primitives() {
            let said = [entry.name, entry.op, entry.excluded, entry.source];
            assert!(said.iter().all(|text| !text.is_empty()), "{}", entry.id);
        }
    }
}
