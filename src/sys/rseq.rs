//! rseq(2): is this thread's area of restartable sequences taken?
//!
//! The kernel writes into a registered area at every switch. glibc registers one from 2.35 on
//! unless told otherwise.

use std::cell::UnsafeCell;

/// The first version of the kernel's `struct rseq`: 32 bytes, so aligned. Nothing is read of it.
#[repr(C, align(32))]
struct Area(UnsafeCell<[u32; 8]>);

const AREA_BYTES: u32 = 32;
const UNREGISTER: libc::c_int = 1;
/// Stands before abort handlers, of which this area never has one. Any number does, twice the same.
const SIGNATURE: u32 = 0x5376_7074;

/// Tries to register an area for the calling thread, and takes it back. Only where another is
/// registered does the kernel refuse with EINVAL or EBUSY.
#[must_use]
pub fn registered() -> bool {
    let area = Box::new(Area(UnsafeCell::new([0; 8])));
    let rseq = |flags: libc::c_int| {
        // SAFETY: the kernel writes to the area, which lives until the second call has taken it
        // back.
        unsafe { libc::syscall(libc::SYS_rseq, area.0.get(), AREA_BYTES, flags, SIGNATURE) }
    };
    match super::check(rseq(0)) {
        Ok(_) if rseq(UNREGISTER) == 0 => false,
        // Not expected. The kernel goes on writing to the area, which therefore stays.
        Ok(_) => {
            Box::leak(area);
            true
        }
        Err(e) => [Some(libc::EINVAL), Some(libc::EBUSY)].contains(&e.raw_os_error()),
    }
}

/// An area for as long as the program runs, on a page of its own.
#[repr(C, align(4096))]
struct Lasting(UnsafeCell<[u32; 1024]>);

// SAFETY: nothing in this program reads or writes it; the kernel does.
unsafe impl Sync for Lasting {}

static LASTING: Lasting = Lasting(UnsafeCell::new([0; 1024]));

/// Registers an area for the calling thread, which must be the program's main one, if its C library
/// has not: a forked child inherits it, so that the kernel writes to a page of parent and child for
/// each fork. musl has none.
///
/// # Errors
/// The kernel's, but for those that say that there is one, or that it knows no such areas.
pub fn register() -> std::io::Result<()> {
    let area = LASTING.0.get();
    // SAFETY: the area lives as long as the program, and nothing else uses it.
    let asked = unsafe { libc::syscall(libc::SYS_rseq, area, AREA_BYTES, 0, SIGNATURE) };
    match super::check(asked) {
        Err(e)
            if ![libc::EINVAL, libc::EBUSY, libc::ENOSYS].map(Some).contains(&e.raw_os_error()) =>
        {
            Err(e)
        }
        _ => Ok(()),
    }
}
