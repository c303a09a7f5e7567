//! The command line: its grammar, and a file per subcommand.

pub(crate) mod list;
pub(crate) mod load;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod serve;
pub(crate) mod show;

use clap::{Arg, ArgAction, Command, value_parser};
use process_vs_thread::question::CLAIMS;
use process_vs_thread::record::Shape;
use process_vs_thread::run::Wanted;
use std::path::PathBuf;

/// Most workers of a server: as many processes as a kernel numbers unless it is told otherwise.
const MOST_WORKERS: i64 = 32_768;
/// Most private pages of a connection: 1 GiB.
const MOST_PAGES: i64 = 262_144;
/// Most connections of a client: an address has as many ports.
const MOST_CONNECTIONS: i64 = 65_535;
/// Most threads of a client: more than there are CPUs to run them.
const MOST_THREADS: i64 = 1_024;

/// What may be typed. Usage errors leave with status 2.
pub(crate) fn grammar() -> Command {
    Command::new("process-vs-thread")
        .version(process_vs_thread::run::VERSION)
        .about("Measure what processes and threads cost on this machine, and judge textbook claims")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(run_grammar())
        .subcommand(show_grammar())
        .subcommand(explain_grammar())
        .subcommand(compare_grammar())
        .subcommand(report_grammar())
        .subcommand(
            Command::new("list")
                .about("List claims and benchmarks, by the names that `run` and `run --only` take"),
        )
        .subcommand(serve_grammar())
        .subcommand(load_grammar())
        .subcommand(Command::new("lab").hide(true))
}

fn run_grammar() -> Command {
    let path = value_parser!(PathBuf);
    Command::new("run")
        .after_help(
            "PROCESS_VS_THREAD_FULL=1 in the environment measures the full TLB and connection \
             grids (several times as long).",
        )
        .about("Measure, judge and write a report (`cargo bench` without Criterion's benchmarks)")
        .arg(
            Arg::new("CLAIM")
                .num_args(0..)
                .value_parser(claim)
                .conflicts_with("only")
                .help("Claims to measure, such as A3 [default: all]"),
        )
        .arg(Arg::new("quick").long("quick").action(ArgAction::SetTrue).help(
            "Measure the headline claims only, in about a minute; the report is marked as quick",
        ))
        .arg(option("out", "DIR").value_parser(path).help(
            "Report directory [default: $PROCESS_VS_THREAD_OUT, else reports]; - writes only the \
             record, to standard output",
        ))
        .arg(option("label", "WORD").value_parser(label).help(
            "Suffix for the report directory (letters, digits, dots, dashes, \
                       underscores)",
        ))
        .arg(
            option("only", "REGEX")
                .value_parser(filter)
                .help("Measure only claims and benchmarks whose id matches (see `list`)"),
        )
}

/// An option that takes a value.
fn option(name: &'static str, value: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value)
}

/// How a command may name a run.
const RUN: &str = "a record, a run's directory or part of its name, last, last~1";

fn show_grammar() -> Command {
    Command::new("show").about("Show the summary of a run, or some of its claims in full").arg(
        Arg::new("RUN_OR_CLAIM")
            .num_args(0..)
            .help(format!("Run [default: last]: {RUN}; claims: A3, B1 ...")),
    )
}

fn explain_grammar() -> Command {
    Command::new("explain")
        .about("Explain a claim: textbook, mechanism, this machine's figures, how to repeat")
        .arg(Arg::new("CLAIM").required(true).help("Claim, such as A3 (see `list`)"))
        .arg(Arg::new("RUN").help(format!("Run [default: last]: {RUN}")))
}

fn compare_grammar() -> Command {
    Command::new("compare")
        .about("Compare two runs: changed verdicts, figures beyond both intervals, facts")
        .arg(Arg::new("RUN").required(true).num_args(2).help(format!("Two runs: {RUN}")))
        .arg(
            Arg::new("all")
                .long("all")
                .action(ArgAction::SetTrue)
                .help("List every figure that differs"),
        )
}

fn report_grammar() -> Command {
    let path = value_parser!(PathBuf);
    Command::new("report")
        .about("Rebuild the report from a record, without measuring")
        .arg(Arg::new("RECORD").required(true).value_parser(path.clone()).help(
            "record.json.gz or record.json; - reads standard input (needs --page or --splice)",
        ))
        .arg(
            option("page", "FILE")
                .value_parser(path.clone())
                .conflicts_with("splice")
                .help("Output page [default: index.html next to the record]"),
        )
        .arg(
            option("splice", "FILE").value_parser(path.clone()).help(
                "Write the answer between the markers of this Markdown file instead of a page",
            ),
        )
        .arg(option("charts", "DIR").value_parser(path).requires("splice").help(
            "With --splice, write the charts to answer-light.svg and answer-dark.svg in this \
             directory",
        ))
}

