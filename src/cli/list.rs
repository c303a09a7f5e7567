//! `list`: what there is.

use process_vs_thread::claim::CLAIMS;
use process_vs_thread::plan::{self, Grid, memory, servers};
use process_vs_thread::record::{Policy, Result};
use process_vs_thread::{output, primitive, probe};

/// Names claims, experiments, footprints, servers, probes and primitives.
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
    for idling in servers::idlings() {
        let most = idling.units.last().copied().unwrap_or(0);
        let what = format!("up to {most} × connection of a server: {}", idling.shape);
        text.push_str(&format!("  {:<36} {what}\n", idling.id));
    }
    text.push_str("\nServers under load\n");
    for loading in servers::loadings(Grid::Default) {
        let (connections, pages) = (loading.connections, loading.pages);
        let what = format!("{connections} connections, {pages} pages touched per request");
        text.push_str(&format!("  {:<36} {what}\n", loading.id));
    }
    text.push_str("\nServers shot at (one worker dies under load)\n");
    for shooting in servers::shootings() {
        text.push_str(&format!("  {:<36} {} connections\n", shooting.id, shooting.connections));
    }
    text.push_str("\nProbes (yes or no)\n");
    for entry in probe::ALL {
        text.push_str(&format!("  {:<36} {}\n", entry.name(), entry.statement));
    }
    text.push_str("\nPrimitives\n");
    for entry in primitive::ALL {
        text.push_str(&format!("  {:<26} {}\n", entry.id, entry.op));
    }
    output::print(&text)?;
    Ok(())
}
