//! Bare metal, or whose guest? And inside which container?

use crate::proc::{Found, Tree, text};
use crate::sys::latency_chain::{hypervisor_signature, under_hypervisor};
use std::path::Path;

/// What the kernel runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Host {
    /// The machine itself.
    Bare,
    /// A hypervisor, or an emulator, of this short name.
    Guest(&'static str),
}

impl Host {
    /// Are its processors emulated in software, so that its time is not real time? QEMU gives its
    /// own name where it does not use KVM.
    pub(super) fn is_emulator(self) -> bool {
        self == Host::Guest("qemu")
    }

    /// Short name for folders.
    pub(super) fn slug(self) -> &'static str {
        match self {
            Host::Bare => "bare",
            Host::Guest(name) => name,
        }
    }

    /// Words for the summary.
    pub(super) fn words(self) -> String {
        match self {
            Host::Bare => "bare metal".to_owned(),
            Host::Guest(name @ ("kvm" | "qemu" | "vm")) => format!("{} guest", name.to_uppercase()),
            Host::Guest(name) => format!("{name} guest"),
        }
    }
}

/// What tells a guest from a machine. Names of makers only: no serial, no host name.
#[derive(Debug, Default)]
struct Evidence {
    /// The processor's own answer (CPUID); `None` on architectures that have none.
    flag: Option<bool>,
    /// Signature in CPUID, where the flag is set.
    signature: Option<String>,
    /// Maker and product of the firmware's tables.
    firmware: Option<String>,
    /// Device tree: the hypervisor node's `compatible`, and the model.
    tree: Option<String>,
    /// /sys/hypervisor/type.
    kind: Option<String>,
    /// Why nothing of it can be seen.
    hidden: Option<String>,
}

/// Hypervisors by a word, in lower case, in one of their traces. The first match counts, so
/// signatures are first.
const TRACES: &[(&str, &str)] = &[
    ("kvmkvmkvm", "kvm"),
    ("linux,kvm", "kvm"),
    ("tcgtcgtcgtcg", "qemu"),
    ("microsoft hv", "hyper-v"),
    ("vmwarevmware", "vmware"),
    ("xenvmmxenvmm", "xen"),
    ("vboxvboxvbox", "virtualbox"),
    ("prl hyperv", "parallels"),
    ("lrpepyh", "parallels"),
    ("bhyve", "bhyve"),
    ("acrnacrnacrn", "acrn"),
    ("virtualbox", "virtualbox"),
    ("vmware", "vmware"),
    ("xen", "xen"),
    ("virtual machine", "hyper-v"),
    ("amazon ec2", "kvm"),
    ("google compute engine", "kvm"),
    ("openstack", "kvm"),
    ("kvm", "kvm"),
    ("qemu", "qemu"),
    ("parallels", "parallels"),
    ("apple virtualization", "apple"),
    ("dummy-virt", "qemu"),
];

/// The host of this kernel and what shows it. The processor itself is asked where it answers:
/// what /proc and /sys show may be a container's choice.
pub(super) fn host(tree: Tree<'_>) -> Found<(Host, String)> {
    let flag = under_hypervisor();
    let signature = hypervisor_signature().filter(|_| flag == Some(true));
    judge(&evidence(tree, flag, signature))
}

fn evidence(tree: Tree<'_>, flag: Option<bool>, signature: Option<String>) -> Evidence {
    let any_of = |paths: [&str; 2]| {
        let found: Vec<String> = paths.iter().filter_map(|path| tree.text(path).ok()).collect();
        (!found.is_empty()).then(|| found.join(" "))
    };
    let [vendor, model] = ["/sys/class/dmi/id/sys_vendor", "/proc/device-tree/model"];
    let (firmware, by_tree) = (
        any_of([vendor, "/sys/class/dmi/id/product_name"]),
        any_of(["/proc/device-tree/hypervisor/compatible", model]),
    );
    let hidden = (firmware.is_none() && by_tree.is_none())
        .then(|| format!("neither firmware nor device tree is shown ({vendor}, {model})"));
    let kind = tree.text("/sys/hypervisor/type").ok();
    Evidence { flag, signature, firmware, tree: by_tree, kind, hidden }
}

