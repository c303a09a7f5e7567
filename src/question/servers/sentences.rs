//! What is said of the claim about servers.

use crate::claim::{Case, Said, times};

pub(super) fn e3(case: &Case) -> Said {
    let both =
        |at: &str| ["threads", "processes"].map(|race| case.figure(&format!("{race}, {at}")));
    let least = |race: usize| {
        let figures = ["32 connections", "128 connections"].map(|at| both(at)[race]);
        figures.into_iter().flatten().reduce(f64::min).map_or("?".to_owned(), times)
    };
    let (events, threads) = (least(0), least(1));
    let small = case.holds("threads, 4 connections") == Some(true)
        && case.holds("processes, 4 connections") == Some(true);
    Said {
        here: format!("{events} · {threads}"),
        row: format!("{events}, {threads} from 32 connections"),
        scope: if small { String::new() } else { "from 32 connections".to_owned() },
        lead: format!(
            "one event loop serves at least {events} as many requests as threads, and threads \
             {threads} as many as prefork"
        ),
        ..Said::default()
    }
}
