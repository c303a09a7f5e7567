//! A reader and the process that it tries to read.
//!
//! As root both become an ordinary user first: root reads everybody (`CAP_SYS_PTRACE`), and that is
//! not what is asked.

use super::stranger::Stranger;
use super::yama::ptrace_scope;
use crate::probe::look::look_until;
use crate::probe::smaps::seen;
use crate::record::{Failure, Result, Seen};
use crate::sys::child::OwnedChild;
use crate::sys::fork::{SingleThread, die_with, exit};
use crate::sys::memory::Mapping;
use crate::sys::peek::peek;
use nix::errno::Errno;
use nix::sys::prctl::{get_dumpable, set_dumpable};
use nix::sys::wait::WaitStatus;
use nix::unistd::{Gid, Pid, Uid, alarm, getpid, setgroups, setresgid, setresuid};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// An ordinary user's and group's id: the one that is nobody's.
const NOBODY: u32 = 65534;
/// What the target writes to its own memory, and the reader looks for.
const SECRET: u32 = 0x5ec2_e700;
/// Time that either has, and after which it ends itself.
const PATIENCE: Duration = Duration::from_secs(5);
const LIFE_S: u32 = 8;
const STEP: Duration = Duration::from_micros(200);
/// What [`Board::dumpable`] holds at first.
const UNKNOWN: u32 = u32::MAX;

/// Whom the reader tries to read.
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
    /// Is it what the target wrote?
    pub(super) found: bool,
    /// All of it, with the settings that decide.
    pub(super) seen: Vec<Seen>,
}

/// Words of a board.
const WORDS: usize = 8;

/// What reader, target and lab share. The secret lies elsewhere, in memory that each has for
/// itself.
struct Board<'m> {
    /// Process id of a target that is ready.
    ready: &'m AtomicU32,
    /// Is the target dumpable?
    dumpable: &'m AtomicU32,
    /// What a child could not do before all else.
    refused: &'m AtomicU32,
    bytes: &'m AtomicU32,
    errno: &'m AtomicU32,
    word: &'m AtomicU32,
    uids: [&'m AtomicU32; 2],
}

/// Reads a word of the target.
pub(super) fn try_it(target: Target, way: Way) -> Result<Reading> {
    let tried = "reading another process";
    let refused = |e| Failure::os(tried, e);
    let shared = Mapping::shared(WORDS * size_of::<u32>()).map_err(refused)?;
    let secret = Mapping::private(size_of::<u32>()).map_err(refused)?;
    let at = |word: usize| &shared.words()[word];
    let board = Board {
        ready: at(0),
        dumpable: at(1),
        refused: at(2),
        bytes: at(3),
        errno: at(4),
        word: at(5),
        uids: [at(6), at(7)],
    };
    board.dumpable.store(UNKNOWN, Ordering::Relaxed);
    let stranger = if target == Target::OtherUser { Some(Stranger::find()?) } else { None };
    let secret = &secret.words()[0];
    let alone = SingleThread::prove().map_err(refused)?;
    let lab = getpid();
    // Kept until the reader is done.
    let mut _sibling = None;
    if matches!(target, Target::Sibling | Target::Undumpable) {
        let dumpable = target == Target::Sibling;
        let be = || board.or_exit(be_target(&board, lab, dumpable, secret));
        let mut child = OwnedChild::fork(&alone, be).map_err(refused)?;
        await_target(&board, &mut child)?;
        _sibling = Some(child);
    }
    let reader = OwnedChild::fork(&alone, || {
        board.or_exit(be_reader(&board, lab, target, way, stranger.as_ref(), secret));
    });
    // Its alarm goes off at the latest.
    match reader.map_err(refused)?.wait() {
        Ok(WaitStatus::Exited(_, 0)) => {}
        Ok(WaitStatus::Exited(..)) if board.refused.load(Ordering::Acquire) != 0 => {
            return Err(board.refusal());
        }
        found => return Err(Failure::new(tried, format!("the reader ended: {found:?}"))),
    }
    Ok(board.reading(stranger.as_ref()))
}

