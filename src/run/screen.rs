//! What may be written to: how wide it is, and whether it takes colour.

use crate::sys::terminal;
use crate::variables;
use std::ffi::OsString;
use std::io::IsTerminal;

/// Columns where nothing tells how many there are.
const USUAL: usize = 100;
/// Fewest and most columns that are used.
const FEWEST: usize = 40;
const MOST: usize = 100;

/// Columns to write to, and whether to colour.
#[must_use]
pub fn screen() -> (usize, bool) {
    let is_terminal = std::io::stdout().is_terminal();
    let columns = terminal::columns().filter(|_| is_terminal);
    decide(is_terminal, columns, variables::value)
}

/// By what standard output is and what the environment asks for: `NO_COLOR` (no-color.org),
/// `CLICOLOR_FORCE` and `CLICOLOR` (bixense.com/clicolors), `TERM`, `COLUMNS`.
fn decide(
    is_terminal: bool,
    columns: Option<usize>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> (usize, bool) {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let is = |name: &str, value: &str| set(name).is_some_and(|set| set == value);
    let capable = is_terminal && set("TERM").is_some() && !is("TERM", "dumb");
    let forced = set("CLICOLOR_FORCE").is_some() && !is("CLICOLOR_FORCE", "0");
    let colour = set("NO_COLOR").is_none() && (forced || (capable && !is("CLICOLOR", "0")));
    let asked = set("COLUMNS").and_then(|text| text.to_str()?.parse().ok());
    let width = asked.filter(|columns| *columns > 0).or(columns).unwrap_or(USUAL);
    (width.clamp(FEWEST, MOST), colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is decided in an environment such as `TERM=xterm NO_COLOR=1`.
    fn decided(is_terminal: bool, columns: Option<usize>, variables: &str) -> (usize, bool) {
        let pairs = variables.split_whitespace().filter_map(|pair| pair.split_once('='));
        let pairs: Vec<(&str, &str)> = pairs.collect();
        decide(is_terminal, columns, |name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn colour_is_for_a_terminal_that_can_and_a_reader_who_wants_it() {
        for (is_terminal, variables, colour) in [
            (true, "TERM=xterm", true),
            (true, "TERM=dumb", false),
            (true, "", false),
            (false, "TERM=xterm", false),
            (true, "TERM=xterm NO_COLOR=1", false),
            (true, "TERM=xterm NO_COLOR=", true),
            (true, "TERM=xterm CLICOLOR=0", false),
            (false, "CLICOLOR_FORCE=1", true),
            (false, "CLICOLOR_FORCE=0", false),
            (true, "TERM=dumb CLICOLOR_FORCE=1", true),
            (false, "CLICOLOR_FORCE=1 NO_COLOR=1", false),
        ] {
            assert_eq!(decided(is_terminal, None, variables).1, colour, "{variables}");
        }
    }

    #[test]
    fn the_width_is_what_is_asked_for_or_what_the_terminal_has() {
        let width = |columns, variables: &str| decided(true, columns, variables).0;
        assert_eq!(width(Some(80), ""), 80);
        assert_eq!(width(Some(80), "COLUMNS=60"), 60);
        assert_eq!(width(None, ""), USUAL);
        assert_eq!([width(Some(10), ""), width(Some(400), "")], [FEWEST, MOST]);
        for nonsense in ["COLUMNS=", "COLUMNS=0", "COLUMNS=wide", "COLUMNS=-3"] {
            assert_eq!(width(Some(80), nonsense), 80, "{nonsense}");
        }
    }
}
