//! Where Criterion's report lies, seen from a run's folder.

use crate::variables;
use std::path::Path;

/// Criterion's top page's folder relative to a folder in `reports`; `None` where there is none, or
/// where the way there would name folders that are nobody else's business.
#[must_use]
pub fn criterion_link(reports: &Path) -> Option<String> {
    let home = variables::path("CRITERION_HOME");
    let target = || variables::path("CARGO_TARGET_DIR");
    let folder =
        home.unwrap_or_else(|| target().unwrap_or_else(|| "target".into()).join("criterion"));
    let report = folder.join("report");
    report.join("index.html").is_file().then_some(())?;
    relative(&reports.canonicalize().ok()?, &report.canonicalize().ok()?)
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
