//! The claims, topic by topic: a row each, which opens.

use super::{View, method, section};
use crate::claim::{Estimand, JudgedCell, JudgedClaim};
use crate::plan;
use crate::record::{Actor, Arm, Policy, Stop};
use crate::report::chart::{Chart, Mark, Row};
use crate::report::html::{definitions, escape, paragraph, table, text};
use crate::report::{series, words};

pub(super) fn html(view: &View) -> String {
    let mut topics: Vec<&str> = Vec::new();
    for judged in &view.judged.claims {
        if !topics.contains(&judged.claim.topic) {
            topics.push(judged.claim.topic);
        }
    }
    topics
        .iter()
        .map(|topic| {
            let claims = view.judged.claims.iter().filter(|judged| judged.claim.topic == *topic);
            let rows: String = claims.map(|judged| claim(view, judged)).collect();
            section(&topic.to_lowercase(), topic, &rows)
        })
        .collect()
}

fn claim(view: &View, judged: &JudgedClaim) -> String {
    let claim = judged.claim;
    let summary = format!(
        "{} {} {}",
        text("span", "id", claim.id),
        text("span", "sentence", claim.sentence),
        text("b", "verdict", &words::verdict(judged.verdict, view.record)),
    );
    let facts = [
        ("Textbook", claim.promise.to_owned()),
        ("Source", claim.source.to_owned()),
        ("Measured", claim.quantity.to_owned()),
    ];
    let inside = [
        paragraph("reason", &judged.sentence.text),
        definitions(facts),
        chart(view, judged),
        figures(view, judged),
        paragraph("", claim.truth),
        paragraph("", &format!("Otherwise: {}", claim.exceptions)),
        method::html(view, judged),
    ];
    format!(
        "<details class=\"claim\" id=\"{}\" open>\n<summary>{summary}</summary>\n{}</details>\n",
        claim.id,
        inside.concat(),
    )
}

fn chart(view: &View, judged: &JudgedClaim) -> String {
    if judged.cells.iter().all(|cell| cell.figure.is_none()) {
        return String::new();
    }
    let Some(first) = judged.cells.first() else { return String::new() };
    let many = series::many(judged.cells.len());
    let mut rows = Vec::new();
    for (heading, series) in series::headed(&judged.cells, many) {
        let gap = series.gap().filter(|_| many && !series.single());
        if let Some(heading) = heading {
            let gap = gap.map_or(String::new(), |cell| cell.verdict.to_string());
            rows.push(Row::Heading(heading.to_owned(), gap));
        }
        let skipped = gap.is_some();
        let cells = series.cells.iter().filter(|_| !skipped);
        rows.extend(cells.map(|cell| Row::Mark(mark(view, cell, many))));
    }
    let unit = first.def.estimand.unit();
    let (band, promise) = (judged.claim.band, judged.claim.promise);
    let chart = Chart { unit, band, promise, rows }.html();
    let beside = judged.cells.iter().any(|cell| twin(view, cell).is_some());
    let note = "Small and hollow: the same under SCHED_OTHER, what programs get; not judged.";
    if beside { chart + &paragraph("note", note) } else { chart }
}

fn mark(view: &View, cell: &JudgedCell, many: bool) -> Mark {
    let unit = cell.def.estimand.unit();
    let value = match cell.figure {
        Some(figure) => {
            let mark = if cell.inflated { ", inflated" } else { "" };
            format!("{}  {}{mark}", unit.format(figure.estimate), cell.verdict)
        }
        None => cell.verdict.to_string(),
    };
    Mark {
        label: label(cell, many).to_owned(),
        value,
        figure: cell.figure,
        actor: measured_actor(view, cell),
        filled: words::decided(cell),
        beside: twin(view, cell).and_then(|twin| twin.figure),
    }
}

/// A cell's name: below a heading that names its series, the condition alone.
fn label(cell: &JudgedCell, many: bool) -> &str {
    match many && !cell.condition.is_empty() {
        true => &cell.condition,
        false => &cell.title,
    }
}