fn judge(evidence: &Evidence) -> Found<(Host, String)> {
    if evidence.flag == Some(false) {
        return Ok((Host::Bare, "the processor has no hypervisor flag".to_owned()));
    }
    let Evidence { signature, firmware, tree, kind, .. } = evidence;
    let traces = [
        ("CPUID", signature),
        ("/sys/hypervisor", kind),
        ("device tree", tree),
        ("firmware", firmware),
    ];
    for (place, trace) in traces {
        let trace = trace.as_deref().unwrap_or_default().to_lowercase();
        // Cloud machines without a hypervisor carry the same maker's name.
        if evidence.flag.is_none() && trace.contains(".metal") {
            continue;
        }
        if let Some((_, name)) = TRACES.iter().find(|(word, _)| trace.contains(word)) {
            return Ok((Host::Guest(name), format!("named by its {place} entry")));
        }
    }
    match (evidence.flag, &evidence.hidden) {
        (Some(_), _) => Ok((Host::Guest("vm"), "hypervisor flag, of no known maker".to_owned())),
        (None, Some(hidden)) => {
            Err(format!("this architecture has no flag for a hypervisor, and {hidden}"))
        }
        (None, None) => Ok((
            Host::Bare,
            "no trace of a hypervisor; this architecture has no flag for one".to_owned(),
        )),
    }
}

/// The container that this process seems to run in, if any.
pub(super) fn container() -> String {
    let marks = [("/.dockerenv", "docker"), ("/run/.containerenv", "podman")];
    if let Some((mark, name)) = marks.into_iter().find(|(mark, _)| Path::new(mark).exists()) {
        return format!("{name} ({mark} exists)");
    }
    let cgroup: Found<String> = text("/proc/self/cgroup");
    match cgroup.as_deref().map(engine) {
        Ok(Some(name)) => format!("{name} (by its cgroup's path)"),
        Ok(None) => "no sign of one".to_owned(),
        Err(reason) => format!("no sign of one, and {reason}"),
    }
}

/// A container engine by the path of the cgroup that it makes. The path itself holds ids, so it is
/// never shown.
fn engine(cgroup: &str) -> Option<&'static str> {
    let names = ["kubepods", "docker", "libpod", "containerd", "crio", "lxc", "machine.slice"];
    names.into_iter().find(|name| cgroup.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(flag: Option<bool>, signature: &str, firmware: &str, tree: &str) -> Host {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (signature, firmware, tree) = (some(signature), some(firmware), some(tree));
        judge(&Evidence { flag, signature, firmware, tree, kind: None, hidden: None }).unwrap().0
    }

    #[test]
    fn where_nothing_is_shown_nothing_is_concluded() {
        let nowhere = Tree("/nonexistent");
        let unseen = judge(&evidence(nowhere, None, None)).unwrap_err();
        assert!(unseen.contains("/nonexistent") || unseen.contains("is shown"), "{unseen}");
        let kvm = judge(&evidence(nowhere, Some(true), Some("KVMKVMKVM".to_owned())));
        assert_eq!(kvm.unwrap().0, Host::Guest("kvm"), "the processor tells it all the same");
        assert_eq!(judge(&evidence(nowhere, Some(false), None)).unwrap().0, Host::Bare);
    }

    #[test]
    fn x86_is_decided_by_its_flag() {
        assert_eq!(with(Some(false), "", "QEMU Standard PC", ""), Host::Bare);
        assert_eq!(with(Some(true), "KVMKVMKVM", "VMware, Inc.", ""), Host::Guest("kvm"));
        assert_eq!(
            with(Some(true), "", "Microsoft Corporation Virtual Machine", ""),
            Host::Guest("hyper-v")
        );
        assert_eq!(with(Some(true), "", "", ""), Host::Guest("vm"));
    }

    #[test]
    fn elsewhere_traces_decide() {
        assert_eq!(with(None, "", "", "riscv-virtio,qemu"), Host::Guest("qemu"));
        assert_eq!(with(None, "", "", "xen,xen-4.17 xen,xen"), Host::Guest("xen"));
        assert_eq!(with(None, "", "Amazon EC2 c7g.metal", ""), Host::Bare);
        assert_eq!(with(None, "", "Amazon EC2 c7g.large", ""), Host::Guest("kvm"));
        assert_eq!(with(None, "", "", "Raspberry Pi 5 Model B Rev 1.0"), Host::Bare);
    }

    #[test]
    fn engines_by_cgroup() {
        assert_eq!(engine("0::/system.slice/docker-0123.scope"), Some("docker"));
        assert_eq!(engine("0::/kubepods.slice/cri-containerd-0123.scope"), Some("kubepods"));
        assert_eq!(engine("0::/user.slice/user-1000.slice"), None);
    }
}
