//! CPUIDs that trap to a hypervisor: what they take of an exec.

use crate::claim::{
    CellVerdict, Claim, Estimand, Evidence, JudgedCell, Unit, compare, significant,
};
use crate::plan::BIG_PARENT_MIB;
use crate::question::creation::plan::way;
use crate::record::{Id, Record};
use crate::stats::Interval;
use std::collections::BTreeMap;

/// A share certainly beyond this inflates a figure.
const INFLATED: f64 = 0.30;

/// A CPUID that takes longer leaves the guest, nanoseconds.
const TRAPPED_NS: f64 = 500.0;

/// The experiments whose second arm execs a program of a C library, and the check that counts its
/// CPUIDs.
fn programs() -> [(Id, &'static str); 3] {
    let (of_static, of_dynamic) = ("fork-exec-static", "fork-exec-dynamic");
    [
        (way(of_static, 0), "exec-cpuids-static"),
        (way(of_dynamic, 0), "exec-cpuids-dynamic"),
        (way(of_dynamic, BIG_PARENT_MIB), "exec-cpuids-dynamic"),
    ]
}

/// What trapped CPUIDs take of an exec.
#[derive(Debug)]
struct Trap {
    /// Id of the experiment whose second arm execs the program.
    experiment: Id,
    /// CPUIDs that the program's start executes, counted by single steps.
    count: f64,
    /// What one costs, nanoseconds.
    cost_ns: f64,
    /// Their share of the time from fork to reaped.
    share: Interval,
    /// That time without them, nanoseconds.
    residual_ns: Interval,
    /// The share is certainly more than 30 %: the figure is inflated by virtualisation.
    inflated: bool,
}

impl Trap {
    /// Of every program whose CPUIDs were counted.
    fn all(record: &Record, evidence: &BTreeMap<Id, Evidence>) -> Vec<Self> {
        let cost_ns = figure(record, "cpuid");
        let one = |(experiment, check): (Id, &str)| {
            let time = evidence.get(&experiment)?.b.time_ns?;
            Some(Self::of(experiment, figure(record, check)?, cost_ns?, time))
        };
        programs().into_iter().filter_map(one).collect()
    }

    fn of(experiment: Id, count: f64, cost_ns: f64, time_ns: Interval) -> Self {
        let all = count * cost_ns;
        let share = Interval {
            estimate: all / time_ns.estimate,
            low: all / time_ns.high,
            high: all / time_ns.low,
        };
        let residual_ns = time_ns.map(|ns| ns - all);
        let inflated = share.low > INFLATED;
        Trap { experiment, count, cost_ns, share, residual_ns, inflated }
    }

    /// Does the experiment exec a program whose CPUIDs trap on this machine, though nobody counted
    /// them?
    fn uncounted(record: &Record, experiment: &Id) -> bool {
        let trapped = figure(record, "cpuid").is_some_and(|ns| ns > TRAPPED_NS);
        let known = programs().into_iter().find(|(program, _)| program == experiment);
        trapped && known.is_some_and(|(_, check)| figure(record, check).is_none())
    }

    /// As a clause, where it inflates; `residual` says where the rest lies.
    fn to_words(&self, residual: &str) -> String {
        format!(
            "inflated by virtualisation: {} CPUIDs at {} are {} % of it; without them {}: \
             {residual}",
            self.count,
            Unit::Nanoseconds.format(self.cost_ns),
            significant(self.share.estimate * 100.0),
            Unit::Nanoseconds.format_interval(self.residual_ns),
        )
    }
}

/// What trapped CPUIDs take of a time that they inflate, and what is left without them; or that
/// they were not counted, of a figure that holds.
pub(in crate::question) fn remark(
    record: &Record,
    evidence: &BTreeMap<Id, Evidence>,
    claim: &Claim,
    cell: &JudgedCell,
) -> Option<String> {
    let (def, id) = (cell.def, cell.def.id());
    let traps = || Trap::all(record, evidence).into_iter();
    let same = |trap: &Trap| trap.inflated && trap.experiment == id;
    let inflated = || traps().filter(|_| def.estimand == Estimand::TimeB).find(same);
    if let Some((margin, trap)) = cell.margin.and_then(|margin| Some((margin, inflated()?))) {
        let (_, rest) = compare(claim, def, trap.residual_ns, margin);
        return Some(trap.to_words(&rest));
    }
    let execs = matches!(def.estimand, Estimand::TimeB | Estimand::Ratio);
    let holds = cell.verdict == CellVerdict::Holds;
    (execs && holds && Trap::uncounted(record, &id))
        .then(|| "how much of it trapped CPUIDs take was not counted".to_owned())
}

fn figure(record: &Record, check: &str) -> Option<f64> {
    record.check(check)?.figure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_inflates_only_where_all_of_it_is_beyond_the_limit() {
        let trap = |low, high| {
            let time_ns = Interval { estimate: (low + high) / 2.0, low, high };
            Trap::of(way("fork-exec-static", 0), 10.0, 30.0, time_ns)
        };
        assert!(trap(900.0, 990.0).inflated);
        assert!(!trap(900.0, 1_010.0).inflated);
        let found = trap(500.0, 600.0);
        assert_eq!((found.share.low, found.share.high), (0.5, 0.6));
        assert_eq!((found.residual_ns.low, found.residual_ns.high), (200.0, 300.0));
        // CPUIDs that would take longer than the whole are shown as they are.
        assert!(trap(200.0, 250.0).residual_ns.high < 0.0);
    }
}
