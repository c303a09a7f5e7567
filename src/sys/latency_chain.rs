//! Chains of dependent instructions, from which the frequency of the core follows.
//!
//! A chain of n instructions of latency L takes n × L cycles of the core's own clock, whatever the
//! time-stamp counter's rate is and however wide the core is. Two chains that agree vouch for each
//! other's latency. `add register, immediate` is no such chain: newer Intel cores resolve it at
//! rename, in no cycles at all.

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"))]
use core::arch::asm;

/// A chain and what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Chain {
    /// The repeated instruction.
    pub instruction: &'static str,
    /// Instructions in one iteration.
    pub length: u64,
    /// Known latency of one instruction, cycles.
    pub latency_cycles: u64,
    /// Runs the chain this many iterations.
    pub run: fn(u64),
}

/// Instructions in one iteration: enough that the counting of iterations, which the core does
/// beside the chain, never matters.
const LENGTH: u64 = 100;

/// The value that a chain's register starts with: any but 0 will do.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64"))]
const FIRST: u64 = 0x9e37_79b9_7f4a_7c15;

/// The value of a chain's second register, where it has one.
#[cfg(any(target_arch = "aarch64", target_arch = "riscv64"))]
const SECOND: u64 = 0x2545_f491_4f6c_dd1d;

/// The chains of this architecture: two, or none where none is known.
pub const CHAINS: &[Chain] = if cfg!(target_arch = "x86_64") {
    &[
        // 32 bits wide: a 64-bit product takes 4 or 5 cycles on some cores (Zen 1, Intel's small
        // cores).
        Chain { instruction: "imul r32,r32", length: LENGTH, latency_cycles: 3, run: chain_a },
        Chain { instruction: "ror r64,imm8", length: LENGTH, latency_cycles: 1, run: chain_b },
    ]
} else if cfg!(target_arch = "aarch64") {
    &[
        // Not ror: it is an extract, which may take longer than a cycle on in-order cores.
        Chain { instruction: "eor x,x,x", length: LENGTH, latency_cycles: 1, run: chain_a },
        Chain { instruction: "add x,x,x", length: LENGTH, latency_cycles: 1, run: chain_b },
    ]
} else if cfg!(target_arch = "riscv64") {
    &[
        Chain { instruction: "xor", length: LENGTH, latency_cycles: 1, run: chain_a },
        Chain { instruction: "add", length: LENGTH, latency_cycles: 1, run: chain_b },
    ]
} else {
    &[]
};

