//! The cells of a claim by series, for claims with too many cells to list each.

use super::words;
use crate::claim::{CellVerdict, JudgedCell};

/// More cells than this are shown by series.
const MOST_CELLS: usize = 6;

/// More series than this are counted and not named.
const MOST_LINES: usize = 6;

/// Cells that differ in their condition only.
pub(super) struct Series<'j> {
    /// What they have in common.
    pub(super) name: &'j str,
    /// The cells, in the order of their conditions.
    pub(super) cells: Vec<&'j JudgedCell>,
}

/// Has a claim too many cells to list each?
pub(super) fn many(cells: usize) -> bool {
    cells > MOST_CELLS
}

/// The series in the order of the catalogue, but those of one cell together: first where the
/// catalogue begins with one, else last.
pub(super) fn of<'j>(cells: impl IntoIterator<Item = &'j JudgedCell>) -> Vec<Series<'j>> {
    let mut all: Vec<Series> = Vec::new();
    for cell in cells {
        match all.iter_mut().find(|series| series.name == cell.series) {
            Some(series) => series.cells.push(cell),
            None => all.push(Series { name: &cell.series, cells: vec![cell] }),
        }
    }
    let first = all.first().is_some_and(Series::single);
    all.sort_by_key(|series| series.single() != first);
    all
}

/// The series, each behind the heading that it needs where `many` do not say it themselves: its
/// name, or, where cells of one series each follow others, that they do.
pub(super) fn headed<'j>(
    cells: impl IntoIterator<Item = &'j JudgedCell>,
    many: bool,
) -> Vec<(Option<&'j str>, Series<'j>)> {
    let mut after_grid = false;
    let head = |series: Series<'j>| {
        let heading = match (many, series.single(), after_grid) {
            (true, false, _) => Some(series.name),
            (true, true, true) => Some("each by itself"),
            _ => None,
        };
        after_grid = !series.single();
        (heading, series)
    };
    of(cells).into_iter().map(head).collect()
}

impl<'j> Series<'j> {
    /// Its name as the catalogue has it, where no figure stands beside it.
    fn plain(&self) -> &'static str {
        self.cells.first().map_or("", |cell| cell.def.series)
    }

    /// Has it one cell only?
    pub(super) fn single(&self) -> bool {
        self.cells.len() == 1
    }

    /// The verdict and the reason of all cells, where none has a figure and all say the same.
    pub(super) fn gap(&self) -> Option<&'j JudgedCell> {
        let first = *self.cells.first()?;
        let same = |cell: &&JudgedCell| {
            cell.figure.is_none() && (cell.verdict, &cell.reason) == (first.verdict, &first.reason)
        };
        self.cells.iter().all(same).then_some(first)
    }

    /// The first and the last of the decided cells; where none is decided, of those with a figure.
    fn ends(&self) -> Option<[&'j JudgedCell; 2]> {
        let decided = || self.cells.iter().filter(|cell| words::decided(cell));
        let figures = || self.cells.iter().filter(|cell| cell.figure.is_some());
        let first = decided().next().or(figures().next())?;
        let last = decided().next_back().or(figures().next_back())?;
        Some([*first, *last])
    }
}

/// What the cells show, in a line per series, and all of one cell in a line together; and in a last
/// one, which cells show nothing.
pub(super) fn lines(cells: &[&JudgedCell]) -> Vec<String> {
    let all = of(cells.iter().copied());
    let (single, grids): (Vec<&Series>, Vec<&Series>) =
        all.iter().partition(|series| series.single());
    let mut lines: Vec<String> = grids.into_iter().filter_map(line).collect();
    let more = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(lines.len() - more);
    let single = single.into_iter().filter_map(|series| {
        let cell = series.cells.first().filter(|cell| cell.figure.is_some())?;
        Some(format!("{}: {}", series.name, figure(cell)))
    });
    let single: Vec<String> = single.collect();
    if !single.is_empty() {
        let first = all.first().is_some_and(Series::single);
        lines.insert(if first { 0 } else { lines.len() }, single.join(" · "));
    }
    if more > 0 {
        lines.push(format!("and {more} series more on the page"));
    }
    lines.extend(beside(&all));
    let inflated = which(&all, |cell| cell.inflated);
    lines.extend(inflated.map(|which| format!("inflated by virtualisation: {which}")));
    lines.extend(gaps(&all));
    lines
}

