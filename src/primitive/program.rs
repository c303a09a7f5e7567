//! The programs that are exec'd: a tiny one that the project makes itself, a static one that its
//! build compiles, and a dynamic one that is there.

use crate::record::{Failure, Result};
use crate::sys::image::ExecImage;
use crate::sys::tiny;
use crate::variables;
use nix::sys::memfd::{MFdFlags, memfd_create};
use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A program ready for exec, with the file that keeps it alive.
#[derive(Debug)]
pub struct Program {
    image: ExecImage,
    path: PathBuf,
    _file: Option<File>,
}

impl Program {
    /// The program as exec wants it.
    #[must_use]
    pub fn image(&self) -> &ExecImage {
        &self.image
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn at(path: PathBuf, word: Option<CString>, file: Option<File>) -> Result<Self> {
        let name = CString::new(path.as_os_str().as_bytes())
            .map_err(|e| Failure::new("naming the program to exec", e.to_string()))?;
        Ok(Program { image: ExecImage::with_arg(name, word), path, _file: file })
    }
}

/// A static ELF file of 130 to 180 bytes without libc and start-up code. It leaves at once; if it
/// `stamps`, it notes the moment of its first instruction before ([`crate::sys::timestamp`]).
pub(crate) fn tiny(stamps: bool) -> Result<Program> {
    let code = if stamps { tiny::stamps() } else { tiny::leaves() };
    in_memory("the tiny program", &tiny::elf(code), None)
}

/// The program of scripts/static-program.c, linked with a static libc. It leaves at once, or
/// `stamps` before.
pub(crate) fn static_libc(stamps: bool) -> Result<Program> {
    const BUILT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/static-program"));
    let what = "the program with a static libc";
    if BUILT.is_empty() {
        let why = "this build's C compiler could not link a static program";
        return Err(Failure::new(format!("preparing {what}"), why).remedy(
            "install libc6-dev or glibc-static, cargo clean -p process-vs-thread, and build again",
        ));
    }
    in_memory(what, BUILT, stamps.then(|| c"stamp".to_owned()))
}

/// A program that lives in memory, so that nothing is left behind and no mount option forbids it;
/// exec finds it through `/proc/self/fd`.
fn in_memory(what: &str, bytes: &[u8], word: Option<CString>) -> Result<Program> {
    let tried = || format!("making {what} in memory");
    let file: OwnedFd = memfd_create(c"program", MFdFlags::MFD_CLOEXEC)
        .map_err(|e| Failure::os(tried(), e).remedy("see the sysctl vm.memfd_noexec"))?;
    let mut file = File::from(file);
    file.write_all(bytes).map_err(|e| Failure::os(tried(), e))?;
    // A file that is open for writing cannot be executed (ETXTBSY), so it is opened again and the
    // first one closed.
    let path = |file: &File| PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    let readable = File::open(path(&file)).map_err(|e| Failure::os(tried(), e))?;
    Program::at(path(&readable), word, Some(readable))
}

/// `true` as found in PATH, if it is a dynamically linked ELF program.
pub(crate) fn dynamic() -> Result<Program> {
    Program::at(dynamic_path()?, None, None)
}

/// Where it is.
pub(crate) fn dynamic_path() -> Result<PathBuf> {
    dynamic_named("true")
}

/// The path of the program of this name in PATH.
///
/// # Errors
/// There is none, or it is not a dynamically linked ELF program.
pub(crate) fn dynamic_named(name: &str) -> Result<PathBuf> {
    let tried = "looking for a dynamic program to exec";
    let none = || Failure::new(tried, format!("there is no `{name}` in PATH"));
    let path = in_path(name).ok_or_else(none)?;
    let shown = path.display();
    let mut head = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(4096).read_to_end(&mut head));
    read.map_err(|e| Failure::os(format!("reading {shown}"), e))?;
    if !has_interpreter(&head) {
        return Err(Failure::new(
            tried,
            format!("{shown} is not a dynamically linked ELF program"),
        ));
    }
    Ok(path)
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = variables::value("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    std::env::split_paths(&path)
        .map(|folder| folder.join(OsStr::new(name)))
        .find(|p| Path::is_file(p))
}

/// Does the file's head hold a program header that names an interpreter (elf(5), PT_INTERP)?
fn has_interpreter(head: &[u8]) -> bool {
    const PT_INTERP: u32 = 3;
    let half = |at: usize| head.get(at..at + 2).map(|b| u16::from_le_bytes([b[0], b[1]]));
    let word =
        |at: usize| head.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    // 64-bit little-endian files only: what the supported architectures run.
    if !head.starts_with(b"\x7fELF\x02\x01") {
        return false;
    }
    let (Some(table), Some(size), Some(count)) = (word(32), half(54), half(56)) else {
        return false;
    };
    (0..usize::from(count)).any(|i| word(table as usize + i * usize::from(size)) == Some(PT_INTERP))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tiny_program_is_tiny_and_has_no_interpreter() {
        let [leaves, stamps] = [tiny::leaves(), tiny::stamps()].map(tiny::elf);
        assert!(leaves.len() <= 132, "{} bytes", leaves.len());
        assert!((leaves.len() + 1..=180).contains(&stamps.len()), "{} bytes", stamps.len());
        assert!(stamps.ends_with(tiny::leaves()), "it leaves too");
        assert!(!has_interpreter(&leaves));
    }

    #[test]
    fn an_interpreter_is_seen_where_there_is_one() {
        let mut elf = tiny::elf(tiny::leaves());
        elf[64] = 3;
        assert!(has_interpreter(&elf));
        assert!(!has_interpreter(&elf[..60]), "a cut file");
        assert!(!has_interpreter(b"#!/bin/sh\n"));
    }
}
