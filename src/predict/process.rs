//! The shape of a process that runs, from /proc.

use super::ProcessShape;
use crate::proc;
use crate::record::{Failure, Result};
use crate::text;
use nix::errno::Errno;
use nix::unistd::geteuid;

/// Reads what decides the cost of a process's fork (proc(5)): its mappings, descriptors, threads.
///
/// # Errors
/// There is no such process; this user may not see its memory; what the kernel shows cannot be
/// read.
pub fn of_process(pid: u32) -> Result<ProcessShape> {
    let folder = format!("/proc/{pid}");
    let status = proc::read(format!("{folder}/status")).map_err(|e| refused(pid, "status", e))?;
    let name = proc::field(&status, "Name").map_or_else(String::new, text::one_line);
    let read =
        |file: &str| proc::read(format!("{folder}/{file}")).map_err(|e| refused(pid, file, e));
    let count =
        |file: &str| proc::entries(format!("{folder}/{file}")).map_err(|e| refused(pid, file, e));
    let mut shape = ProcessShape {
        name: format!("process {pid} ({name})"),
        page_table_bytes: proc::bytes(&status, "VmPTE"),
        ..ProcessShape::default()
    };
    let tried = || format!("reading {folder}/smaps");
    let smaps = read("smaps")?;
    if smaps.is_empty() {
        let why = "it has no memory: a kernel thread, or a process that has ended";
        return Err(Failure::new(tried(), why).remedy("name a running program's process"));
    }
    shape.read_smaps(&smaps).map_err(|why| Failure::new(tried(), why))?;
    shape.threads = count("task")?;
    // What lists its own descriptors has one more open for that.
    let listing = u64::from(pid == std::process::id());
    shape.descriptors = count("fd")?.saturating_sub(listing);
    Ok(shape)
}

fn refused(pid: u32, file: &str, error: std::io::Error) -> Failure {
    let failure = Failure::os(format!("reading /proc/{pid}/{file}"), error);
    let errno = failure.errno.map(Errno::from_raw);
    match errno {
        Some(Errno::ENOENT | Errno::ESRCH) => {
            Failure { why: format!("no process has the id {pid}"), ..failure }
                .remedy("it may have ended; `ps` lists those that run")
        }
        Some(Errno::EACCES | Errno::EPERM) => failure.remedy(hidden(geteuid().is_root())),
        _ => failure,
    }
}

/// What shows the memory of a process that this user may not see (ptrace(2), access mode checking).
fn hidden(is_root: bool) -> String {
    let who = match is_root {
        true => {
            "this process is shown to who has the capability CAP_SYS_PTRACE alone, which root \
                 lacks here, as in a container or a sandbox: grant it"
        }
        false => "the memory of another user's process is shown to root only: sudo",
    };
    format!("{who}, or give numbers (--memory, --mappings, --descriptors)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_is_none_is_named() {
        let failure = of_process(u32::MAX).unwrap_err();
        assert!(failure.why.contains("no process"), "{failure}");
        assert!(failure.remedy.is_some());
    }

    #[test]
    fn a_kernel_thread_has_no_memory_to_fork() {
        // The first kernel thread; where this is a container, there is none.
        if let Ok(shape) = of_process(2) {
            assert!(shape.mappings > 0);
        }
    }

    #[test]
    fn what_may_not_be_seen_has_a_remedy() {
        let failure = refused(1, "smaps", std::io::Error::from_raw_os_error(13));
        assert_eq!(failure.remedy, Some(hidden(geteuid().is_root())));
        assert!(hidden(false).contains("sudo") && !hidden(true).contains("sudo"));
        assert!(hidden(true).contains("CAP_SYS_PTRACE"));
    }
}
