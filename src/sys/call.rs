//! The system call instruction itself, for the calls in timed loops: the C library's `syscall`
//! shuffles six registers and keeps errno, which is a few nanoseconds of every call.
//!
//! All of it, up to the loop of a ping-pong, is inlined always: where the kernel refills or clears
//! the processor's return stack on its way (against speculation attacks), each return from a
//! function behind a call is mispredicted. And it begins a cache line: where it happens to fall in
//! one moved a switch between threads, and so the ratio of processes to threads, by up to 8 % from
//! build to build on one processor (AMD family 25).

use std::arch::asm;
use std::io;

/// One system call with up to four arguments.
///
/// # Errors
/// What the kernel returned below zero.
///
/// # Safety
/// The arguments are what this call wants, and every pointer among them is good for what the kernel
/// does with it.
#[inline(always)]
pub(super) unsafe fn call(number: libc::c_long, arguments: [usize; 4]) -> io::Result<usize> {
    // SAFETY: each pointer among the arguments is good for what this call does with it, as this
    // function asks.
    let returned = unsafe { instruction(number, arguments) };
    match returned {
        error @ -4095..=-1 => Err(io::Error::from_raw_os_error(-error as i32)),
        value => Ok(value as usize),
    }
}

/// # Safety
/// As [`call`].
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn instruction(number: libc::c_long, [a, b, c, d]: [usize; 4]) -> isize {
    let returned: isize;
    // SAFETY: the kernel reads and writes where the arguments point, which is good, as this
    // function asks; the instruction changes rcx and r11 besides the result.
    unsafe {
        asm!(
            ".p2align 6",
            "syscall",
            inlateout("rax") number as isize => returned,
            in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    returned
}

/// # Safety
/// As [`call`].
#[cfg(target_arch = "aarch64")]
#[inline(always)]
unsafe fn instruction(number: libc::c_long, [a, b, c, d]: [usize; 4]) -> isize {
    let returned: isize;
    // SAFETY: the kernel reads and writes where the arguments point, which is good, as this
    // function asks; the instruction changes nothing besides the result.
    unsafe {
        asm!(
            ".p2align 6",
            "svc #0",
            inlateout("x0") a as isize => returned,
            in("x1") b, in("x2") c, in("x3") d, in("x8") number,
            options(nostack),
        );
    }
    returned
}

/// # Safety
/// As [`call`].
#[cfg(target_arch = "riscv64")]
#[inline(always)]
unsafe fn instruction(number: libc::c_long, [a, b, c, d]: [usize; 4]) -> isize {
    let returned: isize;
    // SAFETY: the kernel reads and writes where the arguments point, which is good, as this
    // function asks; the instruction changes nothing besides the result.
    unsafe {
        asm!(
            ".p2align 6",
            "ecall",
            inlateout("a0") a as isize => returned,
            in("a1") b, in("a2") c, in("a3") d, in("a7") number,
            options(nostack),
        );
    }
    returned
}
