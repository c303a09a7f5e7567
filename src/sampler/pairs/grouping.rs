//! Which comparisons share a block.

use super::stage::share_big_parent;
use crate::plan::{Experiment, Protocol};
use crate::record::Arm;

/// Most arms of a block: the batches of a pair lie this far apart at most.
const MOST_ARMS: usize = 4;

/// Experiments that have an arm in common, or a big parent, and whose batches are sized alike, some
/// to a block. Each block stands where its first one stood.
///
/// What compares an arm with itself comes last in its block: so it is held to the greatest distance
/// that a pair of the others has.
#[must_use]
pub fn blocks(experiments: Vec<Experiment>) -> Vec<Vec<Experiment>> {
    let mut blocks: Vec<Vec<Experiment>> = Vec::new();
    for experiment in experiments {
        let open = |block: &&mut Vec<Experiment>| {
            block.iter().any(|one| is_kin(one, &experiment))
                && arms(block.iter().chain([&experiment])) <= MOST_ARMS
        };
        match blocks.iter_mut().find(open) {
            Some(block) => block.push(experiment),
            None => blocks.push(vec![experiment]),
        }
    }
    for block in &mut blocks {
        block.sort_by_key(|one| one.a == one.b);
    }
    blocks
}

/// Arms that these have, of which one that is compared with itself counts twice.
fn arms<'e>(experiments: impl Iterator<Item = &'e Experiment>) -> usize {
    let (mut arms, mut twice): (Vec<&Arm>, usize) = (Vec::new(), 0);
    for Experiment { a, b, .. } in experiments {
        twice += usize::from(a == b);
        arms.extend([a, b]);
    }
    arms.sort();
    arms.dedup();
    arms.len() + twice
}

/// Can both be measured in one block, and does that save anything?
fn is_kin(one: &Experiment, next: &Experiment) -> bool {
    let sizing = |Protocol { discarded_ops, least_ops, batch_ns, longest_ns, rest_ns, .. }| {
        (discarded_ops, least_ops, batch_ns, longest_ns, rest_ns)
    };
    let in_common = |arm: &Arm| *arm == next.a || *arm == next.b || share_big_parent(arm, &next.a);
    sizing(one.protocol) == sizing(next.protocol)
        && one.a.placement == next.a.placement
        && [&one.a, &one.b].into_iter().any(in_common)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Grid;
    use crate::question;
    use crate::record::Policy;

    #[test]
    fn a_block_has_one_first_arm_and_few_others_and_nothing_is_lost() {
        let plan = question::experiments(Policy::Fifo, Grid::Full);
        let mut ids: Vec<_> = plan.iter().map(|one| one.id.clone()).collect();
        let blocks = blocks(plan);
        assert!(blocks.iter().any(|block| arms(block.iter()) == MOST_ARMS));
        for block in &blocks {
            assert!(arms(block.iter()) <= MOST_ARMS);
            let alike = block.iter().position(|one| one.a == one.b);
            assert!(alike.is_none_or(|at| at + 1 == block.len()), "{:?}", block[0].id);
        }
        let mut found: Vec<_> = blocks.into_iter().flatten().map(|one| one.id).collect();
        ids.sort();
        found.sort();
        assert_eq!(ids, found);
    }
}
