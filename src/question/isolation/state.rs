//! What actors share with their creator, by the set of clone flags: changed on one side and looked
//! at from the other.

mod credentials;

use super::plan::STATE;
use crate::probe::{Entry, Mechanism, Run};
pub(crate) use credentials::credentials;

use crate::question::creation::plan::FLAG_SETS;
use crate::question::isolation::pieces::{PIECES, shared};
use crate::record::{Failure, ProbeRun, Result, Seen};
use crate::sys::sharing::Sharing;
use crate::sys::single_thread::SingleThread;
use crate::sys::state::{self, ALLOWED, Attribute, FlagSet, Observation, SENSELESS};
use nix::errno::Errno;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        family: STATE,
        name: "thread",
        statement: "A thread shares with its creator what clone(2) says: all except per-task state",
        run: Run::Plain(|mechanism| table(Sharing::All, mechanism)),
    },
    Entry {
        family: STATE,
        name: "vm-fs-files-sighand",
        statement: "A task with VM | FS | FILES | SIGHAND shares what clone(2) says: all except \
                    its identity",
        run: Run::Plain(|mechanism| table(Sharing::AllButIdentity, mechanism)),
    },
    Entry {
        family: STATE,
        name: "vm-files",
        statement: "A task with VM | FILES shares what clone(2) says: memory and descriptors",
        run: Run::Plain(|mechanism| table(Sharing::MemoryAndFiles, mechanism)),
    },
    Entry {
        family: STATE,
        name: "vm",
        statement: "A task with VM shares what clone(2) says: memory alone",
        run: Run::Plain(|mechanism| table(Sharing::Memory, mechanism)),
    },
    Entry {
        family: STATE,
        name: "vm-vfork",
        statement: "A task with VM | VFORK shares what clone(2) says: memory alone",
        run: Run::Plain(|mechanism| table(Sharing::MemoryAndTurn, mechanism)),
    },
    Entry {
        family: STATE,
        name: "fs-files",
        statement: "A task with FS | FILES shares what clone(2) says: descriptors, directory and \
                    umask",
        run: Run::Plain(|mechanism| table(Sharing::FoldersAndFiles, mechanism)),
    },
    Entry {
        family: STATE,
        name: "files",
        statement: "A task with FILES shares what clone(2) says: descriptors alone",
        run: Run::Plain(|mechanism| table(Sharing::Files, mechanism)),
    },
    Entry {
        family: STATE,
        name: "none",
        statement: "A process (no flags) shares no state with its creator",
        run: Run::Plain(|mechanism| table(Sharing::Nothing, mechanism)),
    },
    Entry {
        family: STATE,
        name: "vm-without-files",
        statement: "VM without FILES gives one memory and two descriptor tables",
        run: Run::Plain(vm_without_files),
    },
    Entry {
        family: STATE,
        name: "refused",
        statement: "clone rejects contradictory sets of flags with EINVAL",
        run: Run::Plain(refused),
    },
    Entry {
        family: STATE,
        name: "credentials",
        statement: "The effective user that one thread sets through the C library applies to all \
                    threads",
        run: Run::Plain(credentials),
    },
];

/// Unit of what is either shared, 1, or one's own, 0.
const SHARED: &str = "shared";

/// An actor of this set. Without the mechanism it is one of another set: a process, or for a
/// process a thread.
pub(crate) fn table(sharing: Sharing, mechanism: Mechanism) -> Result<ProbeRun> {
    let tried = "changing state in an actor";
    let alone = SingleThread::prove().map_err(|e| Failure::os(tried, e))?;
    let started = match (mechanism, sharing) {
        (Mechanism::On, _) => sharing,
        (Mechanism::Off, Sharing::Nothing) => Sharing::All,
        (Mechanism::Off, _) => Sharing::Nothing,
    };
    let observation = state::observe(started, &alone).map_err(|e| Failure::os(tried, e))?;
    let set = Sharing::EACH.iter().position(|each| *each == sharing);
    let set = set.map_or("", |place| FLAG_SETS[place].0);
    let mut seen = Vec::with_capacity(PIECES.len());
    let mut holds = true;
    for piece in &PIECES {
        // What could not be changed tells nothing, and is not there.
        if let Some(found) = look(&observation, piece.name) {
            holds &= found == shared(set, piece);
            seen.push(saw(piece.name, found, SHARED));
        }
    }
    Ok(ProbeRun { holds, seen })
}

/// Is this piece shared? `None` where the actor could not change it.
fn look(observation: &Observation, piece: &str) -> Option<bool> {
    match piece {
        "memory" => changed(observation, Attribute::Memory),
        "stack memory" => Some(observation.stack_memory),
        "descriptors" => changed(observation, Attribute::Descriptors),
        "descriptors closed by the creator" => observation.closed,
        "handlers" => changed(observation, Attribute::Handlers),
        "mask" => changed(observation, Attribute::Mask),
        "folder" => changed(observation, Attribute::Folder),
        "umask" => changed(observation, Attribute::Umask),
        "pid" => Some(observation.pid),
        "tid" => Some(observation.tid),
        "user by system call" => changed(observation, Attribute::User),
        "kept capabilities" => changed(observation, Attribute::KeepCapabilities),
        "parent pid" => Some(observation.parent),
        "limits" => changed(observation, Attribute::Limits),
        "nice" => changed(observation, Attribute::Nice),
        "name" => changed(observation, Attribute::Name),
        _ => None,
    }
}

