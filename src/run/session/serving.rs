//! The servers of a session: under load, shot at, and with idle connections.

use super::Session;
use crate::plan::Grid;
use crate::plan::servers::{self, Idling, Loading, Shooting};
use crate::run::Wanted;
use crate::run::progress::Progress;
use crate::run::select::asked;
use crate::sampler;

impl Session {
    /// The servers to put under load that a filter asks for; without one, a short run is of the headlines only.
    #[must_use]
    pub fn loadings(&self, wanted: &Wanted) -> Vec<Loading> {
        let grid = if self.record.run.full { Grid::Full } else { Grid::Default };
        let short = self.short(wanted);
        let mut loadings = servers::loadings(grid);
        loadings.retain(|loading| asked(wanted, &loading.id) && (loading.headline || !short));
        loadings
    }

    /// The servers to shoot at that a filter asks for. A short run has them all.
    #[must_use]
    pub fn shootings(&self, wanted: &Wanted) -> Vec<Shooting> {
        let mut shootings = servers::shootings();
        shootings.retain(|shooting| asked(wanted, &shooting.id));
        shootings
    }

    /// The servers to keep idle connections that a filter asks for; without one, a short run is of the headlines only.
    #[must_use]
    pub fn idlings(&self, wanted: &Wanted) -> Vec<Idling> {
        let short = self.short(wanted);
        let mut idlings = servers::idlings();
        idlings.retain(|idling| asked(wanted, &idling.id) && (idling.headline || !short));
        idlings
    }

    /// Puts them under load, each a serving of the record.
    pub fn load(&mut self, loadings: &[Loading]) {
        let launches = sampler::launches_of_loads(self.bench.budget);
        let mut progress = Progress::over(loadings.len() * launches);
        let loaded = sampler::load(&self.bench, loadings, &mut |l| progress.step(&l.id));
        self.record.servings.extend(loaded);
    }

    /// Shoots a worker of each, each a crash of the record.
    pub fn shoot(&mut self, shootings: &[Shooting]) {
        let launches = sampler::launches_of_shots(self.bench.budget);
        let mut progress = Progress::over(shootings.len() * launches);
        let shot = sampler::shoot(&self.bench, shootings, &mut |s| progress.step(&s.id));
        self.record.crashes.extend(shot);
    }

    /// Reads their memory, each a footprint of the record.
    pub fn idle(&mut self, idlings: &[Idling]) {
        let launches = |idling| sampler::launches_of_idling(idling, self.bench.budget);
        let mut progress = Progress::over(idlings.iter().map(launches).sum());
        let held = sampler::idle(&self.bench, idlings, &mut |i| progress.step(&i.id));
        self.record.footprints.extend(held);
    }
}
