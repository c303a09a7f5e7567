//! A reader and the process that it tries to read.
//!
//! As root both become an ordinary user first: root reads every process (`CAP_SYS_PTRACE`), and
//! that is not what is asked.

use super::stranger::Stranger;
use super::yama::ptrace_scope;
use crate::probe::smaps::seen;
use crate::record::{Failure, Result, Seen};
use crate::sys::child::OwnedChild;
use crate::sys::fork::die_with;
use crate::sys::memory::Mapping;
use crate::sys::process_vm::read_word;
use crate::workers::fork;
use nix::errno::Errno;
use nix::sys::prctl::{get_dumpable, set_dumpable};
use nix::unistd::{Gid, Pid, Uid, alarm, getpid, pause, setgroups, setresgid, setresuid};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU32, Ordering};

/// The user and group `nobody`.
const NOBODY: u32 = 65534;
/// What the target writes to its own memory, and the reader looks for.
const SECRET: u32 = 0x5ec2_e700;
/// Either ends itself after this many seconds.
const LIFE_S: u32 = 8;
/// What [`SharedStatus::dumpable`] holds at first.
const UNKNOWN: u32 = u32::MAX;

/// The process that the reader tries to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// A process of the same user and parent, which allows what a process allows unasked.
    Sibling,
    /// The reader's own child.
    Child,
    /// A sibling that forbids dumps (prctl(2), PR_SET_DUMPABLE).
    Undumpable,
    /// A process of another user.
    OtherUser,
    /// The reader.
    Itself,
}

impl Way {
    /// As manual pages call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Way::Call => "process_vm_readv(2)",
            Way::File => "/proc/pid/mem",
        }
    }
}

/// How it tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// process_vm_readv(2).
    Call,
    /// `/proc/pid/mem` (proc(5)).
    File,
}

/// What became of it.
#[derive(Debug)]
pub(super) struct Reading {
    /// Bytes that were read.
    pub(super) bytes: u32,
    /// The error number; 0 where there is none.
    pub(super) errno: u32,
    /// The error number of reading its own memory in the same way, which every process may; 0 where
    /// it did. Otherwise the way is closed, whoever is read.
    pub(super) own_errno: u32,
    /// Is it what the target wrote?
    pub(super) found: bool,
    /// All of it, with the settings that decide.
    pub(super) seen: Vec<Seen>,
}

/// How many words they share.
const WORDS: usize = 7;

/// What reader, target and lab share. The secret lies elsewhere, in memory that each has for
/// itself.
struct SharedStatus<'m> {
    /// Is the target dumpable?
    dumpable: &'m AtomicU32,
    bytes: &'m AtomicU32,
    errno: &'m AtomicU32,
    word: &'m AtomicU32,
    uids: [&'m AtomicU32; 2],
    own_errno: &'m AtomicU32,
}

/// Reads a word of the target.
pub(super) fn try_it(target: Target, way: Way) -> Result<Reading> {
    let tried = "reading another process";
    let refused = |e| Failure::os(tried, e);
    let shared = Mapping::shared(WORDS * size_of::<u32>()).map_err(refused)?;
    let secret = Mapping::private(size_of::<u32>()).map_err(refused)?;
    let at = |word: usize| &shared.words()[word];
    let status = SharedStatus {
        dumpable: at(0),
        bytes: at(1),
        errno: at(2),
        word: at(3),
        uids: [at(4), at(5)],
        own_errno: at(6),
    };
    status.dumpable.store(UNKNOWN, Ordering::Relaxed);
    let stranger = if target == Target::OtherUser { Some(Stranger::find()?) } else { None };
    let secret = &secret.words()[0];
    let lab = getpid();
    // It lives until the reader is done.
    let sibling = match target {
        Target::Sibling => Some(start_target(&status, lab, true, secret)?),
        Target::Undumpable => Some(start_target(&status, lab, false, secret)?),
        _ => None,
    };
    let whose = stranger.as_ref().map(|stranger| stranger.pid);
    let whose = whose.or(sibling.as_ref().map(OwnedChild::pid));
    let read = || be_reader(&status, lab, target, way, whose, secret);
    fork(ORDINARY, read, |()| ()).map_err(refusal)?;
    Ok(status.reading(stranger.as_ref()))
}

const ORDINARY: &str = "making two processes of one ordinary user";

/// Adds what to do where the kernel refused to make the two processes.
fn refusal(why: Failure) -> Failure {
    match why.errno {
        Some(_) => why.remedy("run as an ordinary user, or as a root who may become one"),
        None => why,
    }
}

