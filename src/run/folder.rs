//! The folder of a run's report: made anew, complete or not there.

use crate::claim::Judged;
use crate::proc;
use crate::question;
use crate::record::{self, Failure, Record, Result, file};
use crate::report::Files;
use crate::variables;
use nix::unistd::geteuid;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Environment variable that moves the reports.
pub const OUT_VARIABLE: &str = variables::OUT;
/// First letters of a folder that is being written.
const PARTIAL: &str = ".partial-";
/// A folder is being written for seconds: one that is this old was left by a run that was killed.
const LEFT_AFTER: Duration = Duration::from_secs(3600);
/// Names of a report's files.
const RECORD: &str = "record.json.gz";
const PAGE: &str = "index.html";
const DETAILS: &str = "details.html";
/// What a report takes at most: its record and its page, bytes.
const WHOLE: [usize; 2] = [3 << 20, 2 << 20];
/// The same of a run that is quick or of a part.
const PART: [usize; 2] = [1 << 20, 1 << 20];

/// Where reports go.
#[derive(Debug, Clone)]
pub struct Reports {
    folder: PathBuf,
    /// What the user can do to have them elsewhere.
    elsewhere: String,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The page, or why there is none: it can be made from the record at any time.
    pub page: Result<PathBuf>,
    /// The record beside it.
    pub record: PathBuf,
}

impl Reports {
    /// The folder given with `--out`, else [`OUT_VARIABLE`], else `reports` in the current folder.
    #[must_use]
    pub fn at(given: Option<PathBuf>) -> Self {
        if let Some(folder) = given {
            return Reports { folder, elsewhere: "name another folder with --out".to_owned() };
        }
        let moved = variables::path(OUT_VARIABLE);
        Reports {
            folder: moved.unwrap_or_else(|| PathBuf::from("reports")),
            elsewhere: format!("set {OUT_VARIABLE} to a folder that can be written to"),
        }
    }

    /// The folder for temporary files: there goes what can be written nowhere else.
    #[must_use]
    pub fn temporary() -> Self {
        let elsewhere = "set TMPDIR to a folder that can be written to".to_owned();
        Reports { folder: variables::temporary(), elsewhere }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Finds out whether a report could be written, before anything is measured, by writing and
    /// removing as much as a report takes: that of a `whole` run, or of a part or a quick one.
    /// Sweeps what a killed run left.
    ///
    /// # Errors
    /// The folder cannot be made or written to, or has not enough room.
    pub fn prepare(&self, whole: bool) -> Result<()> {
        let partial = self.partial()?;
        self.sweep();
        let mut files = [RECORD, PAGE].iter().zip(if whole { WHOLE } else { PART });
        // Both lie there at the same time, as those of a report do.
        let tried = files
            .try_for_each(|(name, bytes)| file::create(&partial.join(name), &file::noise(bytes)));
        let removed = fs::remove_dir_all(&partial).map_err(|e| self.unwritable(e));
        tried.map_err(|failure| self.advised(failure)).and(removed)
    }

    /// Writes record and page of a run into a folder of its own. The folder appears complete, under
    /// a name that nothing had before: a second run of the same second gets a number.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn write(&self, record: &mut Record, judged: &Judged) -> Result<Written> {
        let (name, partial) = (record.run.id.clone(), self.partial()?);
        self.fill_and_publish(&partial, record, judged).map_err(|failure| {
            // The reason is reported; what is half written must not stay.
            let _ = fs::remove_dir_all(&partial);
            record.run.id = name;
            self.advised(failure)
        })
    }

    fn fill_and_publish(
        &self,
        partial: &Path,
        record: &mut Record,
        judged: &Judged,
    ) -> Result<Written> {
        let name = record.run.id.clone();
        for number in 1.. {
            if number > 1 {
                record.run.id = format!("{name}-{number}");
            }
            let folder = self.folder.join(&record.run.id);
            if folder.symlink_metadata().is_ok() {
                continue;
            }
            let page = fill(partial, record, judged)?;
            match fs::rename(partial, &folder) {
                Ok(()) => {
                    let page = page.map(|()| folder.join(PAGE));
                    return Ok(Written { page, record: folder.join(RECORD) });
                }
                // Another run of the same second was faster, and the record names its folder.
                Err(e) if taken(&e) => empty(partial).map_err(|e| self.unwritable(e))?,
                Err(e) => return Err(self.unwritable(e)),
            }
        }
        Err(Failure::new(format!("naming a report {name}"), "every name is taken"))
    }

