//! A mount that is attached nowhere: no path leads to it, no other process sees it, and it goes
//! with its descriptor.

use std::ffi::{CStr, c_int};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;

// Of <linux/mount.h>, which not every C library repeats.
const FSOPEN_CLOEXEC: c_int = 1;
const FSCONFIG_CMD_CREATE: c_int = 6;
const FSMOUNT_CLOEXEC: c_int = 1;
/// Read-only, no set-user-ID, no devices, no programs.
const MOUNT_ATTR_INERT: c_int = 1 | 2 | 4 | 8;

/// The root folder of a file system that needs no device, read-only (fsopen(2), fsconfig(2),
/// fsmount(2)).
///
/// # Errors
/// EPERM without CAP_SYS_ADMIN, ENODEV when the kernel lacks the file system, ENOSYS before Linux
/// 5.2 or in a sandbox.
pub fn detached(file_system: &CStr) -> io::Result<OwnedFd> {
    // SAFETY: the kernel reads the name, which ends in 0.
    let opened = unsafe { libc::syscall(libc::SYS_fsopen, file_system.as_ptr(), FSOPEN_CLOEXEC) };
    let context = owned(opened)?;
    let (number, none) = (context.as_raw_fd(), ptr::null::<u8>());
    // SAFETY: this command takes no key, no value and no number.
    let created = unsafe {
        libc::syscall(libc::SYS_fsconfig, number, FSCONFIG_CMD_CREATE, none, none, 0 as c_int)
    };
    super::check(created)?;
    // SAFETY: takes a descriptor and two words of flags.
    let mounted =
        unsafe { libc::syscall(libc::SYS_fsmount, number, FSMOUNT_CLOEXEC, MOUNT_ATTR_INERT) };
    owned(mounted)
}

/// The descriptor that a system call returned.
fn owned(returned: libc::c_long) -> io::Result<OwnedFd> {
    let number = super::check(returned)?;
    // SAFETY: the kernel has just made this descriptor for the caller, and no other code knows its
    // number.
    Ok(unsafe { OwnedFd::from_raw_fd(number as c_int) })
}
