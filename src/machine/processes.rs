//! Whose processes /proc shows.

use crate::proc::{field, text};
use crate::record::{Failure, Result};

/// Refuses a /proc in which the ids of our processes are those of others: it belongs to the PID
/// namespace in which it was mounted, and a new namespace does not mount its own
/// (pid_namespaces(7)).
///
/// # Errors
/// It shows another namespace, or is not there.
pub fn own_processes() -> Result<()> {
    let shown = text("/proc/self/status").and_then(|status| shows(&status, std::process::id()));
    shown.map_err(|why| {
        Failure::new("looking at the own processes in /proc", why).remedy(
            "mount one for this PID namespace: mount -t proc proc /proc, or unshare --mount-proc",
        )
    })
}

/// Does the status of the process with this id have it as its only one?
fn shows(status: &str, own: u32) -> std::result::Result<(), String> {
    // From the namespace of the mount down to that of the process (Linux 4.1); elsewhere the first
    // of them.
    let ids = field(status, "NSpid").or_else(|| field(status, "Pid"));
    let ids = ids.ok_or("its status names no process id")?;
    match ids.split_whitespace().eq([own.to_string()]) {
        true => Ok(()),
        false => {
            Err("it is that of another PID namespace, so other processes have our ids".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_namespace_has_one_id_for_a_process() {
        own_processes().unwrap();
        assert!(shows("Pid:\t7\nNSpid:\t7\n", 7).is_ok());
        assert!(shows("Pid:\t7\n", 7).is_ok());
        // The same number by chance, another number, and a file that says nothing.
        for foreign in ["Pid:\t7\nNSpid:\t7\t7\n", "Pid:\t90\nNSpid:\t90\t7\n", "Pid:\t90\n", ""] {
            assert!(shows(foreign, 7).is_err(), "{foreign}");
        }
    }
}
