//! The machine code of two programs without libc: one leaves at once, the other stamps its first moment before.
//!
//! It lies here as data, and runs only once it was copied into a file and exec'd.

use super::stamp::STAMP_FD;
use std::arch::global_asm;

/// The ELF number of the machine that this code is for (elf(5), e_machine).
pub const MACHINE: u16 = if cfg!(target_arch = "x86_64") {
    62
} else if cfg!(target_arch = "aarch64") {
    183
} else {
    243
};

// The one program runs into the other. A stamp is clock_gettime onto the stack and pwrite64 of its 16 bytes.
#[cfg(target_arch = "x86_64")]
global_asm!(
    ".pushsection .rodata",
    ".globl process_vs_thread_tiny_stamps, process_vs_thread_tiny_leaves, process_vs_thread_tiny_end",
    "process_vs_thread_tiny_stamps:",
    "sub rsp, 16",
    "mov edi, {clock}",
    "mov rsi, rsp",
    "mov eax, {clock_gettime}",
    "syscall",
    "mov edi, {file}",
    "mov rsi, rsp",
    "mov edx, 16",
    "xor r10d, r10d",
    "mov eax, {pwrite}",
    "syscall",
    "process_vs_thread_tiny_leaves:",
    "xor edi, edi",
    "mov eax, {exit}",
    "syscall",
    "process_vs_thread_tiny_end:",
    ".popsection",
    clock = const libc::CLOCK_MONOTONIC,
    file = const STAMP_FD,
    clock_gettime = const libc::SYS_clock_gettime,
    pwrite = const libc::SYS_pwrite64,
    exit = const libc::SYS_exit,
);

#[cfg(target_arch = "aarch64")]
global_asm!(
    ".pushsection .rodata",
    ".p2align 2",
    ".globl process_vs_thread_tiny_stamps, process_vs_thread_tiny_leaves, process_vs_thread_tiny_end",
    "process_vs_thread_tiny_stamps:",
    "sub sp, sp, #16",
    "mov x0, #{clock}",
    "mov x1, sp",
    "mov x8, #{clock_gettime}",
    "svc #0",
    "mov x0, #{file}",
    "mov x1, sp",
    "mov x2, #16",
    "mov x3, #0",
    "mov x8, #{pwrite}",
    "svc #0",
    "process_vs_thread_tiny_leaves:",
    "mov x0, #0",
    "mov x8, #{exit}",
    "svc #0",
    "process_vs_thread_tiny_end:",
    ".popsection",
    clock = const libc::CLOCK_MONOTONIC,
    file = const STAMP_FD,
    clock_gettime = const libc::SYS_clock_gettime,
    pwrite = const libc::SYS_pwrite64,
    exit = const libc::SYS_exit,
);

#[cfg(target_arch = "riscv64")]
global_asm!(
    ".pushsection .rodata",
    ".p2align 2",
    ".globl process_vs_thread_tiny_stamps, process_vs_thread_tiny_leaves, process_vs_thread_tiny_end",
    "process_vs_thread_tiny_stamps:",
    "addi sp, sp, -16",
    "li a0, {clock}",
    "mv a1, sp",
    "li a7, {clock_gettime}",
    "ecall",
    "li a0, {file}",
    "mv a1, sp",
    "li a2, 16",
    "li a3, 0",
    "li a7, {pwrite}",
    "ecall",
    "process_vs_thread_tiny_leaves:",
    "li a0, 0",
    "li a7, {exit}",
    "ecall",
    "process_vs_thread_tiny_end:",
    ".popsection",
    clock = const libc::CLOCK_MONOTONIC,
    file = const STAMP_FD,
    clock_gettime = const libc::SYS_clock_gettime,
    pwrite = const libc::SYS_pwrite64,
    exit = const libc::SYS_exit,
);

unsafe extern "C" {
    static process_vs_thread_tiny_stamps: u8;
    static process_vs_thread_tiny_leaves: u8;
    static process_vs_thread_tiny_end: u8;
}

/// exit(0).
#[must_use]
pub fn leaves() -> &'static [u8] {
    // SAFETY: both labels are within one section of this file's assembly, in this order.
    unsafe { between(&raw const process_vs_thread_tiny_leaves) }
}

/// A stamp through [`STAMP_FD`], and exit(0).
#[must_use]
pub fn stamps() -> &'static [u8] {
    // SAFETY: as in `leaves`.
    unsafe { between(&raw const process_vs_thread_tiny_stamps) }
}

/// # Safety
/// `start` is one of the labels above.
unsafe fn between(start: *const u8) -> &'static [u8] {
    let bytes = (&raw const process_vs_thread_tiny_end).addr() - start.addr();
    // SAFETY: the bytes between two labels of one section, which is mapped read-only as long as the program lives.
    unsafe { std::slice::from_raw_parts(start, bytes) }
}
