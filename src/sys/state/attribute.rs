//! Attributes of a task that one system call changes and another reads.
//!
//! By the calls themselves: the actors have no thread-local storage, and the C library would change
//! the user of all threads at once.

use crate::sys::call::call;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

/// An attribute that a task may share with its creator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// A word of private memory.
    Memory,
    /// Whether a number is that of an open descriptor.
    Descriptors,
    /// What is done at a signal.
    Handlers,
    /// Which signals are blocked.
    Mask,
    /// The working folder, by the length of its path.
    Folder,
    /// The mask of rights for new files.
    Umask,
    /// The soft limit on descriptors.
    Limits,
    /// The nice value.
    Nice,
    /// The task's name (prctl(2), `PR_SET_NAME`).
    Name,
    /// Credentials: whether capabilities are kept at a change of user (prctl(2),
    /// `PR_SET_KEEPCAPS`). Any user may change it.
    KeepCapabilities,
    /// Credentials: the effective user, which takes the right to change it.
    User,
}

/// In private memory: a task that shares it sees it change.
static WORD: AtomicU32 = AtomicU32::new(0);

/// Number of a descriptor that the creator has and closes, and of one that the actor opens: above
/// what a lab has.
const GIVEN: usize = 200;
pub(super) const OPENED: usize = 201;

/// Two unused users: the second for a caller that is the first.
const NOBODY: [u32; 2] = [65_534, 65_533];
/// The end of the scale of nice values.
const MOST_NICE: i64 = 19;
/// For the kernel: leave it as it is.
const AS_IT_IS: usize = usize::MAX;

/// Bytes of the kernel's set of signals.
const SET_BYTES: usize = 8;

impl Attribute {
    /// All, in the order in which an actor changes them: the user last, who may have fewer rights.
    pub const ALL: [Attribute; 11] = [
        Attribute::Memory,
        Attribute::Descriptors,
        Attribute::Handlers,
        Attribute::Mask,
        Attribute::Folder,
        Attribute::Umask,
        Attribute::Limits,
        Attribute::Nice,
        Attribute::Name,
        Attribute::KeepCapabilities,
        Attribute::User,
    ];

    /// Changes it for the calling task, if the kernel lets it: a look tells.
    pub(super) fn change(self) {
        match self {
            Attribute::Memory => drop(WORD.fetch_add(1, Ordering::Relaxed)),
            Attribute::Descriptors => copy_descriptor(GIVEN, OPENED),
            Attribute::Handlers => handle(libc::SIG_IGN),
            Attribute::Mask => mask(libc::SIG_BLOCK),
            Attribute::Folder => {
                let path = c"/proc".as_ptr().expose_provenance();
                // SAFETY: the string is static and ends in a zero.
                let _ = unsafe { call(libc::SYS_chdir, [path, 0, 0, 0]) };
            }
            Attribute::Umask => drop(set_umask(0o135)),
            Attribute::Limits => {
                let [soft, hard] = limit();
                let new = [soft.wrapping_sub(1), hard];
                let new = ptr::from_ref(&new).expose_provenance();
                let number = libc::RLIMIT_NOFILE as usize;
                // SAFETY: the kernel reads two numbers, the whole of its `struct rlimit64`.
                let _ = unsafe { call(libc::SYS_prlimit64, [0, number, new, 0]) };
            }
            Attribute::Nice => {
                // At the end of the scale only who may be less nice can change it.
                let nice = match 20 - i64::from(self.look()) {
                    MOST_NICE => MOST_NICE - 1,
                    nice => nice + 1,
                };
                let of_this_task = libc::PRIO_PROCESS as usize;
                // SAFETY: takes numbers only.
                let _ = unsafe { call(libc::SYS_setpriority, [of_this_task, 0, nice as usize, 0]) };
            }
            Attribute::Name => {
                let name = c"changed".as_ptr().expose_provenance();
                // SAFETY: the string is static and ends in a zero.
                let _ = unsafe { call(libc::SYS_prctl, [libc::PR_SET_NAME as usize, name, 0, 0]) };
            }
            Attribute::KeepCapabilities => {
                let flipped = usize::from(self.look() == 0);
                let arguments = [libc::PR_SET_KEEPCAPS as usize, flipped, 0, 0];
                // SAFETY: this option takes a number.
                let _ = unsafe { call(libc::SYS_prctl, arguments) };
            }
            Attribute::User => drop(set_effective_user(other_than(self.look()))),
        }
    }

