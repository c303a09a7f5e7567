//! The footprints of a session.

use super::Session;
use crate::plan::memory::{self, Keeping};
use crate::run::Wanted;
use crate::run::progress::Progress;
use crate::run::select::asked;
use crate::sampler;

impl Session {
    /// The kinds of idle units that a filter asks for; without one, a short run is of the headlines only.
    #[must_use]
    pub fn keepings(&self, wanted: &Wanted) -> Vec<Keeping> {
        let short = self.short(wanted);
        let chosen = |keeping: &Keeping| asked(wanted, &keeping.id) && (keeping.headline || !short);
        memory::keepings().into_iter().filter(chosen).collect()
    }

    /// Reads their memory, each a footprint of the record.
    pub fn keep(&mut self, keepings: &[Keeping]) {
        let mut progress =
            Progress::over(keepings.len() * sampler::launches_of_footprints(self.bench.budget));
        let kept = sampler::keep(&self.bench, keepings, &mut |keeping| progress.step(&keeping.id));
        self.record.footprints.extend(kept);
    }
}
