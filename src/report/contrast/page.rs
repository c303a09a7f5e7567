//! Runs side by side, as a page of its own.

use super::said::{cautions, counted, found, heading, most, places, range};
use super::{COLUMNS, chart};
use crate::claim::{ClaimRow, ClaimVerdict, ComparedRun, Contrast, FigureChange, FigureRow};
use crate::report::figure::{CSS, Figure};
use crate::report::page::{STYLE, classed};
use crate::report::table::Table;
use crate::report::words::{machine_line, plural};
use crate::text::one_line;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Most figures that are listed: a page is to be read.
const MOST: usize = 300;
/// Most runs that are listed by name.
const NAMED: usize = 100;

/// The page. The same runs give the same bytes.
pub(crate) fn html(contrast: &Contrast) -> String {
    let charts = [
        chart::slopes(contrast).map(|chart| chart.html()),
        chart::ratios(contrast).map(|chart| chart.html()),
    ];
    let count = plural(contrast.runs.len(), "run");
    // Many are a list to look things up in.
    let few = contrast.runs.len() <= chart::SLOPES;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "process vs thread: " (plural(contrast.runs.len(), "run")) " compared" }
                style { @for css in CSS { (PreEscaped(css)) } (PreEscaped(STYLE)) }
            }
            body {
                main {
                    header {
                        p.meta { "process vs thread · " (count) " compared" }
                        h1 { (one_line(&heading(contrast))) }
                        nav aria-label="Sections" {
                            a href="#runs" { "Runs" }
                            a href="#verdicts" { "Verdicts" }
                            a href="#figures" { "Figures" }
                            a href="#facts" { "Facts" }
                            a href="#reading" { "How to read this" }
                        }
                    }
                    @if few { (runs(contrast)) }
                    (verdicts(contrast))
                    section #figures {
                        h2 { "Figures" }
                        div.charts { @for chart in charts.iter().flatten() { (chart) } }
                        (figures(contrast))
                    }
                    section #facts { h2 { "Facts that differ" } (facts(contrast)) }
                    @if !few { (runs(contrast)) }
                    (reading())
                }
            }
        }
    };
    page.into_string() + "\n"
}

/// Every claim, those whose words differ first.
fn verdicts(contrast: &Contrast) -> Markup {
    let (changed, same): (Vec<&ClaimRow>, Vec<&ClaimRow>) =
        contrast.claims.iter().partition(|row| row.explanation.is_some());
    html! {
        section #verdicts {
            h2 { "Verdicts" }
            @if changed.is_empty() { p { "No verdict differs." } }
            @else { (claims(contrast, "Verdicts that differ", &changed)) }
            @for row in &changed {
                @if let Some(found) = &row.explanation {
                    p {
                        b { (row.claim.id) " " (row.claim.sentence) } " "
                        (one_line(&sentence(&found.words())))
                    }
                }
            }
            @if !same.is_empty() { (claims(contrast, "Other claims", &same)) }
        }
        "\n"
    }
}

/// With a capital letter and a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

fn claims(contrast: &Contrast, caption: &str, rows: &[&ClaimRow]) -> Markup {
    let few = contrast.runs.len() <= COLUMNS;
    let numbers = (1..=contrast.runs.len()).map(|run| format!("Run {run}"));
    let head: Vec<String> = match few {
        true => numbers.collect(),
        false => ["Verdicts", "Figures"].map(str::to_owned).into(),
    };
    html! {
        div.scroll role="region" tabindex="0" aria-label=(caption) {
            table {
                caption { (caption) }
                thead {
                    tr {
                        th scope="col" { "Claim" }
                        @for title in &head { th scope="col" { (title) } }
                    }
                }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" { (row.claim.id) small { (row.claim.short) } }
                            @if few {
                                @for run in contrast.runs {
                                    td class=(classed(row.verdict(run))) {
                                        (one_line(&found(contrast, row, run)))
                                    }
                                }
                            } @else {
                                td { (words(contrast.runs, row)) }
                                td { (range(contrast, row).unwrap_or_default()) }
                            }
                        }
                        "\n"
                    }
                }
            }
        }
    }
}

