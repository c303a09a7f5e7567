//! Which CPUs this run may use, which of them share a core, and where pinned actors go.

use super::kinds::{CoreKind, kinds};
use crate::proc::{Found, Tree, cpu_list, field, text};
use crate::record::{Failure, Result};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;

/// The CPUs that pinned actors use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cores {
    /// Where the main actor runs, and all actors of a one-core placement.
    pub main: usize,
    /// Where the partner runs under two cores, another physical core where there is one; or why
    /// there is no second CPU.
    pub other: Result<usize>,
    /// All that this process may use, the main one first.
    pub all: Vec<usize>,
}

/// Chooses CPUs for pinned actors among those that this process may use (sched_setaffinity(2)).
///
/// Of the fastest kind of core, where they differ: the last one, since interrupts land on CPU 0
/// first; and beside it the last one of another physical core, or where there is none, a slower
/// core, or else another thread of the same core.
///
/// # Errors
/// The kernel does not tell which CPUs this process may use.
pub fn placement() -> Result<Cores> {
    let allowed = allowed()?;
    // Where nothing tells them apart they count as alike.
    let kinds = kinds(Tree::KERNEL, &allowed).unwrap_or_default();
    Ok(choose(&by_speed(&allowed, &kinds), |cpu| siblings(cpu).unwrap_or_default()))
}

/// The CPUs with those of the fastest kind last, each kind ascending.
fn by_speed(allowed: &[usize], kinds: &[CoreKind]) -> Vec<usize> {
    match kinds {
        [] => allowed.to_vec(),
        kinds => kinds.iter().rev().flat_map(|kind| kind.cpus.iter().copied()).collect(),
    }
}

/// `placement` on these CPUs; `siblings` lists the CPUs of one core, itself included.
fn choose(allowed: &[usize], siblings: impl Fn(usize) -> Vec<usize>) -> Cores {
    let (main, others) = allowed.split_last().expect("there is a CPU");
    let same_core = siblings(*main);
    let apart = others.iter().rev().find(|cpu| !same_core.contains(cpu));
    let other = apart.or(others.last()).copied().ok_or_else(|| {
        Failure::new("placing actors on two CPUs", "this process may use one CPU only")
            .remedy("widen its affinity (taskset, cpuset), or give the machine a second CPU")
    });
    let all = std::iter::once(main).chain(others).copied().collect();
    Cores { main: *main, other, all }
}

/// Has this process, and what it starts, run on these CPUs alone.
///
/// # Errors
/// One of them does not exist, or is not among those that this process may use: a cpuset decides.
pub fn stay_on(cpus: &[usize]) -> Result<()> {
    let tried = || format!("staying on CPUs {}", shown(cpus));
    let now = allowed()?;
    if let Some(cpu) = cpus.iter().find(|cpu| !now.contains(cpu)) {
        let why = format!("this process may not use CPU {cpu}");
        return Err(Failure::new(tried(), why).remedy(format!("choose among {}", shown(&now))));
    }
    let mut only = CpuSet::new();
    for cpu in cpus {
        only.set(*cpu).map_err(|e| Failure::os(tried(), e))?;
    }
    sched_setaffinity(Pid::from_raw(0), &only).map_err(|e| Failure::os(tried(), e))
}

fn shown(cpus: &[usize]) -> String {
    cpus.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
}

/// CPUs that this process may use, ascending; never empty.
pub(super) fn allowed() -> Result<Vec<usize>> {
    let ids = core_affinity::get_core_ids().unwrap_or_default();
    match ids.is_empty() {
        // The C library's set holds 1,024 CPUs; the kernel's own list has no such bound.
        true => text("/proc/self/status").and_then(|status| listed_in(&status)),
        false => Ok(ids.iter().map(|id| id.id).collect()),
    }
    .map_err(|why| Failure::new("finding the CPUs that this process may use", why))
}

