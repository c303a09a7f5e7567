//! The processor: what /proc/cpuinfo says, on the architectures that write it differently.

use crate::proc::Found;

/// The text of /proc/cpuinfo.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cpuinfo<'a>(pub(super) &'a str);

/// What the processor is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Processor {
    /// Its name without marketing.
    pub(super) name: String,
    /// What tells it from others of that name: family and model, or the board.
    pub(super) detail: Option<String>,
}

impl Processor {
    /// Its name, with what tells it from others of that name.
    pub(super) fn in_full(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} ({detail})", self.name),
            None => self.name.clone(),
        }
    }
}

impl<'a> Cpuinfo<'a> {
    /// Values of every line with this key, in order.
    fn values(self, key: &'a str) -> impl Iterator<Item = &'a str> {
        let lines = self.0.lines().filter_map(|line| line.split_once(':'));
        lines.filter(move |(found, _)| found.trim() == key).map(|(_, value)| value.trim())
    }

    /// Value of the first line with this key.
    fn value(self, key: &'a str) -> Option<&'a str> {
        self.values(key).find(|value| !value.is_empty())
    }

    /// Does the kernel list this flag for the first CPU (x86 `flags`)? A text without any flags
    /// says nothing of it.
    pub(super) fn has(self, flag: &str) -> Found<bool> {
        let flags = self.value("flags").ok_or("/proc/cpuinfo lists no flags")?;
        Ok(flags.split_whitespace().any(|listed| listed == flag))
    }

    /// Is the processor AMD's (x86 `vendor_id`)?
    pub(super) fn is_amd(self) -> bool {
        self.value("vendor_id") == Some("AuthenticAMD")
    }

    /// The processor's name; `board` is the device tree's model, where there is one.
    pub(super) fn processor(self, board: Option<&str>) -> Found<Processor> {
        let board = board.map(str::to_owned);
        if let Some(model) = self.value("model name") {
            return Ok(Processor { name: without_marketing(model), detail: self.family() });
        }
        if self.value("CPU implementer").is_some() {
            return Ok(Processor { name: self.arm_cores(), detail: board });
        }
        if let Some(name) = self.value("uarch").or(self.value("isa")) {
            let base = name.split('_').next().unwrap_or(name);
            return Ok(Processor { name: base.replace(',', " "), detail: board });
        }
        match board.or(self.value("cpu model").or(self.value("cpu")).map(str::to_owned)) {
            Some(name) => Ok(Processor { name, detail: None }),
            None => Err("/proc/cpuinfo names no model".to_owned()),
        }
    }

    fn family(self) -> Option<String> {
        let (family, model) = (self.value("cpu family")?, self.value("model")?);
        Some(format!("family {family} model {model}"))
    }

    /// The distinct kinds of Arm core, in the order in which they appear.
    fn arm_cores(self) -> String {
        let mut kinds: Vec<String> = Vec::new();
        for (implementer, part) in self.values("CPU implementer").zip(self.values("CPU part")) {
            let kind = arm_core(implementer, part);
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        kinds.join(" + ")
    }
}

/// Words in model names that tell nothing.
fn is_noise(word: &str) -> bool {
    matches!(word, "CPU" | "Processor" | "processor" | "Gen")
        || word.ends_with("-Core")
        || (word.ends_with("th") && word.starts_with(|c: char| c.is_ascii_digit()))
}

/// A model name without trade marks, core count, base clock, built-in graphics and words that tell
/// nothing.
fn without_marketing(model: &str) -> String {
    let mut plain = model.to_owned();
    for mark in ["(R)", "(r)", "(TM)", "(tm)"] {
        plain = plain.replace(mark, " ");
    }
    let words = plain.split_whitespace().take_while(|word| !matches!(*word, "@" | "with" | "w/"));
    let kept: Vec<&str> = words.filter(|word| !is_noise(word)).collect();
    if kept.is_empty() { model.trim().to_owned() } else { kept.join(" ") }
}

/// Arm cores by implementer and part (MIDR_EL1), from the kernel's
/// arch/arm64/include/asm/cputype.h.
const ARM_CORES: &[(&str, &str, &str)] = &[
    ("0x41", "0xd03", "Cortex-A53"),
    ("0x41", "0xd04", "Cortex-A35"),
    ("0x41", "0xd05", "Cortex-A55"),
    ("0x41", "0xd07", "Cortex-A57"),
    ("0x41", "0xd08", "Cortex-A72"),
    ("0x41", "0xd09", "Cortex-A73"),
    ("0x41", "0xd0a", "Cortex-A75"),
    ("0x41", "0xd0b", "Cortex-A76"),
    ("0x41", "0xd0c", "Neoverse-N1"),
    ("0x41", "0xd0d", "Cortex-A77"),
    ("0x41", "0xd40", "Neoverse-V1"),
    ("0x41", "0xd41", "Cortex-A78"),
    ("0x41", "0xd44", "Cortex-X1"),
    ("0x41", "0xd46", "Cortex-A510"),
    ("0x41", "0xd47", "Cortex-A710"),
    ("0x41", "0xd48", "Cortex-X2"),
    ("0x41", "0xd49", "Neoverse-N2"),
    ("0x41", "0xd4d", "Cortex-A715"),
    ("0x41", "0xd4e", "Cortex-X3"),
    ("0x41", "0xd4f", "Neoverse-V2"),
    ("0x41", "0xd80", "Cortex-A520"),
    ("0x41", "0xd81", "Cortex-A720"),
    ("0x41", "0xd82", "Cortex-X4"),
    ("0x41", "0xd84", "Neoverse-V3"),
    ("0x41", "0xd8e", "Neoverse-N3"),
    ("0x43", "0x0a1", "ThunderX"),
    ("0x43", "0x0af", "ThunderX2"),
    ("0x46", "0x001", "A64FX"),
    ("0x48", "0xd01", "Kunpeng TSV110"),
    ("0x61", "0x022", "Apple M1 Icestorm"),
    ("0x61", "0x023", "Apple M1 Firestorm"),
    ("0xc0", "0xac3", "Ampere-1"),
    ("0xc0", "0xac4", "Ampere-1A"),
];

fn arm_core(implementer: &str, part: &str) -> String {
    let known = ARM_CORES.iter().find(|core| (core.0, core.1) == (implementer, part));
    match known {
        Some((_, _, name)) => (*name).to_owned(),
        None => format!("Arm implementer {implementer} part {part}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTEL: &str = "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: \
                         173\nmodel name\t: Intel(R) Xeon(R) Processor @ 2.60GHz\nflags\t\t: fpu \
                         pcid constant_tsc nonstop_tsc\n\nprocessor\t: 1\n";
    const AMD: &str = "processor\t: 0\nmodel name\t: AMD Ryzen 7 5800X 8-Core Processor\n";
    const ARM: &str = "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd05\n\nprocessor\t: \
                       1\nCPU implementer\t: 0x41\nCPU part\t: 0xd0b\n\nprocessor\t: 2\nCPU \
                       implementer\t: 0x41\nCPU part\t: 0xd0b\n";
    const RISCV: &str =
        "processor\t: 0\nhart\t\t: 0\nisa\t\t: rv64imafdch_zicbom_zicsr_sstc\nmmu\t\t: sv48\n";

    fn name(cpuinfo: &str) -> String {
        Cpuinfo(cpuinfo).processor(None).unwrap().name
    }

    #[test]
    fn x86_names_lose_what_sells_them() {
        let xeon = Cpuinfo(INTEL).processor(None).unwrap();
        assert_eq!(xeon.name, "Intel Xeon");
        assert_eq!(xeon.detail.as_deref(), Some("family 6 model 173"));
        assert_eq!(name(AMD), "AMD Ryzen 7 5800X");
        assert_eq!(
            without_marketing("11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz"),
            "Intel Core i7-1165G7"
        );
        assert_eq!(
            without_marketing("AMD Ryzen 7 7840U w/ Radeon 780M Graphics"),
            "AMD Ryzen 7 7840U"
        );
        assert_eq!(without_marketing("CPU"), "CPU");
    }

    #[test]
    fn arm_cores_are_named_once_each() {
        let both = Cpuinfo(ARM).processor(Some("Radxa ROCK 5B")).unwrap();
        assert_eq!(both.name, "Cortex-A55 + Cortex-A76");
        assert_eq!(both.detail.as_deref(), Some("Radxa ROCK 5B"));
        assert_eq!(
            name("CPU implementer : 0x99\nCPU part : 0x1\n"),
            "Arm implementer 0x99 part 0x1"
        );
    }

    #[test]
    fn riscv_is_named_by_its_core_or_its_instructions() {
        assert_eq!(name(RISCV), "rv64imafdch");
        assert_eq!(name("isa : rv64imafdc\nuarch : sifive,u74-mc\n"), "sifive u74-mc");
    }

    #[test]
    fn flags_are_whole_words() {
        assert_eq!(Cpuinfo(INTEL).has("pcid"), Ok(true));
        assert_eq!(Cpuinfo(INTEL).has("tsc"), Ok(false));
        assert!(Cpuinfo(ARM).has("pcid").unwrap_err().contains("lists no flags"));
        assert!(Cpuinfo("").has("pcid").is_err());
    }

    #[test]
    fn makers_by_vendor_id() {
        assert!(Cpuinfo("vendor_id\t: AuthenticAMD\n").is_amd());
        assert!(!Cpuinfo(INTEL).is_amd());
        assert!(!Cpuinfo(ARM).is_amd());
    }

    #[test]
    fn a_nameless_processor_says_so() {
        assert!(Cpuinfo("processor : 0\n").processor(None).is_err());
        assert_eq!(Cpuinfo("processor : 0\n").processor(Some("A board")).unwrap().name, "A board");
    }
}