/// The hue of a time is that of its actor; a comparison has none.
fn measured_actor(view: &View, cell: &JudgedCell) -> Actor {
    let evidence = view.evidence(&cell.def.id());
    let arm = |pick: fn(&crate::claim::Evidence) -> &Arm| {
        evidence.map_or(Actor::Alone, |e| view.record.actor(&pick(e).primitive))
    };
    match cell.def.estimand {
        Estimand::TimeA | Estimand::FirstA => arm(|e| &e.a.arm),
        Estimand::TimeB | Estimand::FirstB | Estimand::ReapedB => arm(|e| &e.b.arm),
        Estimand::Ratio
        | Estimand::ReadyRatio
        | Estimand::ExtraCycles
        | Estimand::RefillFraction
        | Estimand::Counted(_)
        | Estimand::Holds
        | Estimand::Seen(_)
        | Estimand::Unseen(_)
        | Estimand::VirtualPerUnit
        | Estimand::MemoryPerUnit
        | Estimand::MemoryOver(_)
        | Estimand::PeakOver(_)
        | Estimand::SparesOthers
        | Estimand::TakesAll => Actor::Alone,
    }
}

/// The table under a chart: the same figures, with their intervals and reasons.
fn figures(view: &View, judged: &JudgedClaim) -> String {
    let many = series::many(judged.cells.len());
    let mut rows = Vec::new();
    for (heading, series) in series::headed(&judged.cells, many) {
        match series.gap().filter(|_| many && !series.single()) {
            Some(gap) => {
                let all = format!("{}: all {}", series.name, series.cells.len());
                rows.push(vec![escape(&all), "-".to_owned(), verdict(view, gap), "-".to_owned()]);
            }
            None => {
                rows.extend(heading.map(|heading| vec![escape(heading)]));
                rows.extend(series.cells.iter().map(|cell| row(view, cell, many)));
            }
        }
    }
    // Answers have neither a figure nor a margin.
    if judged.cells.iter().all(|cell| cell.def.estimand.is_answer()) {
        for row in rows.iter_mut().filter(|row| row.len() == 4) {
            row.truncate(3);
            row.remove(1);
        }
        return table(&["Cell", "Verdict"], &rows);
    }
    let head = ["Cell", "=Here (95 % interval)", "Verdict", "#Margin\u{a0}d"];
    table(&head, &rows)
}

fn verdict(view: &View, cell: &JudgedCell) -> String {
    let verdict = words::verdict(cell.verdict, view.record);
    format!("{} {}", text("b", "", &verdict), escape(&cell.reason))
}

fn row(view: &View, cell: &JudgedCell, many: bool) -> Vec<String> {
    let margin = cell.margin.map_or("-".to_owned(), |d| match words::percent(d.at_low) {
        low if d.at_low == d.at_high => format!("±{low}"),
        low => format!("-{low}, +{}", words::percent(d.at_high)),
    });
    let mut verdict = verdict(view, cell);
    if let Some(twin) = twin(view, cell) {
        let unit = cell.def.estimand.unit();
        let figure = twin.figure.map_or("-".to_owned(), |f| unit.format_interval(f));
        let beside = format!("under SCHED_OTHER, {}: {figure}", twin.note);
        verdict.push_str(&format!("<br>{}", text("span", "soft", &beside)));
    }
    vec![escape(label(cell, many)), escape(&words::figure(cell)), verdict, escape(&margin)]
}

/// The same arms under the policy that programs get: shown beside, never judged.
struct Twin {
    figure: Option<crate::stats::Interval>,
    note: String,
}

fn twin(view: &View, cell: &JudgedCell) -> Option<Twin> {
    let under_fifo = view.record.cell(&cell.def.id())?.a.policy == Policy::Fifo;
    let beside = view.record.cell(&plan::twin(cell.def.id())).filter(|_| under_fifo)?;
    let note = match &beside.stop {
        Stop::Failed(failure) => failure.to_string(),
        _ => "what programs get, not judged".to_owned(),
    };
    Some(Twin { figure: cell.beside, note })
}
