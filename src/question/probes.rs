//! The one list of probes.

use super::{creation, isolation, memory};
use crate::primitive::Catalogue;
use crate::probe::{self, Entry};
use crate::record::{Id, Result};

/// Every probe, question by question.
pub const PROBES: Catalogue<Entry> = &[
    creation::cow::ENTRIES,
    memory::space::ENTRIES,
    isolation::fault::ENTRIES,
    isolation::protect::ENTRIES,
    isolation::state::ENTRIES,
    isolation::signal::ENTRIES,
];

/// Every probe of the suite.
pub fn probes() -> impl DoubleEndedIterator<Item = &'static Entry> + Clone {
    PROBES.iter().copied().flatten()
}

/// The probe with this id.
///
/// # Errors
/// There is none.
pub fn probe(id: &Id) -> Result<&'static Entry> {
    probe::find(PROBES, id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_found() {
        let ids: BTreeSet<Id> = probes().map(Entry::id).collect();
        assert_eq!(ids.len(), probes().count());
        assert!(ids.iter().all(|id| probe(id).unwrap().id() == *id));
        let none = probes().next().unwrap().family.named("none");
        assert!(probe(&none).unwrap_err().tried.contains("/none"));
    }
}
