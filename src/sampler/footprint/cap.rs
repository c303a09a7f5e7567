//! How many units at most: no limit of the machine is run into, because others live on it too.

use crate::lab::Takes;
use crate::machine;
use crate::record::{Failure, Limit, Result};

/// A share of what is left of something, and its name.
type Share = (f64, &'static str);

/// Of what is left of a number, the share that units may take.
const SHARE_OF_NUMBER: Share = (1.0 / 4.0, "a quarter");
/// Where what is left is for oneself alone.
const SHARE_OF_OWN: Share = (3.0 / 4.0, "three quarters");
/// Of the memory that is available.
const SHARE_OF_MEMORY: Share = (1.0 / 8.0, "an eighth");
/// With fewer units, pages in stock for a CPU are too much of what is read.
const LEAST: u32 = 200;

/// How many units at each reading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::sampler) struct Plan {
    pub(in crate::sampler) units: Vec<u32>,
    /// Which limit makes them fewer than planned, if one does.
    pub(in crate::sampler) capped: Option<String>,
}

/// The planned numbers of units, or as many as the tightest limit leaves, in the same proportion.
pub(in crate::sampler) fn plan(planned: &[u32], takes: Takes, limits: &[Limit]) -> Result<Plan> {
    let wanted = planned.last().copied().unwrap_or(0);
    let allowed = |limit| Some((room(limit, takes)?, limit));
    let tightest = limits
        .iter()
        .filter_map(allowed)
        .min_by(|((one, _), _), ((other, _), _)| one.total_cmp(other));
    let Some(((room, share), limit)) = tightest.filter(|((room, _), _)| *room < f64::from(wanted))
    else {
        return Ok(Plan { units: planned.to_vec(), capped: None });
    };
    let most = room.max(0.0) as u32;
    let why = format!(
        "{} is {} with {} in use, and the suite uses at most {share} of the rest: {most} units",
        limit.name,
        amount(limit, limit.most.unwrap_or(f64::INFINITY)),
        amount(limit, limit.used),
    );
    if most < LEAST.min(wanted) {
        return Err(Failure::new(format!("creating {wanted} idle units"), why)
            .remedy(machine::how_to_raise(&limit.name)));
    }
    let scaled = |units: &u32| (u64::from(*units) * u64::from(most) / u64::from(wanted)) as u32;
    Ok(Plan { units: planned.iter().map(scaled).collect(), capped: Some(why) })
}

/// So much of what a limit limits.
fn amount(limit: &Limit, value: f64) -> String {
    match limit.unit.as_str() {
        "bytes" => format!("{:.0} MiB", value / 1_048_576.0),
        _ => format!("{value:.0}"),
    }
}

