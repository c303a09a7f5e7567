//! What a name filter selects.

use super::{Planned, Wanted};
use crate::claim::{CellDef, Claim, Estimand};
use crate::plan::{self, Experiment, Role};
use crate::question::CLAIMS;
use crate::question::tlb::plan as tlb;
use crate::question::tlb::plan::{Comparison, HEADLINE_PAGES, Kind, Without};
use crate::record::Id;

/// What the filter asks for, by its id or by that of a claim that reads it, and the A/A comparisons
/// that give the margins of the pairs among it; of these the headlines only where the run is short.
pub(super) fn select(planned: Vec<Planned>, wanted: &Wanted, short: bool) -> Vec<Planned> {
    let chosen = |one: &Planned| asks(wanted, one) && (one.is_headline() || !short);
    let pair = |one: &Planned| match one {
        Planned::Pair(experiment) => Some(experiment.clone()),
        _ => None,
    };
    let pairs: Vec<Experiment> =
        planned.iter().filter(|one| chosen(one)).filter_map(pair).collect();
    let control = |one: &Planned| pair(one).is_some_and(|e| is_control(&e, &pairs));
    planned.into_iter().filter(|one| chosen(one) || control(one)).collect()
}

/// Is the comparison one that others are judged with?
fn is_control(one: &Experiment, chosen: &[Experiment]) -> bool {
    let alike = one.role == Role::Control;
    // What a refill is judged with: the flush that flushes nothing, and as many translations of
    // threads.
    let seen = one.id == tlb::id(Comparison::Control(Without::Untouched), 0, HEADLINE_PAGES);
    let same_walk = |e: &Experiment| (e.b.actors, e.b.pages) == (one.b.actors, one.b.pages);
    let room = chosen.iter().any(same_walk)
        && one.id == tlb::id(Comparison::Refill(Kind::AliasThread), one.b.actors, one.b.pages);
    chosen.iter().any(|e| e.id.question() == one.id.question()) && (alike || seen || room)
}

/// Does the filter ask for it? Misses that rings count decide B1 as its cells do.
fn asks(wanted: &Wanted, one: &Planned) -> bool {
    let of_rings =
        matches!(one, Planned::Count(c) if c.question == crate::question::tlb::QUESTION.name);
    asked(wanted, &one.id()) || (of_rings && wanted.matches("B1")) || belongs(wanted, one)
}

/// Does it belong to a question or a primitive that is named? A regular expression never meant
/// these: it is matched against what Criterion matches it against.
fn belongs(wanted: &Wanted, one: &Planned) -> bool {
    let named = matches!(wanted, Wanted::Named(_));
    named && (wanted.matches(one.question()) || one.primitives().iter().any(|p| wanted.matches(p)))
}

/// Does the filter match the name, or the id of a claim that reads a cell or an answer off what has
/// this name: an experiment, a footprint, a probe, a server under load or shot at?
fn asked(wanted: &Wanted, name: &str) -> bool {
    wanted.matches(name) || claimed(wanted, name)
}

fn claimed(wanted: &Wanted, name: &str) -> bool {
    let of_claim = |claim: &&Claim| wanted.matches(claim.id);
    let cells = CLAIMS.iter().filter(of_claim).flat_map(|claim| claim.cells);
    let named = |id: Id| id.to_string() == name || plan::twin(id).to_string() == name;
    cells.flat_map(read).any(named)
}

