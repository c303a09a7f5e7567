//! Proof that a process has a single thread, without which it may not be copied.

use super::fork_safe_threads::ForkSafeThreads;
use std::io;
use std::marker::PhantomData;
use std::os::unix::fs::MetadataExt;

/// Proof that this process had a single thread, idle ones of ours aside ([`ForkSafeThreads`]),
/// which hold nothing ever. It cannot leave the thread that made it.
///
/// It says nothing of threads that are started after it. Where a child runs any code, they are
/// counted again; where one does something known, the witness is there for the cost alone, which
/// grows with the threads of the parent.
#[derive(Debug)]
pub struct SingleThread(PhantomData<*const ()>);

impl SingleThread {
    /// Counts the threads of this process.
    ///
    /// # Errors
    /// There is more than one, or they cannot be counted.
    pub fn prove() -> io::Result<Self> {
        let alone = SingleThread(PhantomData);
        alone.still_holds()?;
        Ok(alone)
    }

    /// What a test holds, whose process has other threads.
    #[cfg(test)]
    pub(super) fn unproven() -> Self {
        SingleThread(PhantomData)
    }

    /// Counts them again. They are the links of a folder besides its own two (proc(5),
    /// `/proc/self/task`): to list it takes memory, and what a parent writes between two forks its
    /// children keep copies of.
    pub(super) fn still_holds(&self) -> io::Result<()> {
        let links = std::fs::metadata("/proc/self/task")?.nlink();
        match busy(links, ForkSafeThreads::alive()) {
            Some(1) => Ok(()),
            Some(busy) => {
                Err(io::Error::other(format!("the process has {busy} threads, fork needs one")))
            }
            None => Err(io::Error::other(format!(
                "the threads of the process cannot be counted: /proc/self/task has {links} links"
            ))),
        }
    }
}

/// Threads that are not idle, by the links of the folder of all.
fn busy(links: u64, idle: u32) -> Option<u64> {
    links.checked_sub(2)?.checked_sub(idle.into()).filter(|busy| *busy > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_the_folder_of_threads_count_them() {
        let folder = || std::fs::metadata("/proc/self/task").unwrap().nlink();
        let listed = || std::fs::read_dir("/proc/self/task").unwrap().count() as u64;
        // Other tests start threads and end them meanwhile, but not each time.
        assert!((0..1_000).any(|_| folder() == listed() + 2));
        assert_eq!([busy(3, 0), busy(5, 2), busy(7, 1)], [Some(1), Some(1), Some(4)]);
        // More idle ones than threads, and a kernel that does not count.
        assert_eq!([busy(3, 1), busy(3, 2), busy(1, 0), busy(2, 0)], [None; 4]);
    }
}
