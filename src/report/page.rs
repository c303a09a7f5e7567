//! The page: one file that answers first and explains below, without a script and without the
//! network.

mod claims;
mod quality;
mod run;
mod since;
mod top;

pub(super) use claims::classed;

use super::face::{Face, Part, Section, View};
use super::figure::CSS;
use crate::text::one_line;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The look: system type, one hue for threads and one for processes.
pub(super) const STYLE: &str = include_str!("style.css");

/// The page of a run. The same record gives the same bytes.
pub(crate) fn index(view: View, face: Face) -> String {
    let title = format!("process vs thread: {}", one_line(&view.record.machine.slug));
    let sections: Vec<&Section> =
        face.sections.iter().filter(|section| section.says_anything(view)).collect();
    let links: Vec<(&str, &str)> =
        sections.iter().map(|section| (section.id, section.heading)).collect();
    let main = html! {
        (top::html(view, &face, &links))
        (claims::table(view))
        section #choose { h2 { "Which one should I use?" } (face.choice) }
        @for section in sections { (part_of(view, section)) }
        @if let Some(since) = &view.record.since { (since::html(since)) }
        (quality::html(view))
        (run::html(view))
    };
    document(&title, STYLE, main) + "\n"
}

/// A page of this title, with this style after that of the figures.
pub(super) fn document(title: &str, style: &str, main: Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { @for css in CSS { (PreEscaped(css)) } (PreEscaped(style)) }
            }
            body { main { (main) } }
        }
    };
    page.into_string()
}

/// A question's section: its first chart is open.
fn part_of(view: View, section: &Section) -> Markup {
    let claims = claims::details(view, section.topics);
    let first = section.parts.iter().position(|part| matches!(part, Part::Chart(_)));
    let (open, closed): (Vec<_>, Vec<_>) = section
        .parts
        .iter()
        .enumerate()
        .partition(|(at, part)| first == Some(*at) || matches!(part, Part::Open(_)));
    let charts = closed.iter().filter(|(_, part)| matches!(part, Part::Chart(_))).count();
    let more =
        if charts == 1 { "1 more chart".to_owned() } else { format!("{charts} more charts") };
    html! {
        section id=(section.id) {
            h2 { (section.heading) }
            @for (_, part) in &open { (shown(part)) }
            @if charts > 0 {
                details.more {
                    summary { (more) }
                    div.charts {
                        @for (_, part) in &closed {
                            @if matches!(part, Part::Chart(_)) { (shown(part)) }
                        }
                    }
                }
            }
            @for (_, part) in &closed { @if matches!(part, Part::Table(..)) { (shown(part)) } }
            (claims)
        }
        "\n"
    }
}

fn shown(part: &Part) -> Markup {
    match part {
        Part::Chart(figure) => figure.html(),
        Part::Open(table) => table.html(),
        Part::Table(summary, table) => {
            html! { details.more { summary { (summary) } (table.html()) } "\n" }
        }
    }
}
