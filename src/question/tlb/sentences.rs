//! What is said of the claims about switches and the TLB.

use super::evidence::Translation;
use super::kept::Kept;
use super::plan::ACTORS;
use crate::claim::{Case, Estimand, JudgedCell, Said, counted, ordinal, times, two_digits};
use crate::record::Coordinate;

const BARE: &str = "nothing touched, 2 address spaces";

/// Actors that take turns in the cell's ring, and pages that each touches.
fn at(cell: &JudgedCell) -> Option<(u32, u32)> {
    let id = cell.def.id();
    let actors = id.point().iter().find_map(|coordinate| match coordinate {
        Coordinate::Actors(actors) => Some(*actors),
        _ => None,
    })?;
    let pages = id.point().iter().find_map(|coordinate| match coordinate {
        Coordinate::Pages(pages) => Some(*pages),
        _ => None,
    });
    Some((actors, pages.unwrap_or(0)))
}

/// The figure of a series at a number of actors.
fn in_ring(case: &Case, series: &str, actors: u32) -> Option<f64> {
    let of = |cell: &&JudgedCell| at(cell).is_some_and(|(found, _)| found == actors);
    Some(case.series(series).find(of)?.sound()?.estimate)
}

/// Misses that were counted, where time is virtual.
fn misses(case: &Case) -> Option<f64> {
    let counted = |cell: &&JudgedCell| {
        matches!(cell.def.estimand, Estimand::Counted(_)) && cell.sound().is_some()
    };
    Some(case.claim.cells.iter().find(counted)?.sound()?.estimate)
}

/// From how many processes on a switch flushes, by time.
fn flushed_from(kept: &Kept) -> Option<u32> {
    match kept {
        Kept::Exactly(most) => Some(most + 1),
        _ => None,
    }
}

/// What is known of more processes than the last number whose entries surely survive.
fn beyond(most: u32) -> &'static str {
    match most == *ACTORS.end() {
        true => "more were not tried",
        false => "for more, this run does not decide",
    }
}

pub(super) fn b1(case: &Case) -> Said {
    let found = Translation::of(case.record, case.judged);
    let phi = in_ring(case, "16 pages touched", 2);
    let lost = phi
        .or_else(|| misses(case))
        .map_or("?".to_owned(), |share| format!("{} %", two_digits(share * 100.0)));
    let flushing = case.holds(case.claim.stated().first().map_or("", |cell| cell.def.title));
    if flushing == Some(true) {
        return Said {
            here: format!("{lost} lost"),
            row: format!("{lost} of the TLB refilled"),
            lead: format!(
                "a switch between two processes costs {lost} of the TLB refills that a forced \
                 flush costs"
            ),
            ..Said::default()
        };
    }
    let kernel = matches!(found.slots, Ok(Kept::Exactly(_)));
    match (&found.kept, flushed_from(&found.kept)) {
        (_, Some(from)) => Said {
            here: format!("from {from} processes"),
            row: format!("only from {from} processes per core"),
            scope: format!("up to {} processes per core", counted(from - 1)),
            lead: "their TLB entries survive a switch".to_owned(),
            boundary: Some(match kernel && found.slots == Ok(Kept::Exactly(from - 1)) {
                true => {
                    format!("with {} or more, Linux flushes at every switch", counted(from))
                }
                false => format!("with {} or more, a switch costs a full refill", counted(from)),
            }),
            exception: None,
        },
        (Kept::AtLeast(most), _) => Said {
            here: "no flush".to_owned(),
            row: format!("no flush up to {most} processes"),
            scope: format!("up to {} processes per core", counted(*most)),
            lead: "their TLB entries survive a switch".to_owned(),
            boundary: Some(beyond(*most).to_owned()),
            exception: None,
        },
        _ => Said {
            here: format!("{lost} refilled"),
            row: format!("{lost} of the TLB refilled"),
            scope: "for two processes".to_owned(),
            lead: format!("a switch costs {lost} of the refills that a forced flush costs"),
            ..Said::default()
        },
    }
}

