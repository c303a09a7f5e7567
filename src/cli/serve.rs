//! `serve`: a server of the benchmark, to be put under any load.

use super::named::{CpuList, cpus, whole};
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::SignalFd;
use process_vs_thread::output;
use process_vs_thread::record::{Failure, Result, Shape};
use process_vs_thread::server::{Master, Settings};
use std::os::fd::AsFd;

/// Most workers of a server: as many processes as a kernel numbers unless it is told otherwise.
const MOST_WORKERS: u64 = 32_768;
/// Most private pages of a connection: 1 GiB.
const MOST_PAGES: u64 = 262_144;

const EXAMPLES: &str = "\
The server answers /, uses persistent connections, and stops on Ctrl-C or SIGTERM.

Examples:
  process-vs-thread serve epoll --port 8080
  process-vs-thread serve prefork --workers 64 --crashable
";

/// Run one of the benchmarked servers on 127.0.0.1
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Concurrency model
    #[arg(value_name = "MODEL", value_parser = shapes(), default_value = Shape::Epoll.name())]
    model: Shape,
    /// The same, as an option
    #[arg(long, value_name = "SHAPE", value_parser = shapes(), conflicts_with = "model")]
    #[arg(hide = true)]
    shape: Option<Shape>,
    /// Processes (prefork) or threads (thread-pool); each serves one connection at a time
    #[arg(long, value_name = "N", default_value = "32")]
    #[arg(value_parser = whole::<u32>(1..=MOST_WORKERS))]
    workers: u32,
    /// Private pages that each request touches, per connection
    #[arg(long, value_name = "N", default_value = "0")]
    #[arg(value_parser = whole::<u32>(0..=MOST_PAGES))]
    pages: u32,
    /// Port to listen on; 0 lets the kernel choose
    #[arg(long, value_name = "PORT", default_value = "0")]
    #[arg(value_parser = whole::<u16>(0..=u16::MAX.into()))]
    port: u16,
    /// CPUs to use, such as 0,1; epoll-per-core runs one loop on each [default: all]
    #[arg(long, value_name = "LIST", value_parser = cpus)]
    cpus: Option<CpuList>,
    /// /crash crashes the process that serves the request; /state returns its request counts
    #[arg(long)]
    crashable: bool,
}

/// The shapes by their names.
fn shapes() -> impl TypedValueParser<Value = Shape> {
    PossibleValuesParser::new(Shape::ALL.map(Shape::name))
        .map(|name| Shape::named(&name).unwrap_or(Shape::Epoll))
}

/// Serves until it is told to end.
pub(crate) fn serve(args: &Args) -> Result<()> {
    let shape = args.shape.unwrap_or(args.model);
    let settings = Settings {
        shape,
        workers: args.workers,
        pages: args.pages,
        cpus: args.cpus.clone().map_or_else(Vec::new, |CpuList(cpus)| cpus),
        crashable: args.crashable,
    };
    // Blocked from the start, so that one that comes early is not lost.
    let refused = |e| Failure::os("waiting for Ctrl-C", e);
    let ends = SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM]);
    ends.thread_block().map_err(refused)?;
    let told = SignalFd::new(&ends).map_err(refused)?;
    let mut master = Master::start(settings, args.port)?;
    output::print(&format!("http://{}/ ({shape}); Ctrl-C ends it\n", master.address()))?;
    master.supervise(told.as_fd())
}