/// What a cell is read off: its experiment, and what that is compared with.
fn read(cell: &CellDef) -> impl Iterator<Item = Id> {
    let other = match cell.estimand {
        Estimand::MemoryOver(other) | Estimand::PeakOver(other) => Some(other.0),
        _ => None,
    };
    [cell.experiment].into_iter().chain(other).map(|which| which())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Grid;
    use crate::record::Policy;

    fn ids(text: Option<&str>, short: bool) -> Vec<String> {
        let plan = Planned::all(Policy::Fifo, Grid::Default);
        let selected = select(plan, &Wanted::matching(text).unwrap(), short);
        let pairs = selected.into_iter().filter(|one| matches!(one, Planned::Pair(_)));
        pairs.map(|one| one.id()).collect()
    }

    #[test]
    fn a_claims_id_selects_its_cells_their_twins_and_their_controls() {
        let a2 = ids(Some("A2"), false);
        let controls = ["creation/aa-thread", "creation/aa-process"];
        assert_eq!(a2[..2], controls);
        let ways = ["clone-thread", "thread-pthread-fresh-stack", "thread-std", "thread-scoped"];
        let stamped = ways.map(|way| format!("creation/stamped/{way}"));
        assert_eq!(a2[2..5], ["creation/std", "creation/raw", "creation/fork"]);
        assert_eq!(a2[5..], stamped);
        let b3 = ids(Some("B3"), false);
        for id in ["switching/futex", "switching/futex-other", "tlb/switch/x2-other"] {
            assert!(b3.iter().any(|found| found == id), "{id} is not in {b3:?}");
        }
    }

    #[test]
    fn an_experiment_brings_the_controls_of_its_question_only() {
        assert_eq!(
            ids(Some("creation/raw"), false),
            ["creation/aa-thread", "creation/aa-process", "creation/raw"]
        );
        assert!(ids(Some("nothing like it"), false).is_empty());
    }

    #[test]
    fn a_question_and_a_primitive_select_what_belongs_to_them() {
        let plan = || Planned::all(Policy::Fifo, Grid::Default);
        let named = |name: &str| Wanted::Named(vec![name.to_owned()]);
        let of_question = select(plan(), &named("tlb"), false);
        let all = plan().iter().filter(|one| one.question() == "tlb").count();
        assert_eq!(of_question.len(), all);
        assert!(of_question.iter().any(|one| matches!(one, Planned::Count(_))));
        let of_primitive = select(plan(), &named("clone/vm-vfork"), false);
        assert!(of_primitive.iter().any(|one| one.primitives().contains(&"clone/vm-vfork")));
        let controls = Id::controls("creation").map(|id| id.to_string());
        let fits = |one: &Planned| {
            one.primitives().contains(&"clone/vm-vfork") || controls.contains(&one.id())
        };
        assert!(of_primitive.iter().all(fits));
    }

    #[test]
    fn a_refill_brings_what_it_is_judged_with() {
        let b1 = ids(Some("B1"), false);
        for id in [
            "tlb/aa-flush/16pages",
            "tlb/control-untouched/16pages",
            "tlb/refill/x7/48pages",
            "tlb/refill-alias-thread/x7/48pages",
            "tlb/refill-alias-thread/x8/16pages",
        ] {
            assert!(b1.iter().any(|found| found == id), "{id} is not in {b1:?}");
        }
        assert!(!b1.iter().any(|found| found.contains("step")), "{b1:?}");
    }

    #[test]
    fn a_claims_id_asks_for_whatever_it_reads_of_servers() {
        let d1 = Wanted::matching(Some("D1")).unwrap();
        let shot = crate::question::servers::plan::shootings();
        assert!(shot.iter().all(|shooting| asked(&d1, &shooting.id.to_string())), "{shot:?}");
        assert!(!asked(&d1, "servers/load/epoll/c32"));
        let c2 = Wanted::matching(Some("C2")).unwrap();
        for id in ["servers/keep/prefork", "servers/keep/thread-pool", "memory/thread"] {
            assert!(asked(&c2, id), "{id} is divided, or divided by");
        }
        assert!(asked(&Wanted::matching(Some("G1")).unwrap(), "memory/drill-threads"));
        assert!(asked(&Wanted::All, "servers/load/epoll/c32"));
    }

    #[test]
    fn a_short_run_is_of_headlines_whatever_a_claim_uses() {
        let (short, whole) = (ids(None, true), ids(None, false));
        assert!(short.len() * 2 < whole.len());
        let id = "tlb/switch/x5/48pages".to_owned();
        assert!(!short.contains(&id) && whole.contains(&id));
    }
}