pub(super) fn b2(case: &Case) -> Said {
    let bare = case.figure(BARE).unwrap_or(f64::NAN);
    let ratio = case.judged.claims.iter().find(|judged| judged.claim.id == "B3");
    let share = ratio
        .and_then(|judged| judged.cells.iter().find(|cell| cell.def.title == BARE)?.sound())
        .map_or(String::new(), |ratio| {
            format!(" ({} %)", two_digits((ratio.estimate - 1.0) * 100.0))
        });
    let kept = Translation::of(case.record, case.judged).kept;
    let from = flushed_from(&kept).filter(|from| ACTORS.contains(from));
    let flushed = from.and_then(|from| {
        // The rings with pages were measured at some numbers alone: the first from there on.
        let after =
            |series: &str| (from..=*ACTORS.end()).find_map(|actors| in_ring(case, series, actors));
        let [none, some, many] =
            ["nothing touched", "16 pages touched", "48 pages touched"].map(after);
        Some(format!(
            "with {} or more: {} bare, {} touching 16 pages, {} touching 48",
            counted(from),
            two_digits(none?),
            two_digits(some?),
            two_digits(many?)
        ))
    });
    Said {
        here: format!("{bare:+.0}").replace('-', "−"),
        row: format!("{} cycles{share}", two_digits(bare)),
        scope: "with two processes".to_owned(),
        lead: format!("{} extra cycles{share}", two_digits(bare)),
        boundary: flushed,
        exception: None,
    }
}

pub(super) fn b3(case: &Case) -> Said {
    let bare = case.figure(BARE).unwrap_or(f64::NAN);
    let rings = case.claim.cells.iter().filter_map(|cell| Some((at(cell)?, cell.sound()?)));
    let worst = rings.max_by(|one, other| one.1.estimate.total_cmp(&other.1.estimate));
    let at_worst = worst.filter(|(_, ratio)| ratio.estimate > bare * 1.05);
    Said {
        here: times(bare),
        row: match at_worst {
            Some((_, ratio)) => format!("{}, at worst {}", times(bare), times(ratio.estimate)),
            None => times(bare),
        },
        lead: format!("process switches take {} as long as thread switches", times(bare)),
        boundary: at_worst.map(|((actors, pages), ratio)| {
            let touching = match pages {
                0 => String::new(),
                pages => format!(" touching {pages} pages each"),
            };
            let ratio = times(ratio.estimate);
            format!("at worst {ratio}, with {} processes{touching}", counted(actors))
        }),
        ..Said::default()
    }
}

pub(super) fn b4(case: &Case) -> Said {
    let found = Translation::of(case.record, case.judged);
    let most = match &found.kept {
        Kept::Exactly(most) => *most,
        Kept::AtLeast(most) => {
            return Said {
                here: format!("{most} or more"),
                row: format!("{most} or more"),
                lead: format!(
                    "the TLB entries of {} processes per core survive switches",
                    counted(*most)
                ),
                boundary: Some(beyond(*most).to_owned()),
                ..Said::default()
            };
        }
        Kept::Between(low, _) => *low,
        Kept::Unknown => 1,
    };
    let next = ordinal(most + 1);
    let lead = match &found.slots {
        Ok(Kept::Exactly(slots)) if *slots == most => format!(
            "Linux uses {} address-space identifiers per core here, so a {next} process makes \
             every switch flush",
            counted(*slots)
        ),
        Ok(Kept::Exactly(slots)) => format!(
            "this processor holds the TLB entries of {} processes per core, though Linux has {} \
             identifiers",
            counted(most),
            counted(*slots)
        ),
        _ => format!(
            "the TLB entries of {} processes per core survive switches; a {next} loses them",
            counted(most)
        ),
    };
    Said {
        here: most.to_string(),
        row: most.to_string(),
        scope: format!("up to {}", counted(most)),
        lead,
        ..Said::default()
    }
}
