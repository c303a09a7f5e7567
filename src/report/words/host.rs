//! What the state of the host explains, in words.

use super::plural;
use crate::claim::{Explained, HostState, host_states, significant};
use crate::record::Record;

/// How the host's state varied and what that explains, in sentences with a space before them;
/// nothing of a record whose labs did not look.
pub(crate) fn host(record: &Record) -> String {
    said(&host_states(record))
}

fn said(states: &[HostState]) -> String {
    let most = |read: fn(&HostState) -> f64| states.iter().map(read).reduce(f64::max);
    let Some(deviation) = most(|state| state.deviation) else { return String::new() };
    let clear: Vec<String> = states.iter().flat_map(clearly).collect();
    let found = match &clear[..] {
        [] => {
            let share = |read: fn(&HostState) -> f64| percent(most(read).unwrap_or_default());
            format!(
                "explains at most {} of how a question's times differ and {} of how its ratios \
                 do: clearly none",
                share(|state| state.times.share),
                share(|state| state.ratios.map_or(0.0, |ratios| ratios.share))
            )
        }
        some => format!("clearly explains {}", some.join(", ")),
    };
    format!(
        " The state of the host, read off the cost of a system call and of leaving the guest, \
         varied by up to ±{} from launch to launch and {found}. No interval is narrower for it.",
        percent(deviation)
    )
}

/// A share in whole per cent: more digits would promise what a fit does not keep.
fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// What one witness clearly explains.
fn clearly(state: &HostState) -> Vec<String> {
    let of = |what: &str, line: Explained| {
        line.clearly.then(|| {
            let (share, HostState { question, witness, .. }) = (percent(line.share), state);
            format!("{share} of the variance of {question}'s {what} ({witness})")
        })
    };
    let ratios = state.ratios.and_then(|ratios| of("ratios", ratios));
    [of("times", state.times), ratios].into_iter().flatten().collect()
}

/// A row of all that a witness tells of a question.
pub(crate) fn host_row(state: &HostState) -> Vec<String> {
    let line = |line: Explained| {
        let (slope, t) = (significant(line.slope), significant(line.t));
        let clearly = if line.clearly { ", clearly" } else { "" };
        format!("{} (slope {slope}, {t} standard errors{clearly})", percent(line.share))
    };
    vec![
        state.question.clone(),
        state.witness.to_owned(),
        format!("{} ns", significant(state.median_ns)),
        format!("±{}", percent(state.deviation)),
        plural(state.launches, "launch"),
        line(state.times),
        state.ratios.map_or("–".to_owned(), line),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(question: &str, share: f64, clearly: bool) -> HostState {
        let times = Explained { slope: 0.5, t: 4.0, share, clearly };
        let ratios = Some(Explained { share: 0.03, clearly: false, ..times });
        HostState {
            question: question.to_owned(),
            witness: "getppid",
            launches: 12,
            median_ns: 120.0,
            deviation: 0.04,
            times,
            ratios,
        }
    }

    #[test]
    fn what_is_not_clear_is_said_with_its_share_and_what_is_clear_by_name() {
        assert_eq!(host(&Record::default()), "");
        let little = said(&[state("creation", 0.12, false), state("tlb", 0.04, false)]);
        assert!(little.contains("±4 %") && little.contains("at most 12 %"), "{little}");
        assert!(little.contains("3 % of how its ratios do: clearly none"), "{little}");
        let much = said(&[state("creation", 0.62, true), state("tlb", 0.04, false)]);
        let named = "clearly explains 62 % of the variance of creation's times (getppid)";
        assert!(much.contains(named) && !much.contains("tlb"), "{much}");
    }
}