/// Units that the limit leaves room for, and the share of what is left that they may take; `None`
/// where it does not concern them, or does not bind.
fn room(limit: &Limit, takes: Takes) -> Option<(f64, &'static str)> {
    let ((share, name), per_unit) = match limit.name.as_str() {
        "kernel.pid_max" | "kernel.threads-max" | "pids.max" | "RLIMIT_NPROC" => {
            (SHARE_OF_NUMBER, f64::from(takes.pids))
        }
        "vm.max_map_count" => (SHARE_OF_NUMBER, f64::from(takes.mappings)),
        // One's own alone: most of them may be taken.
        "RLIMIT_NOFILE" => (SHARE_OF_OWN, f64::from(takes.descriptors)),
        "fs.file-max" => (SHARE_OF_NUMBER, f64::from(takes.descriptors)),
        // To another server's port, others may use the same.
        "net.ipv4.ip_local_port_range" => (SHARE_OF_OWN, f64::from(takes.ports)),
        "available memory" => (SHARE_OF_MEMORY, takes.bytes as f64),
        // The creator's alone.
        "RLIMIT_AS" | "RLIMIT_DATA" => (SHARE_OF_OWN, takes.space.bytes() as f64),
        "commit limit" => (SHARE_OF_NUMBER, takes.committed.bytes() as f64),
        _ => return None,
    };
    let left = limit.most? - limit.used;
    (per_unit > 0.0).then(|| ((left * share / per_unit).floor(), name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::AddressSpace;

    const THREAD: Takes = Takes {
        pids: 1,
        mappings: 2,
        descriptors: 0,
        ports: 0,
        bytes: 40 << 10,
        space: AddressSpace::Bytes(8 << 20),
        committed: AddressSpace::Bytes(8 << 20),
    };
    const CONNECTION: Takes = Takes {
        pids: 0,
        mappings: 0,
        descriptors: 2,
        ports: 1,
        bytes: 16 << 10,
        space: AddressSpace::Bytes(0),
        committed: AddressSpace::Bytes(0),
    };

    fn limit(name: &str, most: f64, used: f64) -> Limit {
        Limit { name: name.into(), most: Some(most), used, unit: String::new(), note: None }
    }

    fn planned(takes: Takes, limits: &[Limit]) -> Plan {
        plan(&[1_000, 4_000], takes, limits).unwrap()
    }

    #[test]
    fn without_a_limit_in_the_way_the_plan_stands() {
        let wide = [limit("kernel.pid_max", 32_768.0, 168.0), limit("what else", 1.0, 0.0)];
        let none = Limit { most: None, ..limit("pids.max", 0.0, 90.0) };
        let plan = planned(THREAD, &[wide[0].clone(), wide[1].clone(), none]);
        assert_eq!(plan, Plan { units: vec![1_000, 4_000], capped: None });
    }

    #[test]
    fn the_tightest_limit_scales_both_readings_and_is_named() {
        let limits = [
            limit("pids.max", 4_000.0, 800.0),
            limit("kernel.pid_max", 4_100.0, 100.0),
            limit("vm.max_map_count", 65_530.0, 30.0),
        ];
        let plan = planned(THREAD, &limits);
        assert_eq!(plan.units, [200, 800]);
        let why = "pids.max is 4000 with 800 in use, and the suite uses at most a quarter of the \
                   rest: 800 units";
        assert_eq!(plan.capped.as_deref(), Some(why));
    }

    #[test]
    fn each_kind_has_limits_of_its_own() {
        let units = |takes, name, most| planned(takes, &[limit(name, most, 0.0)]).units[1];
        assert_eq!(units(THREAD, "vm.max_map_count", 8_000.0), 1_000);
        assert_eq!(units(THREAD, "available memory", 8.0 * 1_000.0 * 40_960.0), 1_000);
        assert_eq!(units(THREAD, "RLIMIT_NOFILE", 1_024.0), 4_000);
        assert_eq!(units(CONNECTION, "RLIMIT_NOFILE", 1_024.0), 384);
        assert_eq!(units(CONNECTION, "net.ipv4.ip_local_port_range", 4_000.0), 3_000);
        assert_eq!(units(CONNECTION, "kernel.pid_max", 1_000.0), 4_000);
        // Each stack is address space, whether it is used or not.
        let stacks = f64::from(4_000) * (8u64 << 20) as f64;
        assert_eq!(units(THREAD, "RLIMIT_AS", stacks), 3_000);
        assert_eq!(units(THREAD, "RLIMIT_DATA", stacks), 3_000);
        assert_eq!(units(THREAD, "commit limit", stacks), 1_000);
        assert_eq!(units(CONNECTION, "RLIMIT_AS", 1.0), 4_000);
    }

    #[test]
    fn too_few_are_a_failure_with_the_limit_and_the_drill_needs_its_ten() {
        let tight = [limit("pids.max", 100.0, 40.0)];
        let failure = plan(&[1_000, 4_000], THREAD, &tight).unwrap_err();
        assert!(failure.why.contains("of the rest: 15 units"), "{failure}");
        assert!(failure.remedy.unwrap().contains("pids.max"));
        assert_eq!(plan(&[10], THREAD, &tight).unwrap().units, [10]);
        assert!(plan(&[10], THREAD, &[limit("pids.max", 60.0, 40.0)]).is_err());
        assert!(plan(&[10], THREAD, &[limit("pids.max", 60.0, 80.0)]).is_err());
    }
}
