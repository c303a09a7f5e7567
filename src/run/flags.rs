//! Criterion's command line, as far as the parts that are not Criterion must understand it.

use clap::{Arg, ArgAction, ArgMatches, Command};

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

/// Flags of Criterion that take a value and concern Criterion alone.
const WITH_VALUE: [&str; 9] = [
    "save-baseline",
    "baseline",
    "baseline-lenient",
    "warm-up-time",
    "measurement-time",
    "nresamples",
    "noise-threshold",
    "confidence-level",
    "significance-level",
];
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
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, clap::Error> {
        let words = std::iter::once("bench".to_owned()).chain(arguments);
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
        let valued = WITH_VALUE.iter().chain(&CHOICES).chain(&["load-baseline"]);
        let given = valued.filter(|name| matches.contains_id(name));
        let given = given.chain(SWITCHES.iter().filter(|name| on(name)));
        Flags {
            mode,
            quick: on("quick"),
            filter: matches.get_one::<String>("FILTER").cloned(),
            exact: on("exact"),
            nothing: on("ignored"),
            load_baseline: matches.contains_id("load-baseline"),
            sample_size: matches.get_one::<usize>("sample-size").copied(),
            criterion_only: given.map(|name| format!("--{name}")).collect(),
        }
    }
}

fn grammar() -> Command {
    let valued = |name: &'static str| Arg::new(name).long(name).num_args(1);
    let switch = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let short = |arg: Arg, letter| arg.short(letter);
    let mut grammar = Command::new("verdict")
        .about("Judges the headline claims and writes the report. Takes Criterion's command line.")
        .arg(
            Arg::new("FILTER").help(
                "Only claims, experiments, footprints and probes whose id matches this regular expression",
            ),
        )
        .arg(valued("sample-size").value_parser(clap::value_parser!(usize)))
        .arg(valued("profile-time").value_parser(clap::value_parser!(f64)))
        .arg(valued("load-baseline").requires("baseline"))
        .arg(valued("format").value_parser(["pretty", "terse"]))
        .arg(switch("list").help("List ids and leave"))
        .arg(switch("test").help("One pair of each experiment, no report"))
        .arg(switch("quick").help("Fewer launches and pairs, and a stricter rule; marked as quick"))
        .args(["exact", "ignored", "bench"].map(switch));
    for name in WITH_VALUE {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Flags, clap::Error> {
        Flags::parse(line.split_whitespace().map(str::to_owned))
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
            "--bench fork --exact -s main --noplot --color always --sample-size 20 --warm-up-time 1 \
             --measurement-time 2 --nresamples 100 --noise-threshold 0.1 --confidence-level 0.9 \
             --significance-level 0.1 --plotting-backend plotters --output-format bencher -v --nocapture",
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
}
