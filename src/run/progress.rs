//! One status line on a terminal while long work runs; nothing where standard error is none.

use std::io::{IsTerminal, Write};
use std::time::Instant;

/// Where the work is.
#[derive(Debug)]
pub struct Progress {
    terminal: bool,
    started: Instant,
    steps: usize,
    done: usize,
}

impl Progress {
    /// Progress over so many steps.
    #[must_use]
    pub fn over(steps: usize) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Progress { terminal, started: Instant::now(), steps, done: 0 }
    }

    /// What is being done now.
    pub fn say(&self, what: &str) {
        if self.terminal {
            let line = format!("[{:>2}/{}] {what}{}", self.done + 1, self.steps, self.left());
            // A status line that cannot be written is no reason to stop measuring.
            let _ = write!(std::io::stderr(), "\r\x1b[2K{line}");
        }
    }

    /// A step is done.
    pub fn step(&mut self) {
        self.done += 1;
    }

    fn left(&self) -> String {
        if self.done == 0 {
            return String::new();
        }
        let per_step = self.started.elapsed().as_secs_f64() / self.done as f64;
        let left_s = per_step * self.steps.saturating_sub(self.done) as f64;
        match left_s {
            s if s < 90.0 => format!(" · about {s:.0} s left"),
            s => format!(" · about {:.0} min left", s / 60.0),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[2K");
        }
    }
}
