//! What is shown while long work runs: a status line on a terminal, elsewhere a line every ten
//! seconds; nothing; or everything, as lines of JSON for another program.

use super::ahead::{self, Ahead};
use crate::output;
use crate::record::{Record, Result, Row};
use serde_json::{Value, json};
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
    /// When the last line was printed.
    said: Instant,
    steps: usize,
    begun: usize,
    /// The run that it is a part of; none where nobody waits long for it.
    ahead: Option<Ahead>,
}

impl Progress {
    /// Progress over so many steps.
    #[must_use]
    pub fn over(steps: usize, watch: Watch) -> Self {
        let terminal = watch == Watch::Status && std::io::stderr().is_terminal();
        Progress { watch, terminal, said: Instant::now(), steps, begun: 0, ahead: None }
    }

    /// The same as a part of a run, of which it tells how long it still takes.
    pub(super) fn within(self, ahead: Ahead) -> Self {
        Progress { ahead: Some(ahead), ..self }
    }

    /// The next step begins: what it is.
    pub fn step(&mut self, what: &str) {
        let (number, of) = (self.begun + 1, self.steps.max(self.begun + 1));
        let share = share(self.begun, self.steps);
        let left_s = self.ahead.as_ref().zip(share).and_then(|(ahead, share)| ahead.left_s(share));
        if self.watch == Watch::Lines {
            say_json(&event(what, number, of, left_s));
        } else if self.terminal {
            // A line that is wider than the terminal would leave a row at each update.
            output::status(&line(what, number, of, left_s, super::screen().0.saturating_sub(1)));
        } else if self.watch == Watch::Status && self.said.elapsed() >= BETWEEN_LINES {
            output::say(&line(what, number, of, left_s, usize::MAX));
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
}

/// The share of the plan that is done. Launches are added to it until intervals are narrow enough:
/// how many, nobody knows, and so nothing can be told then.
fn share(begun: usize, planned: usize) -> Option<f64> {
    (begun < planned).then(|| begun as f64 / planned as f64)
}

/// Where the work is, in so many columns at most. What is left goes last, and the name gives way.
fn line(what: &str, number: usize, of: usize, left_s: Option<f64>, width: usize) -> String {
    let left = left_s.map_or(String::new(), |left_s| format!(" · {}", ahead::words(left_s)));
    let place = format!("[{number:>3}/{of}] ");
    let room = width.saturating_sub(place.chars().count() + left.chars().count());
    let what: String = what.chars().take(room).collect();
    format!("{place}{what}{left}").chars().take(width).collect()
}

/// The same for another program. What is not known is not there.
fn event(what: &str, number: usize, of: usize, left_s: Option<f64>) -> Value {
    let mut event = json!({ "launch": what, "number": number, "of": of });
    if let Some(left_s) = left_s {
        event["left_s"] = json!(left_s.round() as u64);
    }
    event
}

/// The last line for another program: where the record is, and what was judged.
pub(super) fn done(file: &str, record: &Record) -> Result<()> {
    let Record { run, judged, .. } = record;
    let line = json!({ "record": file, "cut": run.cut, "judged": judged });
    output::print(&format!("{line}\n"))
}

/// Shows a line of JSON.
fn say_json(line: &Value) {
    output::show(&format!("{line}\n"));
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.terminal {
            output::status("");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHAT: &str = "creation/fork/64MiB · launch 3/10 · ±1.20 %";

    #[test]
    fn a_line_has_its_time_at_the_end_and_fits_the_terminal() {
        let whole = line(WHAT, 12, 340, Some(119.0), usize::MAX);
        assert_eq!(whole, format!("[ 12/340] {WHAT} · about 2 min left"));
        assert_eq!(line(WHAT, 12, 340, None, usize::MAX), format!("[ 12/340] {WHAT}"));
        for width in 0..90 {
            let line = line(WHAT, 12, 340, Some(119.0), width);
            assert!(line.chars().count() <= width, "{width}: {line}");
            assert!(width < 30 || line.ends_with("about 2 min left"), "{width}: {line}");
        }
    }

    #[test]
    fn a_program_reads_the_seconds_that_are_left_where_they_are_known() {
        assert_eq!(event("x", 1, 2, None), json!({ "launch": "x", "number": 1, "of": 2 }));
        assert_eq!(event("x", 1, 2, Some(89.6))["left_s"], 90);
        assert_eq!(
            [share(0, 4), share(3, 4), share(4, 4), share(9, 4)],
            [Some(0.0), Some(0.75), None, None]
        );
    }
}
