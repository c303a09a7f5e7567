//! Limits that the control groups of this process set, in version 1, version 2 and a mix of both.
//!
//! A limit counts wherever it stands between this process's group and the root, so the tightest is
//! what counts. Sources: cgroups(7), Documentation/admin-guide/cgroup-v2.rst,
//! proc_pid_mountinfo(5).

use crate::proc::{Found, number, text, text_if_there};
use std::path::{Path, PathBuf};

/// Where a controller's files for this process are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Own {
    /// The controller is mounted as version 2.
    pub(crate) unified: bool,
    /// Folders from the group of this process up to the topmost one that can be seen.
    pub(crate) folders: Vec<PathBuf>,
}

/// The groups of this process under one controller (`cpu`, `memory`, `pids`).
pub(crate) fn own(controller: &str) -> Found<Own> {
    let (groups, mounts) = (text("/proc/self/cgroup")?, text("/proc/self/mountinfo")?);
    locate(&groups, &mounts, controller)
        .ok_or_else(|| format!("no cgroup controller '{controller}' is mounted here"))
}

fn locate(groups: &str, mounts: &str, controller: &str) -> Option<Own> {
    let lists = |list: &str| list.split(',').any(|word| word == controller);
    // `4:memory:/path` for version 1, `0::/path` for version 2.
    let lines = || groups.lines().map(|line| line.splitn(3, ':').collect::<Vec<_>>());
    let version_1 = lines().find(|fields| fields.len() == 3 && lists(fields[1]));
    let unified = version_1.is_none();
    let line =
        version_1.or_else(|| lines().find(|fields| fields.len() == 3 && fields[0] == "0"))?;
    let is_mount = |kind: &str, options: &str| match unified {
        true => kind == "cgroup2",
        false => kind == "cgroup" && lists(options),
    };
    let (root, point) = mounts.lines().find_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        let (left, right): (Vec<&str>, Vec<&str>) =
            (left.split(' ').collect(), right.split(' ').collect());
        is_mount(right.first()?, right.get(2)?).then_some((*left.get(3)?, *left.get(4)?))
    })?;
    Some(Own { unified, folders: folders(Path::new(line[2]), Path::new(root), Path::new(point)) })
}

/// Folders of `path` and of its ancestors, where the hierarchy's `root` is mounted at `point`.
fn folders(path: &Path, root: &Path, point: &Path) -> Vec<PathBuf> {
    // A path outside of what is mounted (another cgroup namespace) leaves only the mount's own root
    // to look at.
    let below = path.strip_prefix(root).unwrap_or(Path::new(""));
    let below = if below.to_string_lossy().contains("..") { Path::new("") } else { below };
    below.ancestors().map(|part| point.join(part)).collect()
}

/// The least of a limit over the folders of a group; `None` where no folder sets one. A folder
/// without the file sets none (the topmost one has none); a file that is closed may.
fn tightest(group: &Own, limit: impl Fn(&Path) -> Found<Option<f64>>) -> Found<Option<f64>> {
    let limits = group.folders.iter().filter_map(|folder| limit(folder).transpose());
    let limits = limits.collect::<Found<Vec<f64>>>()?;
    Ok(limits.into_iter().min_by(f64::total_cmp))
}

/// A limit that stands alone in a file.
fn limit_in(file: &Path) -> Found<Option<f64>> {
    Ok(text_if_there(file)?.and_then(|value| limit(&value)))
}

/// A number in a file that is there where the limit beside it is.
fn figure_in(file: &Path) -> Found<f64> {
    number(file)
}

/// CPUs' worth of time that the groups allow; `None` where unlimited.
pub(crate) fn cpu_quota() -> Found<Option<f64>> {
    let group = own("cpu")?;
    tightest(&group, |folder| {
        let file = |name| text_if_there(folder.join(name));
        if group.unified {
            return Ok(file("cpu.max")?.and_then(|both| quota(&both)));
        }
        let both = (file("cpu.cfs_quota_us")?, file("cpu.cfs_period_us")?);
        Ok(match both {
            (Some(quota_us), Some(period_us)) => quota(&format!("{quota_us} {period_us}")),
            _ => None,
        })
    })
}

/// A quota over its period, in CPUs: `150000 100000` is 1.5; `max` and -1 are none.
fn quota(both: &str) -> Option<f64> {
    let (quota_us, period_us) = both.split_once(' ')?;
    let (quota_us, period_us): (f64, f64) =
        (quota_us.parse().ok()?, period_us.trim().parse().ok()?);
    (quota_us > 0.0 && period_us > 0.0).then(|| quota_us / period_us)
}

/// Memory that the groups allow, bytes; `None` where unlimited.
pub(crate) fn memory_limit_bytes() -> Found<Option<u64>> {
    let group = own("memory")?;
    let file = if group.unified { "memory.max" } else { "memory.limit_in_bytes" };
    Ok(tightest(&group, |folder| limit_in(&folder.join(file)))?.map(|bytes| bytes as u64))
}

