//! Charts: lines, bars and ranges. Values in, one SVG each out.
//!
//! A figure knows nothing of claims and records. Numbers come with the words for them, so that a
//! chart and the text around it write them alike. Who a mark is of is told four times: by its
//! colour, by the lightness of that, by the shape of the mark and by a label beside it.

mod axis;
mod bars;
mod draw;
mod field;
mod letters;
mod lines;
mod ranges;

pub(crate) use axis::{Axis, Scale};
pub(crate) use bars::{Bars, Cell, Column, Row};
pub(crate) use draw::Drawing;
pub(crate) use lines::{HorizontalBand, Lines, Series, VerticalRule};
pub(crate) use ranges::{Range, Ranges};

use super::table::Table;
use crate::text::one_line;
use draw::{label, px};
use letters::{LINE, TITLE, wrap};
use maud::{Markup, PreEscaped, html};

/// Width of a drawing in its own units: in text of 12 units.
const WIDTH: f64 = 400.0;
/// Between drawings that stand side by side, and around them.
const GAP: f64 = 20.0;

const PALETTE: &str = include_str!("figure/palette.css");
const DRAWING: &str = include_str!("figure/drawing.css");

/// Style of figures: the palette in both themes, what is drawn, and the frame around it.
pub(crate) const CSS: [&str; 3] = [PALETTE, DRAWING, include_str!("figure.css")];

/// Who a mark is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// A thread, or what threads do.
    Thread,
    /// A process, or what processes do.
    Process,
    /// Neither.
    Plain,
    /// Something between both, or what is pointed at.
    Accent,
}

impl Look {
    /// The class that colours it.
    fn class(self) -> &'static str {
        match self {
            Look::Thread => "thread",
            Look::Process => "process",
            Look::Plain => "plain",
            Look::Accent => "accent",
        }
    }
}

/// Variants of one actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stroke {
    /// An unbroken line.
    Solid,
    /// Long dashes.
    Dashed,
    /// Dots.
    Dotted,
}

/// The background that a standalone drawing is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A chart with its finding, its description and its data.
pub(crate) trait Figure {
    /// The finding.
    fn title(&self) -> &str;

    /// What there is to see, for who cannot see it.
    fn description(&self) -> &str;

    /// What is drawn.
    fn drawing(&self) -> Drawing;

    /// The same data with their intervals.
    fn data(&self) -> Table;

    /// The figure for a page.
    fn html(&self) -> Markup {
        let Drawing { height, marks } = self.drawing();
        html! {
            figure.chart {
                figcaption { (one_line(self.title())) }
                svg.drawing viewBox={ "0 0 " (px(WIDTH)) " " (px(height)) } role="img" {
                    title { (one_line(self.title())) }
                    desc { (one_line(self.description())) }
                    (marks)
                }
                details.data { summary { "Show the data" } (self.data().html()) }
            }
            "\n"
        }
    }
}

/// Figures side by side in one file, each below its title.
pub(crate) fn beside(figures: &[&dyn Figure], theme: Theme) -> String {
    let titles: Vec<Vec<String>> =
        figures.iter().map(|figure| wrap(figure.title(), WIDTH, TITLE)).collect();
    let head = titles.iter().map(Vec::len).max().unwrap_or(0) as f64 * TITLE_LINE + 10.0;
    let drawings: Vec<Drawing> = figures.iter().map(|figure| figure.drawing()).collect();
    let tallest = drawings.iter().map(|drawing| drawing.height).fold(0.0, f64::max);
    let count = figures.len() as f64;
    let (width, height) = (count * (WIDTH + GAP) + GAP, GAP + head + tallest + GAP / 2.0);
    let titled: Vec<String> = figures.iter().map(|figure| one_line(figure.title())).collect();
    let described: Vec<String> =
        figures.iter().map(|figure| one_line(figure.description())).collect();
    let at = |index: usize| GAP + index as f64 * (WIDTH + GAP);
    let scaled = count * WIDTH / width;
    let svg = html! {
        svg.drawing xmlns="http://www.w3.org/2000/svg" role="img"
            width=(px(count * WIDTH)) height=(px(height * scaled))
            viewBox={ "0 0 " (px(width)) " " (px(height)) } {
            title { (titled.join("; ")) }
            desc { (described.join(" ")) }
            style { (PreEscaped(coloured(theme))) }
            rect.paper width=(px(width)) height=(px(height)) {}
            @for (index, (title, drawing)) in titles.iter().zip(drawings).enumerate() {
                g transform={ "translate(" (px(at(index))) " " (px(GAP)) ")" } {
                    @for (line, words) in title.iter().enumerate() {
                        (label(0.0, LINE + line as f64 * TITLE_LINE, "title", words))
                    }
                    g transform={ "translate(0 " (px(head)) ")" } { (drawing.marks) }
                }
            }
        }
    };
    svg.into_string() + "\n"
}

/// Distance of the lines of a title in a standalone drawing.
const TITLE_LINE: f64 = 20.0;

/// The style of a drawing in the colours of a theme: a file of its own has no page to ask.
fn coloured(theme: Theme) -> String {
    let colours = colours(theme);
    let style = DRAWING.to_owned();
    colours
        .iter()
        .fold(style, |style, (name, colour)| style.replace(&format!("var(--{name})"), colour))
}

/// Names and values of the palette.
fn colours(theme: Theme) -> Vec<(&'static str, &'static str)> {
    let (light, dark) = PALETTE.split_once("@media").unwrap_or((PALETTE, PALETTE));
    let part = if theme == Theme::Light { light } else { dark };
    let entries = part.split(['{', ';', '}']).filter_map(|entry| entry.trim().strip_prefix("--"));
    entries.filter_map(|entry| entry.split_once(':')).map(|(n, c)| (n.trim(), c.trim())).collect()
}

#[cfg(test)]
mod tests;
