//! process_vm_readv(2): reading the memory of another process.

use nix::unistd::Pid;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

/// Reads the word that process `whose` has at the address of `at` into `into`
/// (process_vm_readv(2)); returns how many bytes were read. Allocates nothing.
///
/// # Errors
/// EPERM where the kernel forbids it, ESRCH, EFAULT where nothing is mapped there.
pub fn read_word(whose: Pid, at: &AtomicU32, into: &AtomicU32) -> io::Result<u32> {
    let mut word = 0u32;
    let mine = libc::iovec { iov_base: (&raw mut word).cast(), iov_len: size_of::<u32>() };
    let theirs = libc::iovec { iov_base: at.as_ptr().cast(), iov_len: size_of::<u32>() };
    let (mine, theirs) = (&raw const mine, &raw const theirs);
    // SAFETY: the kernel writes at most four bytes to `word`; it only reads there, and no memory of
    // this process unless this is its own id, when the word is an atomic and only read.
    let read = unsafe { libc::process_vm_readv(whose.as_raw(), mine, 1, theirs, 1, 0) };
    let read = super::check(read as libc::c_long)?;
    into.store(word, Ordering::Relaxed);
    Ok(read as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_reads_itself_and_none_that_does_not_exist() {
        let (from, to) = (AtomicU32::new(7), AtomicU32::new(0));
        assert_eq!(read_word(nix::unistd::getpid(), &from, &to).unwrap(), 4);
        assert_eq!(to.load(Ordering::Relaxed), 7);
        let nobody = read_word(Pid::from_raw(i32::MAX), &from, &to).unwrap_err();
        assert_eq!(nobody.raw_os_error(), Some(libc::ESRCH));
    }
}
