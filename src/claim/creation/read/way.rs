//! Every way to start, with its four times; and who pays for the pages afterwards.

use super::View;
use crate::claim::creation::{Way, Write, Writer};
use crate::plan::Question;
use crate::plan::creation::{WAYS, WRITES, stamped};
use crate::record::Arm;
use crate::stats::Interval;

/// What the ways are compared with.
const THREAD: &str = "thread/pthread";

impl View<'_> {
    pub(super) fn ways(&self) -> Vec<Way> {
        WAYS.into_iter().filter_map(|(primitive, name)| self.way(primitive, name)).collect()
    }

    fn way(&self, primitive: &'static str, name: &'static str) -> Option<Way> {
        let found = self.evidence(&stamped(primitive))?;
        let ratio = || self.unstamped_ratio(primitive).or(found.reaped_ratio);
        Some(Way {
            primitive,
            name,
            call_ns: found.b.call_ns,
            first_ns: found.b.first_ns,
            reaped_ns: found.b.reaped_ns?,
            bill_ns_per_page: found.b.bill_ns_per_page,
            ratio: if primitive == THREAD { None } else { ratio() },
        })
    }

    /// Over a pthread in pairs without stamps, both in a small parent and on one core.
    fn unstamped_ratio(&self, primitive: &str) -> Option<Interval> {
        let (a, b) = (Arm::new(THREAD), Arm::new(primitive));
        let plain = |id: &&String| id.starts_with(Question::Creation.name());
        let mut found = self.evidence.iter().filter(|(id, _)| plain(id));
        found.find(|(_, e)| e.a.arm == a && e.b.arm == b)?.1.ratio
    }

    pub(super) fn writes(&self) -> Vec<Write> {
        let [by_parent, by_child] = WRITES.map(|id| self.evidence(id));
        let after = self.evidence(&stamped("process/fork"));
        let own = by_parent.or(by_child).and_then(|e| e.a.bill_ns_per_page);
        let bill = |evidence: Option<&crate::claim::Evidence>| evidence?.b.bill_ns_per_page;
        let writes = [
            (Writer::Alone, own),
            (Writer::ParentAfter, bill(after)),
            (Writer::ParentMeanwhile, bill(by_parent)),
            (Writer::Child, bill(by_child)),
        ];
        let write = |(who, bill): (_, Option<Interval>)| Some(Write { who, ns_per_page: bill? });
        writes.into_iter().filter_map(write).collect()
    }
}