    /// A new folder to be filled, which nobody else uses.
    fn partial(&self) -> Result<PathBuf> {
        umask_permits().map_err(|why| {
            Failure::new(self.tried(), why).remedy("set another umask: umask 022")
        })?;
        fs::create_dir_all(&self.folder).map_err(|e| self.unwritable(e))?;
        for number in 0.. {
            // A process of another namespace may have the same id.
            let own = std::process::id();
            let partial = self.folder.join(format!("{PARTIAL}{own}-{number}"));
            match fs::create_dir(&partial) {
                Ok(()) => return Ok(partial),
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(self.unwritable(e)),
            }
        }
        Err(Failure::new(self.tried(), "every name is taken"))
    }

    /// Removes what runs of this user have left. Nothing depends on it: what stays is swept by a
    /// later run.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            let ours = entry.file_name().to_string_lossy().starts_with(PARTIAL);
            if ours && entry.metadata().is_ok_and(|data| is_left(&data)) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }

    fn tried(&self) -> String {
        format!("writing a report under {}", self.folder.display())
    }

    fn unwritable(&self, error: io::Error) -> Failure {
        self.advised(Failure::os(self.tried(), error))
    }

    /// With what the user can do, besides what was said already.
    fn advised(&self, failure: Failure) -> Failure {
        let elsewhere = &self.elsewhere;
        match failure.remedy.clone() {
            Some(remedy) if remedy.contains(elsewhere) => failure,
            Some(remedy) => failure.remedy(format!("{remedy}; or {elsewhere}")),
            None => failure.remedy(elsewhere),
        }
    }
}

/// Writes the files of a report; without its page the record is still all that was measured.
fn fill(folder: &Path, record: &Record, judged: &Judged) -> Result<Result<()>> {
    let path = folder.join(RECORD);
    record::write_new(&path, record)?;
    let write = |(name, text): (&str, String)| file::create(&folder.join(name), text.as_bytes());
    let pages = || [PAGE, DETAILS].into_iter().zip(question::pages(record, judged, Files::USUAL));
    Ok(read_again(&path, record).and_then(|()| pages().try_for_each(write)))
}

/// What a reader will read is what was judged, so that `report` makes the same page.
fn read_again(path: &Path, record: &Record) -> Result<()> {
    match record::read(path)? == *record {
        true => Ok(()),
        false => Err(Failure::new(format!("reading {} again", path.display()), "it differs")),
    }
}

fn empty(folder: &Path) -> io::Result<()> {
    fs::read_dir(folder)?.try_for_each(|entry| fs::remove_file(entry?.path()))
}

/// Is the error of a rename that there is something of the new name?
fn taken(error: &io::Error) -> bool {
    use ErrorKind::{AlreadyExists, DirectoryNotEmpty, NotADirectory};
    matches!(error.kind(), AlreadyExists | DirectoryNotEmpty | NotADirectory)
}

/// A umask may close to a user what is the user's own, in every folder alike.
fn umask_permits() -> std::result::Result<(), String> {
    let status = proc::read("/proc/self/status").unwrap_or_default();
    // Since Linux 4.7; before, the error that follows has to do.
    let umask = proc::field(&status, "Umask");
    let umask = umask.and_then(|octal| u32::from_str_radix(octal, 8).ok()).unwrap_or(0);
    match umask & 0o700 {
        0 => Ok(()),
        _ => Err(format!("the umask {umask:03o} removes the owner's rights to new files")),
    }
}

/// Nobody can tell whether a process on another machine or in another container lives; a folder's
/// age tells enough.
fn is_left(data: &Metadata) -> bool {
    let age = data.modified().ok().and_then(|time| SystemTime::now().duration_since(time).ok());
    let own = data.is_dir() && data.uid() == geteuid().as_raw();
    own && age.is_some_and(|age| age > LEFT_AFTER)
}
