//! What is said of the claims about communication.

use crate::claim::{Case, Said, times};

const SPIN: &str = "spin against pipe, threads";
const FUTEX: &str = "futex against pipe";

pub(super) fn e1(case: &Case) -> Said {
    let (spin, futex) = (case.brief(SPIN), case.figure(FUTEX).unwrap_or(f64::NAN));
    let depends = case.holds(SPIN) == Some(true) && case.holds(FUTEX) == Some(false);
    Said {
        here: format!("{} / {spin}", times(futex)),
        row: format!("spinning {spin}; sleeping {}", times(futex)),
        scope: if depends { "on sleeping".to_owned() } else { String::new() },
        lead: format!(
            "a spinning round trip through shared memory is {spin} faster than a pipe, a futex \
             wake-up {}",
            times(futex)
        ),
        ..Said::default()
    }
}

pub(super) fn e5(case: &Case) -> Said {
    let ratios = case.claim.cells.iter().filter_map(|cell| Some(cell.sound()?.estimate));
    let worst = ratios.max_by(|a, b| (a - 1.0).abs().total_cmp(&(b - 1.0).abs()));
    let worst = worst.unwrap_or(f64::NAN);
    let equal = case.claim.cells.iter().all(|cell| case.holds(cell.def.title) != Some(false));
    Said {
        here: times(worst),
        row: times(worst),
        lead: match equal {
            true => "shared-memory round trips between processes take as long as between \
                     threads, within 3 %, spinning or sleeping"
                .to_owned(),
            false => format!(
                "a round trip through shared memory takes processes {} as long as threads",
                times(worst)
            ),
        },
        ..Said::default()
    }
}
