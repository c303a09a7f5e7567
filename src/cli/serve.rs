//! `serve`: a server of the benchmark, to be put under any load.

use clap::ArgMatches;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::SignalFd;
use process_vs_thread::output;
use process_vs_thread::record::{Failure, Result, Shape};
use process_vs_thread::server::{Master, Settings};
use std::os::fd::AsFd;

/// Serves until it is told to end.
pub(crate) fn serve(given: &ArgMatches) -> Result<()> {
    let number = |name| given.get_one::<u32>(name).copied().unwrap_or_default();
    let cpus = given.get_many::<usize>("cpus").map_or(Vec::new(), |cpus| cpus.copied().collect());
    let shape = given.get_one::<Shape>("shape").copied().unwrap_or(Shape::Epoll);
    let settings = Settings {
        shape,
        workers: number("workers"),
        pages: number("pages"),
        cpus,
        crashable: given.get_flag("crashable"),
    };
    // Blocked from the start, so that one that comes early is not lost.
    let refused = |e| Failure::os("waiting for Ctrl-C", e);
    let ends = SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM]);
    ends.thread_block().map_err(refused)?;
    let told = SignalFd::new(&ends).map_err(refused)?;
    let mut master = Master::start(settings, given.get_one("port").copied().unwrap_or(0))?;
    output::print(&format!("http://{}/ ({shape}); Ctrl-C ends it\n", master.address()))?;
    master.supervise(told.as_fd())
}
