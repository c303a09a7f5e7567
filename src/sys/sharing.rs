//! What an actor shares with its creator: a closed list of sets of clone flags, from a thread to a
//! process.

use std::ffi::c_int;

/// What an actor shares with its creator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// Everything that a thread shares, its identity as part of the process included.
    All,
    /// Memory, working folder, descriptors and signal handlers: all but the identity.
    AllButIdentity,
    /// Memory and descriptors.
    MemoryAndFiles,
    /// The address space alone: a process of its own for the scheduler, for signals and for
    /// wait(2).
    Memory,
    /// The address space, and its creator sleeps until it has left: vfork(2).
    MemoryAndTurn,
    /// Working folder and descriptors, and no memory.
    FoldersAndFiles,
    /// Descriptors alone.
    Files,
    /// Nothing: as after fork(2).
    Nothing,
}

impl Sharing {
    /// Every set, from most to least.
    pub const EACH: [Sharing; 8] = [
        Sharing::All,
        Sharing::AllButIdentity,
        Sharing::MemoryAndFiles,
        Sharing::Memory,
        Sharing::MemoryAndTurn,
        Sharing::FoldersAndFiles,
        Sharing::Files,
        Sharing::Nothing,
    ];

    /// The flags of clone(2): for a thread those of pthread_create, less the thread-local storage,
    /// and the word that tells of its end; for the others the signal that does.
    pub(super) fn flags(self) -> c_int {
        use libc::{CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_VFORK, CLONE_VM, SIGCHLD};
        const THREAD: c_int = libc::CLONE_THREAD | libc::CLONE_SYSVSEM | libc::CLONE_CHILD_CLEARTID;
        match self {
            Sharing::All => CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | THREAD,
            Sharing::AllButIdentity => CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | SIGCHLD,
            Sharing::MemoryAndFiles => CLONE_VM | CLONE_FILES | SIGCHLD,
            Sharing::Memory => CLONE_VM | SIGCHLD,
            Sharing::MemoryAndTurn => CLONE_VM | CLONE_VFORK | SIGCHLD,
            Sharing::FoldersAndFiles => CLONE_FS | CLONE_FILES | SIGCHLD,
            Sharing::Files => CLONE_FILES | SIGCHLD,
            Sharing::Nothing => SIGCHLD,
        }
    }

    /// Does the actor use its creator's memory, and not a copy?
    #[must_use]
    pub fn has_memory(self) -> bool {
        self.flags() & libc::CLONE_VM != 0
    }

    /// Is it a thread? Then its end is told by a word in memory, not by wait(2).
    #[must_use]
    pub fn is_thread(self) -> bool {
        self.flags() & libc::CLONE_THREAD != 0
    }
}