    /// What the calling task has, in a number that differs after a change.
    pub(super) fn look(self) -> u32 {
        match self {
            Attribute::Memory => WORD.load(Ordering::Relaxed),
            Attribute::Descriptors => is_open(OPENED).into(),
            Attribute::Handlers => {
                let mut found = [0usize; 4];
                let to = ptr::from_mut(&mut found).expose_provenance();
                let arguments = [libc::SIGUSR1 as usize, 0, to, SET_BYTES];
                // SAFETY: the kernel fills in its `struct sigaction`: handler, flags, perhaps a
                // restorer, mask.
                let _ = unsafe { call(libc::SYS_rt_sigaction, arguments) };
                found[0] as u32
            }
            Attribute::Mask => {
                let mut blocked = 0u64;
                let to = ptr::from_mut(&mut blocked).expose_provenance();
                // SAFETY: the kernel fills in its set of signals.
                let _ = unsafe { call(libc::SYS_rt_sigprocmask, [0, 0, to, SET_BYTES]) };
                blocked as u32
            }
            Attribute::Folder => {
                let mut path = [0u8; 256];
                let to = path.as_mut_ptr().expose_provenance();
                // SAFETY: the kernel writes at most as many bytes as there are.
                let length = unsafe { call(libc::SYS_getcwd, [to, path.len(), 0, 0]) };
                length.map_or(0, |length| length as u32)
            }
            Attribute::Umask => {
                let found = set_umask(0);
                set_umask(found);
                found as u32
            }
            Attribute::Limits => limit()[0] as u32,
            Attribute::Nice => {
                let of_this_task = libc::PRIO_PROCESS as usize;
                // SAFETY: takes numbers only. The call itself says 20 less the nice value.
                let found = unsafe { call(libc::SYS_getpriority, [of_this_task, 0, 0, 0]) };
                found.map_or(0, |found| found as u32)
            }
            Attribute::Name => {
                let mut name = [0u32; 4];
                let to = name.as_mut_ptr().expose_provenance();
                // SAFETY: the kernel writes 16 bytes, which is what there is.
                let _ = unsafe { call(libc::SYS_prctl, [libc::PR_GET_NAME as usize, to, 0, 0]) };
                name[0]
            }
            Attribute::KeepCapabilities => {
                let arguments = [libc::PR_GET_KEEPCAPS as usize, 0, 0, 0];
                // SAFETY: this option takes nothing.
                unsafe { call(libc::SYS_prctl, arguments) }.map_or(0, |kept| kept as u32)
            }
            Attribute::User => {
                // SAFETY: takes no argument.
                unsafe { call(libc::SYS_geteuid, [0; 4]) }.map_or(0, |user| user as u32)
            }
        }
    }
}

/// Makes a descriptor that an actor can copy, and undoes what the process may have inherited that a
/// change would not change.
pub(super) fn start_plain() -> io::Result<()> {
    copy_descriptor(File::open("/dev/null")?.as_raw_fd() as usize, GIVEN);
    if !given_is_open() {
        return Err(io::Error::from_raw_os_error(libc::EMFILE));
    }
    handle(libc::SIG_DFL);
    mask(libc::SIG_UNBLOCK);
    Ok(())
}

pub(super) fn close_given() -> io::Result<()> {
    // SAFETY: only this module knows the number.
    unsafe { call(libc::SYS_close, [GIVEN, 0, 0, 0]) }.map(drop)
}

pub(super) fn given_is_open() -> bool {
    is_open(GIVEN)
}

pub(super) fn is_open(number: usize) -> bool {
    // SAFETY: this command takes no pointer.
    unsafe { call(libc::SYS_fcntl, [number, libc::F_GETFD as usize, 0, 0]) }.is_ok()
}

/// dup3(2); whether it worked, a look tells.
pub(super) fn copy_descriptor(from: usize, to: usize) {
    // SAFETY: takes numbers, which only this module uses.
    let _ = unsafe { call(libc::SYS_dup3, [from, to, libc::O_CLOEXEC as usize, 0]) };
}

/// A user that is not this one.
#[must_use]
pub fn other_than(user: u32) -> u32 {
    if user == NOBODY[0] { NOBODY[1] } else { NOBODY[0] }
}

/// Has the calling task alone act as another user, by the system call (setresuid(2)).
///
/// # Errors
/// EPERM without the right, EINVAL where this user is not known.
pub fn set_effective_user(user: u32) -> io::Result<()> {
    // SAFETY: takes numbers only.
    unsafe { call(libc::SYS_setresuid, [AS_IT_IS, user as usize, AS_IT_IS, 0]) }.map(drop)
}

fn handle(handler: usize) {
    // Of this much only the handler is not zero, on every machine.
    let action = [handler, 0, 0, 0];
    let from = ptr::from_ref(&action).expose_provenance();
    // SAFETY: the kernel reads its `struct sigaction`: handler, flags, on some machines a restorer,
    // mask.
    let _ = unsafe { call(libc::SYS_rt_sigaction, [libc::SIGUSR1 as usize, from, 0, SET_BYTES]) };
}

fn mask(how: libc::c_int) {
    let set = 1u64 << (libc::SIGUSR2 - 1);
    let from = ptr::from_ref(&set).expose_provenance();
    // SAFETY: the kernel reads its set of signals.
    let _ = unsafe { call(libc::SYS_rt_sigprocmask, [how as usize, from, 0, SET_BYTES]) };
}

/// Sets it and returns what it was: there is no other way to read it (umask(2)).
fn set_umask(mask: usize) -> usize {
    // SAFETY: takes a number.
    unsafe { call(libc::SYS_umask, [mask, 0, 0, 0]) }.unwrap_or(0)
}

/// Soft and hard limit on descriptors.
fn limit() -> [u64; 2] {
    let mut found = [0; 2];
    let to = ptr::from_mut(&mut found).expose_provenance();
    // SAFETY: the kernel fills in two numbers, the whole of its `struct rlimit64`.
    let _ = unsafe { call(libc::SYS_prlimit64, [0, libc::RLIMIT_NOFILE as usize, 0, to]) };
    found
}
