//! The machine code of two programs without libc: one leaves at once, the other stamps its first
//! moment before.
//!
//! It lies here as data, and runs only once it was copied into a file and exec'd.

use super::timestamp::STAMP_FD;
use std::arch::global_asm;
use std::{ptr, slice};

/// The ELF number of the machine that this code is for (elf(5), e_machine).
const MACHINE: u16 = if cfg!(target_arch = "x86_64") {
    62
} else if cfg!(target_arch = "aarch64") {
    183
} else {
    243
};

// The one program runs into the other. A stamp is clock_gettime onto the stack and pwrite64 of its
// 16 bytes.
#[cfg(target_arch = "x86_64")]
global_asm!(
    ".pushsection .rodata",
    ".globl process_vs_thread_tiny_stamps, process_vs_thread_tiny_leaves, \
     process_vs_thread_tiny_end",
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
    ".globl process_vs_thread_tiny_stamps, process_vs_thread_tiny_leaves, \
     process_vs_thread_tiny_end",
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
    ".globl process_vs_thread_tiny_stamps, process_vs_thread_tiny_leaves, \
     process_vs_thread_tiny_end",
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

// Places and no bytes: what lies between them is no object of Rust's.
unsafe extern "C" {
    static process_vs_thread_tiny_stamps: [u8; 0];
    static process_vs_thread_tiny_leaves: [u8; 0];
    static process_vs_thread_tiny_end: [u8; 0];
}

/// exit(0).
#[must_use]
pub fn leaves() -> &'static [u8] {
    // SAFETY: a label of this file's assembly, before its end.
    unsafe { from((&raw const process_vs_thread_tiny_leaves).addr()) }
}

/// A stamp through [`STAMP_FD`], and exit(0).
#[must_use]
pub fn stamps() -> &'static [u8] {
    // SAFETY: as in `leaves`.
    unsafe { from((&raw const process_vs_thread_tiny_stamps).addr()) }
}

/// The code from a label to the end.
///
/// # Safety
/// `start` is the address of one of the first two labels above.
unsafe fn from(start: usize) -> &'static [u8] {
    let bytes = (&raw const process_vs_thread_tiny_end).addr() - start;
    // Not from a pointer to a label, which leads to none of the bytes behind it. The assembly's
    // memory is outside of what Rust allocates, and such memory is always exposed
    // (`std::ptr::with_exposed_provenance`).
    let start = ptr::with_exposed_provenance(start);
    // SAFETY: the bytes between two labels of one section, which is mapped read-only as long as the
    // program lives.
    unsafe { slice::from_raw_parts(start, bytes) }
}

/// A whole ELF file: header, one loadable segment, the code.
#[must_use]
pub fn elf(code: &[u8]) -> Vec<u8> {
    const BASE: u64 = 0x40_0000;
    const HEADERS: u64 = 64 + 56;
    let size = HEADERS + code.len() as u64;
    let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
    elf.resize(16, 0);
    let mut put = |bytes: &[u8]| elf.extend_from_slice(bytes);
    put(&2u16.to_le_bytes()); // an executable
    put(&MACHINE.to_le_bytes());
    put(&1u32.to_le_bytes());
    put(&(BASE + HEADERS).to_le_bytes()); // entry
    put(&64u64.to_le_bytes()); // program headers
    put(&0u64.to_le_bytes()); // no sections
    put(&0u32.to_le_bytes());
    for half in [64u16, 56, 1, 0, 0, 0] {
        put(&half.to_le_bytes()); // sizes and counts of headers
    }
    put(&1u32.to_le_bytes()); // PT_LOAD
    put(&5u32.to_le_bytes()); // readable, executable
    for value in [0, BASE, BASE, size, size, 0x1000] {
        put(&value.to_le_bytes()); // offset, addresses, sizes, alignment
    }
    put(code);
    elf
}
