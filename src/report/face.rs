//! What the questions hand to the page: tiles, charts and tables, in the order in which they are
//! shown.

use super::figure::Figure;
use super::table::Table;
use crate::claim::{Judged, JudgedClaim};
use crate::record::Record;
use maud::Markup;

/// A run as the pages of questions see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'r> {
    /// The run.
    pub(crate) record: &'r Record,
    /// All that was judged of it.
    pub(crate) judged: &'r Judged,
    /// What its pages link.
    pub(crate) files: Files<'r>,
}

/// Names of a run's files as its pages link them; none of what is not there.
#[derive(Debug, Clone, Copy)]
pub struct Files<'n> {
    /// The page that answers.
    pub page: &'n str,
    /// The page of all data.
    pub details: Option<&'n str>,
    /// The record.
    pub record: Option<&'n str>,
}

impl Files<'static> {
    /// Those in a run's folder.
    pub const USUAL: Files<'static> =
        Files { page: "index.html", details: Some("details.html"), record: Some("record.json.gz") };
}

impl<'r> View<'r> {
    /// A run whose files have their usual names.
    pub(crate) fn of(record: &'r Record, judged: &'r Judged) -> Self {
        View { record, judged, files: Files::USUAL }
    }

    /// A claim by its id.
    pub(crate) fn claim(&self, id: &str) -> Option<&'r JudgedClaim> {
        self.judged.claims.iter().find(|judged| judged.claim.id == id)
    }
}

/// One of the figures at the top.
pub(crate) struct Tile {
    /// What it is of.
    pub(crate) heading: &'static str,
    /// The figure.
    pub(crate) figure: String,
    /// What the figure says, in a few words.
    pub(crate) note: String,
}

/// What a section shows.
pub(crate) enum Part {
    /// A chart.
    Chart(Box<dyn Figure>),
    /// A table, closed, below what it is called.
    Table(&'static str, Table),
    /// A table that is open.
    Open(Table),
}

/// A section of the page.
pub(crate) struct Section {
    /// Its address on the page.
    pub(crate) id: &'static str,
    /// Its heading.
    pub(crate) heading: &'static str,
    /// Topics of the claims whose details stand in it.
    pub(crate) topics: &'static [&'static str],
    /// What it shows: the first chart open, all others below it, closed.
    pub(crate) parts: Vec<Part>,
}

impl Section {
    /// Did the run measure anything of it?
    pub(crate) fn says_anything(&self, view: View) -> bool {
        let of = |judged: &JudgedClaim| self.topics.contains(&judged.claim.topic);
        !self.parts.is_empty() || view.judged.claims.iter().any(|one| one.was_run() && of(one))
    }
}

/// All that the questions hand to the page.
pub(crate) struct Face {
    /// Two sentences.
    pub(crate) headline: String,
    /// The figures at the top.
    pub(crate) tiles: Vec<Tile>,
    /// The charts at the top.
    pub(crate) heroes: Vec<Box<dyn Figure>>,
    /// Which one to use.
    pub(crate) choice: Markup,
    /// The sections, in their order.
    pub(crate) sections: Vec<Section>,
}

/// A table of the page of details.
pub(crate) struct Detail {
    /// Its address on the page.
    pub(crate) id: &'static str,
    /// What is to be said above it.
    pub(crate) note: &'static str,
    /// The table.
    pub(crate) table: Table,
}
