//! What should cost the same whatever the parent holds, and the same in other places.

use super::{MARGIN, View};
use crate::question::creation::evidence::{Flat, Placed};
use crate::question::creation::plan::{FLAT, PLACED, flat, placed};
use crate::record::Placement;
use crate::stats::Interval;

impl View<'_> {
    pub(super) fn flats(&self) -> Vec<Flat> {
        let one = |(primitive, sizes): (&'static str, &[u32])| {
            let point = |mebibytes: &u32| {
                let found = self.evidence(&flat(primitive, *mebibytes))?;
                Some((*mebibytes, found.a.time_ns?, found.b.time_ns?, found.ratio?))
            };
            let points: Vec<_> = sizes.iter().filter_map(point).collect();
            let sound = |mebibytes| self.sound(&flat(primitive, mebibytes)).is_some();
            let ratios: Vec<Interval> =
                points.iter().filter(|(at, ..)| sound(*at)).map(|(.., ratio)| *ratio).collect();
            // A size that is missing may be the one where it is not flat.
            let whole = ratios.len() == sizes.len();
            let flat = if self.comparable { is_flat(&ratios, whole) } else { None };
            (!points.is_empty()).then_some(Flat { primitive, points, flat })
        };
        FLAT.into_iter().filter_map(one).collect()
    }

    pub(super) fn placed(&self) -> Vec<Placed> {
        let one = |primitive: &'static str, placement| {
            let id = placed(primitive, placement);
            let found = self.evidence(&id)?;
            Some(Placed {
                primitive,
                placement,
                same_core_ns: found.a.time_ns?,
                time_ns: found.b.time_ns?,
                ratio: found.ratio?,
                sound: self.sound(&id).is_some(),
            })
        };
        let elsewhere = [Placement::TwoCores, Placement::Free];
        let all = PLACED.into_iter().flat_map(|id| elsewhere.map(|placement| (id, placement)));
        all.filter_map(|(id, placement)| one(id, placement)).collect()
    }
}

/// All within the margin, one certainly beyond, or neither; `whole`: no size is missing.
fn is_flat(ratios: &[Interval], whole: bool) -> Option<bool> {
    if ratios.iter().any(|ratio| ratio.low > MARGIN || ratio.high < 1.0 / MARGIN) {
        return Some(false);
    }
    let within = |ratio: &Interval| ratio.low >= 1.0 / MARGIN && ratio.high <= MARGIN;
    (whole && ratios.iter().all(within)).then_some(true)
}
