//! The one list of claims.

use super::{communication, contention, creation, isolation, memory, servers, tlb};
use crate::claim::Claim;

/// All claims, in the order in which they are shown.
pub const CLAIMS: &[Claim] = &[
    creation::claims::A1,
    creation::claims::A2,
    creation::claims::A3,
    creation::claims::A4,
    creation::claims::E4,
    contention::claims::G1,
    tlb::claims::B1,
    tlb::claims::B2,
    tlb::claims::B3,
    tlb::claims::B4,
    memory::claims::C1,
    memory::claims::C2,
    memory::claims::C3,
    isolation::claims::D1,
    isolation::claims::D2,
    isolation::state_claims::F1,
    isolation::state_claims::F2,
    communication::claims::E1,
    communication::claims::E5,
    contention::claims::E2,
    contention::claims::E6,
    servers::claims::E3,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::{CellDef, Estimand};
    use crate::plan::{self, Grid};

    use crate::question;
    use crate::question::communication::plan as communication;
    use crate::question::contention::plan as contention;
    use crate::question::creation::plan as creation;
    use crate::question::memory::plan as memory;
    use crate::question::servers::plan as servers;
    use crate::record::{Id, Policy};
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_bands_are_bands() {
        let ids: BTreeSet<&str> = CLAIMS.iter().map(|claim| claim.id).collect();
        assert_eq!(ids.len(), CLAIMS.len());
        assert!(
            CLAIMS.iter().all(|claim| claim.band.high > 0.0 && claim.band.low < claim.band.high)
        );
    }

    #[test]
    fn every_cell_refers_to_an_experiment_of_the_plan() {
        for policy in [Policy::Fifo, Policy::Other] {
            let [usual, full] =
                [Grid::Default, Grid::Full].map(|grid| question::experiments(policy, grid));
            for (claim, cell) in CLAIMS.iter().flat_map(|c| c.cells.iter().map(move |one| (c, one)))
            {
                let id = cell.id();
                let plan = if claim.turns_on(cell) { &usual } else { &full };
                let probed = question::probes().any(|entry| entry.id() == id);
                let kept = |id: &Id| {
                    memory::keepings().iter().any(|keeping| keeping.id == *id)
                        || servers::idlings(Grid::Default).iter().any(|idling| idling.id == *id)
                };
                let shot = servers::shootings().iter().any(|shot| shot.id == id);
                let found = match cell.estimand {
                    Estimand::MemoryOver(other) | Estimand::PeakOver(other) => {
                        kept(&id) && kept(&other.id())
                    }
                    estimand if estimand.is_shot() => shot,
                    estimand if estimand.is_answer() => probed,
                    estimand if estimand.is_footprint() => kept(&id),
                    _ => plan.iter().any(|e| e.id == id),
                };
                assert!(found, "{id}");
            }
        }
    }

    #[test]
    fn every_experiment_is_a_cell_a_twin_or_a_comparison_of_like_with_like() {
        let used: BTreeSet<Id> = CLAIMS.iter().flat_map(|c| c.cells).map(CellDef::id).collect();
        // What decides no claim is read by the questions' own evidence and pages.
        let read = [
            creation::STAMPED,
            creation::FLATS,
            creation::PLACEMENT,
            creation::WRITE,
            communication::ONE_CORE,
            communication::CORES,
            communication::STREAM,
            contention::ALONE,
            contention::DRILLS,
            contention::DRILL_ATOMIC,
        ];
        let twins: BTreeSet<Id> = used.iter().cloned().map(plan::twin).collect();
        for e in question::experiments(Policy::Fifo, Grid::Default) {
            let served = [vec![servers::per_core()], servers::started().to_vec()].concat();
            let beside = read.iter().any(|family| e.id.is_of(*family))
                || e.id.question() == crate::question::tlb::QUESTION.name
                || served.contains(&e.id);
            let serves = e.a == e.b || twins.contains(&e.id) || beside || used.contains(&e.id);
            assert!(serves, "{} serves no claim", e.id);
        }
    }

    #[test]
    fn cells_of_a_claim_are_told_apart_by_title_and_by_place() {
        for claim in CLAIMS {
            let titles: BTreeSet<&str> = claim.cells.iter().map(|cell| cell.title).collect();
            let places: BTreeSet<(&str, &str)> =
                claim.cells.iter().map(|cell| (cell.series, cell.condition)).collect();
            assert_eq!(
                (titles.len(), places.len()),
                (claim.cells.len(), claim.cells.len()),
                "{}",
                claim.id
            );
        }
    }
}
