//! One status line on a terminal while long work runs; elsewhere a line every ten seconds.

use crate::output;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Where no line can be overwritten, there is one no sooner than this after the last.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// Where the work is.
#[derive(Debug)]
pub struct Progress {
    terminal: bool,
    started: Instant,
    /// When the last line was printed.
    said: Instant,
    steps: usize,
    begun: usize,
}

impl Progress {
    /// Progress over so many steps.
    #[must_use]
    pub fn over(steps: usize) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let started = Instant::now();
        Progress { terminal, started, said: started, steps, begun: 0 }
    }

    /// The next step begins: what it is.
    pub fn step(&mut self, what: &str) {
        let number = self.begun + 1;
        let of = self.steps.max(number);
        let line = format!("[{number:>3}/{of}] {what}{}", self.left());
        if self.terminal {
            // A line that is wider than the terminal would leave a row at each update.
            let width = super::screen().0.saturating_sub(1);
            output::status(&line.chars().take(width).collect::<String>());
        } else if self.said.elapsed() >= BETWEEN_LINES {
            output::say(&line);
            self.said = Instant::now();
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
