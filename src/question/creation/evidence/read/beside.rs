//! What should cost the same whatever the parent holds, and the same in other places.

use super::View;
use crate::question::creation::evidence::{Flat, Placed};
use crate::question::creation::plan::{FLAT, PLACED, flat, placed};
use crate::record::Placement;

impl View<'_> {
    pub(super) fn flats(&self) -> Vec<Flat> {
        let one = |(primitive, sizes): (&'static str, &[u32])| {
            let point = |mebibytes: &u32| {
                let found = self.evidence(&flat(primitive, *mebibytes))?;
                Some((*mebibytes, found.a.time_ns?, found.b.time_ns?))
            };
            let points: Vec<_> = sizes.iter().filter_map(point).collect();
            (!points.is_empty()).then_some(Flat { primitive, points })
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
