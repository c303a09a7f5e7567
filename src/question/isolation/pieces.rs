//! The pieces of state that actors may share, and the clone flag that decides each.

use crate::question::creation::plan::FLAG_SETS;

/// A flag of clone(2) that shares something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// `CLONE_VM`.
    Memory,
    /// `CLONE_FILES`.
    Files,
    /// `CLONE_FS`.
    Folders,
    /// `CLONE_SIGHAND`.
    Handlers,
    /// `CLONE_THREAD`.
    Thread,
}

impl Flag {
    /// Its part of a set's name in [`FLAG_SETS`].
    fn part(self) -> &'static str {
        match self {
            Flag::Memory => "vm",
            Flag::Files => "files",
            Flag::Folders => "fs",
            Flag::Handlers => "sighand",
            Flag::Thread => THREAD,
        }
    }
}

/// A piece of state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Its name in what the probes see: not 0 where the actor shares it with its creator.
    pub name: &'static str,
    /// The flag that shares it (clone(2)); none where every actor has its own.
    pub shared_by: Option<Flag>,
}

/// All pieces that the probes look at. The place of the stack and the registers are not among them:
/// an actor has its own by construction, and nothing that it does could show otherwise.
pub const PIECES: [Piece; 16] = [
    piece("memory", Some(Flag::Memory)),
    piece("stack memory", Some(Flag::Memory)),
    piece("descriptors", Some(Flag::Files)),
    piece("descriptors closed by the creator", Some(Flag::Files)),
    piece("handlers", Some(Flag::Handlers)),
    piece("mask", None),
    piece("folder", Some(Flag::Folders)),
    piece("umask", Some(Flag::Folders)),
    piece("pid", Some(Flag::Thread)),
    piece("tid", None),
    piece("user by system call", None),
    piece("kept capabilities", None),
    piece("parent pid", Some(Flag::Thread)),
    piece("limits", Some(Flag::Thread)),
    piece("nice", None),
    piece("name", None),
];

/// The set of flags of a thread: all.
pub const THREAD: &str = FLAG_SETS[0].0;
const fn piece(name: &'static str, shared_by: Option<Flag>) -> Piece {
    Piece { name, shared_by }
}

/// Does an actor of this set of [`FLAG_SETS`] share the piece, as clone(2) has it?
#[must_use]
pub fn shared(set: &str, piece: &Piece) -> bool {
    piece.shared_by.is_some_and(|flag| set == THREAD || set.split('-').any(|p| p == flag.part()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn sets_share_what_their_names_say() {
        let of = |set| -> Vec<&str> {
            PIECES.iter().filter(|piece| shared(set, piece)).map(|piece| piece.name).collect()
        };
        let all = PIECES.iter().filter(|piece| piece.shared_by.is_some()).count();
        assert_eq!((of(THREAD).len(), of("none").len()), (all, 0));
        assert_eq!(of("vm-vfork"), ["memory", "stack memory"]);
        assert_eq!(of("vm-vfork"), of("vm"));
        let folders = ["folder", "umask"];
        let files = ["descriptors", "descriptors closed by the creator"];
        assert_eq!(of("files"), files);
        assert_eq!(of("fs-files"), [files, folders].concat());
        assert_eq!(of("vm-fs-files-sighand").len(), all - 3, "pid, parent pid and limits");
    }

    #[test]
    fn no_piece_is_there_twice() {
        let names: BTreeSet<&str> = PIECES.iter().map(|piece| piece.name).collect();
        assert_eq!(names.len(), PIECES.len());
    }
}