fn changed(observation: &Observation, attribute: Attribute) -> Option<bool> {
    observation.changes.iter().find(|change| change.attribute == attribute)?.shared()
}

/// Memory shared, descriptors not. Without the mechanism descriptors are shared too.
pub(crate) fn vm_without_files(mechanism: Mechanism) -> Result<ProbeRun> {
    let tried = "opening files in an actor that shares memory";
    let alone = SingleThread::prove().map_err(|e| Failure::os(tried, e))?;
    let sharing = match mechanism {
        Mechanism::On => Sharing::Memory,
        Mechanism::Off => Sharing::MemoryAndFiles,
    };
    let found = state::one_number(sharing, &alone).map_err(|e| Failure::os(tried, e))?;
    Ok(ProbeRun {
        holds: found.told && !found.open && found.two_files,
        seen: vec![
            saw("the creator reads the number that the actor wrote", found.told, "yes"),
            saw("that number is open for the creator", found.open, "yes"),
            saw("one number is two files", found.two_files, "yes"),
        ],
    })
}

/// Each set that makes no sense. Without the mechanism one that does is among them.
pub(crate) fn refused(mechanism: Mechanism) -> Result<ProbeRun> {
    let tried = "starting actors of sets that make no sense";
    let alone = SingleThread::prove().map_err(|e| Failure::os(tried, e))?;
    let mut sets = SENSELESS.to_vec();
    if mechanism == Mechanism::Off {
        sets.push(ALLOWED);
    }
    let (mut seen, mut holds) = (Vec::with_capacity(sets.len()), true);
    for set in sets {
        let number = set.refusal(&alone).map_err(|e| Failure::os(tried, e))?;
        let so = refused_for_the_set(set, number);
        holds &= so.unwrap_or(true);
        let note = if so.is_none() { UNJUDGED } else { "" };
        let (what, figure) = (format!("{}{note}", set.name), f64::from(number));
        seen.push(Seen { what, figure, unit: "errno".to_owned() });
    }
    Ok(ProbeRun { holds, seen })
}

/// Did clone refuse the set as one that makes no sense? `None` where a sandbox forbids new
/// namespaces: it says so before the kernel looks at the set.
fn refused_for_the_set(set: FlagSet, number: i32) -> Option<bool> {
    let forbidden = set.wants_namespace() && number == Errno::EPERM as i32;
    (!forbidden).then_some(number == Errno::EINVAL as i32)
}

/// What a set is called that is no part of the answer.
const UNJUDGED: &str = " (not seen: a sandbox forbids new namespaces)";

fn saw(what: &str, yes: bool, unit: &str) -> Seen {
    Seen { what: what.to_owned(), figure: f64::from(u8::from(yes)), unit: unit.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::isolation::pieces::THREAD;

    /// An observation in which all answers agree, except for what cannot be changed.
    fn observation(shared: bool) -> Observation {
        Observation {
            changes: Vec::new(),
            closed: None,
            stack_memory: shared,
            pid: shared,
            tid: shared,
            parent: shared,
        }
    }

    #[test]
    fn every_piece_of_the_plan_is_looked_at() {
        let found =
            PIECES.iter().filter(|piece| look(&observation(true), piece.name) == Some(true));
        assert_eq!(found.count(), 4, "those that need no change");
        assert_eq!(look(&observation(true), "hat"), None);
    }

    #[test]
    fn no_other_error_is_the_refusal_of_a_set() {
        for set in SENSELESS {
            let says = |errno: Errno| refused_for_the_set(set, errno as i32);
            assert_eq!(says(Errno::EINVAL), Some(true), "{set:?}");
            let forbidden = if set.name == "FS with NEWNS" { None } else { Some(false) };
            assert_eq!(says(Errno::EPERM), forbidden, "{set:?}");
            assert_eq!(says(Errno::EAGAIN), Some(false), "{set:?}");
            assert_eq!(refused_for_the_set(set, 0), Some(false), "{set:?}");
        }
    }

    #[test]
    fn sets_and_their_names_go_together() {
        let name = |sharing| {
            let place = Sharing::EACH.iter().position(|each| *each == sharing).unwrap();
            FLAG_SETS[place].0
        };
        assert_eq!((name(Sharing::All), name(Sharing::Nothing)), (THREAD, "none"));
        for (sharing, (set, _)) in Sharing::EACH.into_iter().zip(FLAG_SETS) {
            let by_name =
                |piece: &str| shared(set, PIECES.iter().find(|known| known.name == piece).unwrap());
            assert_eq!(by_name("memory"), sharing.has_memory(), "{set}");
            assert_eq!(by_name("pid"), sharing.is_thread(), "{set}");
        }
    }
}
