//! What a person sees: the terminal's last screen, the page, the table in the README.
//!
//! Pure: the record is the only input, and the same record gives the same bytes. Verdicts come from
//! [`judge`](crate::claim::judge), figures are written by [`Unit`](crate::claim::Unit), and nothing
//! is printed that does not follow from the record.

mod bins;
mod chart;
mod details;
#[allow(dead_code, unused_imports)]
mod figure;
mod html;
mod markdown;
mod page;
mod plot;
mod scale;
mod screen;
mod series;
mod servers;
mod stack;
mod strips;
#[allow(dead_code)]
mod table;
mod terminal;
mod words;

pub use details::html as details;
pub use markdown::{BEGIN, END, splice};
pub use page::page;
pub use terminal::{Paths, rows, table};
