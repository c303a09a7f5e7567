//! An instruction that waits for all before it.

/// Nothing behind it begins, not even speculatively, before all before it is done.
///
/// What is speculated behind a page fault differs with where in the program it is: the same stores
/// to the same pages took a quarter longer in a function that is called than in line.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
#[allow(unused_unsafe, reason = "newer compilers hold this intrinsic safe, 1.85 does not")]
pub(super) fn wait_for_all() {
    // SAFETY: SSE2, which has lfence, is part of every x86-64 processor (Intel SDM, LFENCE).
    unsafe { core::arch::x86_64::_mm_lfence() };
}

/// See above; of stores too.
#[cfg(target_arch = "aarch64")]
#[inline(always)]
pub(super) fn wait_for_all() {
    // SAFETY: barriers touch no memory (Arm ARM, DSB and ISB).
    unsafe { core::arch::asm!("dsb nsh", "isb", options(nostack)) };
}

/// See above. The base instruction set orders memory alone in user mode.
#[cfg(target_arch = "riscv64")]
#[inline(always)]
pub(super) fn wait_for_all() {
    // SAFETY: a fence touches no memory (RISC-V ISA manual, FENCE).
    unsafe { core::arch::asm!("fence iorw, iorw", options(nostack)) };
}

/// None is known here but for the compiler.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
#[inline(always)]
pub(super) fn wait_for_all() {
    std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
}
