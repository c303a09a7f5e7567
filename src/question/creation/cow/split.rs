//! Who writes a shared page gets a copy of it: a worker writes half of the pages, then the parent a
//! quarter of them.

use super::{Mechanism, Memory, WORKERS, near, nearly_none};
use crate::probe::smaps::{Share, seen};
use crate::record::{ProbeRun, Result, Seen};
use crate::sys::memory::page_bytes;
use crate::workers::{Workers, minor_faults};
use nix::unistd::getpid;

/// What a worker and the parent write over what the pages hold.
const BY_WORKER: u32 = 2;
const BY_PARENT: u32 = 3;

/// Faults that code and stack of the writer itself may add to those of the pages.
const OWN_FAULTS: u64 = 32;

/// What there was to see.
#[derive(Debug, Clone)]
struct Split {
    /// Pages that the worker wrote, and the minor faults that it took.
    worker_wrote: [u64; 2],
    /// The same of the parent.
    parent_wrote: [u64; 2],
    /// Minor faults of the parent while the worker wrote.
    faults_meanwhile: u64,
    /// Pages in which the parent then found something else than before.
    changed: u64,
    /// The parent before anybody wrote, after the worker did, and after it did itself.
    parent: [Share; 3],
    /// The worker that wrote.
    worker: Share,
    /// Another one, after the worker wrote and after the parent did.
    other: [Share; 2],
}

/// Without the mechanism the memory is mapped as shared, and all write the same pages.
pub(crate) fn split(mechanism: Mechanism) -> Result<ProbeRun> {
    let memory = Memory::make(mechanism)?;
    let half = memory.pages() / 2;
    let quarter = half..half + half / 2;
    let mut workers = Workers::fork(WORKERS, || {
        memory.write(0..half, BY_WORKER);
        Ok(())
    })?;
    let look = |process| Share::of(process, &memory.range);

    let before = look(getpid())?;
    let faults = minor_faults();
    let worker_faults = workers.work(0)?;
    let faults_meanwhile = minor_faults() - faults;
    let then = [look(getpid())?, look(workers.pid(0))?, look(workers.pid(1))?];
    let changed = memory.pages_changed();

    let faults = minor_faults();
    memory.write(quarter.clone(), BY_PARENT);
    let parent_faults = minor_faults() - faults;
    let after = [look(getpid())?, look(workers.pid(1))?];
    workers.end()?;

    let split = Split {
        worker_wrote: [half as u64, worker_faults],
        parent_wrote: [quarter.len() as u64, parent_faults],
        faults_meanwhile,
        changed,
        parent: [before, then[0], after[0]],
        worker: then[1],
        other: [then[2], after[1]],
    };
    Ok(ProbeRun { holds: split.holds(page_bytes() as u64), seen: split.seen() })
}

impl Split {
    fn holds(&self, page_bytes: u64) -> bool {
        let [before, then, after] = &self.parent;
        let undisturbed = |share: &Share| share.rss == before.rss && nearly_none(share.private());
        let grown = after.private_dirty.saturating_sub(then.private_dirty);
        near(self.worker.private_dirty, self.worker_wrote[0] * page_bytes)
            && near(grown, self.parent_wrote[0] * page_bytes)
            && self.changed == 0
            && undisturbed(then)
            && self.other.iter().all(undisturbed)
            && one_fault_a_page(self.worker_wrote)
            && self.faults_meanwhile <= OWN_FAULTS
            && one_fault_a_page(self.parent_wrote)
    }

    fn seen(&self) -> Vec<Seen> {
        [
            vec![
                seen("pages that a worker wrote", self.worker_wrote[0], "pages"),
                seen("worker: minor faults", self.worker_wrote[1], "faults"),
                seen("parent meanwhile: minor faults", self.faults_meanwhile, "faults"),
                seen("parent then: pages that hold something else", self.changed, "pages"),
            ],
            self.worker.seen("worker that wrote"),
            self.parent[1].seen("parent then"),
            self.other[0].seen("other worker then"),
            vec![
                seen("pages that the parent wrote", self.parent_wrote[0], "pages"),
                seen("parent: minor faults", self.parent_wrote[1], "faults"),
            ],
            self.parent[2].seen("parent that wrote"),
            self.other[1].seen("other worker at the end"),
        ]
        .concat()
    }
}

fn one_fault_a_page([pages, faults]: [u64; 2]) -> bool {
    (pages..=pages + OWN_FAULTS).contains(&faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: u64 = 4096;
    const ALL: u64 = super::super::BYTES as u64;

    fn with(private_dirty: u64) -> Share {
        Share { rss: ALL, pss: ALL / 5, private_dirty, ..Share::default() }
    }

    /// As it should be.
    fn clean() -> Split {
        Split {
            worker_wrote: [2048, 2052],
            parent_wrote: [1024, 1024],
            faults_meanwhile: 1,
            changed: 0,
            parent: [with(0), with(0), with(ALL / 4)],
            worker: with(ALL / 2),
            other: [with(0), with(0)],
        }
    }

    #[test]
    fn each_part_of_the_statement_decides() {
        assert!(clean().holds(PAGE));
        type Spoil = fn(&mut Split);
        let spoils: [(&str, Spoil); 9] = [
            ("the worker has no copy", |s| s.worker = with(0)),
            ("the worker has copies of all", |s| s.worker = with(ALL)),
            ("the parent sees what it wrote", |s| s.changed = 1),
            ("the parent got copies", |s| s.parent[1] = with(ALL / 2)),
            ("the parent has no copy of its own", |s| s.parent[2] = with(0)),
            ("another worker got copies", |s| s.other[1] = with(ALL / 4)),
            ("the worker did not pay", |s| s.worker_wrote[1] = 2047),
            ("the parent paid for the worker", |s| s.faults_meanwhile = 2048),
            ("the parent paid twice", |s| s.parent_wrote[1] = 2048),
        ];
        for (what, spoil) in spoils {
            let mut split = clean();
            spoil(&mut split);
            assert!(!split.holds(PAGE), "{what}");
        }
    }

    #[test]
    fn every_figure_has_a_name_of_its_own() {
        let seen = clean().seen();
        let names: std::collections::BTreeSet<&str> =
            seen.iter().map(|seen| seen.what.as_str()).collect();
        assert_eq!(names.len(), seen.len());
    }
}
