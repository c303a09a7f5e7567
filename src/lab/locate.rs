//! Where the lab's program is.

use crate::cgroup::CgroupReaper;
use crate::record::{Failure, Result};
use crate::sys::program;
use crate::variables;
use std::ffi::OsString;
use std::path::PathBuf;

/// Environment variable that names the lab's program.
pub const LAB_VARIABLE: &str = variables::LAB;
/// File name of the lab's own program.
const NAME: &str = "process-vs-thread-lab";

/// A program that becomes a lab, and the arguments that make it one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Path of the program.
    pub path: PathBuf,
    /// What to call it with.
    pub arguments: Vec<OsString>,
}

impl Program {
    /// A reaper of control groups, which this program becomes as well.
    #[must_use]
    pub fn reaper(&self) -> CgroupReaper {
        CgroupReaper::new(&self.path, &self.arguments)
    }
}

/// Finds the lab: the environment's override, the path that cargo gives to benches and tests, a
/// sibling of the running program, or the running program's own hidden subcommand.
///
/// # Errors
/// The override names no file.
pub fn locate(from_cargo: Option<&str>) -> Result<Program> {
    let plain = |path: PathBuf| Program { path, arguments: Vec::new() };
    if let Some(path) = variables::path(LAB_VARIABLE) {
        return match path.is_file() {
            true => Ok(plain(path)),
            false => Err(Failure::new(
                format!("looking for the benchmark program at {}", path.display()),
                "it is not a file",
            )
            .remedy(format!("unset {LAB_VARIABLE} or let it name the program {NAME}"))),
        };
    }
    if let Some(path) = from_cargo.map(PathBuf::from).filter(|path| path.is_file()) {
        return Ok(plain(path));
    }
    let own = program::path().map_err(|e| {
        Failure::os("finding the path of the running program", e)
            .remedy(format!("mount /proc, or let {LAB_VARIABLE} name the program {NAME}"))
    })?;
    // Cargo puts examples, tests and benches one folder below the programs.
    let beside = own.ancestors().skip(1).take(2).map(|folder| folder.join(NAME));
    Ok(match beside.into_iter().find(|path| path.is_file()) {
        Some(sibling) => plain(sibling),
        None => Program { path: own, arguments: vec!["lab".into()] },
    })
}