impl SharedStatus<'_> {
    fn reading(&self, stranger: Option<&Stranger>) -> Reading {
        let [bytes, errno, word, dumpable] = [self.bytes, self.errno, self.word, self.dumpable]
            .map(|word| word.load(Ordering::Acquire));
        let [reader, target] = self.uids.map(|uid| uid.load(Ordering::Acquire));
        let target = stranger.map_or(target, |stranger| stranger.uid);
        let mut all = vec![
            seen("bytes read", bytes.into(), "bytes"),
            seen("errno", errno.into(), ""),
            seen("uid of the reader", reader.into(), ""),
            seen("uid of the target", target.into(), ""),
            ptrace_scope(),
        ];
        // Another user's process does not tell.
        if dumpable != UNKNOWN {
            all.push(seen("dumpable", dumpable.into(), ""));
        }
        // A stranger has no secret to compare with.
        let found = word == SECRET || stranger.is_some();
        let own_errno = self.own_errno.load(Ordering::Acquire);
        Reading { bytes, errno, own_errno, found, seen: all }
    }
}

/// Makes the calling child of `parent` mortal and an ordinary user.
fn be_ordinary(parent: Pid) -> io::Result<()> {
    alarm::set(LIFE_S);
    if Uid::effective().is_root() {
        let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
        setgroups(&[])?;
        setresgid(group, group, group)?;
        setresuid(user, user, user)?;
    }
    // After the change of user, which takes the parent-death signal away.
    die_with(parent);
    Ok(())
}

/// Stores the secret in the process that is to be read.
fn have_secret(status: &SharedStatus<'_>, secret: &AtomicU32) -> io::Result<()> {
    status.dumpable.store(get_dumpable()?.into(), Ordering::Relaxed);
    status.uids[1].store(Uid::current().as_raw(), Ordering::Relaxed);
    secret.store(SECRET, Ordering::Release);
    Ok(())
}

/// A process with the secret, which sleeps until it is killed.
fn start_target(
    status: &SharedStatus<'_>,
    parent: Pid,
    dumpable: bool,
    secret: &AtomicU32,
) -> Result<OwnedChild> {
    let prepare = || {
        be_ordinary(parent)?;
        // A change of user takes it away: an ordinary process has it.
        set_dumpable(dumpable)?;
        have_secret(status, secret)
    };
    fork(ORDINARY, prepare, |()| pause()).map_err(refusal)
}

/// Runs the reader: it reads the memory of the given process, of its child, or its own.
fn be_reader(
    status: &SharedStatus<'_>,
    lab: Pid,
    target: Target,
    way: Way,
    whose: Option<Pid>,
    secret: &AtomicU32,
) -> io::Result<()> {
    be_ordinary(lab)?;
    set_dumpable(true)?;
    status.uids[0].store(Uid::current().as_raw(), Ordering::Relaxed);
    // A refusal says something of the target only where the reader may read itself.
    if let Err(e) = read_by(way, getpid(), &AtomicU32::new(SECRET), &AtomicU32::new(0)) {
        status.own_errno.store(number(&e), Ordering::Release);
        return Ok(());
    }
    // It lives until the reading is done.
    let mut _child = None;
    let whose = match whose {
        Some(whose) => whose,
        None if target == Target::Child => {
            let child = start_target(status, getpid(), true, secret);
            let errno = |e: Failure| e.errno.unwrap_or(Errno::EIO as i32);
            let child = child.map_err(|e| io::Error::from_raw_os_error(errno(e)))?;
            _child.insert(child).pid()
        }
        None => {
            have_secret(status, secret)?;
            getpid()
        }
    };
    match read_by(way, whose, secret, status.word) {
        Ok(bytes) => status.bytes.store(bytes, Ordering::Release),
        Err(e) => status.errno.store(number(&e), Ordering::Release),
    }
    Ok(())
}

fn number(error: &io::Error) -> u32 {
    error.raw_os_error().unwrap_or(Errno::EIO as i32) as u32
}

fn read_by(way: Way, whose: Pid, at: &AtomicU32, into: &AtomicU32) -> io::Result<u32> {
    match way {
        Way::Call => read_word(whose, at, into),
        Way::File => read_file(whose, at, into),
    }
}

fn read_file(whose: Pid, at: &AtomicU32, into: &AtomicU32) -> io::Result<u32> {
    let mut word = [0; size_of::<u32>()];
    let memory = File::open(format!("/proc/{whose}/mem"))?;
    memory.read_exact_at(&mut word, at.as_ptr().addr() as u64)?;
    into.store(u32::from_ne_bytes(word), Ordering::Release);
    Ok(word.len() as u32)
}
