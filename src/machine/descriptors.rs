//! Descriptors that a process may have open.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::io;

/// Raises the soft limit on open descriptors (RLIMIT_NOFILE) of this process to its hard limit, as
/// servers and their clients do; what it forks and starts inherits that. Returns both limits as
/// they are then.
///
/// # Errors
/// getrlimit(2)'s and setrlimit(2)'s: none is expected.
pub fn raise_descriptor_limit() -> io::Result<(u64, u64)> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft < hard {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    }
    Ok((hard, hard))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_becomes_the_hard_one() {
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        assert_eq!(raise_descriptor_limit().unwrap(), (hard, hard));
        assert_eq!(getrlimit(Resource::RLIMIT_NOFILE).unwrap(), (hard, hard));
        assert_eq!(raise_descriptor_limit().unwrap(), (hard, hard), "again changes nothing");
    }
}
