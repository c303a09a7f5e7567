//! The time at which a new task starts to run, written by the task itself into shared memory.

use super::clock::monotonic_ns;
use super::memory::Mapping;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use std::io;
use std::os::fd::{AsFd, FromRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The descriptor through which a program that was exec'd stamps: a memory file, of which it writes
/// the first 16 bytes as clock_gettime(2) gives them.
pub const STAMP_FD: RawFd = 100;

/// What a new task does first: write a timestamp, or nothing. One type each, so that code without
/// timestamps compiles to nothing. Sealed, because tasks without thread-local storage write them.
pub trait Timestamp: sealed::Known + Clone + Send + Sync + 'static {
    /// Does it stamp?
    const STAMPS: bool;

    /// Stamps the present. Uses no thread-local storage, no lock and no memory but the stamp's.
    fn stamp(&self);

    /// The clock, nanoseconds of `CLOCK_MONOTONIC`; 0, unread, where nothing is stamped.
    #[inline(always)]
    fn now_ns() -> u64 {
        if Self::STAMPS { monotonic_ns() } else { 0 }
    }
}

mod sealed {
    /// A timestamp of this module.
    pub trait Known {}
    impl Known for super::NoTimestamp {}
    impl Known for super::SharedTimestamp {}
}

/// Writes no timestamp.
#[derive(Debug, Clone, Copy)]
pub struct NoTimestamp;

impl Timestamp for NoTimestamp {
    const STAMPS: bool = false;

    #[inline(always)]
    fn stamp(&self) {}
}

/// A timestamp in memory that threads, forked children and, through a descriptor, programs share
/// with their creator.
#[derive(Debug, Clone)]
pub struct SharedTimestamp(Arc<Place>);

#[derive(Debug)]
struct Place {
    memory: Mapping,
    _descriptor: Option<OwnedFd>,
}

impl SharedTimestamp {
    /// A timestamp for threads and forked children.
    ///
    /// # Errors
    /// ENOMEM.
    pub fn new() -> io::Result<Self> {
        let memory = Mapping::shared(size_of::<[AtomicU64; 2]>())?;
        Ok(SharedTimestamp(Arc::new(Place { memory, _descriptor: None })))
    }

    /// A timestamp for programs too: every program that this process starts from now on inherits
    /// [`STAMP_FD`].
    ///
    /// # Errors
    /// ENOMEM, EMFILE; EBUSY where that descriptor is another's.
    pub fn for_programs() -> io::Result<Self> {
        let bytes = size_of::<[AtomicU64; 2]>();
        let file = memfd_create(c"process-vs-thread-stamp", MFdFlags::MFD_CLOEXEC)?;
        nix::unistd::ftruncate(&file, bytes as i64)?;
        let memory = Mapping::of_file(file.as_fd(), bytes)?;
        // Not dup2, which would close what another part of the process holds there. The copy lives
        // on over an exec.
        let copy = fcntl(&file, FcntlArg::F_DUPFD(STAMP_FD))?;
        // SAFETY: the kernel has just made it, so that it has no other owner.
        let descriptor = unsafe { OwnedFd::from_raw_fd(copy) };
        if copy != STAMP_FD {
            return Err(Errno::EBUSY.into());
        }
        Ok(SharedTimestamp(Arc::new(Place { memory, _descriptor: Some(descriptor) })))
    }

    /// Stores a number of nanoseconds, which is taken once. 0 means none.
    #[inline]
    pub fn store_ns(&self, ns: u64) {
        self.parts()[1].store(ns, Ordering::Release);
    }

    /// Takes what was stored, nanoseconds; 0 where nothing was.
    #[inline]
    #[must_use]
    pub fn take_ns(&self) -> u64 {
        let [seconds, ns] = self.parts();
        seconds.swap(0, Ordering::Acquire) * 1_000_000_000 + ns.swap(0, Ordering::Acquire)
    }

    /// Seconds and nanoseconds, as the kernel's `struct timespec` has them.
    #[inline]
    fn parts(&self) -> &[AtomicU64; 2] {
        // SAFETY: the mapping is at least this big, aligned to a page, zeroed by the kernel and
        // lives as long as self. Actors of ours access it through atomics alone; a program writes
        // to its file, which the kernel does, before anybody reads it here.
        unsafe { self.0.memory.start().cast().as_ref() }
    }
}

impl Timestamp for SharedTimestamp {
    const STAMPS: bool = true;

    #[inline]
    fn stamp(&self) {
        self.store_ns(monotonic_ns());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::unix::fs::FileExt;

    #[test]
    fn a_stamp_is_a_moment_and_is_taken_once() {
        let stamp = SharedTimestamp::new().unwrap();
        assert_eq!(stamp.take_ns(), 0);
        let before = monotonic_ns();
        stamp.clone().stamp();
        let taken = stamp.take_ns();
        assert!((before..=monotonic_ns()).contains(&taken), "{taken}");
        assert_eq!(stamp.take_ns(), 0);
    }

    #[test]
    fn a_program_stamps_through_the_descriptor_which_is_given_once() {
        // A table of descriptors of this test's own: in that of all tests, others open some hundred
        // meanwhile.
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_FILES).unwrap();
        let _ = nix::unistd::close(STAMP_FD);
        let stamp = SharedTimestamp::for_programs().unwrap();
        assert_eq!(SharedTimestamp::for_programs().unwrap_err().raw_os_error(), Some(libc::EBUSY));
        let time = [3u64.to_ne_bytes(), 14u64.to_ne_bytes()].concat();
        let path = format!("/proc/thread-self/fd/{STAMP_FD}");
        let file = File::options().write(true).open(path).unwrap();
        file.write_all_at(&time, 0).unwrap();
        assert_eq!(stamp.take_ns(), 3_000_000_014);
        drop(stamp);
        drop(SharedTimestamp::for_programs().unwrap());
    }

    #[test]
    fn nothing_is_read_where_nothing_is_stamped() {
        assert_eq!(NoTimestamp::now_ns(), 0);
        assert!(SharedTimestamp::now_ns() > 0);
    }
}
