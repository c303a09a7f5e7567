//! How many address spaces something holds for, up to which it turns.

use super::share::HALF;
use crate::claim::{CellVerdict, JudgedCell};
use crate::question::tlb::plan::{ACTORS, Comparison, HEADLINE_PAGES, Kind, id};
use crate::record::Coordinate;
use crate::stats::Interval;

/// How many address spaces are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Up to this many, and one more is too many.
    Exactly(u32),
    /// At least this many: the most that were tried, or decided.
    AtLeast(u32),
    /// At least the first and fewer than the second: what lies between is undecided.
    Between(u32, u32),
    /// Nothing that could be told.
    Unknown,
}

impl Kept {
    /// One less than the first number of address spaces at which a switch takes more than half of
    /// what a flush takes.
    pub(super) fn of(cells: &[JudgedCell]) -> Self {
        let usable = |cell: &&JudgedCell| {
            let gated = cell.margin.is_some() && cell.verdict != CellVerdict::NotMeasurable;
            gated && cell.def.id().point().contains(&Coordinate::Pages(HEADLINE_PAGES))
        };
        let fractions = cells.iter().filter(usable).filter_map(|cell| {
            let actors = ACTORS.into_iter().find(|actors| {
                id(Comparison::Refill(Kind::Process), *actors, HEADLINE_PAGES) == cell.def.id()
            })?;
            Some((actors, cell.figure?))
        });
        Self::scan(&fractions.collect::<Vec<_>>(), HALF)
    }

    /// The same over any figures that rise with the number of address spaces: the last below
    /// `level` and the first above it.
    pub(super) fn scan(figures: &[(u32, Interval)], level: f64) -> Self {
        let below = figures.iter().take_while(|(_, figure)| figure.high < level);
        let last_below = below.last().map(|(actors, _)| *actors);
        let first_above = figures.iter().find(|(_, figure)| figure.low > level);
        match (last_below, first_above.map(|(actors, _)| *actors)) {
            (Some(last), None) => Kept::AtLeast(last),
            (Some(last), Some(first)) if first == last + 1 => Kept::Exactly(last),
            (Some(last), Some(first)) => Kept::Between(last, first),
            // One address space is always kept by itself.
            (None, Some(2)) => Kept::Exactly(1),
            _ => Kept::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(actors: u32, low: f64, high: f64) -> (u32, Interval) {
        (actors, Interval { estimate: (low + high) / 2.0, low, high })
    }

    #[test]
    fn the_number_kept_is_one_less_than_the_first_that_is_lost() {
        let scan = |figures: &[(u32, Interval)]| Kept::scan(figures, 0.5);
        let low = |actors| at(actors, 0.1, 0.2);
        let high = |actors| at(actors, 0.9, 1.1);
        assert_eq!(scan(&[low(2), low(3), high(4), high(5)]), Kept::Exactly(3));
        assert_eq!(scan(&[high(2), high(3)]), Kept::Exactly(1));
        assert_eq!(scan(&[low(2), low(3)]), Kept::AtLeast(3));
        assert_eq!(scan(&[low(2), at(3, 0.4, 0.6), high(4)]), Kept::Between(2, 4));
        // A number that was not measured may be either.
        assert_eq!(scan(&[low(2), high(5)]), Kept::Between(2, 5));
        assert_eq!(scan(&[at(2, 0.4, 0.6), high(3)]), Kept::Unknown);
        assert_eq!(scan(&[low(2), at(3, 0.4, 0.6)]), Kept::AtLeast(2));
        assert_eq!(scan(&[]), Kept::Unknown);
    }
}
