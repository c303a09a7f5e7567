//! What this process may do by its capabilities, and count.

use crate::proc::{Capabilities, Found, names, text};
use crate::record::Modes;
use nix::unistd::geteuid;

/// The rights that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rights {
    /// Effective user is root.
    pub(super) root: bool,
    pub(super) capabilities: Capabilities,
    /// In a user namespace of its own, where capabilities open neither counting nor real-time
    /// scheduling.
    pub(super) own_namespace: bool,
}

impl Rights {
    /// The rights of this process, from /proc/self.
    pub(super) fn read() -> Found<Rights> {
        let status = text("/proc/self/status")?;
        let capabilities =
            Capabilities::effective(&status).ok_or("/proc/self/status has no CapEff")?;
        // Without user namespaces the file does not exist, and there is only the first one.
        let own_namespace = text("/proc/self/uid_map").is_ok_and(|map| !maps_all(&map));
        Ok(Rights { root: geteuid().is_root(), capabilities, own_namespace })
    }

    pub(super) fn has_any(self, of: [u32; 2]) -> bool {
        of.iter().any(|capability| self.capabilities.has(*capability))
    }

    /// The rights in words.
    pub(super) fn words(self) -> String {
        let has = |capability| yes_no(self.capabilities.has(capability));
        format!(
            "{}; CAP_PERFMON {}, CAP_SYS_ADMIN {}, CAP_SYS_NICE {}{}",
            if self.root { "root" } else { "not root" },
            has(Capabilities::PERFMON),
            has(Capabilities::SYS_ADMIN),
            has(Capabilities::SYS_NICE),
            if self.own_namespace {
                "; in a user namespace, outside of which they count for nothing"
            } else {
                ""
            },
        )
    }
}

/// "yes" or "no".
pub(super) fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// Does a uid_map give every user its own number, as only the first namespace's does
/// (user_namespaces(7))?
fn maps_all(uid_map: &str) -> bool {
    uid_map.split_whitespace().eq(["0", "0", "4294967295"])
}

/// The level of perf_event_paranoid with what a trial found that it leaves to this process.
pub(super) fn paranoid_words(level: i64, counting: &Found<Modes>) -> String {
    match counting {
        // From 2 on ordinary processes count their user part alone (perf_event_open(2)).
        Ok(Modes::UserKernel) if level > 1 => {
            format!("{level} (overridden by this process's rights): user and kernel are counted")
        }
        Ok(Modes::UserKernel) => format!("{level}: user and kernel are counted"),
        Ok(Modes::User) => format!("{level}: this process may count its user part only"),
        Err(why) => format!("{level}, and nothing may be counted: {why}"),
    }
}

/// PMUs of the processor in a listing of /sys/bus/event_source/devices, such as `cpu` or
/// `armv8_pmuv3_0`.
pub(super) fn pmus() -> Found<Vec<String>> {
    Ok(names("/sys/bus/event_source/devices")?
        .into_iter()
        .filter(|name| is_cpu_pmu(name))
        .collect())
}

fn is_cpu_pmu(name: &str) -> bool {
    // riscv-pmu: the SBI PMU driver's name before it became `cpu`.
    matches!(name, "cpu" | "cpu_core" | "cpu_atom" | "riscv-pmu")
        || name.starts_with("armv")
        || (name.starts_with("apple_") && name.ends_with("_pmu"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Rights =
        Rights { root: false, capabilities: Capabilities(0), own_namespace: false };

    #[test]
    fn rights_in_words() {
        let all = Rights { root: true, capabilities: Capabilities(u64::MAX), ..PLAIN };
        let words = "root; CAP_PERFMON yes, CAP_SYS_ADMIN yes, CAP_SYS_NICE yes";
        assert_eq!(all.words(), words);
        assert!(Rights { own_namespace: true, ..all }.words().contains("in a user namespace"));
        let nice = Rights { capabilities: Capabilities(1 << 23), ..PLAIN }.words();
        assert_eq!(nice, "not root; CAP_PERFMON no, CAP_SYS_ADMIN no, CAP_SYS_NICE yes");
    }

    #[test]
    fn only_the_first_namespace_maps_all() {
        assert!(maps_all("         0          0 4294967295"));
        assert!(!maps_all("0 1000 1"));
    }

    #[test]
    fn what_may_be_counted_is_what_was_tried() {
        let told = |level, counting: Found<Modes>| paranoid_words(level, &counting);
        assert_eq!(told(1, Ok(Modes::UserKernel)), "1: user and kernel are counted");
        assert!(told(2, Ok(Modes::UserKernel)).contains("overridden"));
        assert!(told(2, Ok(Modes::User)).contains("user part only"));
        let refused = told(-1, Err("EPERM: a sandbox".to_owned()));
        assert!(refused.starts_with("-1, and nothing may be counted: EPERM"), "{refused}");
    }

    #[test]
    fn pmus_of_processors_only() {
        let known = ["cpu", "cpu_core", "armv8_pmuv3_0", "apple_icestorm_pmu"];
        assert!(known.iter().all(|name| is_cpu_pmu(name)));
        assert!(!["software", "uncore_imc", "msr", "cpum"].iter().any(|name| is_cpu_pmu(name)));
    }
}
