//! The setting that decides which processes of one user may read each other.

use crate::proc;
use crate::record::Seen;
use std::fs;
use std::io;
use std::path::Path;

/// What Yama restricts.
pub(super) fn ptrace_scope() -> Seen {
    let settings = Path::new("/proc/sys/kernel");
    let text = proc::read(settings.join("yama/ptrace_scope"));
    scope(text, || fs::read_dir(settings).is_ok())
}

/// The setting; -1 where it is missing among settings that are shown, as there is no Yama, and -2
/// where it cannot be read.
fn scope(text: io::Result<String>, settings_shown: impl Fn() -> bool) -> Seen {
    let (figure, unit) = match text {
        Ok(text) => text.trim().parse().map_or((-2.0, UNREADABLE), |scope| (scope, "")),
        Err(e) if e.kind() == io::ErrorKind::NotFound && settings_shown() => (-1.0, "no Yama"),
        Err(_) => (-2.0, UNREADABLE),
    };
    Seen { what: "ptrace_scope".into(), figure, unit: unit.into() }
}

const UNREADABLE: &str = "not readable";

#[cfg(test)]
mod tests {
    use super::*;
    use nix::errno::Errno;

    #[test]
    fn a_kernel_without_yama_is_not_one_that_does_not_tell() {
        let read = |text: io::Result<String>, shown| {
            let found = scope(text, || shown);
            (found.figure, found.unit)
        };
        let of = |errno: Errno| Err(io::Error::from(errno));
        assert_eq!(read(Ok("1\n".into()), true), (1.0, String::new()));
        assert_eq!(read(of(Errno::ENOENT), true), (-1.0, "no Yama".into()));
        let not_told = (-2.0, UNREADABLE.to_owned());
        assert_eq!(read(of(Errno::ENOENT), false), not_told);
        assert_eq!(read(of(Errno::EACCES), true), not_told);
        assert_eq!(read(Ok("?".into()), true), not_told);
    }
}
