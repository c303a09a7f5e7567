//! The number that the kernel gave a tracepoint in this boot, from tracefs.
//!
//! Where tracefs is mounted nowhere and this process may mount, it is read through a mount that is
//! attached to no path: nothing is left behind, and the machine's mounts stay as their owner wants
//! them.

use crate::proc;
use crate::sys::mount::detached;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// Why a tracepoint has no number here.
#[derive(Debug)]
pub(super) enum Unfound {
    /// Kernels for other processors than x86 do not have it.
    OtherProcessor,
    /// Tracefs is there, and this file is not.
    Absent(PathBuf),
    /// The file cannot be read.
    Refused(PathBuf, io::Error),
    /// Tracefs is mounted nowhere, and cannot be mounted apart either.
    Unmounted(io::Error),
}

/// The number of an x86 tracepoint by its folder, such as `tlb/tlb_flush`.
///
/// # Errors
/// What was looked for, and what the kernel said.
pub(super) fn id(folder: &str) -> Result<u64, Unfound> {
    if cfg!(not(target_arch = "x86_64")) {
        return Err(Unfound::OtherProcessor);
    }
    let mounts = proc::read("/proc/self/mounts").unwrap_or_default();
    let file = format!("events/{folder}/id");
    let mut wrong = None;
    for place in places(&mounts) {
        let path = place.join(&file);
        match proc::read(&path).and_then(|text| number(&text)) {
            Ok(id) => return Ok(id),
            // A folder that only looks like tracefs, such as that of debugfs where nothing mounts
            // itself in it.
            Err(e) if e.kind() == ErrorKind::NotFound && !place.join("events").is_dir() => {}
            Err(e) if e.kind() == ErrorKind::NotFound => {
                wrong.get_or_insert(Unfound::Absent(path));
            }
            Err(e) => wrong = Some(Unfound::Refused(path, e)),
        }
    }
    match wrong {
        Some(wrong) => Err(wrong),
        None => mounted_apart(Path::new(&file)),
    }
}

/// The number, through a mount of our own.
fn mounted_apart(file: &Path) -> Result<u64, Unfound> {
    let root = detached(c"tracefs").map_err(Unfound::Unmounted)?;
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
    let read = || {
        let mut text = String::new();
        File::from(openat(&root, file, flags, Mode::empty())?).read_to_string(&mut text)?;
        number(&text)
    };
    read().map_err(|e| match e.kind() {
        ErrorKind::NotFound => Unfound::Absent(file.to_owned()),
        _ => Unfound::Refused(file.to_owned(), e),
    })
}

fn number(text: &str) -> io::Result<u64> {
    let wrong = |_| io::Error::other(format!("'{}' is no number", text.trim()));
    text.trim().parse().map_err(wrong)
}

/// Where a text of /proc/self/mounts (proc(5)) shows tracefs: mounted by itself, or within debugfs,
/// which mounts it on first use.
fn places(mounts: &str) -> Vec<PathBuf> {
    let of = |wanted: &'static str| {
        mounts.lines().filter_map(move |line| {
            let mut words = line.split(' ').skip(1);
            let at = words.next()?;
            (words.next()? == wanted).then(|| plain(at))
        })
    };
    of("tracefs").chain(of("debugfs").map(|at| at.join("tracing"))).collect()
}

/// A path of /proc/self/mounts, where white space and backslashes are three octal digits behind a
/// backslash.
fn plain(escaped: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut rest = escaped.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let octal = (*first == b'\\').then(|| behind.get(..3)).flatten();
        let octal = octal.and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[3..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracefs_is_found_by_its_type_before_debugfs() {
        let mounts = "sysfs /sys sysfs rw 0 0\n\
                      debugfs /sys/kernel/debug debugfs rw 0 0\n\
                      tracefs /sys/kernel/tracing tracefs rw,nosuid 0 0\n\
                      tracefs /proc proc rw 0 0\n\
                      nodev /mnt/my\\040traces tracefs ro 0 0\n";
        let found = places(mounts);
        let paths = ["/sys/kernel/tracing", "/mnt/my traces", "/sys/kernel/debug/tracing"];
        assert_eq!(found, paths.map(PathBuf::from));
        assert!(places("proc /proc proc rw 0 0\n").is_empty());
        assert!(places("\ntruncated\ntracefs /only").is_empty());
    }

    #[test]
    fn escapes_of_paths_are_undone() {
        assert_eq!(plain("/a\\040b\\011\\134c"), Path::new("/a b\t\\c"));
        assert_eq!(plain("/a\\04"), Path::new("/a\\04"));
        assert_eq!(plain("/a\\999"), Path::new("/a\\999"));
    }

    #[test]
    fn what_is_no_number_is_said() {
        assert_eq!(number("188\n").unwrap(), 188);
        assert!(number("none\n").unwrap_err().to_string().contains("'none'"));
    }
}
