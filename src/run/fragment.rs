//! Fragments: what each target of one `cargo bench` leaves for the target that judges.
//!
//! They lie under cargo's target folder, in a folder named after the cargo process that started the
//! targets, so that the parts of one run find each other and two runs never mix.

use crate::machine;
use crate::proc;
use crate::record::{self, Check, Failure, Record, Result, file};
use crate::sys::program;
use nix::unistd::Pid;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Fragments of older runs than this are swept.
const KEPT_FOR: Duration = Duration::from_secs(24 * 3600);
/// More than a fragment takes, bytes.
const ROOM: usize = 8 << 20;

/// The fragments of one run.
#[derive(Debug, Clone)]
pub struct Fragments {
    folder: PathBuf,
    /// This process is the first target of the run.
    pub first: bool,
}

impl Fragments {
    /// The fragments of the run that cargo started, by itself or through its `runner`.
    ///
    /// # Errors
    /// The process's start cannot be read, or the folder cannot be made.
    pub fn of_run() -> Result<Self> {
        machine::own_processes()?;
        let all = target_folder()?.join("process-vs-thread");
        let tried = || format!("making a folder for fragments under {}", all.display());
        fs::create_dir_all(&all).map_err(|e| Failure::os(tried(), e))?;
        sweep(&all);
        // A target that was started by hand is a run of its own.
        let starter =
            super::command::cargo().map_or_else(nix::unistd::getpid, |cargo| cargo.process);
        let folder = all.join(name_of(starter)?);
        let first = match fs::create_dir(&folder) {
            Ok(()) => true,
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => false,
            Err(e) => return Err(Failure::os(tried(), e)),
        };
        Ok(Fragments { folder, first })
    }

    /// Finds out before minutes of measuring whether a fragment can be written.
    ///
    /// # Errors
    /// There is not enough room, or the limit on the size of files is lower.
    pub fn prepare(&self) -> Result<()> {
        let probe = self.folder.join(format!("{}.room", std::process::id()));
        file::create(&probe, &file::noise(ROOM))?;
        let removed = fs::remove_file(&probe);
        removed.map_err(|e| Failure::os(format!("removing {}", probe.display()), e))
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

    /// What the first target of the run found of its instruments; nothing before it has ended.
    #[must_use]
    pub fn checks(&self) -> Vec<Check> {
        let found = self.read().into_iter().flatten().map(|record| record.checks);
        found.max_by_key(Vec::len).unwrap_or_default()
    }

    /// All fragments of the run, by the name of their target, or why one is not to be had: the
    /// others still are.
    #[must_use]
    pub fn read(&self) -> Vec<Result<Record>> {
        let listed = match fs::read_dir(&self.folder) {
            Ok(listed) => listed,
            Err(e) => {
                let tried = format!("reading the fragments in {}", self.folder.display());
                return vec![Err(Failure::os(tried, e))];
            }
        };
        let mut paths: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        paths.iter().map(|path| record::read(path)).collect()
    }
}

/// Cargo's target folder: the ancestor of this program that carries the cache tag, else the
/// program's own folder.
fn target_folder() -> Result<PathBuf> {
    let own = program::path()
        .map_err(|e| Failure::os("finding the path of the running program", e).remedy(MOUNT))?;
    let tagged = tagged(&own).next();
    Ok(tagged.or(own.parent()).unwrap_or(Path::new(".")).to_path_buf())
}

const MOUNT: &str = "mount -t proc proc /proc";

/// The folders around a program that cargo has marked as its own, from the inside out: one for the
/// target's triple, where one was asked for, and the target folder.
pub(super) fn tagged(program: &Path) -> impl Iterator<Item = &Path> {
    program.ancestors().filter(|folder| folder.join("CACHEDIR.TAG").is_file())
}

/// What no other process has that shares this folder: its id and start, which count within its
/// namespaces (namespaces(7)), since this boot. The time of day is no part of it, as it may be set
/// between two targets.
fn name_of(process: Pid) -> Result<String> {
    let tried = |path: &str| format!("naming the run after what started it: reading {path}");
    let read = |path: &str| proc::read(path).map_err(|e| Failure::os(tried(path), e));
    let stat = format!("/proc/{process}/stat");
    let ticks = proc::start_ticks(&read(&stat)?)
        .ok_or_else(|| Failure::new(tried(&stat), "it has no field 22"))?;
    let boot = read("/proc/sys/kernel/random/boot_id")?;
    let namespaces = ["pid", "time"].map(|kind| {
        // A kernel without one of them has one for all.
        fs::metadata(format!("/proc/self/ns/{kind}")).map_or(0, |namespace| namespace.ino())
    });
    Ok(format!("{}-{}-{}-{process}-{ticks}", boot.trim(), namespaces[0], namespaces[1]))
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
    fn a_process_has_one_name_and_another_process_another() {
        let [own, again, parent] =
            [Pid::this(), Pid::this(), Pid::parent()].map(|process| name_of(process).unwrap());
        assert!(own == again && own != parent, "{own} {again} {parent}");
        let namespace = fs::metadata("/proc/self/ns/pid").unwrap().ino().to_string();
        assert!(own.split('-').any(|part| part == namespace), "{own}");
        assert!(name_of(Pid::from_raw(i32::MAX)).is_err());
    }

    #[test]
    fn a_target_folder_of_any_name_is_found_around_a_program() {
        let root = std::env::temp_dir().join(format!("pvt-tagged-{}", std::process::id()));
        let deps = root.join("out/riscv64gc-unknown-linux-gnu/release/deps");
        fs::create_dir_all(&deps).unwrap();
        let [outer, inner] = ["out", "out/riscv64gc-unknown-linux-gnu"].map(|at| root.join(at));
        for folder in [&outer, &inner] {
            fs::write(folder.join("CACHEDIR.TAG"), "").unwrap();
        }
        let program = deps.join("creation-0123456789abcdef");
        let found: Vec<&Path> = tagged(&program).take(2).collect();
        assert_eq!(found, [inner.as_path(), outer.as_path()]);
        fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn one_fragment_that_cannot_be_read_costs_no_other() {
        let folder = std::env::temp_dir().join(format!("pvt-fragments-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let fragments = Fragments { folder: folder.clone(), first: true };
        fragments.prepare().unwrap();
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let record = record::read(&package.join("tests/fixture/quick.json")).unwrap();
        fs::write(folder.join("creation.json"), "{\"schema\": ").unwrap();
        fs::write(folder.join("left.room"), "half").unwrap();
        fragments.write("switching", &record).unwrap();
        let [cut, whole] = &fragments.read()[..] else { panic!("{:?}", fragments.read().len()) };
        assert!(cut.as_ref().unwrap_err().tried.contains("creation.json"));
        assert!(whole.as_ref() == Ok(&record));
        fs::remove_dir_all(&folder).unwrap();
        assert!(fragments.read()[0].is_err(), "also where there is no folder");
    }
}