fn serve_grammar() -> Command {
    let number = value_parser!(u32);
    Command::new("serve")
        .about("Run one of the benchmarked servers on 127.0.0.1")
        .after_help(
            "The server answers /, uses persistent connections, and stops on Ctrl-C or \
                     SIGTERM.",
        )
        .arg(
            option("shape", "SHAPE")
                .default_value(Shape::Epoll.name())
                .value_parser(shape)
                .help(format!("Concurrency model: {}", Shape::ALL.map(Shape::name).join(", "))),
        )
        .arg(
            option("workers", "N")
                .default_value("32")
                .value_parser(number.range(1..=MOST_WORKERS))
                .help(format!(
                    "Processes (prefork) or threads (thread-pool), at most {MOST_WORKERS}; each \
                     serves one connection at a time"
                )),
        )
        .arg(
            option("pages", "N").default_value("0").value_parser(number.range(..=MOST_PAGES)).help(
                format!(
                    "Private pages that each request touches, per connection, at most {MOST_PAGES}"
                ),
            ),
        )
        .arg(
            option("port", "PORT")
                .default_value("0")
                .value_parser(value_parser!(u16))
                .help("Port to listen on; 0 lets the kernel choose"),
        )
        .arg(
            option("cpus", "LIST").value_delimiter(',').value_parser(value_parser!(usize)).help(
                "CPUs to use, such as 0,1; epoll-per-core runs one loop on each [default: all]",
            ),
        )
        .arg(Arg::new("crashable").long("crashable").action(ArgAction::SetTrue).help(
            "/crash crashes the process that serves the request; /state returns its request counts",
        ))
}

/// A shape that nobody knows is a usage error.
fn shape(name: &str) -> std::result::Result<Shape, String> {
    Shape::named(name)
        .ok_or_else(|| format!("possible values: {}", Shape::ALL.map(Shape::name).join(", ")))
}

fn load_grammar() -> Command {
    let number = value_parser!(u32);
    Command::new("load")
        .about("Generate HTTP load and report throughput and latency")
        .after_help(
            "Without --rate (closed loop), each connection sends its next request after the last \
             answer: a stalled server receives fewer requests, and few requests see the stall.",
        )
        .arg(
            Arg::new("URL")
                .required(true)
                .value_parser(load::url)
                .help("Address as printed by `serve`: http://127.0.0.1:8080/"),
        )
        .arg(
            option("connections", "N")
                .default_value("32")
                .value_parser(number.range(1..=MOST_CONNECTIONS))
                .help(format!("Concurrent connections, at most {MOST_CONNECTIONS}")),
        )
        .arg(
            option("seconds", "S")
                .default_value("5")
                .value_parser(load::seconds)
                .help("Duration in seconds"),
        )
        .arg(option("rate", "R").value_parser(load::rate).help(
            "Fixed request rate per second (open loop); latency counts from the scheduled time",
        ))
        .arg(
            Arg::new("per-request")
                .long("per-request")
                .action(ArgAction::SetTrue)
                .help("Open a new connection for each request"),
        )
        .arg(
            option("threads", "N")
                .default_value("1")
                .value_parser(number.range(1..=MOST_THREADS))
                .help(format!("Client threads, at most {MOST_THREADS}")),
        )
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help("Print one line of JSON with all latencies"),
        )
}

/// A claim's id, as the catalogue spells it. Another one is a usage error.
fn claim(id: &str) -> std::result::Result<String, String> {
    let found = CLAIMS.iter().find(|claim| claim.id.eq_ignore_ascii_case(id));
    found.map(|claim| claim.id.to_owned()).ok_or_else(|| show::unknown(id).to_string())
}

/// A filter that is no regular expression is a usage error.
fn filter(text: &str) -> std::result::Result<String, String> {
    Wanted::matching(Some(text)).map(|_| text.to_owned()).map_err(|failure| failure.why)
}

/// A label becomes part of a folder's name.
fn label(word: &str) -> std::result::Result<String, String> {
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    match !word.is_empty() && word.len() <= 40 && word.chars().all(fit) {
        true => Ok(word.to_owned()),
        false => Err("use 1 to 40 letters, digits, dots, dashes and underscores".to_owned()),
    }
}
