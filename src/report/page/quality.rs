//! How far the figures can be trusted, what was not measured, and what would help.

use crate::claim::{Control, Deviation, Drift, DriftSource, quality};
use crate::report::face::View;
use crate::report::figure::{Axis, Figure, Look, Range, Ranges, Scale, VerticalRule};
use crate::report::table::Table;
use crate::report::words;
use crate::text::one_line;
use maud::{Markup, html};

pub(super) fn html(view: View) -> Markup {
    let found = quality(view.record, view.judged);
    let noise = found
        .noise
        .map_or("was not measured".to_owned(), |noise| format!("is ±{}", words::percent(noise)));
    let gaps = words::gaps(view.record, view.judged);
    let warnings = &view.record.machine.warnings;
    let skipped = words::skipped(view.record);
    html! {
        section #quality {
            h2 { "Data quality and gaps" }
            p {
                "Data quality: " b { (found.grade.to_string().to_lowercase()) } ". The noise floor "
                (noise) ": identical code compared with itself, expected 1.00×. "
                (found.passed) " of " (found.checks) " instrument checks passed. "
                (words::percent(found.discarded)) " of the pairs were discarded. A 95 % interval "
                "is for a rerun on this machine soon." (words::host(view.record))
            }
            @if !warnings.is_empty() {
                h3 { (words::plural(warnings.len(), "warning")) }
                ul { @for warning in warnings { li { (one_line(warning)) } } }
            }
            @if !gaps.is_empty() {
                h3 { (words::plural(gaps.len(), "gap")) ": not measured, and what would help" }
                ul { @for gap in &gaps { li { (one_line(gap)) } } }
            }
            @if skipped > 0 {
                p.meta {
                    (words::plural(skipped, "configuration")) " skipped by the suite's own limits"
                    @if let Some(details) = view.files.details {
                        ": " a href=(details) { "all data" } " names them"
                    }
                    "."
                }
            }
            details.more {
                summary { "Noise floor, reruns and instrument checks" }
                (strip(view.judged.controls.iter()).html())
                (drifts(view).html())
                (checks(view).html())
            }
        }
        "\n"
    }
}

/// Identical code against itself, question by question.
fn strip<'r>(controls: impl Iterator<Item = &'r Control>) -> Ranges {
    let row = |control: &'r Control| {
        Some(Range {
            label: control.id.to_string(),
            look: Look::Plain,
            band: Some((0.97, 1.03)),
            interval: control.ratio?,
        })
    };
    let ticks = [0.9, 0.95, 1.0, 1.05, 1.1].map(|at: f64| (at, format!("{at:.2}×")));
    Ranges {
        title: "Noise floor: identical code compared with itself".to_owned(),
        description: "The ratio of two runs of the same code, with its 95 % interval, for each \
                      question; expected is 1."
            .to_owned(),
        subject: "comparison".to_owned(),
        axis: Axis {
            label: "ratio".to_owned(),
            scale: Scale::Linear,
            ticks: ticks.into(),
            from: 0.9,
            to: 1.1,
            format: Box::new(|value| format!("{value:.3}×")),
        },
        band: "±3 %".to_owned(),
        rules: vec![VerticalRule { at: 1.0, left: String::new(), right: String::new() }],
        rows: controls.filter_map(row).collect(),
    }
}

/// How far runs differ beyond what the launches of one show: part of every interval.
fn drifts(view: View) -> Table {
    let said = |of: Deviation| {
        let source = match of.source {
            DriftSource::ThisRun => "seen in this run".to_owned(),
            DriftSource::EarlierRuns(runs) => {
                format!("read off {}", words::plural(runs as usize, "earlier run"))
            }
            DriftSource::Assumed => "assumed".to_owned(),
        };
        format!("±{} ({source})", words::percent(of.deviation))
    };
    let row = |(question, drift): (&String, &Drift)| {
        vec![question.clone(), said(drift.times), said(drift.ratios), said(drift.unlike)]
    };
    let head = ["Question", "Times", "Ratios of like work", "Ratios of unlike work"];
    Table {
        caption: "How far runs differ beyond their launches: one standard deviation".to_owned(),
        head: head.map(str::to_owned).into(),
        rows: view.judged.drifts.iter().map(row).collect(),
    }
}

fn checks(view: View) -> Table {
    let row = |check: &crate::record::Check| {
        vec![check.id.clone(), words::outcome(check).to_owned(), check.detail.clone()]
    };
    Table {
        caption: "Instrument checks".to_owned(),
        head: ["Check", "Outcome", "Found"].map(str::to_owned).into(),
        rows: view.record.checks.iter().map(row).collect(),
    }
}
