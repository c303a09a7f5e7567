//! Memory protection: whose writes are seen, and whom the kernel lets read another process's
//! memory.

mod reading;
mod stranger;
mod yama;

use super::plan::PROTECT;
use crate::machine::advised;
use crate::probe::smaps::seen;
use crate::probe::{Entry, Mechanism, Run};
use crate::record::{Failure, ProbeRun, Result};
use crate::sys::memory::Mapping;
use crate::workers::Workers;
use nix::errno::Errno;
use reading::{Reading, Target, Way};
use std::sync::atomic::Ordering;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        family: PROTECT,
        name: "child-write",
        statement: "A parent does not see what its forked child writes to its memory",
        run: Run::Plain(child_write),
    },
    Entry {
        family: PROTECT,
        name: "shared-mapping",
        statement: "A parent sees what its forked child writes to memory mapped as shared",
        run: Run::Plain(shared_mapping),
    },
    Entry {
        family: PROTECT,
        name: "read-other-uid",
        statement: "A process cannot read a process of another user",
        run: Run::Plain(read_other_uid),
    },
    Entry {
        family: PROTECT,
        name: "read-undumpable",
        statement: "A process cannot read one of the same user that forbids dumps of its memory",
        run: Run::Plain(read_undumpable),
    },
    Entry {
        family: PROTECT,
        name: "read-same-uid",
        statement: "A process cannot read another one of the same user",
        run: Run::Plain(read_same_uid),
    },
    Entry {
        family: PROTECT,
        name: "read-child",
        statement: "A process cannot read its own child",
        run: Run::Plain(read_child),
    },
    Entry {
        family: PROTECT,
        name: "mem-file",
        statement: "A process cannot read another one of the same user through /proc/pid/mem",
        run: Run::Plain(mem_file),
    },
];

/// Without the mechanism the memory is shared.
pub(crate) fn child_write(mechanism: Mechanism) -> Result<ProbeRun> {
    let sighted = parent_sees(mechanism == Mechanism::Off)?;
    Ok(ProbeRun {
        holds: !sighted,
        seen: vec![seen("parent sees it", sighted.into(), "processes")],
    })
}

/// Without the mechanism the memory is private.
pub(crate) fn shared_mapping(mechanism: Mechanism) -> Result<ProbeRun> {
    let sighted = parent_sees(mechanism == Mechanism::On)?;
    Ok(ProbeRun { holds: sighted, seen: vec![seen("parent sees it", sighted.into(), "processes")] })
}

/// Does the parent see what its child writes?
fn parent_sees(shared: bool) -> Result<bool> {
    let bytes = size_of::<u32>();
    let memory = if shared { Mapping::shared(bytes) } else { Mapping::private(bytes) };
    let memory = memory.map_err(|e| Failure::os("holding memory", e))?;
    let word = &memory.words()[0];
    word.store(1, Ordering::Release);
    let mut workers = Workers::fork(1, || {
        word.store(2, Ordering::Release);
        Ok(())
    })?;
    workers.work(0)?;
    let sighted = word.load(Ordering::Acquire) == 2;
    workers.end()?;
    Ok(sighted)
}

/// The other process, of those that share nothing with the reader but the user.
pub(crate) fn read_same_uid(mechanism: Mechanism) -> Result<ProbeRun> {
    refused(Target::Sibling, Way::Call, mechanism)
}

/// The reader's own child.
pub(crate) fn read_child(mechanism: Mechanism) -> Result<ProbeRun> {
    refused(Target::Child, Way::Call, mechanism)
}

/// A process of the same user that forbids dumps of its memory.
pub(crate) fn read_undumpable(mechanism: Mechanism) -> Result<ProbeRun> {
    refused(Target::Undumpable, Way::Call, mechanism)
}

/// A process of another user.
pub(crate) fn read_other_uid(mechanism: Mechanism) -> Result<ProbeRun> {
    refused(Target::OtherUser, Way::Call, mechanism)
}

/// As [`read_same_uid`], through the file that the kernel shows of a process's memory.
pub(crate) fn mem_file(mechanism: Mechanism) -> Result<ProbeRun> {
    refused(Target::Sibling, Way::File, mechanism)
}

/// The statements say that it is refused. Without the mechanism the reader reads itself, which
/// nobody refuses.
fn refused(target: Target, way: Way, mechanism: Mechanism) -> Result<ProbeRun> {
    let target = if mechanism == Mechanism::Off { Target::Itself } else { target };
    let Reading { bytes, errno, own_errno, found, seen } = reading::try_it(target, way)?;
    let tried = "reading another process";
    closed(way, Errno::from_raw(own_errno as i32))?;
    // Whatever was read must be what stands there: else it was not the target's memory.
    if bytes > 0 && !found {
        return Err(Failure::new(tried, "what was read is not what stands there"));
    }
    let errno = Errno::from_raw(errno as i32);
    let holds = is_refusal(bytes, errno).ok_or_else(|| Failure::os(tried, errno))?;
    Ok(ProbeRun { holds, seen })
}

/// Fails where the reader could not even read itself: then a refusal is none of the target's.
fn closed(way: Way, own: Errno) -> Result<()> {
    let tried = || format!("reading this process's own memory by {}", way.name());
    match own {
        Errno::UnknownErrno => Ok(()),
        own => Err(advised(Failure::os(tried(), own), way.name())),
    }
}

/// Did the kernel refuse the access? `None` where the error number does not say: the target is
/// gone, or there is no such call.
fn is_refusal(bytes: u32, errno: Errno) -> Option<bool> {
    match errno {
        _ if bytes > 0 => Some(false),
        Errno::EPERM | Errno::EACCES => Some(true),
        // Who may read at all is asked first (process_vm_readv(2)): nothing is mapped there.
        Errno::EFAULT => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_read_itself_says_nothing_of_others() {
        assert_eq!(closed(Way::Call, Errno::UnknownErrno), Ok(()));
        let failure = closed(Way::Call, Errno::EPERM).unwrap_err();
        assert!(failure.tried.contains("process_vm_readv(2)"), "{failure}");
    }

    #[test]
    fn only_a_refused_access_is_a_refusal() {
        let word = size_of::<u32>() as u32;
        assert_eq!(is_refusal(word, Errno::UnknownErrno), Some(false));
        for errno in [Errno::EPERM, Errno::EACCES] {
            assert_eq!(is_refusal(0, errno), Some(true));
        }
        assert_eq!(is_refusal(0, Errno::EFAULT), Some(false), "only nothing is mapped there");
        for errno in [Errno::ESRCH, Errno::ENOSYS, Errno::EIO, Errno::ENOENT, Errno::UnknownErrno] {
            assert_eq!(is_refusal(0, errno), None, "{errno}");
        }
    }
}
