//! What was run, how to repeat it, and the machine.

use crate::record::Run;
use crate::report::face::View;
use crate::report::table::Table;
use crate::report::words;
use crate::text::one_line;
use maud::{Markup, html};

pub(super) fn html(view: View) -> Markup {
    let run = &view.record.run;
    let revision = run.revision.as_deref().unwrap_or("not in a checkout");
    html! {
        section #repeat {
            h2 { "Repeat this run" }
            p { "This run: " code { (one_line(&run.command)) } }
            p {
                "One claim: " code { "process-vs-thread run A3" } ". One question: "
                code { "cargo bench --bench creation" } ". A quick run: "
                code { "cargo bench --bench verdict -- --quick" } "."
            }
            p {
                @if let Some(record) = view.files.record {
                    "This page without measuring: " code { "process-vs-thread report " (record) }
                    ". The record: " a href=(record) { (record) } "."
                }
                @if let Some(details) = view.files.details {
                    " All data: " a href=(details) { (details) } "."
                }
                @if let Some(path) = run.criterion.as_ref().filter(|path| is_beside(path)) {
                    " Distributions: "
                    a href={ (path) "/index.html" } { "Criterion's report" } "."
                }
            }
            details.more {
                summary { "About this run" }
                (about(run, view.record.schema).html())
            }
            p.meta {
                "Version " (one_line(&run.version)) ", revision " (one_line(revision)) ". "
                (kind(run))
            }
        }
        "\n"
        section #machine {
            h2 { "Machine" }
            p { (one_line(&view.record.machine.summary)) }
            details.more { summary { "All facts" } (facts(view).html()) }
        }
        "\n"
    }
}

/// Is it a path, and nothing that leads elsewhere?
fn is_beside(path: &str) -> bool {
    path.starts_with(|c: char| c == '.' || c.is_alphanumeric())
        && path.chars().all(|c| c.is_alphanumeric() || "./_- +".contains(c))
}

fn kind(run: &Run) -> &'static str {
    match (run.quick, run.full) {
        (true, _) => words::QUICK,
        (false, true) => "Full grid.",
        (false, false) => "",
    }
}

fn about(run: &Run, schema: u32) -> Table {
    let mut rows = vec![
        ("started", run.started_utc.clone()),
        ("took", words::duration(run.duration_s)),
        ("targets", run.targets.join(", ")),
        ("name", run.id.clone()),
        ("record's schema", schema.to_string()),
    ];
    if let Some(filter) = &run.filter {
        rows.push(("filter", filter.clone()));
    }
    if let Some(cut) = run.cut {
        rows.push(("ended early", cut.to_string()));
    }
    if let Some(earlier) = &run.resumed {
        rows.push(("went on with", earlier.clone()));
    }
    if let Some(label) = &run.label {
        rows.push(("label", label.clone()));
    }
    Table {
        caption: "About this run".to_owned(),
        head: ["What", "Value"].map(str::to_owned).into(),
        rows: rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect(),
    }
}

fn facts(view: View) -> Table {
    let machine = &view.record.machine;
    let rows = machine.facts.iter().map(|fact| vec![fact.name.clone(), fact.value.to_string()]);
    Table {
        caption: "Facts about the machine".to_owned(),
        head: ["Fact", "Value"].map(str::to_owned).into(),
        rows: rows.collect(),
    }
}
