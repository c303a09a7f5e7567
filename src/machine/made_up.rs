//! A made-up /proc and /sys for a test.

use crate::proc::Tree;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A folder with these files, removed on drop.
pub(super) struct MadeUp(PathBuf);

impl MadeUp {
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("pvt-machine-{}-{number}", std::process::id());
        let root = crate::variables::temporary().join(name);
        fs::create_dir_all(&root).unwrap();
        for (path, text) in files {
            let file = root.join(path.trim_start_matches('/'));
            fs::create_dir_all(file.parent().unwrap_or(Path::new("/"))).unwrap();
            fs::write(file, text).unwrap();
        }
        MadeUp(root)
    }

    pub(super) fn tree(&self) -> Tree<'_> {
        Tree(self.0.to_str().unwrap())
    }
}

impl Drop for MadeUp {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
