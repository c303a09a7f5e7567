//! What a person sees: the terminal's last screen, the pages, the answer in the README.
//!
//! Pure: the record and what was judged of it are the only input, and the same record gives the
//! same bytes. Figures are written by [`Unit`](crate::claim::Unit), and nothing is printed that
//! does not follow from the record. What is to be shown of a question, the question hands over.

mod contrast;
mod details;
mod every;
mod explain;
mod export;
pub(crate) mod face;
pub(crate) mod figure;
mod markdown;
mod page;
pub(crate) mod screen;
pub(crate) mod table;
mod terminal;
mod words;

pub use export::{bmf, csv};
pub use face::Files;
pub use markdown::{BEGIN, END};
pub use terminal::Paths;

pub(crate) use contrast::json::json as contrast_json;
pub(crate) use contrast::page::html as contrast_page;
pub(crate) use contrast::screen as contrast_screen;
pub(crate) use details::html as details;
pub(crate) use every::{every, quality};
pub(crate) use explain::explain;
pub(crate) use markdown::{splice, whole};
pub(crate) use page::index;
pub(crate) use terminal::{rows, screen};

use figure::{Figure, Theme, beside};

/// Charts side by side as one drawing of its own.
pub(crate) fn drawing(figures: &[Box<dyn Figure>], dark: bool) -> String {
    let theme = if dark { Theme::Dark } else { Theme::Light };
    let figures: Vec<&dyn Figure> = figures.iter().map(AsRef::as_ref).collect();
    beside(&figures, theme)
}
