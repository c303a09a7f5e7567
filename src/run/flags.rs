//! Criterion's command line, as far as the parts that are not Criterion must understand it.

use super::wanted::Wanted;
use clap::builder::ValueParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::ffi::OsString;
use std::ops::RangeInclusive;

/// What the whole invocation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Measure and report.
    Measure,
    /// `--list`: name what there is; `true` if only names are wanted (`--format terse`).
    List,
    /// `--test`, or no `--bench`, as under `cargo test --benches`: see that everything runs.
    Test,
    /// `--profile-time`: run for a profiler, keep nothing.
    Profile,
}

/// Criterion's flags that matter to the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flags {
    /// What the invocation is for.
    pub mode: Mode,
    /// `--quick`.
    pub quick: bool,
    /// The name filter.
    pub filter: Option<String>,
    /// `--exact`: the filter is a whole name.
    pub exact: bool,
    /// `--ignored`: nothing is wanted.
    pub nothing: bool,
    /// `--load-baseline`: old samples are compared, nothing is measured.
    pub load_baseline: bool,
    /// `--sample-size`.
    pub sample_size: Option<usize>,
    /// Flags about Criterion's own statistics, baselines and plots that were given.
    pub criterion_only: Vec<String>,
}

/// Flags of Criterion that name a baseline and concern Criterion alone.
const BASELINES: [&str; 3] = ["save-baseline", "baseline", "baseline-lenient"];
/// Flags of Criterion that take a number and concern Criterion alone, with the numbers for which it
/// neither panics nor asks for more memory than there is.
const NUMBERS: [(&str, RangeInclusive<f64>); 6] = [
    ("warm-up-time", LEAST..=DAY_S),
    ("measurement-time", LEAST..=DAY_S),
    ("nresamples", 1.0..=10_000_000.0),
    ("noise-threshold", LEAST..=1_000_000.0),
    ("confidence-level", LEAST..=1.0 - LEAST),
    ("significance-level", LEAST..=1.0 - LEAST),
];
/// Smallest number that is told from none.
const LEAST: f64 = 1e-6;
const DAY_S: f64 = 86_400.0;
/// Choices that concern Criterion alone.
const CHOICES: [&str; 3] = ["color", "plotting-backend", "output-format"];
/// Switches that concern Criterion alone.
const SWITCHES: [&str; 3] = ["discard-baseline", "noplot", "verbose"];
/// Switches that are accepted because libtest has them, and do nothing anywhere.
const SILENT: [&str; 5] = ["nocapture", "show-output", "include-ignored", "quiet", "version"];

impl Flags {
    /// Reads a command line without the program's name.
    ///
    /// # Errors
    /// What Criterion would refuse too: exit with status 2 and the message ([`clap::Error::exit`]).
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let words = std::iter::once("bench".into()).chain(arguments);
        grammar().try_get_matches_from(words).map(|matches| Self::of(&matches))
    }

    fn of(matches: &ArgMatches) -> Self {
        let on = |name: &str| matches.get_flag(name);
        let mode = if on("list") {
            Mode::List
        } else if on("test") || !on("bench") {
            Mode::Test
        } else if matches.contains_id("profile-time") {
            Mode::Profile
        } else {
            Mode::Measure
        };
        let numbers = NUMBERS.iter().map(|(name, _)| name);
        let valued = BASELINES.iter().chain(numbers).chain(&CHOICES).chain(&["load-baseline"]);
        let given = valued.filter(|name| matches.contains_id(name));
        let given = given.chain(SWITCHES.iter().filter(|name| on(name)));
        Flags {
            mode,
            quick: on("quick"),
            filter: matches.get_one::<String>("FILTER").cloned(),
            exact: on("exact"),
            nothing: on("ignored"),
            load_baseline: matches.contains_id("load-baseline"),
            sample_size: matches.get_one::<u32>("sample-size").map(|size| *size as usize),
            criterion_only: given.map(|name| format!("--{name}")).collect(),
        }
    }
}

