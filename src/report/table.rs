//! A plain table of text, as HTML that is read aloud and narrowed well.

use crate::text::one_line;
use maud::{Markup, html};

/// Rows of text below headings. The first of a row names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// What it is of.
    pub(crate) caption: String,
    /// Headings.
    pub(crate) head: Vec<String>,
    /// What stands below them.
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// The table in a box of its own, which scrolls where the page is narrower than it.
    pub(crate) fn html(&self) -> Markup {
        let caption = one_line(&self.caption);
        html! {
            div.scroll role="region" tabindex="0" aria-label=(caption) {
                table {
                    caption { (caption) }
                    thead {
                        tr { @for title in &self.head { th scope="col" { (one_line(title)) } } }
                    }
                    tbody {
                        @for row in &self.rows {
                            tr {
                                @for (column, words) in row.iter().enumerate() {
                                    @if column == 0 { th scope="row" { (one_line(words)) } }
                                    @else { td { (one_line(words)) } }
                                }
                            }
                            "\n"
                        }
                    }
                }
            }
            "\n"
        }
    }
}
