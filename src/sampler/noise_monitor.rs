//! Independent signs of a disturbance. They discard a pair whatever its result; the result alone
//! never does.

use crate::lab::Cores;
use crate::machine;
use crate::record::{Arm, Half, Placement, Policy, SWITCH_TOLERANCE};

/// What is monitored during a pair.
pub(super) struct NoiseMonitor {
    cpus: Vec<usize>,
    steal_before: Option<u64>,
}

impl NoiseMonitor {
    /// Begins to monitor the CPUs that actors of this placement may use.
    pub(super) fn watch(cores: &Cores, placement: Placement) -> Self {
        let cpus = watched(cores, placement);
        let steal_before = steal_ticks(&cpus);
        NoiseMonitor { cpus, steal_before }
    }

    /// The reason to discard the pair, if there is one.
    pub(super) fn discard_reason(&self, arms: [&Arm; 2], halves: [&Half; 2]) -> Option<String> {
        let steal = steal_ticks(&self.cpus);
        if let (Some(before), Some(after)) = (self.steal_before, steal) {
            if after > before {
                return Some(format!("the host took {} ticks (steal)", after - before));
            }
        }
        arms.iter().zip(halves).find_map(|(arm, half)| off_count(arm, half))
    }
}

fn watched(cores: &Cores, placement: Placement) -> Vec<usize> {
    match (placement, &cores.other) {
        (Placement::SameCore, _) => vec![cores.main],
        (Placement::TwoCores, Ok(other)) => vec![cores.main, *other],
        _ => cores.all.clone(),
    }
}

/// Ticks that the host stole from all of them so far; `None` where one does not say.
fn steal_ticks(cpus: &[usize]) -> Option<u64> {
    cpus.iter().map(|cpu| machine::steal_ticks(*cpu)).sum()
}

/// Under `SCHED_FIFO` on one core the number of switches is known. Under `SCHED_OTHER` it is part
/// of what is measured, and discarding by it would choose the answer.
fn off_count(arm: &Arm, half: &Half) -> Option<String> {
    if arm.policy != Policy::Fifo || arm.placement != Placement::SameCore {
        return None;
    }
    let expected = f64::from(arm.work.switches_per_op(arm.actors)?);
    let found = half.switches_per_op();
    ((found - expected).abs() > SWITCH_TOLERANCE * expected.max(1.0))
        .then(|| format!("{found:.2} switches per operation instead of {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::arm;

    fn half(switches: u64) -> Half {
        Half { ops: 100, switches, ..Half::default() }
    }

    #[test]
    fn the_cpus_of_the_place_are_watched() {
        let cores = Cores { main: 3, other: Ok(1), all: vec![3, 0, 1, 2] };
        assert_eq!(watched(&cores, Placement::SameCore), [3]);
        assert_eq!(watched(&cores, Placement::TwoCores), [3, 1]);
        assert_eq!(watched(&cores, Placement::AllCores), [3, 0, 1, 2]);
        assert_eq!(watched(&cores, Placement::Free), [3, 0, 1, 2]);
    }

    #[test]
    fn a_wrong_number_of_switches_is_seen_where_it_is_known() {
        let fifo = arm("futex/thread").under(Policy::Fifo);
        assert_eq!(off_count(&fifo, &half(200)), None);
        assert_eq!(off_count(&fifo, &half(203)), None);
        assert!(off_count(&fifo, &half(210)).is_some());
        assert!(off_count(&fifo, &half(100)).is_some());
    }

    #[test]
    fn it_is_no_reason_where_the_number_is_part_of_the_answer() {
        assert_eq!(off_count(&arm("futex/thread"), &half(300)), None);
        let creation = arm("clone/thread").under(Policy::Fifo);
        assert_eq!(off_count(&creation, &half(300)), None);
    }
}
