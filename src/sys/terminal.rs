//! The size of the terminal.

use std::mem::MaybeUninit;

/// Columns of the terminal on standard output (ioctl_tty(2), TIOCGWINSZ); `None` if it is none or
/// does not say.
#[must_use]
pub fn columns() -> Option<usize> {
    let mut size = MaybeUninit::<libc::winsize>::zeroed();
    // SAFETY: the kernel writes a winsize, which is what the pointer points to.
    let returned = unsafe { libc::ioctl(libc::STDOUT_FILENO, libc::TIOCGWINSZ, size.as_mut_ptr()) };
    // SAFETY: zeroed, and for a struct of four numbers any bits are a value.
    let size = unsafe { size.assume_init() };
    (returned == 0 && size.ws_col > 0).then_some(usize::from(size.ws_col))
}