/// Defines a chain: a loop in assembly, so that a debug build runs the same instructions.
macro_rules! chain {
    ($(#[$doc:meta])* $name:ident, $arch:literal,
     $body:literal, $($next:literal),+; $($operands:tt)*) => {
        $(#[$doc])*
        #[cfg(target_arch = $arch)]
        #[inline(never)]
        pub fn $name(iterations: u64) {
            if iterations == 0 {
                return;
            }
            // SAFETY: changes only the registers and flags named here, no memory and no stack;
            // `iterations` is at least 1, so the loop counts down to its end.
            unsafe {
                asm!(
                    "2:",
                    ".rept {length}",
                    $body,
                    ".endr",
                    $($next,)+
                    length = const LENGTH,
                    x = inout(reg) FIRST => _,
                    n = inout(reg) iterations => _,
                    $($operands)*
                    options(nomem, nostack),
                );
            }
        }
    };
}

chain!(
    /// Runs the 3-cycle chain: `imul` of a register with itself.
    chain_a, "x86_64", "imul {x:e}, {x:e}", "dec {n}", "jnz 2b";);
chain!(
    /// Runs the 1-cycle chain: `ror` of a register by a constant.
    chain_b, "x86_64", "ror {x}, 7", "dec {n}", "jnz 2b";);
chain!(
    /// Runs a 1-cycle chain: `eor` of two registers.
    chain_a, "aarch64", "eor {x}, {x}, {y}", "subs {n}, {n}, #1", "b.ne 2b"; y = in(reg) SECOND,);
chain!(
    /// Runs another 1-cycle chain: `add` of two registers.
    chain_b, "aarch64", "add {x}, {x}, {y}", "subs {n}, {n}, #1", "b.ne 2b"; y = in(reg) SECOND,);
chain!(
    /// Runs a 1-cycle chain: `xor` of two registers.
    chain_a, "riscv64",
    "xor {x}, {x}, {y}", "addi {n}, {n}, -1", "bnez {n}, 2b"; y = in(reg) SECOND,);
chain!(
    /// Runs another 1-cycle chain: `add` of two registers.
    chain_b, "riscv64",
    "add {x}, {x}, {y}", "addi {n}, {n}, -1", "bnez {n}, 2b"; y = in(reg) SECOND,);

/// No chain is known for this architecture: does nothing.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
pub fn chain_a(_iterations: u64) {}

/// No chain is known for this architecture: does nothing.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
pub fn chain_b(_iterations: u64) {}

/// Executes CPUID once (leaf 0). Under a hypervisor each one traps, so its cost tells what a trap
/// costs.
#[cfg(target_arch = "x86_64")]
#[allow(unused_unsafe, reason = "newer compilers hold this intrinsic safe, 1.85 does not")]
pub fn cpuid_once() {
    // SAFETY: every x86-64 processor has CPUID, which touches nothing but its output registers.
    let leaf = unsafe { core::arch::x86_64::__cpuid(0) };
    std::hint::black_box(leaf.eax);
}

/// The signature with which a hypervisor names itself in CPUID leaf 0x4000_0000, such as
/// `KVMKVMKVM`.
///
/// Meaningful only where the processor's `hypervisor` flag is set: elsewhere the leaf holds
/// anything.
#[cfg(target_arch = "x86_64")]
#[allow(unused_unsafe, reason = "newer compilers hold this intrinsic safe, 1.85 does not")]
#[must_use]
pub fn hypervisor_signature() -> Option<String> {
    // SAFETY: every x86-64 processor has CPUID, and answers for leaves that it does not know too.
    let leaf = unsafe { core::arch::x86_64::__cpuid(0x4000_0000) };
    let bytes = [leaf.ebx, leaf.ecx, leaf.edx].map(u32::to_le_bytes).concat();
    let text: String =
        bytes.iter().filter(|b| (b' '..=b'~').contains(b)).map(|&b| char::from(b)).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// No other architecture has CPUID: always `None`.
#[cfg(not(target_arch = "x86_64"))]
#[must_use]
pub fn hypervisor_signature() -> Option<String> {
    None
}

/// Does the processor say that it is a hypervisor's (CPUID leaf 1, ECX bit 31)? `None` where there
/// is no CPUID.
#[must_use]
pub fn under_hypervisor() -> Option<bool> {
    #[cfg(target_arch = "x86_64")]
    #[allow(unused_unsafe, reason = "newer compilers hold this intrinsic safe, 1.85 does not")]
    {
        // SAFETY: every x86-64 processor has CPUID and its leaf 1.
        let leaf = unsafe { core::arch::x86_64::__cpuid(1) };
        Some(leaf.ecx >> 31 == 1)
    }
    #[cfg(not(target_arch = "x86_64"))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::clock::monotonic_ns;

    #[test]
    fn twice_the_iterations_take_about_twice_the_time() {
        for chain in CHAINS {
            let best_ns = |iterations| {
                let timed = |_| {
                    let start = monotonic_ns();
                    (chain.run)(iterations);
                    monotonic_ns() - start
                };
                (0..200).map(timed).min().expect("200 runs") as f64
            };
            let ratio = best_ns(400) / best_ns(200);
            assert!((1.6..2.4).contains(&ratio), "{}: {ratio}", chain.instruction);
        }
    }

    #[test]
    fn no_iterations_return_at_once() {
        chain_a(0);
        chain_b(0);
    }
}
