//! A program made ready for exec: nothing is left to build between fork and exec.

use std::ffi::{CString, c_char, c_int};
use std::io;
use std::ptr;

/// Path, arguments and environment of a program, as exec wants them. The environment is empty, so
/// that neither its size nor an `LD_` variable changes what is measured.
#[derive(Debug)]
pub struct ExecImage {
    path: CString,
    /// Its second argument, if any.
    _argument: Option<CString>,
    argv: [*const c_char; 3],
    envp: [*const c_char; 1],
}

impl ExecImage {
    /// The program at `path`, called without arguments.
    #[must_use]
    pub fn new(path: CString) -> Self {
        Self::with_arg(path, None)
    }

    /// The program at `path`, called with at most one argument.
    #[must_use]
    pub fn with_arg(path: CString, argument: Option<CString>) -> Self {
        let second = argument.as_ref().map_or(ptr::null(), |argument| argument.as_ptr());
        let argv = [path.as_ptr(), second, ptr::null()];
        ExecImage { path, _argument: argument, argv, envp: [ptr::null()] }
    }

    /// execve(2). Returns only when it failed: the error number.
    pub(super) fn exec(&self) -> c_int {
        // SAFETY: path and vectors are terminated and owned by self; `argv` points into `path` and
        // the argument, whose heap blocks do not move with self.
        unsafe { libc::execve(self.path.as_ptr(), self.argv.as_ptr(), self.envp.as_ptr()) };
        io::Error::last_os_error().raw_os_error().unwrap_or(127)
    }

    pub(super) fn path(&self) -> *const c_char {
        self.path.as_ptr()
    }

    pub(super) fn argv(&self) -> *const *mut c_char {
        self.argv.as_ptr().cast()
    }

    pub(super) fn envp(&self) -> *const *mut c_char {
        self.envp.as_ptr().cast()
    }
}
