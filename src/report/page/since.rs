//! What changed since the last run of this machine. The record holds it: the page asks no other.

use crate::record::Since;
use crate::report::table::Table;
use crate::report::words;
use crate::text::one_line;
use maud::{Markup, html};

pub(super) fn html(since: &Since) -> Markup {
    let day = since.started_utc.split('T').next().unwrap_or_default();
    let quiet = since.verdicts.is_empty() && since.beyond == 0;
    html! {
        section #since {
            h2 { "Since the last run of this machine" }
            p {
                "The last run was " code { (one_line(&since.run)) } " on " (one_line(day)) ". "
                (summary(since))
            }
            @if !since.verdicts.is_empty() {
                ul {
                    @for one in &since.verdicts {
                        li {
                            b { (one_line(&one.claim)) } " " (one_line(&one.before)) " → "
                            (one_line(&one.after)) ": " (one_line(&one.why)) "."
                        }
                    }
                }
            }
            @for said in &since.cautions { p.meta { (one_line(said)) "." } }
            @if !quiet || !since.facts.is_empty() {
                details.more {
                    summary { "What moved, and facts that differ" }
                    @if !since.figures.is_empty() { (figures(since).html()) }
                    @if !since.facts.is_empty() { (facts(since).html()) }
                }
            }
        }
        "\n"
    }
}

/// What changed, in two sentences.
fn summary(since: &Since) -> String {
    let verdicts = match since.verdicts.len() {
        0 => "No verdict changed".to_owned(),
        changed => format!("{} changed", words::plural(changed, "verdict")),
    };
    let figures = match (since.beyond, since.compared) {
        (_, 0) => "no figures can be compared".to_owned(),
        (0, compared) => {
            format!("none of {compared} figures lies beyond noise")
        }
        (beyond, compared) => {
            format!("{beyond} of {compared} figures lie beyond noise")
        }
    };
    format!("{verdicts}, and {figures}.")
}

fn figures(since: &Since) -> Table {
    let row = |one: &crate::record::Moved| {
        let name = format!("{} {}", one.claim, one.title);
        vec![name, one.before.clone(), one.after.clone(), one.change.clone()]
    };
    Table {
        caption: "Figures that moved most since the last run".to_owned(),
        head: ["Figure", "Before", "Now", "Change (95 % interval)"].map(str::to_owned).into(),
        rows: since.figures.iter().map(row).collect(),
    }
}

fn facts(since: &Since) -> Table {
    Table {
        caption: "Facts that differ from the last run".to_owned(),
        head: ["Fact", "Before", "Now"].map(str::to_owned).into(),
        rows: since.facts.iter().map(|fact| fact.to_vec()).collect(),
    }
}
