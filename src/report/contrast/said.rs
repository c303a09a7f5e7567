//! Wording that the terminal and the page of a comparison share.

use super::super::words::plural;
use crate::claim::{
    CellVerdict, ClaimRow, ComparedRun, Contrast, FigureChange, FigureRow, Refusal,
};
use std::collections::BTreeMap;

/// What was found, in a sentence.
pub(super) fn heading(contrast: &Contrast) -> String {
    let (claims, changed) = (contrast.claims.len(), contrast.reworded().count());
    let verdicts = match changed {
        0 => format!("No verdict differs ({})", plural(claims, "claim")),
        changed => format!("{changed} of {} differ", plural(claims, "verdict")),
    };
    let (compared, beyond) = (contrast.compared(), contrast.beyond().count());
    match compared {
        0 => format!("{verdicts}. No figures can be compared."),
        _ => format!(
            "{verdicts}. {beyond} of {} beyond the intervals of both runs.",
            match compared {
                1 => "1 figure lies".to_owned(),
                many => format!("{many} figures lie"),
            }
        ),
    }
}

/// What makes a run less comparable with the first, and what of it was not compared.
pub(super) fn cautions(contrast: &Contrast, run: usize) -> Vec<String> {
    let mut said = contrast.cautions.get(run).cloned().unwrap_or_default();
    for (refusal, count) in contrast.refused(run) {
        let count = plural(count, "figure");
        said.push(match refusal {
            Refusal::Missing => format!("{count} left out: {refusal}"),
            refusal => format!("{count} not compared: {refusal}"),
        });
    }
    said
}

/// The word of a claim and the figure that stands for it: `FALSE 120 µs`.
pub(super) fn found(contrast: &Contrast, row: &ClaimRow, run: &ComparedRun) -> String {
    let figure = match row.headline(contrast.runs) {
        Some(def) => row
            .figure(run, def)
            .map(|figure| format!(" {}", FigureChange::brief(def.estimand.unit(), figure))),
        None => answers(row, run),
    };
    format!("{}{}", row.verdict(run), figure.unwrap_or_default())
}

/// Of a claim whose cells are answers: how many of those that decide hold.
fn answers(row: &ClaimRow, run: &ComparedRun) -> Option<String> {
    let cells = row.cells(run).filter(|(def, _)| row.claim.stated.contains(&def.title));
    let decided = |verdict| matches!(verdict, CellVerdict::Holds | CellVerdict::Fails);
    let cells: Vec<CellVerdict> =
        cells.map(|(_, cell)| cell.verdict).filter(|verdict| decided(*verdict)).collect();
    let holds = cells.iter().filter(|verdict| **verdict == CellVerdict::Holds).count();
    (!cells.is_empty()).then(|| format!(" {holds}/{}", cells.len()))
}

/// Over many runs, the range of the figure that stands for a claim.
pub(super) fn range(contrast: &Contrast, row: &ClaimRow) -> Option<String> {
    let def = row.headline(contrast.runs)?;
    let figures = contrast.runs.iter().filter_map(|run| row.figure(run, def));
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(|one, other| one.estimate.total_cmp(&other.estimate));
    let (least, most) = (figures.first()?, figures.last()?);
    let unit = def.estimand.unit();
    let [least, most] = [least, most].map(|figure| FigureChange::brief(unit, *figure));
    let runs = figures.len();
    Some(if least == most {
        format!("{least}, {}", plural(runs, "run"))
    } else {
        format!("{least} to {most}, {}", plural(runs, "run"))
    })
}

/// Over many runs, the range of the changes of a figure and where the largest is.
pub(super) fn places(contrast: &Contrast, row: &FigureRow) -> String {
    let unit = row.def.estimand.unit();
    let changes = row.changes.iter().zip(&contrast.runs[1..]);
    let changes: Vec<(&FigureChange, &ComparedRun)> =
        changes.filter_map(|(change, run)| Some((change.as_ref().ok()?, run))).collect();
    let beyond = changes.iter().filter(|(change, _)| change.beyond).count();
    let mut after: Vec<_> = changes.iter().map(|(change, _)| change.after).collect();
    after.sort_by(|one, other| one.estimate.total_cmp(&other.estimate));
    let (Some(least), Some(most), Some(largest)) = (after.first(), after.last(), row.largest())
    else {
        return "not compared".to_owned();
    };
    let [before, least, most] =
        [largest.before, *least, *most].map(|figure| FigureChange::brief(unit, figure));
    let whose = changes.iter().find(|(change, _)| std::ptr::eq(*change, largest));
    let whose = whose.map_or(String::new(), |(_, run)| format!(" in {}", run.run.id));
    let range = if least == most { least } else { format!("{least} to {most}") };
    format!(
        "{before} -> {range}; beyond noise in {beyond} of {}, most {}{whose}",
        plural(changes.len(), "run"),
        largest.words(unit)
    )
}

/// Equal words once, with how often they were said; the most frequent first.
pub(super) fn counted(words: impl Iterator<Item = String>) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    words.for_each(|word| *counts.entry(word).or_insert(0) += 1);
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

/// The most frequent values, and how many others there are.
pub(super) fn most(counts: Vec<(String, usize)>) -> String {
    const MOST: usize = 4;
    let more = counts.len().saturating_sub(MOST);
    let named = counts.iter().take(MOST).map(|(value, count)| format!("{value} ({count})"));
    let mut named: Vec<String> = named.collect();
    if more > 0 {
        named.push(plural(more, "other value"));
    }
    named.join(", ")
}
