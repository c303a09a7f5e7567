//! The few pieces of SVG that drawings are made of.

use super::Look;
use crate::stats::Interval;
use crate::text::one_line;
use maud::{Markup, html};

/// What is drawn, and how high it is; all are equally wide.
pub(crate) struct Drawing {
    /// Height in units of the drawing.
    pub(super) height: f64,
    /// Elements of SVG.
    pub(super) marks: Markup,
}

/// Half of the size of a mark.
pub(super) const MARK: f64 = 3.0;

/// A coordinate, to a tenth.
pub(super) fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// A line of text.
pub(super) fn label(x: f64, y: f64, class: &str, words: &str) -> Markup {
    html! { text x=(px(x)) y=(px(y)) class=(class) { (one_line(words)) } }
}

/// A path; none where it is empty.
pub(super) fn path(class: &str, d: &str) -> Markup {
    html! { @if !d.is_empty() { path class=(class) d=(d) {} } }
}

/// A filled rectangle.
pub(super) fn rect(class: &str, x: f64, y: f64, width: f64, height: f64) -> Markup {
    html! {
        rect class=(class) x=(px(x)) y=(px(y)) width=(px(width)) height=(px(height)) {}
    }
}

/// A straight piece of a path.
pub(super) fn piece(from: (f64, f64), to: (f64, f64)) -> String {
    format!("M{} {}L{} {}", px(from.0), px(from.1), px(to.0), px(to.1))
}

/// The mark of a look around a point, as part of a path.
pub(super) fn mark(look: Look, x: f64, y: f64) -> String {
    let at = |dx: f64, dy: f64| format!("{} {}", px(x + dx), px(y + dy));
    match look {
        Look::Thread => format!("M{}a3 3 0 1 0 6 0a3 3 0 1 0-6 0z", at(-MARK, 0.0)),
        Look::Process => format!("M{}h5.6v5.6h-5.6z", at(-2.8, -2.8)),
        Look::Plain => format!("M{}l4 4-4 4-4-4z", at(0.0, -4.0)),
        Look::Accent => format!("M{}l4 7h-8z", at(0.0, -4.4)),
    }
}

/// An interval in the words for its values, as one that is not broken into lines; what follows
/// their digits is said once where it is the same.
pub(super) fn interval(figure: Interval, format: &dyn Fn(f64) -> String) -> String {
    let [estimate, low, high] = [figure.estimate, figure.low, figure.high].map(format);
    let digits = |text: &str| text.trim_end_matches(|c: char| !c.is_ascii_digit()).len();
    let unit = &estimate[digits(&estimate)..];
    let same = [&low, &high].iter().all(|text| &text[digits(text)..] == unit);
    let bare = |text: &str| if same { text[..digits(text)].to_owned() } else { text.to_owned() };
    let words = match figure.low == figure.high {
        true => estimate,
        false => format!("{estimate} [{}, {}]", bare(&low), bare(&high)),
    };
    words.replace(' ', "\u{a0}")
}
