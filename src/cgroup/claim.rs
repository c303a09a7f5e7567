//! Whether the driver of a control group lives is told by a lock on the group's folder (flock(2)),
//! which the kernel releases when its holder ends: process ids and start times mean others in
//! other namespaces.

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// The right to remove a group, held while it is open.
pub(super) type Claim = Flock<File>;

/// Makes a group and claims it; `None` where a driver of another namespace has one of this name, or
/// where another's sweep was faster than the claim.
pub(super) fn make_claimed(folder: &Path) -> io::Result<Option<Claim>> {
    match fs::create_dir(folder) {
        Ok(()) => claim(folder),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(None),
        Err(e) => Err(e),
    }
}

/// Claims the group at `folder`; `None` while another does, and where there is none.
pub(super) fn claim(folder: &Path) -> io::Result<Option<Claim>> {
    let mut how = OpenOptions::new();
    how.read(true).custom_flags((OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW).bits());
    let opened = match how.open(folder) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    match Flock::lock(opened, FlockArg::LockExclusiveNonblock) {
        // The last holder may have removed the group.
        Ok(claim) => Ok(is_at(&claim, folder).then_some(claim)),
        Err((_, Errno::EWOULDBLOCK)) => Ok(None),
        Err((_, e)) => Err(e.into()),
    }
}

fn is_at(claim: &Claim, folder: &Path) -> bool {
    let found = (claim.metadata(), fs::metadata(folder));
    matches!(found, (Ok(held), Ok(there)) if held.ino() == there.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_on_what_was_removed_is_none() {
        let folder = std::env::temp_dir().join(format!("pvt-claim-{}", std::process::id()));
        let claim = make_claimed(&folder).unwrap().unwrap();
        assert!(is_at(&claim, &folder));
        fs::remove_dir(&folder).unwrap();
        assert!(!is_at(&claim, &folder));
        let again = make_claimed(&folder).unwrap().unwrap();
        assert!(!is_at(&claim, &folder) && is_at(&again, &folder));
        fs::remove_dir(&folder).unwrap();
    }
}
