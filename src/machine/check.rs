//! Checks of the instruments: can a figure of this machine be trusted?

use super::steal;
use super::{cost, frequency, kernel, reach, tick, touch};
use crate::proc::Found;
use crate::record::{Check, CheckOutcome};

/// Checks the instruments: under one and a half seconds when `quick`, under five otherwise.
#[must_use]
pub fn checks(quick: bool) -> Vec<Check> {
    let before = steal::all_cpus();
    let mut checks = vec![clock_source(), cost::clock_read()];
    let step = tick::resolution();
    let rate = tick::rate(quick);
    let core = frequency::core(quick);
    // What the TLB reaches comes after the first touch: it leaves the kernel pages that its host
    // has provided already.
    let others = [cost::null_system_call(), cost::cpuid(), touch::first_touch()];
    let tlb = reach::checks(quick, &core, &step);
    checks.extend([step, rate, core]);
    checks.extend(others);
    checks.extend(tlb);
    checks.push(stolen(before, steal::all_cpus()));
    checks
}

fn clock_source() -> Check {
    match kernel::clock_source() {
        Ok(name) => {
            let (outcome, meaning) = judge_source(&name);
            let detail = format!("the kernel's clock source is {name}: {meaning}");
            Check {
                id: "clock-source".to_owned(),
                figure: None,
                unit: String::new(),
                outcome,
                detail,
            }
        }
        Err(reason) => Check::not_measurable("clock-source", "", reason),
    }
}

/// Clock sources by what reading the time costs with them (arch/*/vdso, drivers/clocksource).
fn judge_source(name: &str) -> (CheckOutcome, &'static str) {
    match name {
        "tsc" | "arch_sys_counter" | "riscv_clocksource" => {
            (CheckOutcome::Passed, "the processor's counter, read without a system call")
        }
        "kvm-clock" | "hyperv_clocksource_tsc_page" => (
            CheckOutcome::Informative,
            "the TSC as the hypervisor scales it, read without a system call; the check \
             clock-read decides",
        ),
        _ => (
            CheckOutcome::Failed,
            "not the processor's counter: each read is a system call or a slow device access",
        ),
    }
}

fn stolen(before: Found<steal::Times>, after: Found<steal::Times>) -> Check {
    let (before, after) = match (before, after) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(reason), _) | (_, Err(reason)) => return Check::not_measurable("steal", "%", reason),
    };
    let ticks = after.steal.saturating_sub(before.steal);
    let total = after.total.saturating_sub(before.total).max(1);
    let share = 100.0 * ticks as f64 / total as f64;
    let detail = format!(
        "other guests used {ticks} of {total} ticks of all CPUs during these checks; a tick is \
         {:.0} ms",
        1e3 / steal::ticks_per_s()
    );
    Check::figure("steal", share, "%", CheckOutcome::Informative, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use steal::Times;

    #[test]
    fn sources_by_what_they_cost() {
        assert_eq!(judge_source("tsc").0, CheckOutcome::Passed);
        assert_eq!(judge_source("kvm-clock").0, CheckOutcome::Informative);
        assert_eq!(judge_source("hpet").0, CheckOutcome::Failed);
        assert_eq!(judge_source("jiffies").0, CheckOutcome::Failed);
    }

    #[test]
    fn steal_is_what_came_in_between() {
        let check = stolen(Ok(Times { steal: 5, total: 100 }), Ok(Times { steal: 15, total: 200 }));
        assert_eq!(check.figure, Some(10.0));
        let unknown = stolen(Err("no stat".to_owned()), Ok(Times { steal: 0, total: 1 }));
        assert_eq!((unknown.figure, unknown.outcome), (None, CheckOutcome::NotMeasurable));
    }

    #[test]
    fn checks_have_ids_of_their_own_and_sentences() {
        let checks = checks(true);
        let ids: std::collections::HashSet<&str> =
            checks.iter().map(|check| check.id.as_str()).collect();
        assert_eq!(ids.len(), checks.len());
        for check in &checks {
            assert!(!check.detail.is_empty(), "{check:?}");
            assert!(check.figure.is_none_or(f64::is_finite), "{check:?}");
            assert!(check.id.chars().all(|c| matches!(c, 'a'..='z' | '-')), "{check:?}");
        }
    }
}
