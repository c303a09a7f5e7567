//! The first screen: machine, headline, how many claims got which word, how far the figures can be
//! trusted, links, tiles and the three charts.

use crate::claim::{ClaimVerdict, quality};
use crate::report::face::{Face, View};
use crate::report::words;
use crate::text::one_line;
use maud::{Markup, html};

pub(super) fn html(view: View, face: &Face, links: &[(&str, &str)]) -> Markup {
    html! {
        header {
            p.meta { (words::machine_line(&view.record.run, &view.record.machine)) }
            h1 { (one_line(&face.headline)) }
            p.meta { (counts(view)) }
            nav aria-label="Sections" {
                a href="#claims" { "Claims" }
                a href="#choose" { "Which one?" }
                @for (id, heading) in links { a href={ "#" (id) } { (heading) } }
                @if view.record.since.is_some() { a href="#since" { "Since the last run" } }
                a href="#quality" { "Data quality" }
                a href="#repeat" { "Repeat this run" }
                a href="#machine" { "Machine" }
                @if let Some(details) = view.files.details { a href=(details) { "All data" } }
            }
        }
        div.tiles {
            @for tile in &face.tiles {
                div.tile {
                    (tile.heading)
                    b { (one_line(&tile.figure)) }
                    span.cap { (one_line(&tile.note)) }
                }
            }
        }
        "\n"
        div.hero { @for figure in &face.heroes { (figure.html()) } }
        "\n"
    }
}

/// `22 claims: 12 true, 6 false, 4 depend here.` and the quality of the data.
fn counts(view: View) -> Markup {
    let count = |wanted| view.judged.claims.iter().filter(|c| c.verdict == wanted).count();
    let run = view.judged.claims.len() - count(ClaimVerdict::NotRun);
    let kinds = [
        (ClaimVerdict::True, "true", "true"),
        (ClaimVerdict::False, "false", "false"),
        (ClaimVerdict::Depends, "depends", "depend"),
        (ClaimVerdict::Undecided, "undecided", "undecided"),
        (ClaimVerdict::NotMeasured, "unmeasured", "not measured"),
    ];
    let quality = quality(view.record, view.judged);
    let grade = quality.grade.to_string().to_lowercase();
    let noise = quality
        .noise
        .map_or("noise unknown".to_owned(), |noise| format!("noise ±{}", words::percent(noise)));
    let gaps = words::gaps(view.record, view.judged).len();
    let warnings = view.record.machine.warnings.len();
    html! {
        @if run > 0 { (words::plural(run, "claim")) ": " }
        @for (at, (verdict, class, name)) in
            kinds.into_iter().filter(|(verdict, ..)| count(*verdict) > 0).enumerate()
        {
            @if at > 0 { " · " }
            b class=(class) { (count(verdict)) " " (name) }
        }
        @if run > 0 { " here. " }
        span #grade {
            "Data quality: " b { (grade) } ", " (noise) ", "
            (words::plural(warnings, "warning")) ", " (gaps) " not measured. "
            a href="#quality" { "Details" }
        }
    }
}