/// A figure that no line breaks.
fn figure(cell: &JudgedCell) -> String {
    words::figure(cell).replace(' ', "\u{a0}")
}

/// `16 pages touched: 0.18 [0.17, 0.19] at 2 … 1.08 [1.06, 1.10] at 9 address spaces`.
fn line(series: &Series) -> Option<String> {
    let [first, last] = series.ends()?;
    let name = series.name;
    if first.def.estimand.is_answer() {
        let decided: Vec<_> = series.cells.iter().filter(|cell| words::decided(cell)).collect();
        let holds = decided.iter().filter(|cell| cell.verdict == CellVerdict::Holds).count();
        return Some(format!("{name}: {holds} of {} answers hold", decided.len()));
    }
    let (at, shown) = (first.condition.as_str(), figure(first));
    if std::ptr::eq(first, last) {
        return Some(format!("{name}: {shown} at {at}"));
    }
    // The noun of the conditions once: "at 2 … at 9 address spaces".
    let at = match (at.split_once(' '), last.condition.split_once(' ')) {
        (Some((number, noun)), Some((_, same))) if noun == same => number,
        _ => at,
    };
    let last = format!("{} at {}", figure(last), last.condition);
    Some(format!("{name}: {shown} at {at} … {last}"))
}

/// What programs get, from the least to the most of each series; never judged.
fn beside(all: &[Series]) -> Option<String> {
    let part = |series: &Series| {
        let mut figures: Vec<f64> = series
            .cells
            .iter()
            .filter_map(|cell| cell.beside.map(|figure| figure.estimate))
            .collect();
        figures.sort_by(f64::total_cmp);
        let unit = series.cells.first()?.def.estimand.unit();
        let [least, most] = [figures.first()?, figures.last()?].map(|figure| unit.format(*figure));
        Some(match least == most {
            true => format!("{} {least}", series.name),
            false => format!("{} {} to {most}", series.name, without_unit(&least, &most)),
        })
    };
    let parts: Vec<String> = all.iter().filter_map(part).collect();
    let line = || format!("under SCHED_OTHER, what programs get: {}", parts.join(", "));
    (!parts.is_empty()).then(line)
}

/// The unit once, where both figures have the same.
fn without_unit<'f>(least: &'f str, most: &str) -> &'f str {
    let unit = most.trim_start_matches(|c: char| c.is_ascii_digit() || "-.".contains(c));
    least.strip_suffix(unit).unwrap_or(least)
}

/// Which cells were not decided, by verdict and series.
fn gaps(all: &[Series]) -> Option<String> {
    const GAPS: [CellVerdict; 3] =
        [CellVerdict::Inconclusive, CellVerdict::NotMeasurable, CellVerdict::NotRun];
    let of = |verdict| {
        let which = which(all, |cell| cell.verdict == verdict)?;
        Some(format!("{verdict}: {which}"))
    };
    let phrases: Vec<String> = GAPS.into_iter().filter_map(of).collect();
    (!phrases.is_empty()).then(|| phrases.join("; "))
}

/// The series of which all cells are meant, or how many; nothing where none is.
fn which(all: &[Series], meant: impl Fn(&JudgedCell) -> bool) -> Option<String> {
    let part = |series: &Series| match series.cells.iter().filter(|cell| meant(cell)).count() {
        0 => None,
        count if count == series.cells.len() => Some(series.plain().to_owned()),
        count => Some(format!("{} ({count} of {})", series.plain(), series.cells.len())),
    };
    let mut parts: Vec<String> = all.iter().filter_map(part).collect();
    let more = parts.len().saturating_sub(MOST_LINES);
    if more > 0 {
        parts.truncate(MOST_LINES);
        parts.push(format!("{more} series more"));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}
