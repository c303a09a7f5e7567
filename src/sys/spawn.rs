//! posix_spawn(3) without attributes and file actions.

use super::image::ExecImage;
use nix::unistd::Pid;
use std::io;
use std::ptr;

/// Starts the program in a new process.
///
/// # Errors
/// What fork or exec would say; the C library hands exec's error to the caller.
#[inline]
pub fn posix_spawn(image: &ExecImage) -> io::Result<Pid> {
    let mut pid = 0;
    let (path, argv, envp) = (image.path(), image.argv(), image.envp());
    // SAFETY: path and vectors are terminated and live in `image`; no actions, no attributes.
    let number =
        unsafe { libc::posix_spawn(&raw mut pid, path, ptr::null(), ptr::null(), argv, envp) };
    super::check_number(number).map(|()| Pid::from_raw(pid))
}
