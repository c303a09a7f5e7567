//! A process of another user, to be read or not.

use crate::proc;
use crate::record::{Failure, Result};
use nix::unistd::{Pid, Uid, getpid};

/// A process of another user than the reader.
#[derive(Debug)]
pub(super) struct Stranger {
    pub(super) pid: Pid,
    pub(super) uid: u32,
}

impl Stranger {
    /// The lab itself where it is root's, as the reader is not; else whose process there is, that
    /// of init first.
    pub(super) fn find() -> Result<Self> {
        if Uid::effective().is_root() {
            return Ok(Stranger { pid: getpid(), uid: Uid::current().as_raw() });
        }
        let tried = "looking for a process of another user";
        let pids = proc::processes().map_err(|e| Failure::os(tried, e))?;
        let me = Uid::current().as_raw();
        // Not by the owner of its folder: that is root where the process forbids dumps.
        let stranger = |pid: &i32| {
            let uid = real_uid(&proc::read(format!("/proc/{pid}/status")).ok()?)?;
            (uid != me).then(|| Stranger { pid: Pid::from_raw(*pid), uid })
        };
        pids.iter().find_map(stranger).ok_or_else(|| {
            Failure::new(tried, "all that /proc shows are of this one")
                .remedy("run as root, or where processes of other users are shown")
        })
    }
}

/// The real user of a process, by its status (proc(5)).
fn real_uid(status: &str) -> Option<u32> {
    proc::field(status, "Uid")?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_a_process_names_its_user() {
        assert_eq!(real_uid("Name:\tx\nUid:\t1000\t0\t0\t0\nGid:\t5\t5\t5\t5\n"), Some(1000));
        assert_eq!(real_uid("Name:\tx\n"), None);
    }
}
