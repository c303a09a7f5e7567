//! Fragments: what each target of one `cargo bench` leaves for the target that judges.
//!
//! They lie under cargo's target folder, in a folder named after the cargo process that started the targets, so that
//! the parts of one run find each other and two runs never mix.

use crate::record::{self, Failure, Record, Result};
use crate::sys::clock;
use nix::unistd::Pid;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Fragments of older runs than this are swept.
const KEPT_FOR: Duration = Duration::from_secs(24 * 3600);

/// The fragments of one run.
#[derive(Debug, Clone)]
pub struct Fragments {
    folder: PathBuf,
    /// This process is the first target of the run.
    pub first: bool,
}

impl Fragments {
    /// The fragments of the run that cargo, this process's parent, started.
    ///
    /// # Errors
    /// The process's start cannot be read, or the folder cannot be made.
    pub fn of_parent() -> Result<Self> {
        let all = target_folder()?.join("process-vs-thread");
        let tried = || format!("making a folder for fragments under {}", all.display());
        fs::create_dir_all(&all).map_err(|e| Failure::os(tried(), e))?;
        sweep(&all);
        // A target that was started by hand is a run of its own.
        let starter = match super::command::cargos_words() {
            Some(_) => nix::unistd::getppid(),
            None => nix::unistd::getpid(),
        };
        let folder = all.join(name_of(starter)?);
        match fs::create_dir(&folder) {
            Ok(()) => Ok(Fragments { folder, first: true }),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                Ok(Fragments { folder, first: false })
            }
            Err(e) => Err(Failure::os(tried(), e)),
        }
    }

    /// Writes the fragment of one target.
    ///
    /// # Errors
    /// It cannot be written, or is there already.
    pub fn write(&self, target: &str, record: &Record) -> Result<PathBuf> {
        let path = self.folder.join(format!("{target}.json"));
        record::write_new(&path, record)?;
        Ok(path)
    }

    /// All fragments of the run, by the name of their target.
    ///
    /// # Errors
    /// One cannot be read.
    pub fn read(&self) -> Result<Vec<Record>> {
        let tried = || format!("reading the fragments in {}", self.folder.display());
        let listed = fs::read_dir(&self.folder).map_err(|e| Failure::os(tried(), e))?;
        let mut paths: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        paths.iter().map(|path| record::read(path)).collect()
    }
}

/// Cargo's target folder: the ancestor of this program that carries the cache tag, else the program's own folder.
fn target_folder() -> Result<PathBuf> {
    let own = std::env::current_exe()
        .map_err(|e| Failure::os("finding the path of the running program", e))?;
    let tagged = own.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    Ok(tagged.or(own.parent()).unwrap_or(Path::new(".")).to_path_buf())
}

/// Start time and id of a process: unique on this machine.
fn name_of(process: Pid) -> Result<String> {
    let read = |path: &str| {
        fs::read_to_string(path).map_err(|e| Failure::os(format!("reading {path}"), e))
    };
    let stat = read(&format!("/proc/{process}/stat"))?;
    let ticks = start_ticks(&stat).unwrap_or(0);
    let boot = read("/proc/stat")?;
    let boot =
        boot.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse::<i64>().ok());
    // 100 ticks a second is what the kernel shows to programs on every architecture that we know.
    let start = clock::utc(boot.unwrap_or(0) + (ticks / 100) as i64);
    Ok(format!("{}-{process}-{ticks}", start.compact()))
}

/// Field 22 of /proc/pid/stat (proc(5)); the name before it may hold blanks and brackets.
fn start_ticks(stat: &str) -> Option<u64> {
    stat.rsplit_once(") ")?.1.split(' ').nth(19)?.parse().ok()
}

fn sweep(all: &Path) {
    let Ok(listed) = fs::read_dir(all) else { return };
    for entry in listed.flatten() {
        let written = entry.metadata().and_then(|data| data.modified());
        let age = written.ok().and_then(|time| SystemTime::now().duration_since(time).ok());
        if age.is_some_and(|age| age > KEPT_FOR) {
            // Another run may sweep at the same time; what stays is swept by the next.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_is_found_behind_any_name() {
        let fields: Vec<String> = (3..=30).map(|n| n.to_string()).collect();
        let stat = format!("77 (a) b (c)) S {}", fields[1..].join(" "));
        assert_eq!(start_ticks(&stat), Some(22));
        assert_eq!(start_ticks("77 (cut"), None);
    }
}
