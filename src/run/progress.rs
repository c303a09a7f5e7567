//! What is shown while long work runs: a status line on a terminal, elsewhere a line every ten
//! seconds; nothing; or everything, as lines of JSON for another program.

use crate::output;
use crate::record::{Record, Result, Row};
use serde_json::json;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Where no line can be overwritten, there is one no sooner than this after the last.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// What is shown while work goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Watch {
    /// Where the work is, on standard error.
    #[default]
    Status,
    /// Nothing.
    Quiet,
    /// Launches as they begin and rows as they are done, on standard output, each a line of JSON.
    Lines,
}

/// Where the work is.
#[derive(Debug)]
pub struct Progress {
    watch: Watch,
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
    pub fn over(steps: usize, watch: Watch) -> Self {
        let terminal = watch == Watch::Status && std::io::stderr().is_terminal();
        let started = Instant::now();
        Progress { watch, terminal, started, said: started, steps, begun: 0 }
    }

    /// The next step begins: what it is.
    pub fn step(&mut self, what: &str) {
        let number = self.begun + 1;
        let of = self.steps.max(number);
        let line = format!("[{number:>3}/{of}] {what}{}", self.left());
        if self.watch == Watch::Lines {
            say_json(&json!({ "launch": what, "number": number, "of": of }));
        } else if self.terminal {
            // A line that is wider than the terminal would leave a row at each update.
            let width = super::screen().0.saturating_sub(1);
            output::status(&line.chars().take(width).collect::<String>());
        } else if self.watch == Watch::Status && self.said.elapsed() >= BETWEEN_LINES {
            output::say(&line);
            self.said = Instant::now();
        }
        self.begun += 1;
    }

    /// A row is done.
    pub fn row(&self, row: &Row) {
        if self.watch == Watch::Lines {
            say_json(&json!({ "row": row }));
        }
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

/// The last line for another program: where the record is, and what was judged.
pub(super) fn done(file: &str, record: &Record) -> Result<()> {
    let Record { run, judged, .. } = record;
    let line = json!({ "record": file, "cut": run.cut, "judged": judged });
    output::print(&format!("{line}\n"))
}

/// Shows a line of JSON.
fn say_json(line: &serde_json::Value) {
    output::show(&format!("{line}\n"));
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.terminal {
            output::status("");
        }
    }
}
