//! membarrier(2): makes every core that runs this process synchronise. It touches no TLB.

use std::io;

const REGISTER: libc::c_int = libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE;
const SYNCHRONISE: libc::c_int = libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE;

/// Registers this process; needed once.
///
/// # Errors
/// EINVAL on architectures without it, ENOSYS on kernels without it.
pub fn register() -> io::Result<()> {
    membarrier(REGISTER)
}

/// Makes cores synchronise.
///
/// # Errors
/// EPERM before [`register`].
#[inline]
pub fn synchronise() -> io::Result<()> {
    membarrier(SYNCHRONISE)
}

#[inline]
fn membarrier(command: libc::c_int) -> io::Result<()> {
    let none = 0 as libc::c_int;
    // SAFETY: takes numbers only.
    let returned = unsafe { libc::syscall(libc::SYS_membarrier, command, none, none) };
    super::check(returned).map(drop)
}
