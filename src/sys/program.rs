//! Where the running program is.

use std::ffi::{CStr, OsStr, c_char};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// The path of the running program: what /proc says, or where that is not mounted what it was
/// executed by.
///
/// # Errors
/// Neither names a file.
pub fn path() -> io::Result<PathBuf> {
    std::env::current_exe().or_else(|refused| executed_by().ok_or(refused))
}

/// The file that the program was executed by (getauxval(3), `AT_EXECFN`).
fn executed_by() -> Option<PathBuf> {
    // SAFETY: the call takes a number and no memory.
    let address = unsafe { libc::getauxval(libc::AT_EXECFN) } as *const c_char;
    if address.is_null() {
        return None;
    }
    // SAFETY: the kernel put a terminated string there at the exec, and it stays.
    let name = unsafe { CStr::from_ptr(address) };
    let path = std::path::Path::new(OsStr::from_bytes(name.to_bytes())).canonicalize().ok()?;
    path.is_file().then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_and_proc_name_the_same_program() {
        assert_eq!(executed_by().unwrap(), std::env::current_exe().unwrap());
    }
}