/// `900 TRUE, 100 FALSE`, each in its colour.
fn words(runs: &[ComparedRun], row: &ClaimRow) -> Markup {
    let counts = ClaimVerdict::ALL
        .map(|verdict| (verdict, runs.iter().filter(|run| row.verdict(run) == verdict).count()));
    html! {
        @for (verdict, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            span class=(classed(verdict)) { (count) " " (verdict) } " "
        }
    }
}

fn figures(contrast: &Contrast) -> Markup {
    let rows: Vec<&FigureRow> = contrast.beyond().collect();
    let left_out = rows.len().saturating_sub(MOST);
    let few = contrast.runs.len() <= COLUMNS;
    let row = |row: &&FigureRow| -> Vec<String> {
        let name = format!("{} {}", row.claim.id, row.def.title);
        match few {
            true => [name].into_iter().chain(values(row)).collect(),
            false => vec![name, places(contrast, row)],
        }
    };
    let mut head = vec!["Figure".to_owned()];
    match few {
        true => head.extend((1..=contrast.runs.len()).map(|run| format!("Run {run}"))),
        false => head.push("Over all runs".to_owned()),
    }
    let table = Table {
        caption: "Figures beyond the intervals of both runs, the largest change first".to_owned(),
        head,
        rows: rows.iter().take(MOST).map(row).collect(),
    };
    html! {
        @if rows.is_empty() { p { "No figure lies beyond the intervals of both runs." } }
        @else { (table.html()) }
        @if left_out > 0 {
            p.meta {
                (plural(left_out, "more figure")) ": " code { "compare --all" } " lists them."
            }
        }
    }
}

/// The first run's figure, and of every other the figure and its change.
fn values(row: &FigureRow) -> Vec<String> {
    let unit = row.def.estimand.unit();
    let first = row.changes.iter().flatten().next();
    let first = first.map_or("–".to_owned(), |change| FigureChange::brief(unit, change.before));
    let later = row.changes.iter().map(|change| match change {
        Ok(change) => {
            let mark = if change.beyond { "" } else { ", within noise" };
            format!("{}: {}{mark}", FigureChange::brief(unit, change.after), change.words(unit))
        }
        Err(refusal) => refusal.brief().to_owned(),
    });
    [first].into_iter().chain(later).collect()
}

fn facts(contrast: &Contrast) -> Markup {
    if contrast.facts.is_empty() {
        return html! { p { "No recorded fact differs." } };
    }
    let few = contrast.runs.len() <= COLUMNS;
    let unknown = |value: &Option<String>| value.clone().unwrap_or("unknown".to_owned());
    let rows = contrast.facts.iter().map(|row| {
        let values = row.values.iter().map(unknown);
        let name = [row.name.clone()];
        match few {
            true => name.into_iter().chain(values).collect(),
            false => name.into_iter().chain([most(counted(values))]).collect(),
        }
    });
    let mut head = vec!["Fact".to_owned()];
    match few {
        true => head.extend((1..=contrast.runs.len()).map(|run| format!("Run {run}"))),
        false => head.push("Values (runs)".to_owned()),
    }
    let caption = "Facts of the machines that differ".to_owned();
    Table { caption, head, rows: rows.collect() }.html()
}

fn runs(contrast: &Contrast) -> Markup {
    let count = contrast.runs.len();
    html! {
        section #runs {
            h2 { "Runs" }
            ol {
                @for (at, run) in contrast.runs.iter().enumerate().take(NAMED) {
                    li {
                        (machine_line(&run.run, &run.machine)) " "
                        code { (one_line(&run.run.id)) }
                        @for said in cautions(contrast, at) { small { (one_line(&said)) } }
                    }
                    "\n"
                }
            }
            @if count > NAMED { p.meta { "And " (plural(count - NAMED, "more run")) "." } }
        }
        "\n"
    }
}

fn reading() -> Markup {
    html! {
        section #reading {
            h2 { "How to read this" }
            p {
                "All runs are held against the first. Behind each figure stands its ratio to the "
                "first run's, with a 95 % interval that holds between runs. A figure lies beyond "
                "noise where the intervals of both runs have no point in common and it differs by "
                "2 % or more."
            }
            p {
                "A fact may explain a verdict if the claim depends on it and its values tell the "
                "verdicts apart. That is no proof: facts that differ together cannot be told apart."
            }
        }
        "\n"
    }
}
