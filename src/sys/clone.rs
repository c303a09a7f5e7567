//! The clone system call itself, for actors of any set of flags. Not by the C library: musl's
//! wrapper refuses a thread's.

use std::arch::asm;

/// What the call puts into registers.
#[derive(Debug)]
pub(super) struct Arguments {
    /// Of clone(2).
    pub(super) flags: usize,
    /// Where the actor's stack begins.
    pub(super) stack_top: usize,
    /// Address of the word that the kernel clears at the end of a thread.
    pub(super) alive: usize,
}

/// The clone system call, and in the new actor `body(argument)`, an `extern "C"` function by its
/// address.
///
/// Returns the task's id, or the error number below zero.
///
/// # Safety
/// `stack_top` is the aligned end of memory that nothing else uses while the task lives, `alive` a
/// live word for as long, `body` the address of an `extern "C"` function that takes `argument` and
/// never returns.
#[cfg(target_arch = "x86_64")]
pub(super) unsafe fn clone_and_live(with: &Arguments, body: usize, argument: usize) -> isize {
    let returned: isize;
    // SAFETY: the actor gets a stack that is its own and a body that takes the argument and never
    // returns, and the kernel a word that lives, as this function asks. The actor finds the
    // registers as they were and leaves this frame for good.
    unsafe {
        asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor ebp, ebp",
            "mov rdi, r12",
            "call r13",
            "ud2",
            "2:",
            inlateout("rax") libc::SYS_clone as isize => returned,
            in("rdi") with.flags,
            in("rsi") with.stack_top,
            in("rdx") 0usize,
            in("r10") with.alive,
            in("r8") 0usize,
            in("r12") argument,
            in("r13") body,
            lateout("rcx") _,
            lateout("r11") _,
        );
    }
    returned
}

/// As on x86-64; here the kernel takes the thread-local storage before the word (clone(2),
/// CLONE_BACKWARDS).
///
/// # Safety
/// As on x86-64.
#[cfg(target_arch = "aarch64")]
pub(super) unsafe fn clone_and_live(with: &Arguments, body: usize, argument: usize) -> isize {
    let returned: isize;
    // SAFETY: as on x86-64.
    unsafe {
        asm!(
            "svc #0",
            "cbnz x0, 2f",
            "mov x29, xzr",
            "mov x0, x20",
            "blr x21",
            "brk #1",
            "2:",
            inlateout("x0") with.flags as isize => returned,
            in("x1") with.stack_top,
            in("x2") 0usize,
            in("x3") 0usize,
            in("x4") with.alive,
            in("x8") libc::SYS_clone,
            in("x20") argument,
            in("x21") body,
        );
    }
    returned
}

/// As on x86-64; here the kernel takes the thread-local storage before the word (clone(2),
/// CLONE_BACKWARDS).
///
/// # Safety
/// As on x86-64.
#[cfg(target_arch = "riscv64")]
pub(super) unsafe fn clone_and_live(with: &Arguments, body: usize, argument: usize) -> isize {
    let returned: isize;
    // SAFETY: as on x86-64.
    unsafe {
        asm!(
            "ecall",
            "bnez a0, 2f",
            "mv a0, s2",
            "jalr s3",
            "ebreak",
            "2:",
            inlateout("a0") with.flags as isize => returned,
            in("a1") with.stack_top,
            in("a2") 0usize,
            in("a3") 0usize,
            in("a4") with.alive,
            in("a7") libc::SYS_clone,
            in("s2") argument,
            in("s3") body,
        );
    }
    returned
}

/// The clone system call, and in the new actor the exit system call right behind it: the least that
/// an actor can do.
///
/// Returns the task's id, or the error number below zero.
///
/// # Safety
/// `stack_top` is the aligned end of memory that nothing else uses while the task lives, `alive` a
/// live word for as long.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(super) unsafe fn clone_and_leave(with: &Arguments) -> isize {
    let returned: isize;
    // SAFETY: the actor gets a stack that is its own, and the kernel a word that lives, as this
    // function asks. The actor runs the four instructions after the call, which touch neither its
    // stack nor any memory.
    unsafe {
        asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor edi, edi",
            "mov eax, {exit}",
            "syscall",
            "ud2",
            "2:",
            exit = const libc::SYS_exit,
            inlateout("rax") libc::SYS_clone as isize => returned,
            in("rdi") with.flags,
            in("rsi") with.stack_top,
            in("rdx") 0usize,
            in("r10") with.alive,
            in("r8") 0usize,
            lateout("rcx") _,
            lateout("r11") _,
        );
    }
    returned
}

/// As on x86-64; here the kernel takes the thread-local storage before the word (clone(2),
/// CLONE_BACKWARDS).
///
/// # Safety
/// As on x86-64.
#[cfg(target_arch = "aarch64")]
#[inline]
pub(super) unsafe fn clone_and_leave(with: &Arguments) -> isize {
    let returned: isize;
    // SAFETY: as on x86-64.
    unsafe {
        asm!(
            "svc #0",
            "cbnz x0, 2f",
            "mov x8, {exit}",
            "svc #0",
            "brk #1",
            "2:",
            exit = const libc::SYS_exit,
            inlateout("x0") with.flags as isize => returned,
            in("x1") with.stack_top,
            in("x2") 0usize,
            in("x3") 0usize,
            in("x4") with.alive,
            inlateout("x8") libc::SYS_clone => _,
        );
    }
    returned
}

/// As on x86-64; here the kernel takes the thread-local storage before the word (clone(2),
/// CLONE_BACKWARDS).
///
/// # Safety
/// As on x86-64.
#[cfg(target_arch = "riscv64")]
#[inline]
pub(super) unsafe fn clone_and_leave(with: &Arguments) -> isize {
    let returned: isize;
    // SAFETY: as on x86-64.
    unsafe {
        asm!(
            "ecall",
            "bnez a0, 2f",
            "li a7, {exit}",
            "ecall",
            "ebreak",
            "2:",
            exit = const libc::SYS_exit,
            inlateout("a0") with.flags as isize => returned,
            in("a1") with.stack_top,
            in("a2") 0usize,
            in("a3") 0usize,
            in("a4") with.alive,
            inlateout("a7") libc::SYS_clone => _,
        );
    }
    returned
}