fn listed_in(status: &str) -> Found<Vec<usize>> {
    let cpus = field(status, "Cpus_allowed_list").and_then(cpu_list);
    let none = "neither sched_getaffinity nor /proc/self/status lists any";
    cpus.filter(|cpus| !cpus.is_empty()).ok_or_else(|| none.to_owned())
}

/// CPUs that are online.
pub(super) fn online() -> Found<Vec<usize>> {
    listed("/sys/devices/system/cpu/online")
}

/// CPUs of the physical core that `cpu` belongs to, itself included.
pub(super) fn siblings(cpu: usize) -> Found<Vec<usize>> {
    listed(&format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"))
}

fn listed(path: &str) -> Found<Vec<usize>> {
    let list = text(path)?;
    cpu_list(&list).ok_or_else(|| format!("{path} holds '{list}', no list of CPUs"))
}

/// Do CPUs share a core? From smt/active, or where the kernel has none, from the siblings of
/// `cpus`.
pub(super) fn smt_active(cpus: &[usize]) -> Found<bool> {
    if let Ok(active) = text("/sys/devices/system/cpu/smt/active") {
        return Ok(active == "1");
    }
    let sizes: Found<Vec<usize>> = cpus.iter().map(|&cpu| Ok(siblings(cpu)?.len())).collect();
    Ok(sizes?.iter().any(|&size| size > 1))
}

/// Number of physical cores under `cpus`.
pub(super) fn physical(cpus: &[usize]) -> Found<usize> {
    let mut cores = cpus.iter().map(|&cpu| siblings(cpu)).collect::<Found<Vec<_>>>()?;
    cores.sort();
    cores.dedup();
    Ok(cores.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cores of two threads each: 0 with 4, 1 with 5 and so on.
    fn paired(cpu: usize) -> Vec<usize> {
        vec![cpu % 4, cpu % 4 + 4]
    }

    #[test]
    fn the_second_cpu_is_another_core() {
        let cores = choose(&[0, 1, 3, 7], paired);
        assert_eq!((cores.main, cores.other), (7, Ok(1)));
        assert_eq!(cores.all, [7, 0, 1, 3]);
    }

    #[test]
    fn fast_cores_are_chosen_before_slow_ones() {
        let kind = |cpus: &[usize]| CoreKind { name: String::new(), cpus: cpus.to_vec() };
        let of = |fast: &[usize], slow: &[usize]| {
            let all: Vec<usize> = fast.iter().chain(slow).copied().collect();
            choose(&by_speed(&all, &[kind(fast), kind(slow)]), paired)
        };
        let hybrid = of(&[0, 1, 4, 5], &[2, 3]);
        assert_eq!((hybrid.main, hybrid.other), (5, Ok(4)));
        assert_eq!(hybrid.all, [5, 2, 3, 0, 1, 4]);
        let lonely = of(&[0, 4], &[2, 3]);
        assert_eq!((lonely.main, lonely.other), (4, Ok(3)), "a slow core before a sibling");
        assert_eq!(by_speed(&[3, 7], &[]), [3, 7]);
    }

    #[test]
    fn a_sibling_is_better_than_none() {
        let cores = choose(&[3, 7], paired);
        assert_eq!((cores.main, cores.other), (7, Ok(3)));
    }

    #[test]
    fn one_cpu_is_a_reason() {
        let cores = choose(&[0], paired);
        assert_eq!((cores.main, cores.all), (0, vec![0]));
        assert!(cores.other.unwrap_err().remedy.is_some());
    }

    #[test]
    fn without_topology_another_cpu_will_do() {
        assert_eq!(choose(&[0, 1], |_| Vec::new()).other, Ok(0));
    }

    #[test]
    fn no_cpu_is_a_reason_and_none_is_made_up() {
        assert_eq!(listed_in("Cpus_allowed_list:\t0-1,4\n"), Ok(vec![0, 1, 4]));
        for status in ["", "Cpus_allowed_list:\t\n", "Cpus_allowed_list:\todd\n"] {
            assert!(listed_in(status).unwrap_err().contains("lists any"), "{status}");
        }
    }
}
