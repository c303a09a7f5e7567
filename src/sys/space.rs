//! Address space that is reserved and never used.

use std::arch::asm;
use std::io;
use std::ptr::{self, NonNull};

/// A reserved range of addresses without access rights. It is released on drop.
#[derive(Debug)]
pub struct Reservation {
    start: NonNull<libc::c_void>,
    bytes: usize,
}

impl Reservation {
    /// Reserves this many bytes where the kernel likes.
    ///
    /// # Errors
    /// ENOMEM: no range of this size is free, or a limit is reached.
    pub fn anywhere(bytes: usize) -> io::Result<Self> {
        Self::map(0, bytes, 0)
    }

    /// Reserves this many bytes from this address on, which is a multiple of a page. What is mapped
    /// there stays (mmap(2), MAP_FIXED_NOREPLACE, Linux 4.17).
    ///
    /// # Errors
    /// ENOMEM: beyond the address space, or a limit is reached. EEXIST: something is mapped there.
    /// EPERM: too near to address 0.
    pub fn at(address: usize, bytes: usize) -> io::Result<Self> {
        let reserved = Self::map(address, bytes, libc::MAP_FIXED_NOREPLACE)?;
        match reserved.start.addr().get() == address {
            true => Ok(reserved),
            // An older kernel takes the address for a hint.
            false => Err(io::Error::from_raw_os_error(libc::ENOMEM)),
        }
    }

    fn map(address: usize, bytes: usize, how: libc::c_int) -> io::Result<Self> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | how;
        let wanted = ptr::without_provenance_mut(address);
        // SAFETY: the kernel never puts it where something is mapped already, so nothing that
        // exists is touched.
        let start = unsafe { libc::mmap(wanted, bytes, libc::PROT_NONE, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start).ok_or_else(|| io::Error::other("mmap gave page zero"))?;
        Ok(Reservation { start, bytes })
    }

    /// Its size.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Reads its first byte, for which the kernel sends SIGSEGV: it returns only where somebody
    /// handles that.
    pub fn touch(&self) {
        load(self.start.as_ptr());
    }
}

/// Loads a byte and forgets it. An instruction and not `read_volatile`, which Rust allows only
/// where the load cannot fault.
#[cfg(target_arch = "x86_64")]
fn load(at: *const libc::c_void) {
    // SAFETY: changes a register that is named and no memory; a fault is the kernel's, which sends
    // SIGSEGV.
    unsafe {
        asm!(
            "mov {byte}, byte ptr [{at}]",
            at = in(reg) at,
            byte = out(reg_byte) _,
            options(nostack, preserves_flags, readonly),
        );
    }
}

/// As on x86-64.
#[cfg(target_arch = "aarch64")]
fn load(at: *const libc::c_void) {
    // SAFETY: as on x86-64.
    unsafe {
        asm!(
            "ldrb {byte:w}, [{at}]",
            at = in(reg) at,
            byte = out(reg) _,
            options(nostack, preserves_flags, readonly),
        );
    }
}

/// As on x86-64.
#[cfg(target_arch = "riscv64")]
fn load(at: *const libc::c_void) {
    // SAFETY: as on x86-64.
    unsafe {
        asm!(
            "lb {byte}, 0({at})",
            at = in(reg) at,
            byte = out(reg) _,
            options(nostack, preserves_flags, readonly),
        );
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // SAFETY: the range was mapped by `map` and no reference into it can exist.
        unsafe { libc::munmap(self.start.as_ptr(), self.bytes) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::fork::ends_in_child;
    use crate::sys::memory::page_bytes;
    use crate::sys::signal::by_default;
    use nix::sys::signal::Signal;
    use nix::sys::wait::WaitStatus;

    #[test]
    fn a_touch_is_a_fault() {
        let reserved = Reservation::anywhere(page_bytes()).unwrap();
        let ended = ends_in_child(|| {
            by_default(Signal::SIGSEGV).unwrap();
            reserved.touch();
        });
        assert!(matches!(ended, WaitStatus::Signaled(_, Signal::SIGSEGV, _)), "{ended:?}");
    }

    #[test]
    fn what_is_taken_is_not_taken_again_until_it_is_released() {
        let page = page_bytes();
        let first = Reservation::anywhere(2 * page).unwrap();
        let address = first.start.addr().get();
        let again = Reservation::at(address, page).unwrap_err();
        assert_eq!(again.raw_os_error(), Some(libc::EEXIST));
        assert_eq!(first.bytes(), 2 * page);
        let beyond = Reservation::at(1 << 62, page).unwrap_err();
        assert_eq!(beyond.raw_os_error(), Some(libc::ENOMEM));
    }
}
