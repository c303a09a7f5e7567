//! The sets of clone flags, from thread to process.

use super::View;
use crate::question::creation::evidence::FlagSet;
use crate::question::creation::plan::{FLAG_SETS, flags};

impl View<'_> {
    pub(super) fn flag_sets(&self) -> Vec<FlagSet> {
        let evidence = |set| self.evidence(&self::flags(set, 0));
        // The first set is the first arm of every comparison; alone it says nothing.
        let [(first, of_first), others @ ..] = &FLAG_SETS;
        let Some(time_ns) = others.iter().find_map(|(set, _)| evidence(set)?.a.time_ns) else {
            return Vec::new();
        };
        let other = |&(name, flags): &(&'static str, &'static str)| {
            Some(FlagSet { name, flags, time_ns: evidence(name)?.b.time_ns? })
        };
        let first = FlagSet { name: first, flags: of_first, time_ns };
        [first].into_iter().chain(others.iter().filter_map(other)).collect()
    }
}
