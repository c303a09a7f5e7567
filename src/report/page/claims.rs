//! The table of claims, a row of which leads to the claim's details.

use crate::claim::{CellVerdict, ClaimVerdict, JudgedCell, JudgedClaim, Side, Unit, times};
use crate::report::face::View;
use crate::report::figure::{Axis, Figure, Look, Range, Ranges, VerticalRule};
use crate::report::table::Table;
use crate::report::words;
use crate::text::one_line;
use maud::{Markup, html};

/// A claim's word with its sign and its class.
fn word(judged: &JudgedClaim) -> (&'static str, &'static str) {
    signed(judged.verdict)
}

fn signed(verdict: ClaimVerdict) -> (&'static str, &'static str) {
    match verdict {
        ClaimVerdict::True => ("✓ true", "v true"),
        ClaimVerdict::False => ("✗ false", "v false"),
        ClaimVerdict::Depends => ("± depends", "v depends"),
        ClaimVerdict::Undecided => ("? undecided", "v undecided"),
        ClaimVerdict::NotMeasured => ("– not measured", "v unmeasured"),
        ClaimVerdict::NotRun => ("– not run", "v unmeasured"),
    }
}

/// The class that colours a word.
pub(in crate::report) fn classed(verdict: ClaimVerdict) -> &'static str {
    signed(verdict).1
}

/// On which side of its promise the claim is false.
fn side(judged: &JudgedClaim) -> Option<&'static str> {
    judged.side.map(|side| match side {
        Side::Below => "below",
        Side::Above => "above",
    })
}

pub(super) fn table(view: View) -> Markup {
    let run: Vec<&JudgedClaim> =
        view.judged.claims.iter().filter(|judged| judged.was_run()).collect();
    let mut topics: Vec<&str> = Vec::new();
    for judged in &run {
        if !topics.contains(&judged.claim.topic) {
            topics.push(judged.claim.topic);
        }
    }
    let left_out = view.judged.claims.len() - run.len();
    let overview = overview(&run);
    html! {
        section #claims {
            h2 { "Textbook claims" }
            table.claims {
                thead {
                    tr {
                        @for title in ["Claim", "Verdict", "Here", "In one sentence"] {
                            th scope="col" { (title) }
                        }
                    }
                }
                @for topic in topics {
                    tbody {
                        tr.group { th colspan="4" scope="colgroup" { (topic) } }
                        @for judged in run.iter().filter(|j| j.claim.topic == topic) {
                            (row(view, judged))
                        }
                    }
                }
            }
            @if !overview.rows.is_empty() {
                details.more { summary { "All ratios on one axis" } (overview.html()) }
            }
            @if left_out > 0 {
                p.meta { (words::plural(left_out, "claim")) " not run." }
            }
        }
        "\n"
    }
}

/// The stated cells of all claims that promise a ratio: the textbook's range against the interval.
fn overview(run: &[&JudgedClaim]) -> Ranges {
    let of = |judged: &&JudgedClaim| -> Vec<Range> {
        let band = judged.claim.band;
        let ratio = |cell: &&&JudgedCell| cell.def.estimand.unit() == Unit::Times;
        let row = |cell: &&JudgedCell| {
            Some(Range {
                label: format!("{} {}", judged.claim.id, cell.def.title),
                look: Look::Plain,
                band: Some((band.low, band.high)),
                interval: cell.sound()?,
            })
        };
        judged.stated().iter().filter(ratio).filter_map(row).collect()
    };
    let rows: Vec<Range> = run.iter().flat_map(of).collect();
    let values: Vec<f64> = rows.iter().map(|row| row.interval.estimate).collect();
    Ranges {
        title: "What textbooks say against what was measured, all ratios".to_owned(),
        description: "The interval of each ratio that decides a claim, and the range that the \
                      textbook promises, on one logarithmic axis."
            .to_owned(),
        subject: "ratio".to_owned(),
        axis: Axis::decades("ratio", &values, |value| format!("{value}×"), times),
        band: "textbook".to_owned(),
        rules: vec![VerticalRule { at: 1.0, left: String::new(), right: String::new() }],
        rows,
    }
}

