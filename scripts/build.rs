//! Notes the revision of the source tree, so that every record says what made it.

use std::path::Path;
use std::process::Command;

fn main() {
    for path in ["scripts/build.rs", "src", "benches", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={path}");
    }
    // Outside a checkout there is no revision, and the record says none.
    let Some(git) = said(&["rev-parse", "--git-dir"]) else { return };
    for file in ["HEAD", "logs/HEAD"] {
        let path = Path::new(&git).join(file);
        if path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    let Some(revision) = said(&["rev-parse", "--short=12", "HEAD"]) else { return };
    let changed = said(&["status", "--porcelain", "--", "src", "benches", "Cargo.toml"]);
    let dirty = if changed.is_some_and(|list| !list.is_empty()) { "-dirty" } else { "" };
    println!("cargo::rustc-env=PROCESS_VS_THREAD_REVISION={revision}{dirty}");
}

fn said(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
