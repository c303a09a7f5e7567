//! Threads as the C library makes them, and as the kernel does.

use super::futex;
use super::memory::Mapping;
use std::arch::asm;
use std::ffi::{c_int, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

/// pthread_create(3) of a thread that returns at once, and pthread_join(3).
///
/// # Errors
/// EAGAIN at a limit on threads.
#[inline]
pub fn pthread_spawn_join() -> io::Result<()> {
    let mut thread = MaybeUninit::<libc::pthread_t>::uninit();
    let (attributes, argument) = (ptr::null(), ptr::null_mut());
    // SAFETY: the C library fills in `thread`; the start routine takes no argument and touches nothing.
    let number =
        unsafe { libc::pthread_create(thread.as_mut_ptr(), attributes, pthread_body, argument) };
    super::check_number(number)?;
    // SAFETY: pthread_create succeeded, so it wrote the handle.
    let thread = unsafe { thread.assume_init() };
    // SAFETY: the handle is of a thread that is joined nowhere else.
    super::check_number(unsafe { libc::pthread_join(thread, ptr::null_mut()) })
}

extern "C" fn pthread_body(_: *mut c_void) -> *mut c_void {
    ptr::null_mut()
}

/// What pthread_create asks of clone(2), less the thread-local storage that an empty body does not need.
const THREAD_FLAGS: c_int = libc::CLONE_VM
    | libc::CLONE_FS
    | libc::CLONE_FILES
    | libc::CLONE_SIGHAND
    | libc::CLONE_THREAD
    | libc::CLONE_SYSVSEM
    | libc::CLONE_CHILD_CLEARTID;

/// A stack and a word for threads made by clone(2) itself, one after the other.
#[derive(Debug)]
pub struct RawThread {
    stack: Mapping,
    /// Not 0 while a thread may use the stack; the kernel clears and wakes it (set_tid_address(2)).
    alive: Box<AtomicU32>,
}

impl RawThread {
    /// Prepares a stack of 64 KiB, resident.
    ///
    /// # Errors
    /// ENOMEM.
    pub fn new() -> io::Result<Self> {
        let stack = Mapping::private(64 << 10)?;
        stack.touch_all();
        Ok(RawThread { stack, alive: Box::new(AtomicU32::new(0)) })
    }

    /// clone(2) of a thread that leaves at once, and the wait until the kernel says that it has.
    ///
    /// # Errors
    /// EAGAIN at a limit on threads.
    #[inline]
    pub fn spawn_join(&mut self) -> io::Result<()> {
        self.alive.store(1, Ordering::Relaxed);
        // SAFETY: the stack is exclusively ours and unused: the last thread on it cleared `alive` before it was
        // reused. `alive` stays where it is until the loop below has seen it cleared.
        let tid = unsafe { clone_and_leave(self.stack.top(), self.alive.as_ptr()) };
        if tid < 0 {
            return Err(io::Error::from_raw_os_error(-tid as c_int));
        }
        while self.alive.load(Ordering::Acquire) != 0 {
            // EAGAIN (already cleared) and EINTR both mean: look again. Only 0 gives the stack back.
            let _ = futex::wait(&self.alive, 1);
        }
        Ok(())
    }
}

/// The clone system call, and in the new thread the exit system call right behind it. Not by the C library: musl's
/// wrapper refuses these flags.
///
/// Returns the thread's id, or the error number below zero.
///
/// # Safety
/// `stack_top` is the aligned end of memory that nobody else uses, and `alive` a live word, until the kernel clears it.
#[cfg(target_arch = "x86_64")]
#[inline]
unsafe fn clone_and_leave(stack_top: *mut c_void, alive: *mut u32) -> isize {
    let returned: isize;
    // SAFETY: the caller's promise. The new thread runs the four instructions after the call, which touch neither
    // its stack nor any memory.
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
            in("rdi") THREAD_FLAGS as usize,
            in("rsi") stack_top,
            in("rdx") 0usize,
            in("r10") alive,
            in("r8") 0usize,
            lateout("rcx") _,
            lateout("r11") _,
        );
    }
    returned
}

/// As on x86-64; here the kernel takes the thread-local storage before the word (clone(2), CLONE_BACKWARDS).
///
/// # Safety
/// As on x86-64.
#[cfg(target_arch = "aarch64")]
#[inline]
unsafe fn clone_and_leave(stack_top: *mut c_void, alive: *mut u32) -> isize {
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
            inlateout("x0") THREAD_FLAGS as isize => returned,
            in("x1") stack_top,
            in("x2") 0usize,
            in("x3") 0usize,
            in("x4") alive,
            inlateout("x8") libc::SYS_clone => _,
        );
    }
    returned
}

/// As on x86-64; here the kernel takes the thread-local storage before the word (clone(2), CLONE_BACKWARDS).
///
/// # Safety
/// As on x86-64.
#[cfg(target_arch = "riscv64")]
#[inline]
unsafe fn clone_and_leave(stack_top: *mut c_void, alive: *mut u32) -> isize {
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
            inlateout("a0") THREAD_FLAGS as isize => returned,
            in("a1") stack_top,
            in("a2") 0usize,
            in("a3") 0usize,
            in("a4") alive,
            inlateout("a7") libc::SYS_clone => _,
        );
    }
    returned
}
