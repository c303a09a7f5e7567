//! `list`: what there is.

use process_vs_thread::claim::CLAIMS;
use process_vs_thread::plan::{self, Grid, memory};
use process_vs_thread::record::{Policy, Result};
use process_vs_thread::{primitive, probe};

/// Names claims, experiments, probes and primitives.
pub(crate) fn list() -> Result<()> {
    let mut text = String::from("Claims\n");
    for claim in CLAIMS {
        text.push_str(&format!("  {:<4} {} ({})\n", claim.id, claim.sentence, claim.promise));
    }
    text.push_str("\nExperiments (pairs of arms)\n");
    for e in plan::experiments(Policy::Fifo, Grid::Default) {
        text.push_str(&format!("  {:<36} {} | {}\n", e.id, e.a, e.b));
    }
    text.push_str("\nFootprints (memory of idle units)\n");
    for keeping in memory::keepings() {
        let most = keeping.units.last().copied().unwrap_or(0);
        text.push_str(&format!("  {:<36} up to {most} × {}\n", keeping.id, keeping.kind));
    }
    text.push_str("\nProbes (yes or no)\n");
    for entry in probe::ALL {
        text.push_str(&format!("  {:<36} {}\n", entry.name(), entry.statement));
    }
    text.push_str("\nPrimitives\n");
    for entry in primitive::ALL {
        text.push_str(&format!("  {:<26} {}\n", entry.id, entry.op));
    }
    super::print(&text)?;
    Ok(())
}
