//! Processors whose cores differ: fast ones beside slow ones (hybrid x86, big.LITTLE).
//!
//! Two actors on unlike cores compare the cores and not what the actors are, so pinned actors get
//! the fastest kind. Sources: Documentation/admin-guide/perf/ (the PMUs `cpu_core` and `cpu_atom`),
//! Documentation/scheduler/sched-capacity.rst (`cpu_capacity`), cpufreq's limits.

use crate::proc::{Found, Tree, cpu_list};

/// PMUs that hybrid processors of Intel have in the place of `cpu`, the fastest cores first.
const PMUS: [&str; 3] = ["cpu_core", "cpu_atom", "cpu_lowpower"];

/// Cores whose highest frequency is at least this share of the best are of its kind: single cores
/// of one kind may reach a few percent more than their neighbours.
const SAME_SPEED: f64 = 0.9;

/// Cores of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CoreKind {
    /// What tells it from others.
    pub(super) name: String,
    /// Its CPUs among those that were asked about, ascending.
    pub(super) cpus: Vec<usize>,
}

/// The kinds of core of these CPUs, the fastest first; one where they are alike.
pub(super) fn kinds(tree: Tree<'_>, cpus: &[usize]) -> Found<Vec<CoreKind>> {
    if let Some(kinds) = by_pmu(tree, cpus) {
        return Ok(kinds);
    }
    let file = |name: &'static str| {
        move |cpu: &usize| tree.number(&format!("/sys/devices/system/cpu/cpu{cpu}/{name}"))
    };
    let capacities: Found<Vec<u64>> = cpus.iter().map(file("cpu_capacity")).collect();
    if let Ok(capacities) = capacities {
        return Ok(grouped(cpus, &capacities, 1.0, |most| format!("capacity {most}")));
    }
    let hertz: Found<Vec<u64>> = cpus.iter().map(file("cpufreq/cpuinfo_max_freq")).collect();
    let hertz = hertz.map_err(|why| format!("neither PMUs nor capacities tell, and {why}"))?;
    Ok(grouped(cpus, &hertz, SAME_SPEED, |most| format!("up to {:.1} GHz", most as f64 / 1e6)))
}

/// By the lists of CPUs of the PMUs of a hybrid processor; `None` where it has none.
fn by_pmu(tree: Tree<'_>, cpus: &[usize]) -> Option<Vec<CoreKind>> {
    let of = |name: &&str| {
        let listed = tree.text(&format!("/sys/devices/{name}/cpus")).ok()?;
        let listed = cpu_list(&listed)?;
        let cpus = cpus.iter().copied().filter(|cpu| listed.contains(cpu)).collect();
        Some(CoreKind { name: (*name).to_owned(), cpus })
    };
    let kinds: Vec<CoreKind> =
        PMUS.iter().filter_map(of).filter(|kind: &CoreKind| !kind.cpus.is_empty()).collect();
    // A list that leaves some out tells nothing of those.
    (kinds.iter().map(|kind| kind.cpus.len()).sum::<usize>() == cpus.len()).then_some(kinds)
}

/// CPUs by speed: those within `share` of the fastest that is left are of one kind.
fn grouped(
    cpus: &[usize],
    speeds: &[u64],
    share: f64,
    name: impl Fn(u64) -> String,
) -> Vec<CoreKind> {
    let mut left: Vec<(usize, u64)> = cpus.iter().copied().zip(speeds.iter().copied()).collect();
    let mut kinds = Vec::new();
    while let Some(most) = left.iter().map(|(_, speed)| *speed).max() {
        let alike = |speed: u64| speed as f64 >= most as f64 * share;
        let (kind, slower): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, s)| alike(*s));
        let cpus = kind.into_iter().map(|(cpu, _)| cpu).collect();
        kinds.push(CoreKind { name: name(most), cpus });
        left = slower;
    }
    kinds
}

/// The kinds in words, and which of them pinned actors use.
pub(super) fn words(kinds: &[CoreKind]) -> String {
    let one = |kind: &CoreKind| {
        let cpus: Vec<String> = kind.cpus.iter().map(usize::to_string).collect();
        format!("{} (CPUs {})", kind.name, cpus.join(","))
    };
    match kinds {
        [kind] => format!("one: {}", kind.name),
        kinds => {
            let all: Vec<String> = kinds.iter().map(one).collect();
            let fastest = kinds.first().map_or("none", |kind| kind.name.as_str());
            format!("{}; pinned actors use {fastest}", all.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::made_up::MadeUp;

    fn of(files: &[(&str, &str)], cpus: &[usize]) -> Found<Vec<CoreKind>> {
        let made_up = MadeUp::of(files);
        kinds(made_up.tree(), cpus)
    }

    fn kind(name: &str, cpus: &[usize]) -> CoreKind {
        CoreKind { name: name.to_owned(), cpus: cpus.to_vec() }
    }

    const HYBRID: [(&str, &str); 2] =
        [("/sys/devices/cpu_core/cpus", "0-3\n"), ("/sys/devices/cpu_atom/cpus", "4-7\n")];

    #[test]
    fn hybrid_x86_is_told_by_its_pmus() {
        let all = of(&HYBRID, &[0, 1, 6, 7]).unwrap();
        assert_eq!(all, [kind("cpu_core", &[0, 1]), kind("cpu_atom", &[6, 7])]);
        let told = words(&all);
        assert_eq!(told, "cpu_core (CPUs 0,1), cpu_atom (CPUs 6,7); pinned actors use cpu_core");
        // Where only slow ones may be used, these are one kind.
        assert_eq!(of(&HYBRID, &[5, 6]).unwrap(), [kind("cpu_atom", &[5, 6])]);
    }

    #[test]
    fn arm_is_told_by_its_capacities() {
        let file = |cpu: usize| format!("/sys/devices/system/cpu/cpu{cpu}/cpu_capacity");
        let files: Vec<(String, &str)> =
            ["446", "446", "1024"].into_iter().enumerate().map(|(n, c)| (file(n), c)).collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(f, c)| (f.as_str(), *c)).collect();
        let all = of(&files, &[0, 1, 2]).unwrap();
        assert_eq!(all, [kind("capacity 1024", &[2]), kind("capacity 446", &[0, 1])]);
        // A file that is missing is no capacity of zero.
        assert!(of(&files, &[0, 1, 2, 3]).unwrap_err().contains("cpu0/cpufreq"));
    }

    #[test]
    fn favoured_cores_are_no_kind_of_their_own() {
        let freq =
            |cpu: usize| format!("/sys/devices/system/cpu/cpu{cpu}/cpufreq/cpuinfo_max_freq");
        let of_speeds = |speeds: [&str; 2]| {
            let files = [(freq(0), speeds[0]), (freq(1), speeds[1])];
            let files: Vec<(&str, &str)> = files.iter().map(|(f, c)| (f.as_str(), *c)).collect();
            of(&files, &[0, 1]).unwrap()
        };
        assert_eq!(of_speeds(["5100000", "5200000"]), [kind("up to 5.2 GHz", &[0, 1])]);
        let two = [kind("up to 5.2 GHz", &[1]), kind("up to 3.9 GHz", &[0])];
        assert_eq!(of_speeds(["3900000", "5200000"]), two);
    }

    #[test]
    fn where_nothing_tells_it_is_unknown() {
        assert!(of(&[], &[0, 1]).is_err());
    }
}
