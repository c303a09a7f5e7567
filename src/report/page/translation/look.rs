//! How rings of each kind are named and told apart, the same in every chart and table.

use crate::question::tlb::evidence::Refill;
use crate::question::tlb::plan::Kind;
use crate::report::plot::{Line, Look, Series, Shape};
use crate::report::scale::Scale;

/// Whose ring, in the plural.
pub(super) fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Thread => "threads",
        Kind::AliasThread => "alias threads",
        Kind::VmProcess => "CLONE_VM processes",
        Kind::Process => "processes",
    }
}

/// What tells a kind from the others.
pub(super) fn of(kind: Kind) -> Look {
    let (hue, shape, line) = match kind {
        Kind::Thread => ("thread", Shape::Square, Line::Solid),
        Kind::AliasThread => ("thread", Shape::Triangle, Line::Dotted),
        Kind::VmProcess => ("vm-process", Shape::Diamond, Line::Dashed),
        Kind::Process => ("process", Shape::Circle, Line::Solid),
    };
    Look { hue, shape, line, filled: kind != Kind::AliasThread }
}

/// Processes under the policy that programs get.
pub(super) const OTHER: Look =
    Look { hue: "process", shape: Shape::Circle, line: Line::None, filled: false };

/// What one launch showed.
pub(super) const LAUNCH: Look =
    Look { hue: "process", shape: Shape::Circle, line: Line::None, filled: true };

/// The forced flush.
pub(super) const FLUSH: Look =
    Look { hue: "alone", shape: Shape::Cross, line: Line::Dashed, filled: false };

/// The kinds in the order of the tables: processes first, as they are asked about.
pub(super) const KINDS: [Kind; 4] =
    [Kind::Process, Kind::AliasThread, Kind::VmProcess, Kind::Thread];

/// The walks of a kind with this many pages, by actors.
pub(super) fn with_pages(
    refills: &[Refill],
    kind: Kind,
    pages: u32,
) -> impl Iterator<Item = &Refill> {
    refills.iter().filter(move |refill| refill.kind == kind && refill.pages == pages)
}

/// The walk of a kind with this many actors and pages.
pub(super) fn find(refills: &[Refill], kind: Kind, actors: u32, pages: u32) -> Option<&Refill> {
    with_pages(refills, kind, pages).find(|refill| refill.actors == actors)
}

/// Has a series anything to be seen?
pub(super) fn seen(series: &Series) -> bool {
    series.points.iter().any(|(_, figure)| figure.is_some())
}

/// The vertical axis that shows all of these series and some values more.
pub(super) fn scale<'s>(series: impl IntoIterator<Item = &'s Series>, more: &[f64]) -> Scale {
    let figures = series.into_iter().flat_map(|series| &series.points);
    let ends =
        figures.filter_map(|(_, figure)| *figure).flat_map(|figure| [figure.low, figure.high]);
    Scale::fitting(false, &ends.chain(more.iter().copied()).collect::<Vec<f64>>())
}