fn grammar() -> Command {
    let valued = |name: &'static str| Arg::new(name).long(name).num_args(1);
    let switch = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let short = |arg: Arg, letter| arg.short(letter);
    let mut grammar = Command::new("verdict")
        .about(
            "Measure and judge the claims, and write the report. Accepts Criterion's command \
                line.",
        )
        .arg(
            Arg::new("FILTER").value_parser(filter).help(
                "Measure only claims and benchmarks whose id matches this regular expression",
            ),
        )
        .arg(valued("sample-size").value_parser(value_parser!(u32).range(10..=100_000)))
        .arg(valued("profile-time").value_parser(within(1.0..=DAY_S)))
        .arg(valued("load-baseline").requires("baseline"))
        .arg(valued("format").value_parser(["pretty", "terse"]))
        .arg(switch("list").help("List ids and exit"))
        .arg(switch("test").help("Run each benchmark once, without a report"))
        .arg(
            switch("quick").help("Measure the headline claims only; the report is marked as quick"),
        )
        .args(["exact", "ignored", "bench"].map(switch));
    for (name, range) in NUMBERS {
        grammar = grammar.arg(valued(name).value_parser(within(range)));
    }
    for name in BASELINES {
        let arg = valued(name);
        grammar = grammar.arg(match name {
            "save-baseline" => short(arg, 's'),
            "baseline" => short(arg, 'b'),
            _ => arg,
        });
    }
    for name in CHOICES {
        grammar = grammar.arg(if name == "color" {
            valued(name).short('c').alias("colour")
        } else {
            valued(name)
        });
    }
    for name in SWITCHES.into_iter().chain(SILENT) {
        grammar = grammar.arg(match name {
            "verbose" => short(switch(name), 'v'),
            "noplot" => short(switch(name), 'n'),
            "version" => short(switch(name), 'V'),
            _ => switch(name),
        });
    }
    grammar
}

/// Is it Criterion's to answer? Of a value that it would take, and panic, it has nothing to say.
#[must_use]
pub fn is_explained(usage: &clap::Error) -> bool {
    usage.kind() != ErrorKind::ValueValidation
}

/// A number of Criterion's, within what it can work with.
fn within(range: RangeInclusive<f64>) -> ValueParser {
    ValueParser::new(move |text: &str| match text.parse::<f64>() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(format!("use a number from {} to {}", range.start(), range.end())),
    })
}

fn filter(text: &str) -> Result<String, String> {
    Wanted::matching(Some(text)).map(|_| text.to_owned()).map_err(|failure| failure.why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    fn parsed(line: &str) -> Result<Flags, clap::Error> {
        Flags::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn the_mode_follows_from_the_flags_as_criterion_reads_them() {
        let mode = |line| parsed(line).unwrap().mode;
        assert_eq!(mode("--bench"), Mode::Measure);
        assert_eq!(mode(""), Mode::Test);
        assert_eq!(mode("--bench --test"), Mode::Test);
        assert_eq!(mode("--bench --list --format terse"), Mode::List);
        assert_eq!(mode("--bench --profile-time 5"), Mode::Profile);
    }

    #[test]
    fn the_whole_grammar_is_accepted_and_criterions_own_flags_are_named() {
        let flags = parsed(
            "--bench fork --exact -s main --noplot --color always --sample-size 20 --warm-up-time \
             1 --measurement-time 2 --nresamples 100 --noise-threshold 0.1 --confidence-level 0.9 \
             --significance-level 0.1 --plotting-backend plotters --output-format bencher -v \
             --nocapture",
        )
        .unwrap();
        assert_eq!(
            (flags.filter.as_deref(), flags.exact, flags.sample_size),
            (Some("fork"), true, Some(20))
        );
        assert!(flags.criterion_only.contains(&"--save-baseline".to_owned()));
        assert!(flags.criterion_only.contains(&"--noplot".to_owned()));
        assert!(parsed("--bench --baseline main --load-baseline other").unwrap().load_baseline);
    }

    #[test]
    fn what_criterion_refuses_is_refused() {
        assert!(parsed("--bench --nonsense").is_err());
        assert!(parsed("--bench --load-baseline other").is_err());
        assert!(parsed("--bench --sample-size many").is_err());
    }

    #[test]
    fn what_criterion_would_panic_at_is_refused() {
        for line in [
            "--sample-size 9",
            "--sample-size 4000000000",
            "--nresamples 0",
            "--nresamples 1000000000000",
            "--warm-up-time 0",
            "--measurement-time inf",
            "--noise-threshold 0",
            "--confidence-level 1",
            "--significance-level NaN",
            "--profile-time 0.5",
            "fork(",
        ] {
            let usage = parsed(&format!("--bench {line}")).unwrap_err();
            assert!(!is_explained(&usage), "{line}: {usage}");
        }
        let unreadable = OsString::from_vec(b"caf\xe9".to_vec());
        assert!(Flags::parse([unreadable]).is_err());
        assert!(is_explained(&parsed("--help").unwrap_err()));
    }
}
