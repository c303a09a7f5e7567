//! The claims, topic by topic: a row each, which opens.

use super::{View, method, section};
use crate::claim::{Estimand, JudgedCell, JudgedClaim};
use crate::plan;
use crate::record::{Actor, Arm, Policy, Stop};
use crate::report::chart::{Chart, Mark};
use crate::report::html::{definitions, escape, paragraph, table, text};
use crate::report::words;

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
        paragraph("reason", &judged.reason),
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
    let mut marks = Vec::new();
    for cell in &judged.cells {
        let unit = cell.def.estimand.unit();
        let value = match cell.figure {
            Some(figure) => format!("{}  {}", unit.format(figure.estimate), cell.verdict),
            None => cell.verdict.to_string(),
        };
        marks.push(Mark {
            label: cell.def.title.to_owned(),
            value,
            figure: cell.figure,
            actor: measured_actor(view, cell),
            filled: words::decided(cell),
        });
        if let Some(figure) = twin(view, cell).and_then(|twin| twin.figure) {
            marks.push(Mark {
                label: "the same, SCHED_OTHER".to_owned(),
                value: format!("{}  not judged", unit.format(figure.estimate)),
                figure: Some(figure),
                actor: Actor::Alone,
                filled: false,
            });
        }
    }
    if marks.iter().all(|mark| mark.figure.is_none()) {
        return String::new();
    }
    let unit = judged.cells.first().map(|cell| cell.def.estimand.unit());
    let Some(unit) = unit else { return String::new() };
    Chart { unit, band: judged.claim.band, promise: judged.claim.promise, marks }.html()
}

/// The hue of a time is that of its actor; a comparison has none.
fn measured_actor(view: &View, cell: &JudgedCell) -> Actor {
    let evidence = view.evidence(cell.def.experiment);
    let arm = |pick: fn(&crate::claim::Evidence) -> &Arm| {
        evidence.map_or(Actor::Alone, |e| words::actor(&pick(e).primitive))
    };
    match cell.def.estimand {
        Estimand::TimeA => arm(|e| &e.a.arm),
        Estimand::TimeB => arm(|e| &e.b.arm),
        Estimand::Ratio
        | Estimand::ExtraCycles
        | Estimand::RefillFraction
        | Estimand::MissesPerPage => Actor::Alone,
    }
}

/// The table under a chart: the same figures, with their intervals and reasons.
fn figures(view: &View, judged: &JudgedClaim) -> String {
    let mut rows = Vec::new();
    for cell in &judged.cells {
        let verdict = words::verdict(cell.verdict, view.record);
        let margin = cell.margin.map_or("-".to_owned(), |d| match words::percent(d.at_low) {
            low if d.at_low == d.at_high => format!("±{low}"),
            low => format!("-{low}, +{}", words::percent(d.at_high)),
        });
        rows.push(vec![
            escape(cell.def.title),
            escape(&words::figure(cell)),
            format!("{} {}", text("b", "", &verdict), escape(&cell.reason)),
            escape(&margin),
        ]);
        if let Some(twin) = twin(view, cell) {
            let unit = cell.def.estimand.unit();
            rows.push(vec![
                escape(&format!("{}, under SCHED_OTHER", cell.def.title)),
                escape(&twin.figure.map_or("-".to_owned(), |f| unit.format_interval(f))),
                escape(&twin.note),
                "-".to_owned(),
            ]);
        }
    }
    let head = ["Cell", "=Here (95 % interval)", "Verdict", "#Margin\u{a0}d"];
    table(&head, &rows)
}

/// The same arms under the policy that programs get: shown beside, never judged.
struct Twin {
    figure: Option<crate::stats::Interval>,
    note: String,
}

fn twin(view: &View, cell: &JudgedCell) -> Option<Twin> {
    let under_fifo = view.record.cell(cell.def.experiment)?.a.policy == Policy::Fifo;
    let beside = view.record.cell(&plan::twin(cell.def.experiment)).filter(|_| under_fifo)?;
    let note = match &beside.stop {
        Stop::Failed(failure) => failure.to_string(),
        _ => "what programs get; shown beside and not judged".to_owned(),
    };
    Some(Twin { figure: cell.beside, note })
}