/// Memory that the groups leave, bytes; `None` where unlimited. Pages of files that are not in use
/// are given back when they are wanted, so they are not in the way.
pub(crate) fn memory_headroom_bytes() -> Found<Option<u64>> {
    let group = own("memory")?;
    let [most, usage, idle] = match group.unified {
        true => ["memory.max", "memory.current", "inactive_file"],
        false => ["memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"],
    };
    let left = |folder: &Path| {
        let Some(most) = limit_in(&folder.join(most))? else { return Ok(None) };
        let used = figure_in(&folder.join(usage))?;
        // Without it more counts as in use than is: on the safe side.
        let stat = text_if_there(folder.join("memory.stat"))?.unwrap_or_default();
        let idle = stat.lines().find_map(|line| line.strip_prefix(idle)?.trim().parse().ok());
        Ok(Some((most - (used - idle.unwrap_or(0.0)).max(0.0)).max(0.0)))
    };
    Ok(tightest(&group, left)?.map(|bytes| bytes as u64))
}

/// The limit on processes and threads that leaves least, and how many count to it already; `None`
/// where unlimited.
pub(crate) fn pids_room() -> Found<Option<(f64, f64)>> {
    let group = own("pids")?;
    let room = |folder: &PathBuf| {
        let Some(most) = limit_in(&folder.join("pids.max"))? else { return Ok(None) };
        Ok(Some((most, figure_in(&folder.join("pids.current"))?)))
    };
    let rooms = group.folders.iter().filter_map(|folder| room(folder).transpose());
    let rooms = rooms.collect::<Found<Vec<(f64, f64)>>>()?;
    Ok(rooms.into_iter().min_by(|a, b| (a.0 - a.1).total_cmp(&(b.0 - b.1))))
}

/// Processes and threads that the groups allow; `None` where unlimited.
pub(crate) fn pids_limit() -> Found<Option<u64>> {
    let group = own("pids")?;
    let least = tightest(&group, |folder| limit_in(&folder.join("pids.max")))?;
    Ok(least.map(|pids| pids as u64))
}

/// One limit: `max` is none, and so is version 1's highest page-aligned number.
fn limit(value: &str) -> Option<f64> {
    let value: u64 = value.parse().ok()?;
    (value < 1 << 62).then_some(value as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIXED: &str = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n32 31 0:29 / \
                         /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n35 31 0:32 \
                         /docker/ab /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup \
                         rw,memory\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

    fn found(groups: &str, mounts: &str, controller: &str) -> (bool, Vec<String>) {
        let group = locate(groups, mounts, controller).unwrap();
        (group.unified, group.folders.iter().map(|f| f.display().to_string()).collect())
    }

    #[test]
    fn version_2_climbs_to_the_root() {
        let mounts =
            "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
        let (unified, folders) = found("0::/user.slice/a.scope\n", mounts, "pids");
        assert!(unified);
        let expected =
            ["/sys/fs/cgroup/user.slice/a.scope", "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup/"];
        assert_eq!(folders, expected);
    }

    #[test]
    fn in_a_mix_each_controller_has_its_own_place() {
        let groups = "4:memory:/docker/ab/job\n1:cpu,cpuacct:/\n0::/x\n";
        assert_eq!(
            found(groups, MIXED, "cpu"),
            (false, vec!["/sys/fs/cgroup/cpu,cpuacct/".into()])
        );
        let memory = ["/sys/fs/cgroup/memory/job", "/sys/fs/cgroup/memory/"].map(String::from);
        assert_eq!(found(groups, MIXED, "memory"), (false, memory.into()));
        let pids = ["/sys/fs/cgroup/unified/x", "/sys/fs/cgroup/unified/"].map(String::from);
        assert_eq!(found(groups, MIXED, "pids"), (true, pids.into()));
    }

    #[test]
    fn what_is_not_mounted_or_not_visible() {
        assert_eq!(locate("4:memory:/\n", "", "memory"), None);
        assert_eq!(locate("", MIXED, "cpu"), None);
        let outside = folders(Path::new("/../other"), Path::new("/"), Path::new("/c"));
        assert_eq!(outside, [PathBuf::from("/c/")]);
    }

    #[test]
    fn limits_and_their_absence() {
        assert_eq!(quota("150000 100000"), Some(1.5));
        assert_eq!(quota("max 100000"), None);
        assert_eq!(quota("-1 100000"), None);
        assert_eq!(limit("4096"), Some(4096.0));
        assert_eq!(limit("max"), None);
        assert_eq!(limit("9223372036854771712"), None);
    }

    #[test]
    fn the_tightest_counts() {
        let group = Own { unified: true, folders: ["/a/b", "/a", "/"].map(PathBuf::from).into() };
        let limits = |folder: &Path| match folder.to_str() {
            Some("/a/b") => Ok(Some(8.0)),
            Some("/a") => Ok(Some(2.0)),
            _ => Ok(None),
        };
        assert_eq!(tightest(&group, limits), Ok(Some(2.0)));
        assert_eq!(tightest(&group, |_| Ok(None)), Ok(None));
    }

    #[test]
    fn a_limit_that_is_closed_is_not_the_absence_of_one() {
        let group = Own { unified: true, folders: ["/a/b", "/a"].map(PathBuf::from).into() };
        let closed = |folder: &Path| match folder.to_str() {
            Some("/a") => Err("closed".to_owned()),
            _ => Ok(Some(8.0)),
        };
        assert_eq!(tightest(&group, closed), Err("closed".to_owned()));
        assert_eq!(limit_in(Path::new("/nonexistent/memory.max")), Ok(None));
        assert!(limit_in(Path::new("/proc/self")).is_err(), "no file that can be read");
    }
}
