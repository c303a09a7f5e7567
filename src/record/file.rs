//! Files that hold all of what was to be written, or are as they were before.

use super::{Failure, Result};
use nix::errno::Errno;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Writes a file where there is none yet. What does not fit is removed again.
///
/// # Errors
/// Something of this name exists; there is no room; this user may not.
pub fn create(path: &Path, bytes: &[u8]) -> Result<()> {
    let opened = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = opened.map_err(|e| refused(path, e))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|e| {
        // The reason is reported; half a file would be taken for a whole one.
        let _ = fs::remove_file(path);
        refused(path, e)
    })
}

/// Puts `bytes` in the place of what a file holds, under its owner and links. What is longer than
/// before is written first, behind the old content: where there is no room for it, the file stays
/// as it was.
///
/// # Errors
/// There is no room; this user may not.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    match OpenOptions::new().write(true).open(path) {
        Ok(file) => overwrite(&file, bytes).map_err(|e| refused(path, e)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => create(path, bytes),
        Err(e) => Err(refused(path, e)),
    }
}

fn overwrite(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    let held = file.metadata()?;
    // A pipe or a terminal has neither a length nor old content.
    if !held.is_file() {
        return file.write_all(bytes);
    }
    let (over, behind) = bytes.split_at(bytes.len().min(held.len() as usize));
    let grown = file.write_all_at(behind, held.len()).and_then(|()| file.sync_all());
    if grown.is_err() {
        file.set_len(held.len())?;
        return grown;
    }
    file.write_all_at(over, 0)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_all()
}

/// So many bytes that no file system can store in less: it would find room for any number of zeros.
#[must_use]
pub fn noise(bytes: usize) -> Vec<u8> {
    let mut random = oorandom::Rand64::new(1);
    (0..bytes / 8).flat_map(|_| random.rand_u64().to_ne_bytes()).collect()
}

fn refused(path: &Path, error: io::Error) -> Failure {
    let failure = Failure::os(format!("writing {}", path.display()), error);
    match failure.errno.map(Errno::from_raw) {
        Some(Errno::EFBIG) => failure.remedy("raise the limit on the size of files: ulimit -f"),
        Some(Errno::ENOSPC | Errno::EDQUOT) => failure.remedy("free some space there"),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_by_a_shorter_and_by_a_longer_one_and_never_created_twice() {
        let path = std::env::temp_dir().join(format!("pvt-file-{}", std::process::id()));
        for text in ["first", "1st", "the first", ""] {
            replace(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(create(&path, b"x").unwrap_err().errno, Some(Errno::EEXIST as i32));
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_full_disk_is_said_with_its_remedy() {
        let failure = replace(Path::new("/dev/full"), b"x").unwrap_err();
        assert_eq!(failure.errno, Some(Errno::ENOSPC as i32));
        assert!(failure.tried.contains("/dev/full") && failure.remedy.is_some(), "{failure}");
    }
}
