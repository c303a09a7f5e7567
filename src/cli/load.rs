//! `load`: the client of the benchmark, against any server of HTTP/1.1 or 1.0.

use super::named::whole;
use process_vs_thread::load::{Client, Settings};
use process_vs_thread::output;
use process_vs_thread::question::servers::evidence::CLIENT_LIMIT;
use process_vs_thread::record::{Failure, LoadRun, Result};
use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;

/// Most connections of a client: an address has as many ports.
const MOST_CONNECTIONS: u64 = 65_535;
/// Most threads of a client: more than there are CPUs to run them.
const MOST_THREADS: u64 = 1_024;

const EXAMPLES: &str = "\
Without --rate (closed loop), each connection sends its next request after the last answer: a
stalled server receives fewer requests, and few requests see the stall.

Examples:
  process-vs-thread load http://127.0.0.1:8080/ --connections 64
  process-vs-thread load http://127.0.0.1:8080/ --rate 20000 --seconds 30 --json
";

/// Generate HTTP load and report throughput and latency
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Address as printed by `serve`: http://127.0.0.1:8080/
    #[arg(value_name = "URL", value_parser = url)]
    address: SocketAddr,
    /// Concurrent connections
    #[arg(long, value_name = "N", default_value = "32")]
    #[arg(value_parser = whole::<u32>(1..=MOST_CONNECTIONS))]
    connections: u32,
    /// Duration in seconds
    #[arg(long, value_name = "S", default_value = "5", value_parser = seconds)]
    seconds: Duration,
    /// Fixed request rate per second (open loop); latency counts from the scheduled time
    #[arg(long, value_name = "R", value_parser = rate)]
    rate: Option<f64>,
    /// Open a new connection for each request
    #[arg(long)]
    per_request: bool,
    /// Client threads
    #[arg(long, value_name = "N", default_value = "1")]
    #[arg(value_parser = whole::<u32>(1..=MOST_THREADS))]
    threads: u32,
    /// Print one line of JSON with all latencies
    #[arg(long)]
    json: bool,
}

/// Loads a server and prints what it answered.
pub(crate) fn load(args: &Args) -> Result<()> {
    let settings = Settings {
        address: args.address,
        connections: args.connections,
        per_request: args.per_request,
        threads: args.threads,
        reopens: true,
    };
    let mut client = Client::connect(&settings)?;
    let run = match args.rate {
        Some(due_per_s) => client.open(due_per_s, args.seconds)?,
        None => client.closed(args.seconds)?,
    };
    if args.json {
        let json = serde_json::to_string(&run)
            .map_err(|e| Failure::new("writing the load as JSON", e.to_string()))?;
        return output::print(&(json + "\n"));
    }
    output::print(&text(&run))
}

/// The address of a URL as `serve` prints it.
fn url(text: &str) -> std::result::Result<SocketAddr, String> {
    let rest = text.strip_prefix("http://").ok_or("it does not begin with http://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if !path.is_empty() {
        return Err("the URL must have no path: http://ADDRESS:PORT/".to_owned());
    }
    host.parse().map_err(|_| {
        "use an address and a port in digits, such as http://127.0.0.1:8080/; names are not \
         looked up"
            .to_owned()
    })
}

/// A time that is worth measuring and short enough for an overnight run.
fn seconds(text: &str) -> std::result::Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.001..=86_400.0).contains(&seconds) => {
            Ok(Duration::from_secs_f64(seconds))
        }
        _ => Err("use seconds from 0.001 to 86400".to_owned()),
    }
}

/// Requests per second.
fn rate(text: &str) -> std::result::Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.001..=10_000_000.0).contains(&rate) => Ok(rate),
        _ => Err("use requests per second from 0.001 to 10000000".to_owned()),
    }
}

fn text(run: &LoadRun) -> String {
    let mut text = String::new();
    let seconds = run.elapsed_ns as f64 / 1e9;
    let per_s = run.answered_per_s();
    let _ = writeln!(text, "Answered   {} in {seconds:.2} s, {per_s:.0} per second", run.answered);
    if run.due_per_s > 0.0 {
        let _ =
            writeln!(text, "Due        {} per second; {} never sent", run.due_per_s, run.unsent);
    }
    let _ = writeln!(text, "Failed     {}", run.failed);
    if run.reopened > 0 {
        let LoadRun { reopened, resent, .. } = run;
        let _ = writeln!(
            text,
            "Reopened   {reopened} connections that the server had ended; {resent} requests were \
             sent again"
        );
    }
    let names = [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)];
    let latencies = names.map(|(name, share)| match run.latency_ns(share) {
        Some(ns) => format!("{name} {:.1} µs", ns as f64 / 1e3),
        None => format!("{name} none"),
    });
    let from = if run.due_per_s > 0.0 { "it was due" } else { "it was sent" };
    let _ = writeln!(text, "Latency    {}, from when {from}", latencies.join(", "));
    let _ = writeln!(text, "Client     {}", client(run));
    text
}

/// What is known here of whether the figures are the server's: not how busy its CPUs were.
fn client(run: &LoadRun) -> String {
    let share = run.client_cpu_ns as f64 / run.elapsed_ns.max(1) as f64;
    let busy = format!("its busiest thread used {:.0} % of a CPU", share * 100.0);
    match share > CLIENT_LIMIT {
        _ if run.due_per_s > 0.0 => {
            format!("{busy}, waiting for the next due time included: no measure of a limit")
        }
        true => format!("{busy}: the client may be the limit, not the server"),
        false => {
            format!("{busy}: it is not the limit, unless other programs kept that CPU busy")
        }
    }
}
