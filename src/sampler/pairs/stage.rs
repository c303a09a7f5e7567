//! The labs of a launch, an arm in each; but arms of one big parent are in one lab, which fills it
//! once.

use super::sizing::{batch_size, grown};
use crate::lab::{Lab, Program, Spec};
use crate::plan::Protocol;
use crate::record::{Arm, Failure, Half, Result};
use crate::sampler::Bench;
use std::time::Duration;

/// Memory of a parent that takes longer to fill than all batches of its arms take.
const BIG_BYTES: u64 = 256 << 20;

/// An arm of a block, and what becomes its lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) program: Program,
    pub(super) arm: Arm,
}

impl Slot {
    /// Can one lab be both? Not where an arm is compared with itself.
    fn shares_lab(&self, other: &Slot) -> bool {
        let conditions = |slot: &Slot| (slot.arm.placement, slot.arm.policy);
        self.program == other.program
            && self.arm != other.arm
            && conditions(self) == conditions(other)
            && share_big_parent(&self.arm, &other.arm)
    }
}

/// Are both of one parent that is big?
pub(super) fn share_big_parent(one: &Arm, other: &Arm) -> bool {
    one.parent == other.parent && one.parent.memory_bytes >= BIG_BYTES
}

/// A slot in a launch.
#[derive(Debug)]
struct Side {
    /// Number of its lab, and of its arm in that; or why there is none.
    place: Result<(usize, usize)>,
    /// Operations of the next batch.
    size: u64,
    /// Its last batch.
    half: Half,
}

/// The labs that live, and what each slot is there.
#[derive(Debug)]
pub(super) struct Stage {
    labs: Vec<Lab>,
    sides: Vec<Side>,
}

impl Stage {
    /// Launches the labs of the slots that are needed.
    pub(super) fn launch(slots: &[Slot], needed: &[usize], bench: &Bench) -> Self {
        let absent = || Err(Failure::new("measuring an arm", "its lab was not launched"));
        let side = |_: &Slot| Side { place: absent(), size: 0, half: Half::default() };
        let mut stage = Stage { labs: Vec::new(), sides: slots.iter().map(side).collect() };
        let mut left = needed.to_vec();
        while let Some(first) = left.first().copied() {
            let with_first = |at: &usize| *at == first || slots[first].shares_lab(&slots[*at]);
            let (together, others): (Vec<usize>, Vec<usize>) =
                left.into_iter().partition(with_first);
            left = others;
            let lab = launch(slots, &together, bench);
            for (arm, at) in together.into_iter().enumerate() {
                let place = (stage.labs.len(), arm);
                stage.sides[at].place = lab.as_ref().map(|_| place).map_err(Clone::clone);
            }
            stage.labs.extend(lab.ok());
        }
        stage
    }

    /// Why a slot can take no part any more, if it cannot.
    pub(super) fn failure(&self, slot: usize) -> Option<&Failure> {
        self.sides[slot].place.as_ref().err()
    }

    /// The lab of a slot that has one.
    pub(super) fn lab(&self, slot: usize) -> Option<&Lab> {
        let (lab, _) = self.sides[slot].place.as_ref().ok()?;
        self.labs.get(*lab)
    }

    /// The last batch of a slot.
    pub(super) fn half(&self, slot: usize) -> Half {
        self.sides[slot].half
    }

    /// Warms a slot's lab up, and finds how long a batch is.
    pub(super) fn prepare(&mut self, slot: usize, protocol: &Protocol, known: Option<u64>) {
        self.part(slot, |lab, arm, side| {
            side.size =
                batch_size(|discard, ops| lab.batch_of(arm, discard, ops), protocol, known)?;
            Ok(())
        });
    }

    /// Has a slot's lab do a batch.
    pub(super) fn batch(&mut self, slot: usize, protocol: &Protocol) {
        crate::sys::clock::pause(Duration::from_nanos(protocol.rest_ns));
        self.part(slot, |lab, arm, side| {
            side.half = lab.batch_of(arm, protocol.discarded_ops, side.size)?.half;
            side.size = grown(side.size, &side.half, protocol);
            Ok(())
        });
    }

    /// What fails leaves the slot without a lab.
    fn part(&mut self, slot: usize, part: impl FnOnce(&mut Lab, usize, &mut Side) -> Result<()>) {
        let side = &mut self.sides[slot];
        if let Ok((lab, arm)) = side.place.clone() {
            if let Err(failure) = part(&mut self.labs[lab], arm, side) {
                side.place = Err(failure);
            }
        }
    }
}

fn launch(slots: &[Slot], together: &[usize], bench: &Bench) -> Result<Lab> {
    let specs = together.iter().map(|at| Spec::new(&slots[*at].arm, &bench.cores, None));
    let spec = specs
        .reduce(|all, next| Ok(all?.and(next?)))
        .unwrap_or_else(|| Err(Failure::new("launching a lab", "no arm was named")))?;
    Lab::launch(&slots[together[0]].program, &spec)
}