fn row(view: View, judged: &JudgedClaim) -> Markup {
    let claim = judged.claim;
    let (word, class) = word(judged);
    let quick = if view.record.run.quick { " (quick)" } else { "" };
    html! {
        tr {
            th scope="row" {
                a href={ "#" (claim.id) } { (claim.sentence.trim_end_matches('.')) }
                small { (claim.id) " · textbook " (claim.promise) }
            }
            td class=(class) {
                (word) (quick)
                @if let Some(side) = side(judged) { small { (side) } }
            }
            td.n { (one_line(&judged.sentence.here)) }
            td { (one_line(&judged.sentence.text)) }
        }
        "\n"
    }
}

/// The details of the claims of some topics, each closed.
pub(super) fn details(view: View, topics: &[&str]) -> Markup {
    let of = |judged: &&JudgedClaim| topics.contains(&judged.claim.topic) && judged.was_run();
    html! {
        @for judged in view.judged.claims.iter().filter(of) { (detail(view, judged)) }
    }
}

/// Most rows of a claim's table: the others are among all data.
const MOST_ROWS: usize = 9;

fn detail(view: View, judged: &JudgedClaim) -> Markup {
    let claim = judged.claim;
    let tried = judged.cells.iter().filter(|cell| cell.verdict != CellVerdict::NotRun).count();
    let more = tried.saturating_sub(MOST_ROWS.max(claim.stated.len()));
    let (word, class) = word(judged);
    html! {
        details.claim {
            summary {
                span class=(class) { (word) } " "
                b { (claim.id) } " " (claim.sentence)
            }
            div id=(claim.id) {
                p { (one_line(&judged.sentence.text)) }
                p { b { "Why. " } (claim.truth) }
                p { b { "Exceptions. " } (claim.exceptions) }
                p.meta {
                    "Textbook: " (claim.promise) ", " (claim.source) ". Measured: "
                    (claim.quantity) ". Decided by: " (claim.stated.join("; ")) ". Repeat: "
                    code { "process-vs-thread run " (claim.id) }
                }
                (cells(view, judged).html())
                @if more > 0 {
                    p.meta {
                        (words::plural(more, "more measurement")) ": "
                        @if let Some(details) = view.files.details {
                            a href={ (details) "#claims" } { "all data" }
                        } @else { "in the record" }
                        "."
                    }
                }
            }
        }
        "\n"
    }
}

/// What decides stands first; then what was measured besides.
fn cells(view: View, judged: &JudgedClaim) -> Table {
    let stated = |cell: &&JudgedCell| judged.claim.stated.contains(&cell.def.title);
    let tried = |cell: &&JudgedCell| cell.verdict != CellVerdict::NotRun;
    let row = |cell: &JudgedCell| {
        let mark = if judged.claim.stated.contains(&cell.def.title) { "decides: " } else { "" };
        let verdict = match cell.verdict {
            CellVerdict::Holds => "agrees".to_owned(),
            CellVerdict::Fails => format!("disagrees: {}", cell.reason),
            verdict => format!("{verdict}: {}", cell.reason),
        };
        let answer = cell.def.estimand.is_answer();
        let said = if answer { cell.reason.clone() } else { verdict };
        vec![format!("{mark}{}", cell.title), words::figure(cell), said]
    };
    let cells = judged.cells.iter().filter(tried);
    let most = judged.claim.stated.len();
    let (first, rest): (Vec<_>, Vec<_>) = cells.partition(|cell| stated(cell));
    Table {
        caption: format!("{}, figures with 95 % intervals", judged.claim.id),
        head: ["Measured", "Here", words::band_title(view.record)].map(str::to_owned).into(),
        rows: first.into_iter().chain(rest).take(MOST_ROWS.max(most)).map(row).collect(),
    }
}