impl Board<'_> {
    /// Leaves, where a child could not be what it is to be.
    fn or_exit(&self, prepared: io::Result<()>) {
        if let Err(e) = prepared {
            let errno = e.raw_os_error().unwrap_or(Errno::EIO as i32);
            self.refused.store(errno as u32, Ordering::Release);
            exit(1);
        }
    }

    fn refusal(&self) -> Failure {
        let errno = Errno::from_raw(self.refused.load(Ordering::Acquire) as i32);
        Failure::os("making two processes of one ordinary user", errno)
            .remedy("run as an ordinary user, or as root with the right to change to one")
    }

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
        Reading { bytes, errno, found, seen: all }
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

/// Writes the secret, says that it is there, and sleeps until it is killed.
fn be_target(board: &Board<'_>, parent: Pid, dumpable: bool, secret: &AtomicU32) -> io::Result<()> {
    be_ordinary(parent)?;
    // A change of user takes it away: an ordinary process has it.
    set_dumpable(dumpable)?;
    board.dumpable.store(get_dumpable()?.into(), Ordering::Relaxed);
    board.uids[1].store(Uid::current().as_raw(), Ordering::Relaxed);
    secret.store(SECRET, Ordering::Release);
    board.ready.store(getpid().as_raw() as u32, Ordering::Release);
    loop {
        std::thread::sleep(PATIENCE);
    }
}

fn await_target(board: &Board<'_>, child: &mut OwnedChild) -> Result<()> {
    let tried = "starting a process to be read";
    look_until(tried, PATIENCE, STEP, || match child.look() {
        _ if board.ready.load(Ordering::Acquire) != 0 => Ok(Some(())),
        Ok(WaitStatus::StillAlive) => Ok(None),
        _ if board.refused.load(Ordering::Acquire) != 0 => Err(board.refusal()),
        found => Err(Failure::new(tried, format!("it ended: {found:?}"))),
    })
}

fn be_reader(
    board: &Board<'_>,
    lab: Pid,
    target: Target,
    way: Way,
    stranger: Option<&Stranger>,
    secret: &AtomicU32,
) -> io::Result<()> {
    be_ordinary(lab)?;
    set_dumpable(true)?;
    board.uids[0].store(Uid::current().as_raw(), Ordering::Relaxed);
    // Kept, as it dies with it, until the reading is done.
    let mut _child = None;
    let whose = match (target, stranger) {
        (_, Some(stranger)) => stranger.pid,
        (Target::Itself, _) => {
            board.uids[1].store(Uid::current().as_raw(), Ordering::Relaxed);
            board.dumpable.store(get_dumpable()?.into(), Ordering::Relaxed);
            secret.store(SECRET, Ordering::Release);
            getpid()
        }
        (Target::Child, _) => {
            let alone = SingleThread::prove()?;
            let me = getpid();
            let be = || board.or_exit(be_target(board, me, true, secret));
            let mut child = OwnedChild::fork(&alone, be)?;
            let came = await_target(board, &mut child);
            came.map_err(|e| io::Error::from_raw_os_error(e.errno.unwrap_or(Errno::EIO as i32)))?;
            _child = Some(child);
            Pid::from_raw(board.ready.load(Ordering::Acquire) as i32)
        }
        _ => Pid::from_raw(board.ready.load(Ordering::Acquire) as i32),
    };
    let read = match way {
        Way::Call => peek(whose, secret, board.word),
        Way::File => read_file(whose, secret, board.word),
    };
    match read {
        Ok(bytes) => board.bytes.store(bytes, Ordering::Release),
        Err(e) => {
            let errno = e.raw_os_error().unwrap_or(Errno::EIO as i32);
            board.errno.store(errno as u32, Ordering::Release);
        }
    }
    Ok(())
}

fn read_file(whose: Pid, at: &AtomicU32, into: &AtomicU32) -> io::Result<u32> {
    let mut word = [0; size_of::<u32>()];
    let memory = File::open(format!("/proc/{whose}/mem"))?;
    memory.read_exact_at(&mut word, at.as_ptr().addr() as u64)?;
    into.store(u32::from_ne_bytes(word), Ordering::Release);
    Ok(word.len() as u32)
}
