//! What a name filter selects.

use crate::claim::CLAIMS;
use crate::plan::{self, Experiment};

/// The experiments whose id matches, those of claims whose id matches, their twins, and the A/A comparisons that give
/// their margins.
#[must_use]
pub fn select(experiments: Vec<Experiment>, matches: &dyn Fn(&str) -> bool) -> Vec<Experiment> {
    let claimed = |id: &str| {
        let of_claim = |claim: &&crate::claim::Claim| matches(claim.id);
        let cells = CLAIMS.iter().filter(of_claim).flat_map(|claim| claim.cells);
        cells.map(|cell| cell.experiment).any(|used| used == id || plan::twin(used) == id)
    };
    let wanted = |e: &Experiment| matches(&e.id) || claimed(&e.id);
    let questions: Vec<_> = experiments.iter().filter(|e| wanted(e)).map(|e| e.question).collect();
    let control = |e: &Experiment| e.a == e.b && questions.contains(&e.question);
    experiments.into_iter().filter(|e| wanted(e) || control(e)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Policy;

    fn ids(text: &str) -> Vec<String> {
        let matches = |id: &str| id.contains(text);
        select(plan::experiments(Policy::Fifo), &matches).into_iter().map(|e| e.id).collect()
    }

    #[test]
    fn a_claims_id_selects_its_cells_their_twins_and_their_controls() {
        let b3 = ids("B3");
        assert_eq!(
            b3,
            [
                "switching/aa-thread",
                "switching/aa-process",
                "switching/futex",
                "switching/futex-other",
                "switching/pipe",
                "switching/pipe-other",
            ]
        );
    }

    #[test]
    fn an_experiment_brings_the_controls_of_its_question_only() {
        assert_eq!(
            ids("creation/raw"),
            ["creation/aa-thread", "creation/aa-process", "creation/raw"]
        );
        assert!(ids("nothing like it").is_empty());
    }
}
