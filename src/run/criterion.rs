//! Where Criterion's report lies, seen from a run's folder.

use super::fragment::tagged;
use crate::sys::program;
use crate::variables;
use std::path::{Path, PathBuf};

/// Criterion's top page's folder relative to a folder in `reports`; `None` where there is none, or
/// where the way there would name folders that are nobody else's business.
#[must_use]
pub fn criterion_link(reports: &Path) -> Option<String> {
    let report = homes().into_iter().map(|home| home.join("report"));
    let report = report.into_iter().find(|report| report.join("index.html").is_file())?;
    relative(&reports.canonicalize().ok()?, &report.canonicalize().ok()?)
}

/// Where Criterion may have written: in the folder that it is told, else in cargo's target folder,
/// of which cargo's configuration says where it is, and so does where this program lies.
fn homes() -> Vec<PathBuf> {
    let told = variables::path("CRITERION_HOME");
    let target = || variables::path("CARGO_TARGET_DIR").map(|target| target.join("criterion"));
    if let Some(home) = told.or_else(target) {
        return vec![home];
    }
    let own = program::path().unwrap_or_default();
    let around = tagged(&own).map(|target| target.join("criterion"));
    around.chain(["target/criterion".into()]).collect()
}

/// The way from a folder in `from` to `to`, if both share more than the root and it can be written
/// as text.
fn relative(from: &Path, to: &Path) -> Option<String> {
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    if shared < 2 {
        return None;
    }
    let up = from.components().count() - shared + 1;
    let down = to.components().skip(shared).map(|part| part.as_os_str().to_str());
    let down: Vec<&str> = down.collect::<Option<_>>()?;
    Some(format!("{}{}", "../".repeat(up), down.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn the_way_leads_through_what_both_share() {
        let way = |from: &str, to: &str| relative(Path::new(from), Path::new(to));
        assert_eq!(
            way("/p/reports", "/p/target/criterion/report").as_deref(),
            Some("../../target/criterion/report")
        );
        assert_eq!(way("/p/reports", "/elsewhere/criterion/report"), None);
        let unwritable = Path::new(std::ffi::OsStr::from_bytes(b"/p/caf\xe9/report"));
        assert_eq!(relative(Path::new("/p/reports"), unwritable), None);
    }
}
