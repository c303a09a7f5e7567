//! pread(2), openat(2) and close(2) by the system calls themselves, for the reason that
//! [`super::socket`] gives.

use super::call::call;
use std::ffi::CStr;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};

/// Reads the byte at `place`; `None` at the end of the file and beyond.
///
/// # Errors
/// The kernel's: EINTR after a signal, ESPIPE where there are no places.
#[inline(always)]
pub fn read_byte_at(from: &OwnedFd, place: u64) -> io::Result<Option<u8>> {
    let mut byte = 0;
    let (number, address) = (from.as_raw_fd() as usize, (&raw mut byte).expose_provenance());
    // SAFETY: the kernel writes at most one byte, to a live variable.
    let read = unsafe { call(libc::SYS_pread64, [number, address, 1, place as usize]) }?;
    Ok((read == 1).then_some(byte))
}

/// Opens a file or folder for reading; an exec closes it. To be closed by [`close`], where that is
/// timed.
///
/// # Errors
/// The kernel's: ENOENT, EACCES, EMFILE.
#[inline(always)]
pub fn open_to_read(path: &CStr) -> io::Result<OwnedFd> {
    let how = (libc::O_RDONLY | libc::O_CLOEXEC) as usize;
    let address = path.as_ptr().expose_provenance();
    // SAFETY: the kernel reads a live string to its end.
    let number = unsafe { call(libc::SYS_openat, [libc::AT_FDCWD as usize, address, how, 0]) }?;
    // SAFETY: the kernel has just opened it for this caller.
    Ok(unsafe { OwnedFd::from_raw_fd(number as i32) })
}

/// Closes a descriptor.
///
/// # Errors
/// What the file has to say at its end; it is closed all the same.
#[inline(always)]
pub fn close(descriptor: OwnedFd) -> io::Result<()> {
    let number = descriptor.into_raw_fd() as usize;
    // SAFETY: the descriptor has no owner any more.
    unsafe { call(libc::SYS_close, [number, 0, 0, 0]) }.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::FileExt;

    #[test]
    fn a_byte_is_read_where_it_lies_and_none_behind_the_end() {
        let file = nix::sys::memfd::memfd_create(c"test", nix::sys::memfd::MFdFlags::MFD_CLOEXEC);
        let file = std::fs::File::from(file.unwrap());
        file.write_all_at(&[7, 8, 9], 0).unwrap();
        let file = OwnedFd::from(file);
        assert_eq!([1, 2, 3].map(|at| read_byte_at(&file, at).unwrap()), [Some(8), Some(9), None]);
        let none = open_to_read(c"/proc/self/fd/none").unwrap_err();
        assert_eq!(none.raw_os_error(), Some(libc::ENOENT));
    }

    #[test]
    fn what_is_closed_is_closed() {
        // Another test may be given the same number at once, but not the same folder.
        let path = |number: i32| std::fs::read_link(format!("/proc/self/fd/{number}"));
        let folder = open_to_read(c"/proc/self/fdinfo").unwrap();
        let number = folder.as_raw_fd();
        let here = path(number).unwrap();
        assert!(here.ends_with("fdinfo"), "{here:?}");
        close(folder).unwrap();
        assert_ne!(path(number).ok(), Some(here));
    }
}
