//! The only unsafe code: system calls that no crate wraps without a cost or a gap, behind safe
//! functions.
//!
//! Each function is as thin as the C that it stands for: no allocation, lock or formatting, so that
//! a primitive built on it costs what the same thing costs in C. It knows nobody else in the crate.
#![allow(unsafe_code)] // Denied everywhere else by the lint table.

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")
)))]
compile_error!("process-vs-thread measures Linux on x86-64, aarch64 and riscv64");

mod barrier;
pub mod bytes;
mod call;
pub mod child;
pub mod clock;
mod clone;
pub mod clone_and_wait;
pub mod condvar_token;
pub mod detached_threads;
pub mod file;
pub mod fork;
pub mod fork_safe_threads;
pub mod futex;
pub mod guarded_mapping;
pub mod idle;
pub mod image;
pub mod inherited;
pub mod latency_chain;
pub mod lock;
pub mod membarrier;
pub mod memory;
pub mod mount;
pub mod mutex;
pub mod perf;
pub mod pidfd;
pub mod pool;
pub mod process_vm;
pub mod program;
mod raw_task;
pub mod recv_buffer;
pub mod ring;
pub mod rseq;
pub mod sched;
pub mod shared_counter;
pub mod sharing;
pub mod shm_ring;
pub mod signal;
pub mod single_thread;
pub mod so_linger;
pub mod socket;
pub mod space;
pub mod spawn;
pub mod stack;
pub mod state;
pub mod system_calls;
pub mod terminal;
pub mod thread;
pub mod timestamp;
pub mod tiny;
pub mod walk;

use std::io;

/// The return value of a call that says -1 on error.
pub(crate) fn check(returned: libc::c_long) -> io::Result<libc::c_long> {
    if returned == -1 { Err(io::Error::last_os_error()) } else { Ok(returned) }
}

/// The return value of a call that returns its error number.
pub(crate) fn check_number(number: libc::c_int) -> io::Result<()> {
    if number == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(number)) }
}

/// A counter's descriptor, borrowed for as long as the counter lives: the crate gives its number
/// only.
pub(crate) fn counter_fd(counter: &perf_event::Counter) -> std::os::fd::BorrowedFd<'_> {
    let number = std::os::fd::AsRawFd::as_raw_fd(counter);
    // SAFETY: the counter owns the descriptor and keeps it open while it is borrowed.
    unsafe { std::os::fd::BorrowedFd::borrow_raw(number) }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    fn sources(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|at| if at.is_dir() { sources(&at) } else { vec![at] }).collect()
    }

    #[test]
    fn no_source_has_what_is_unsound_in_an_actor_or_by_the_rules_of_the_language() {
        let banned = [
            ("debug_assert", "actors without thread-local storage must not panic"),
            ("read_volatile(", "a volatile access must not fault: use an instruction"),
            ("write_volatile(", "a volatile access must not fault: use an instruction"),
            ("caller's promise", "a SAFETY comment names what is promised"),
        ];
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sys");
        let sources = sources(&folder);
        assert!(sources.len() > 40, "{sources:?}");
        for source in sources {
            let text = std::fs::read_to_string(&source).unwrap();
            for (words, why) in banned {
                assert!(!text.contains(words), "{}: {words}: {why}", source.display());
            }
        }
    }
}
