//! One status line on a terminal while long work runs; nothing where standard error is none.

use crate::output;
use std::io::IsTerminal;
use std::time::Instant;

/// Where the work is.
#[derive(Debug)]
pub struct Progress {
    terminal: bool,
    started: Instant,
    steps: usize,
    begun: usize,
}

impl Progress {
    /// Progress over so many steps.
    #[must_use]
    pub fn over(steps: usize) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Progress { terminal, started: Instant::now(), steps, begun: 0 }
    }

    /// The next step begins: what it is.
    pub fn step(&mut self, what: &str) {
        if self.terminal {
            let number = self.begun + 1;
            let of = self.steps.max(number);
            let line = format!("[{number:>3}/{of}] {what}{}", self.left());
            output::status(&line);
        }
        self.begun += 1;
    }

    fn left(&self) -> String {
        if self.begun == 0 {
            return String::new();
        }
        let per_step = self.started.elapsed().as_secs_f64() / self.begun as f64;
        let left_s = per_step * self.steps.saturating_sub(self.begun) as f64;
        match left_s {
            s if s < 90.0 => format!(" · about {s:.0} s left"),
            s => format!(" · about {:.0} min left", s / 60.0),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.terminal {
            output::status("");
        }
    }
}
