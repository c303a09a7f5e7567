//! How a process has ended, by whoever asks: its parent, or another process before the parent has
//! waited for it.

use super::{read, stat_field, state};
use nix::sys::signal::Signal;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// How a process has ended that its parent has not waited for yet; `None` where it lives, or is
/// gone altogether.
#[must_use]
pub fn how_ended(process: i32) -> Option<String> {
    let stat = read(format!("/proc/{process}/stat")).ok()?;
    matches!(state(&stat), Some('Z' | 'X')).then_some(())?;
    // The kernel shows it to those who may read the process's memory, and 0 to others.
    let status = stat_field(&stat, 52)?.parse().ok()?;
    Some(ending(ExitStatus::from_raw(status)))
}

/// The end of a process in words.
#[must_use]
pub fn ending(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(number), _) => match Signal::try_from(number) {
            Ok(signal) => format!("killed by {signal}"),
            Err(_) => format!("killed by signal {number}"),
        },
        (None, Some(code)) => format!("with exit status {code}"),
        (None, None) => status.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn who_has_ended_is_asked_how_before_its_parent_has_waited() {
        for (script, how) in [
            ("read x; kill -KILL $$", "killed by SIGKILL"),
            ("read x; exit 7", "with exit status 7"),
        ] {
            let mut shell = Command::new("/bin/sh");
            let mut child = shell.args(["-c", script]).stdin(Stdio::piped()).spawn().unwrap();
            let process = child.id() as i32;
            assert_eq!(how_ended(process), None, "it lives");
            drop(child.stdin.take());
            let patience = std::time::Instant::now() + std::time::Duration::from_secs(10);
            while how_ended(process).is_none() && std::time::Instant::now() < patience {
                std::thread::yield_now();
            }
            assert_eq!(how_ended(process).as_deref(), Some(how));
            assert_eq!(ending(child.wait().unwrap()), how);
            assert_eq!(how_ended(process), None, "it is gone");
        }
    }
}
