//! How many units at most: no limit of the machine is run into, because others live on it too.

use crate::lab::Takes;
use crate::record::{Failure, Limit, Result};

/// Of what is left of a number, the share that units may take: a quarter.
const SHARE_OF_NUMBER: f64 = 4.0;
/// Of the memory that is available: an eighth.
const SHARE_OF_MEMORY: f64 = 8.0;
/// With fewer units, pages in stock for a CPU are too much of what is read.
const LEAST: u32 = 200;

/// How many units at each reading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Plan {
    pub(super) units: Vec<u32>,
    /// Which limit makes them fewer than planned, if one does.
    pub(super) capped: Option<String>,
}

/// The planned numbers of units, or as many as the tightest limit leaves, in the same proportion.
pub(super) fn plan(planned: &[u32], takes: Takes, limits: &[Limit]) -> Result<Plan> {
    let wanted = planned.last().copied().unwrap_or(0);
    let allowed = |limit| Some((room(limit, takes)?, limit));
    let tightest =
        limits.iter().filter_map(allowed).min_by(|(one, _), (other, _)| one.total_cmp(other));
    let Some((room, limit)) = tightest.filter(|(room, _)| *room < f64::from(wanted)) else {
        return Ok(Plan { units: planned.to_vec(), capped: None });
    };
    let most = room.max(0.0) as u32;
    let why = format!(
        "{} is {:.0} with {:.0} in use, which leaves {most} units",
        limit.name,
        limit.most.unwrap_or(f64::INFINITY),
        limit.used,
    );
    if most < LEAST.min(wanted) {
        return Err(Failure::new(format!("keeping {wanted} idle units"), why)
            .remedy(format!("raise {}", limit.name)));
    }
    let scaled = |units: &u32| (u64::from(*units) * u64::from(most) / u64::from(wanted)) as u32;
    Ok(Plan { units: planned.iter().map(scaled).collect(), capped: Some(why) })
}

/// Units that the limit leaves room for; `None` where it does not concern them, or does not bind.
fn room(limit: &Limit, takes: Takes) -> Option<f64> {
    let (share, per_unit) = match limit.name.as_str() {
        "kernel.pid_max" | "kernel.threads-max" | "pids.max" | "RLIMIT_NPROC" => {
            (SHARE_OF_NUMBER, f64::from(takes.pids))
        }
        "vm.max_map_count" => (SHARE_OF_NUMBER, f64::from(takes.mappings)),
        // One's own alone: most of them may be taken.
        "RLIMIT_NOFILE" => (4.0 / 3.0, f64::from(takes.descriptors)),
        "fs.file-max" => (SHARE_OF_NUMBER, f64::from(takes.descriptors)),
        // Two ends are two descriptors and one port.
        "net.ipv4.ip_local_port_range" => (SHARE_OF_NUMBER, f64::from(takes.descriptors) / 2.0),
        "available memory" => (SHARE_OF_MEMORY, takes.bytes as f64),
        _ => return None,
    };
    let left = limit.most? - limit.used;
    (per_unit > 0.0).then(|| (left / share / per_unit).floor())
}
