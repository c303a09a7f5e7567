//! Every way to start, with its four times; and who pays for the pages afterwards.

use super::View;
use crate::question::creation::evidence::{Way, Write, Writer};
use crate::question::creation::plan::{WAYS, stamped, writes};
use crate::record::{Arm, Id};
use crate::stats::Interval;

/// What the ways are compared with.
const THREAD: &str = "thread/pthread";

impl View<'_> {
    pub(super) fn ways(&self) -> Vec<Way> {
        WAYS.into_iter().filter_map(|primitive| self.way(primitive)).collect()
    }

    fn way(&self, primitive: &'static str) -> Option<Way> {
        let found = self.evidence(&stamped(primitive))?;
        let ratio = || self.unstamped_ratio(primitive).or(found.reaped_ratio);
        Some(Way {
            primitive,
            call_ns: found.b.call_ns,
            first_ns: found.b.first_ns,
            reaped_ns: found.b.reaped_ns?,
            bill_ns_per_page: found.b.bill_ns_per_page,
            ratio: if primitive == THREAD { None } else { ratio() },
        })
    }

    /// Over a pthread in pairs without stamps, both in a small parent and on one core.
    fn unstamped_ratio(&self, primitive: &str) -> Option<Interval> {
        let plain = |wanted: &str, arm: &Arm| *arm == Arm::new(wanted, arm.work);
        let of_creation = |id: &&Id| id.question() == crate::question::creation::QUESTION.name;
        let mut found = self.evidence.iter().filter(|(id, _)| of_creation(id));
        found.find(|(_, e)| plain(THREAD, &e.a.arm) && plain(primitive, &e.b.arm))?.1.ratio
    }

    pub(super) fn writes(&self) -> Vec<Write> {
        let write = |who, id: &Id| {
            let found = self.evidence(id)?;
            let arm = if who == Writer::Alone { &found.a } else { &found.b };
            let sound = self.sound(id).is_some();
            Some(Write { who, ns_per_page: arm.bill_ns_per_page?, sound })
        };
        let ids = writes();
        let [by_parent, by_child] = &ids;
        // Both are compared with it; the last of equals is taken.
        let own = ids.iter().rev().filter_map(|id| write(Writer::Alone, id));
        let found = [
            own.max_by_key(|own| own.sound),
            write(Writer::ParentAfter, &stamped("process/fork")),
            write(Writer::ParentMeanwhile, by_parent),
            write(Writer::Child, by_child),
        ];
        found.into_iter().flatten().collect()
    }
}
