//! One number of a descriptor on two sides that share memory: the same file, or two.

use super::attribute::{OPENED, copy_descriptor, is_open};
use super::{CHANGED, STAGE, reach};
use crate::sys::call::call;
use crate::sys::memory::Mapping;
use crate::sys::raw_task::{RawTask, creator, die_with, leave};
use crate::sys::sharing::Sharing;
use crate::sys::single_thread::SingleThread;
use nix::unistd::Pid;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where the actor says how many bytes it read.
const READ: usize = 1;

/// A number on which both sides put a file of their own.
const SAME: usize = 202;

/// In private memory: the number of what the actor has opened, for a task that shares it.
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// What the creator of an actor saw.
#[derive(Debug, Clone, Copy)]
pub struct Number {
    /// It read in memory the number that the actor wrote there.
    pub told: bool,
    /// That number is open on its side.
    pub open: bool,
    /// A number that both put a file on leads the two to different files.
    pub two_files: bool,
}

struct Orders<'m> {
    report: &'m [AtomicU32],
    sharing: Sharing,
    creator: Pid,
}

/// Starts an actor that opens a file and writes down its number, and that puts the file on a number
/// of the creator's.
///
/// # Errors
/// As [`super::observe`].
pub fn one_number(sharing: Sharing, _: &SingleThread) -> io::Result<Number> {
    // Of /dev/null one reads nothing, of /dev/zero as much as one asks for.
    copy_descriptor(File::open("/dev/null")?.as_raw_fd() as usize, SAME);
    let report = Mapping::shared(2 * size_of::<AtomicU32>())?;
    let report = report.words();
    let orders = Orders { report, sharing, creator: creator() };
    // SAFETY: the orders live in this frame, which the actor does not outlive; its body makes
    // system calls and touches atomics.
    let _actor = unsafe { RawTask::start(sharing, open_and_tell, &raw const orders) }?;
    reach(&report[STAGE], CHANGED)?;
    let number = NUMBER.load(Ordering::Relaxed) as usize;
    Ok(Number {
        told: number == OPENED,
        open: is_open(OPENED),
        two_files: read_byte() != report[READ].load(Ordering::Relaxed),
    })
}

/// The actor's life: system calls and atomics only.
extern "C" fn open_and_tell(orders: *const Orders<'_>) -> ! {
    // SAFETY: `one_number` passes orders that outlive the actor.
    let orders = unsafe { &*orders };
    if !orders.sharing.is_thread() {
        die_with(orders.creator);
    }
    let path = c"/dev/zero".as_ptr().expose_provenance();
    let arguments = [libc::AT_FDCWD as usize, path, libc::O_RDONLY as usize, 0];
    // SAFETY: the string is static and ends in a zero.
    let zero = unsafe { call(libc::SYS_openat, arguments) }.unwrap_or(usize::MAX);
    copy_descriptor(zero, OPENED);
    copy_descriptor(zero, SAME);
    NUMBER.store(OPENED as u32, Ordering::Relaxed);
    orders.report[READ].store(read_byte(), Ordering::Relaxed);
    orders.report[STAGE].store(CHANGED, Ordering::Release);
    leave()
}

/// How many bytes there were to read on the number that both have.
fn read_byte() -> u32 {
    let mut byte = 0u8;
    let to = ptr::from_mut(&mut byte).expose_provenance();
    // SAFETY: the kernel writes at most the one byte.
    unsafe { call(libc::SYS_read, [SAME, to, 1, 0]) }.map_or(u32::MAX, |bytes| bytes as u32)
}
