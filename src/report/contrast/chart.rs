//! Charts of a comparison: how far the figures that moved most are from the first run's.

use crate::claim::{Contrast, FigureRow, times};
use crate::report::figure::{
    Axis, Lines, Look, Range, Ranges, Scale, Series, Stroke, VerticalRule,
};
use crate::stats::{Interval, median};

/// Most runs that a slope chart has.
pub(super) const SLOPES: usize = 8;
/// Most figures of a chart.
const MOST: usize = 12;
/// Most lines of a chart.
const LINES: usize = 4;

/// The ratios of the figures that moved most: of two runs with their intervals, of more the range
/// over the runs.
pub(super) fn ratios(contrast: &Contrast) -> Option<Ranges> {
    let rows: Vec<Range> = contrast.beyond().filter_map(range).take(MOST).collect();
    let ends = rows.iter().flat_map(|row| [row.interval.low, row.interval.high]);
    let axis = axis("times the first run's", ends.chain([1.0]).collect())?;
    let (title, description) = match contrast.runs.len() {
        2 => (
            "The figures that moved most, second run over first",
            "The ratio of the second run to the first with its 95 % interval; 1 is no change.",
        ),
        _ => (
            "The figures that moved most, over the first run",
            "From the least to the largest ratio to the first run over all runs, with the median \
             marked; 1 is no change.",
        ),
    };
    (!rows.is_empty()).then(|| Ranges {
        title: title.to_owned(),
        description: description.to_owned(),
        subject: "figure".to_owned(),
        axis,
        band: String::new(),
        rules: vec![VerticalRule { at: 1.0, left: String::new(), right: String::new() }],
        rows,
    })
}

fn range(row: &FigureRow) -> Option<Range> {
    let ratios: Vec<Interval> = row.changes.iter().flatten().filter_map(|c| c.ratio()).collect();
    let interval = match ratios.as_slice() {
        [one] => *one,
        many => {
            let estimates: Vec<f64> = many.iter().map(|ratio| ratio.estimate).collect();
            Interval {
                estimate: median(&estimates)?,
                low: estimates.iter().copied().reduce(f64::min)?,
                high: estimates.iter().copied().reduce(f64::max)?,
            }
        }
    };
    let label = format!("{} {}", row.claim.id, row.def.title);
    Some(Range { label, look: Look::Plain, band: None, interval })
}

/// From run to run, the figures that moved most; nothing of too many runs.
pub(super) fn slopes(contrast: &Contrast) -> Option<Lines> {
    let runs = contrast.runs.len();
    if !(2..=SLOPES).contains(&runs) {
        return None;
    }
    let ratio = |row: &&FigureRow| row.largest().is_some_and(|change| change.ratio().is_some());
    let rows = contrast.beyond().filter(ratio);
    let styles = [
        (Look::Accent, Stroke::Solid),
        (Look::Plain, Stroke::Solid),
        (Look::Accent, Stroke::Dashed),
        (Look::Plain, Stroke::Dashed),
    ];
    let series: Vec<Series> =
        rows.take(LINES).zip(styles).map(|(row, style)| line(row, style)).collect();
    let values = series.iter().flat_map(|line| &line.points).map(|(_, ratio)| ratio.estimate);
    let y = axis("", values.chain([1.0]).collect())?;
    let ticks = (1..=runs).map(|run| (run as f64, run.to_string())).collect();
    (!series.is_empty()).then(|| Lines {
        title: "From run to run, as a multiple of the first".to_owned(),
        description: "The figures that moved most, each divided by the first run's; a level line \
                      is no change."
            .to_owned(),
        x: Axis {
            label: "run".to_owned(),
            scale: Scale::Linear,
            ticks,
            from: 1.0,
            to: runs as f64,
            format: Box::new(|run| format!("run {run}")),
        },
        y,
        bands: Vec::new(),
        rules: Vec::new(),
        series,
    })
}

fn line(row: &FigureRow, (look, stroke): (Look, Stroke)) -> Series {
    let first = Interval { estimate: 1.0, low: 1.0, high: 1.0 };
    // A run that lacks the figure has no point.
    let later = row.changes.iter().enumerate().filter_map(|(at, change)| {
        let ratio = change.as_ref().ok()?.ratio()?;
        Some((2.0 + at as f64, ratio))
    });
    Series {
        label: format!("{} {}", row.claim.id, row.def.title),
        look,
        stroke,
        points: [(1.0, first)].into_iter().chain(later).collect(),
        breaks: Vec::new(),
    }
}

/// Places of a logarithmic axis of ratios, by how far they are apart.
const PLACES: [&[f64]; 3] = [
    &[0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.4, 1.6],
    &[0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0],
    &[1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6],
];

/// A logarithmic axis around ratios, with a few places that have a name; what lies beyond the
/// widest has an arrow.
fn axis(label: &str, values: Vec<f64>) -> Option<Axis> {
    let least = values.iter().copied().reduce(f64::min)?;
    let most = values.iter().copied().reduce(f64::max)?;
    let holds = |places: &&&[f64]| {
        places.first().is_some_and(|p| *p <= least) && places.last().is_some_and(|p| most <= *p)
    };
    let places = PLACES.iter().find(holds).unwrap_or(&PLACES[2]);
    let from = places.iter().rposition(|place| *place <= least).unwrap_or(0);
    let to = places.iter().position(|place| most <= *place).unwrap_or(places.len() - 1);
    let (from, to) = if from == to {
        (from.saturating_sub(1), (to + 1).min(places.len() - 1))
    } else {
        (from, to)
    };
    Some(Axis::sweep(label, &places[from..=to], |place| format!("{place}×"), times))
}
