//! What of a plan this machine can give.

use super::Session;
use crate::counters;
use crate::machine;
use crate::record::Failure;
use crate::run::Planned;

impl Session {
    /// What this machine can give: what it lacks is said once, and not by every row.
    pub(super) fn feasible(&mut self, planned: &[Planned]) -> Vec<Planned> {
        let planned = self.countable(planned);
        self.in_huge_pages(&planned)
    }

    fn countable(&mut self, planned: &[Planned]) -> Vec<Planned> {
        let whole = self.record.run.filter.is_none();
        if !self.record.run.quick || !whole || counters::hardware_opens() {
            return planned.to_vec();
        }
        let (counted, rest) = without_counts(planned);
        let why = "no event of the processor opens here, and no verdict of a quick run turns on \
                   any other";
        let failure = Failure::new(format!("counting {counted} arms"), why)
            .remedy("a whole run counts what the kernel does: process-vs-thread run");
        if counted > 0 && !self.record.failures.contains(&failure) {
            self.record.failures.push(failure);
        }
        rest
    }

    fn in_huge_pages(&mut self, planned: &[Planned]) -> Vec<Planned> {
        let huge = |one: &&Planned| matches!(one, Planned::Pair(experiment) if experiment.a.huge);
        let cells = planned.iter().filter(huge).count();
        if cells == 0 {
            return planned.to_vec();
        }
        let why = match machine::free_huge_pages() {
            Ok(0) => "the kernel's pool of huge pages is empty".to_owned(),
            Ok(_) => return planned.to_vec(),
            Err(unknown) => unknown,
        };
        let failure = Failure::new(format!("measuring {cells} cells within huge pages"), why);
        let remedy = "reserve some before the run: sysctl vm.nr_hugepages=8";
        self.record.failures.push(failure.remedy(remedy));
        planned.iter().filter(|one| !huge(one)).cloned().collect()
    }
}

/// How many arms are to be counted, and what else there is to measure: where the processor does not
/// count, no verdict turns on a count.
fn without_counts(planned: &[Planned]) -> (usize, Vec<Planned>) {
    let (counts, rest): (Vec<&Planned>, Vec<&Planned>) =
        planned.iter().partition(|one| matches!(one, Planned::Count(_)));
    (counts.len(), rest.into_iter().cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Grid;
    use crate::record::Policy;

    #[test]
    fn what_is_not_counted_is_measured_all_the_same() {
        let all = Planned::all(Policy::Other, Grid::Default);
        let (counted, rest) = without_counts(&all);
        assert!(counted > 20 && counted + rest.len() == all.len());
        assert!(!rest.iter().any(|one| matches!(one, Planned::Count(_))));
    }
}
