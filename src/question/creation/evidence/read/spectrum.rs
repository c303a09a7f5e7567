//! The sets of clone flags, from thread to process.

use super::{MARGIN, View};
use crate::plan::BIG_PARENT_MIB;
use crate::question::creation::evidence::{FlagSet, FlagStep, Spectrum};
use crate::question::creation::plan::{FLAG_SETS, flags};
use crate::stats::Interval;

/// From a set to one with other flags: is something shared less, and what is it?
const STEPS: [(&str, &str, bool, &str); 7] = [
    ("thread", "vm-fs-files-sighand", true, "no longer a thread of the same process (THREAD)"),
    ("vm-fs-files-sighand", "vm-files", true, "signal handlers and paths of its own (FS, SIGHAND)"),
    ("vm-files", "vm", true, "a file table of its own (FILES)"),
    ("vm", "vm-vfork", false, "the creator sleeps until the child has exited (VFORK added)"),
    ("vm", "none", true, "an address space of its own (VM)"),
    ("files", "none", true, "a file table of its own, beside its own address space (FILES)"),
    ("fs-files", "files", true, "paths of its own, beside its own address space (FS)"),
];

impl View<'_> {
    pub(super) fn spectra(&self) -> Vec<Spectrum> {
        [0, BIG_PARENT_MIB].into_iter().filter_map(|mib| self.spectrum(mib)).collect()
    }

    fn spectrum(&self, parent_mib: u64) -> Option<Spectrum> {
        let sets: Vec<FlagSet> =
            FLAG_SETS.iter().filter_map(|set| self.flag_set(*set, parent_mib)).collect();
        let steps =
            STEPS.iter().filter_map(|step| self.flag_step(&sets, step, parent_mib)).collect();
        let comparable = self.comparable;
        // The set of a thread is in every comparison: alone it says nothing.
        (sets.len() > 1).then_some(Spectrum { parent_mib, sets, steps, comparable })
    }

    fn flag_set(
        &self,
        (name, flags): (&'static str, &'static str),
        parent_mib: u64,
    ) -> Option<FlagSet> {
        let evidence = |set| self.evidence(&self::flags(set, parent_mib));
        if name == FLAG_SETS[0].0 {
            // The first arm of every comparison.
            let any = FLAG_SETS.iter().skip(1).find_map(|(set, _)| evidence(set)?.a.time_ns);
            return Some(FlagSet { name, flags, time_ns: any?, ratio: None });
        }
        let found = evidence(name)?;
        Some(FlagSet { name, flags, time_ns: found.b.time_ns?, ratio: Some(found.ratio?) })
    }

    fn flag_step(
        &self,
        sets: &[FlagSet],
        (from, to, less, without): &(&'static str, &'static str, bool, &'static str),
        parent_mib: u64,
    ) -> Option<FlagStep> {
        let find = |name: &str| sets.iter().find(|set| set.name == name);
        let (before, after) = (find(from)?, find(to)?);
        let ratio = match before.ratio {
            Some(before) => after.ratio?.over(before),
            None => after.ratio?,
        };
        let extra_ns = Interval::combination(&[(1.0, after.time_ns), (-1.0, before.time_ns)]);
        // The set of a thread is the first arm of the other's own comparison.
        let compared = sets.iter().filter(|set| [*from, *to].contains(&set.name));
        let mut compared = compared.filter(|set| set.ratio.is_some());
        let sound = compared.all(|set| self.sound(&flags(set.name, parent_mib)).is_some());
        let contradicts = (self.comparable && sound).then_some(*less && ratio.high < 1.0 / MARGIN);
        Some(FlagStep { from, to, without, ratio, extra_ns, contradicts })
    }
}
