//! The command line: its grammar, and a file per subcommand.

pub(crate) mod list;
pub(crate) mod load;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod serve;

use clap::{Arg, ArgAction, Command, value_parser};
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
        .about(
            "Measures what isolation costs on this machine and judges what textbooks claim \
                     about processes and threads",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(run_grammar())
        .subcommand(report_grammar())
        .subcommand(Command::new("list").about(
            "Names the claims, experiments, footprints, probes \
                     and primitives",
        ))
        .subcommand(serve_grammar())
        .subcommand(load_grammar())
        .subcommand(Command::new("lab").hide(true))
}

fn run_grammar() -> Command {
    let path = value_parser!(PathBuf);
    Command::new("run")
        .after_help(
            "PROCESS_VS_THREAD_FULL=1 in the environment measures the full grids of the \
                     TLB: some ten minutes more.",
        )
        .about(
            "Measures, judges and writes a report: what `cargo bench` does, without \
                     Criterion's benchmarks",
        )
        .arg(Arg::new("quick").long("quick").action(ArgAction::SetTrue).help(
            "The headlines only, in 5 launches of 20 pairs, marked as quick; a claim \
                     holds only if the interval clears the band by the margin",
        ))
        .arg(option("out", "DIR").value_parser(path).help(
            "Folder for reports [default: $PROCESS_VS_THREAD_OUT, else reports]; - writes the \
                     record alone to standard output",
        ))
        .arg(
            option("label", "WORD")
                .value_parser(label)
                .help("Ends the name of the report's folder; letters, digits, dots and dashes"),
        )
        .arg(option("only", "REGEX").value_parser(filter).help(
            "Only claims, experiments, footprints and probes whose id matches (see `list`), and \
                     `count/` with an arm",
        ))
}

/// An option that takes a value.
fn option(name: &'static str, value: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value)
}

fn report_grammar() -> Command {
    let path = value_parser!(PathBuf);
    Command::new("report")
        .about("Makes the page of a record again, without measuring, and prints its table")
        .arg(Arg::new("RECORD").required(true).value_parser(path.clone()).help(
            "A record.json.gz, or unpacked; - reads standard input, and needs --page or --splice",
        ))
        .arg(
            option("page", "FILE")
                .value_parser(path.clone())
                .conflicts_with("splice")
                .help("Where to write the page [default: index.html beside the record]"),
        )
        .arg(
            option("splice", "FILE").value_parser(path).help(
                "Write no page, but the answer table between the markers of this Markdown file",
            ),
        )
}

fn serve_grammar() -> Command {
    let number = value_parser!(u32);
    Command::new("serve")
        .about(
            "Is one of the servers that the benchmark measures, on a port of 127.0.0.1, to be \
                     put under any load generator",
        )
        .after_help("It answers /, keeps connections open, and ends with Ctrl-C or SIGTERM.")
        .arg(option("shape", "SHAPE").default_value(Shape::Epoll.name()).value_parser(shape).help(
            format!(
                "How it divides its connections: \
                     {}",
                Shape::ALL.map(Shape::name).join(", ")
            ),
        ))
        .arg(
            option("workers", "N")
                .default_value("32")
                .value_parser(number.range(1..=MOST_WORKERS))
                .help(format!(
                    "Processes of prefork, threads of thread-pool, at most \
                     {MOST_WORKERS}: each serves one connection at a time"
                )),
        )
        .arg(
            option("pages", "N").default_value("0").value_parser(number.range(..=MOST_PAGES)).help(
                format!(
                    "Private pages of each connection, which each of its requests \
                     touches, at most {MOST_PAGES}"
                ),
            ),
        )
        .arg(
            option("port", "PORT")
                .default_value("0")
                .value_parser(value_parser!(u16))
                .help("Port to listen on; with 0 the kernel chooses"),
        )
        .arg(option("cpus", "LIST").value_delimiter(',').value_parser(value_parser!(usize)).help(
            "CPUs that it may use, as 0,1; epoll-per-core has a loop on each [default: \
                     all]",
        ))
        .arg(Arg::new("crashable").long("crashable").action(ArgAction::SetTrue).help(
            "A request for /crash kills the process that serves it; /state says what was counted \
                     there, and by all",
        ))
}

/// A shape that nobody knows is a usage error.
fn shape(name: &str) -> std::result::Result<Shape, String> {
    Shape::named(name).ok_or_else(|| format!("there is {}", Shape::ALL.map(Shape::name).join(", ")))
}

fn load_grammar() -> Command {
    let number = value_parser!(u32);
    Command::new("load")
        .about(
            "Loads a server of HTTP/1.1 as the benchmark does, and prints what it answered and \
                     how late",
        )
        .after_help(
            "Without --rate each connection sends its next request when the last is \
                     answered: a server that stalls is asked less meanwhile, and few requests \
                     see the stall.",
        )
        .arg(
            Arg::new("URL")
                .required(true)
                .value_parser(load::url)
                .help("Such as `serve` prints it: http://127.0.0.1:8080/"),
        )
        .arg(
            option("connections", "N")
                .default_value("32")
                .value_parser(number.range(1..=MOST_CONNECTIONS))
                .help(format!(
                    "Connections at a time, at most {MOST_CONNECTIONS}: each has a port \
                     of its own"
                )),
        )
        .arg(
            option("seconds", "S")
                .default_value("5")
                .value_parser(load::seconds)
                .help("How long requests are sent"),
        )
        .arg(option("rate", "R").value_parser(load::rate).help(
            "Requests per second, due whatever the server does, their latency counted from when \
                     they were due",
        ))
        .arg(
            Arg::new("per-request")
                .long("per-request")
                .action(ArgAction::SetTrue)
                .help("Each request has a connection of its own"),
        )
        .arg(
            option("threads", "N")
                .default_value("1")
                .value_parser(number.range(1..=MOST_THREADS))
                .help(format!(
                    "Threads of the client, at most {MOST_THREADS}, which divide the \
                     connections among them"
                )),
        )
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help("One line of JSON, as in a record, with all latencies"),
        )
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
