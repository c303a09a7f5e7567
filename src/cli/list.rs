//! `list`: what there is.

use process_vs_thread::output;
use process_vs_thread::plan::Grid;
use process_vs_thread::question;
use process_vs_thread::question::CLAIMS;
use process_vs_thread::record::{Policy, Result};
use process_vs_thread::run::Planned;

/// List claims and benchmarks, by the names that `run` takes
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  process-vs-thread list | grep fork\n")]
pub(crate) struct Args {}

/// Names claims, what is measured, and primitives.
pub(crate) fn list(_: &Args) -> Result<()> {
    let mut text = String::from("Claims\n");
    for claim in CLAIMS {
        text.push_str(&format!("  {:<4} {} ({})\n", claim.id, claim.sentence, claim.promise));
    }
    let all = Planned::all(Policy::Fifo, Grid::Default);
    for of_a_kind in all.chunk_by(|one, next| one.kind() == next.kind()) {
        text.push_str(&format!("\n{}\n", of_a_kind[0].kind()));
        for one in of_a_kind {
            text.push_str(&format!("  {:<36} {}\n", one.id(), one.what()));
        }
    }
    text.push_str("\nPrimitives\n");
    for entry in question::primitives() {
        text.push_str(&format!("  {:<26} {}\n", entry.id, entry.op));
    }
    output::print(&text)?;
    Ok(())
}
