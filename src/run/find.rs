//! The runs that a command can name: a path, a folder, a name, `last`, `last~1`.

use super::folder::OUT_VARIABLE;
use crate::record::{Failure, Result};
use crate::text;
use crate::variables;
use std::path::{Path, PathBuf};

/// The record in a run's folder.
pub(super) const RECORD: &str = "record.json.gz";

/// Where runs lie: where the environment says, else `reports` in the current folder, else the
/// user's state folder (XDG base directories).
#[must_use]
pub fn home() -> PathBuf {
    if let Some(folder) = variables::path(OUT_VARIABLE) {
        return folder;
    }
    let here = PathBuf::from("reports");
    if here.is_dir() {
        return here;
    }
    let state = variables::path("XDG_STATE_HOME")
        .or_else(|| Some(variables::path("HOME")?.join(".local/state")));
    match state.map(|state| state.join("process-vs-thread")) {
        Some(folder) if folder.is_dir() => folder,
        _ => here,
    }
}

/// The runs in a folder, the oldest first: their names begin with their date.
#[must_use]
pub fn runs(home: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(home) else { return Vec::new() };
    let mut runs: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|folder| folder.join(RECORD).is_file())
        .collect();
    runs.sort();
    runs
}

/// The record of a run that somebody names.
///
/// # Errors
/// There is no such run; the error says where was looked.
pub fn find(name: &str) -> Result<PathBuf> {
    let path = Path::new(name);
    if path.is_file() {
        return Ok(path.to_path_buf());
    }
    if path.join(RECORD).is_file() {
        return Ok(path.join(RECORD));
    }
    let home = home();
    let runs = runs(&home);
    let missing = |why: String| {
        let remedy =
            "name a record, a run's folder, or last, last~1; `process-vs-thread run` makes one";
        let meant = meant(name, &runs).map_or(String::new(), |run| format!("did you mean {run}? "));
        Failure::new(format!("finding the run '{name}'"), why).remedy(meant + remedy)
    };
    let back = match name.strip_prefix("last") {
        Some("") => Some(0),
        Some(rest) => rest.strip_prefix('~').and_then(|number| number.parse::<usize>().ok()),
        None => None,
    };
    if let Some(back) = back {
        let found = runs.len().checked_sub(back + 1).map(|at| runs[at].join(RECORD));
        let count = runs.len();
        return found.ok_or_else(|| missing(format!("{} has {}", home.display(), counted(count))));
    }
    let named =
        |run: &&PathBuf| run.file_name().is_some_and(|file| file.to_string_lossy().contains(name));
    match runs.iter().filter(named).collect::<Vec<_>>().as_slice() {
        [one] => Ok(one.join(RECORD)),
        [] if path.is_dir() => Err(folder_of_runs(name, path)),
        [] => Err(missing(format!("no such file, and no such run in {}", home.display()))),
        several => Err(missing(ambiguous(several))),
    }
}

/// A folder that is no run's.
fn folder_of_runs(name: &str, folder: &Path) -> Failure {
    let count = runs(folder).len();
    let remedy = match count {
        0 => "name a record, or a run's folder".to_owned(),
        _ => format!("name one of them, or set {OUT_VARIABLE} to it"),
    };
    let why = format!("it is a folder with {} in it, and none itself", counted(count));
    Failure::new(format!("finding the run '{name}'"), why).remedy(remedy)
}

fn counted(runs: usize) -> String {
    format!("{runs} {}", if runs == 1 { "run" } else { "runs" })
}

/// Most runs that are named where several have what was asked for.
const MOST_NAMED: usize = 4;

fn ambiguous(runs: &[&PathBuf]) -> String {
    let names: Vec<String> = runs
        .iter()
        .rev()
        .take(MOST_NAMED)
        .filter_map(|run| Some(run.file_name()?.to_string_lossy().into_owned()))
        .collect();
    let more = if runs.len() > names.len() { " ..." } else { "" };
    format!("{} runs have this in their names: {}{more}", runs.len(), names.join(", "))
}

/// The run, or the word for one, that a name is most like.
fn meant(name: &str, runs: &[PathBuf]) -> Option<String> {
    if name.starts_with("last") {
        return None;
    }
    let folders = runs.iter().filter_map(|run| run.file_name()?.to_str());
    text::nearest(name, folders.chain(["last"])).filter(|meant| *meant != name).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_has_one_that_may_have_been_meant() {
        let runs = ["r/20261127T121223Z-amd-epyc-2cpu-kvm", "r/20261122T102328Z-rv64-1cpu-qemu"];
        let runs = runs.map(PathBuf::from);
        assert_eq!(meant("lsat", &runs).as_deref(), Some("last"));
        let typed = "20261127T121223Z-amd-epic-2cpu-kvm";
        assert_eq!(meant(typed, &runs).as_deref(), Some("20261127T121223Z-amd-epyc-2cpu-kvm"));
        assert_eq!(meant("xyzzy", &runs), None);
    }

    #[test]
    fn what_is_not_there_says_where_was_looked() {
        let failure = find("no-such-run").unwrap_err();
        assert!(failure.why.contains("no such run in"), "{failure}");
        assert!(find("last~99999").unwrap_err().why.contains("runs"));
    }
}
