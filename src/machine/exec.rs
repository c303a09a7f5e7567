//! How many CPUID instructions a program executes by itself: each one traps to a hypervisor, where
//! there is one, and an exec pays for all of them.

use crate::proc::Found;
use crate::record::{Check, CheckOutcome, Failure};
use crate::sys::child::OwnedChild;
use crate::sys::fork::{Child, vfork};
use crate::sys::image::ExecImage;
use crate::sys::stack::Stack;
use nix::errno::Errno;
use nix::sys::ptrace::{self, AddressType, Options};
use nix::sys::signal::Signal;
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;
use std::time::{Duration, Instant};

/// The machine code of CPUID, as the least significant bytes of a word.
const CPUID: u64 = 0xa20f;

/// Where the tracer finds the instruction pointer: the 17th register of x86-64's `struct user`.
const INSTRUCTION_POINTER: usize = 16 * 8;

/// How far a program is followed.
#[derive(Debug, Clone, Copy)]
struct Bound {
    instructions: u64,
    time: Duration,
}

/// Ten times what a dynamic program needs.
const BOUND: Bound = Bound { instructions: 2_000_000, time: Duration::from_secs(10) };

const REMEDY: &str =
    "ptrace must be permitted: kernel.yama.ptrace_scope below 3, and no seccomp filter against it";

/// Counts the CPUIDs of a program, from its first instruction to its end, by single steps. Takes 20
/// microseconds for each instruction under a hypervisor, and so two seconds for a dynamic program.
///
/// Call it on the CPU that it may use up: tracer and traced take turns.
#[must_use]
pub fn exec_cpuids(id: &str, program: Result<&ExecImage, &Failure>) -> Check {
    let unit = "CPUIDs";
    if !cfg!(target_arch = "x86_64") {
        let reason = "this architecture has no instruction that always traps";
        return Check::not_measurable(id, unit, reason);
    }
    match program.map_err(ToString::to_string).and_then(|program| count(program, BOUND)) {
        Ok(Steps { instructions, cpuids }) => {
            let detail = format!(
                "the program executes {cpuids} CPUIDs among {instructions} instructions from its \
                 start to its end; the check cpuid tells what one costs"
            );
            Check::figure(id, cpuids as f64, unit, CheckOutcome::Informative, detail)
        }
        Err(reason) => Check::not_measurable(id, unit, reason),
    }
}

/// What a program has executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Steps {
    instructions: u64,
    cpuids: u64,
}

fn count(program: &ExecImage, bound: Bound) -> Found<Steps> {
    let mut stack =
        Stack::guarded().map_err(|e| format!("a stack for the program's start: {e}"))?;
    let started = vfork(&mut stack, Child::Traced(program));
    let mut child = OwnedChild::new(started.map_err(|e| format!("starting the program: {e}"))?);
    let mut steps = Steps { instructions: 0, cpuids: 0 };
    let deadline = Instant::now() + bound.time;
    let mut signal = match stopped(&mut child, deadline)? {
        Stop::Before(signal) => signal,
        Stop::Ended(errno) => {
            return Err(format!(
                "starting the program in single steps: {} ({REMEDY})",
                Errno::from_raw(errno)
            ));
        }
    };
    // Should this process be killed, the program does not go on without it.
    ptrace::setoptions(child.pid(), Options::PTRACE_O_EXITKILL).map_err(refused)?;
    loop {
        if steps.instructions == bound.instructions || Instant::now() > deadline {
            let done = steps.instructions;
            return Err(format!("the program did not end within {done} single steps"));
        }
        steps.cpuids += u64::from(at_cpuid(child.pid()).map_err(refused)?);
        ptrace::step(child.pid(), signal).map_err(refused)?;
        steps.instructions += 1;
        signal = match stopped(&mut child, deadline)? {
            Stop::Before(signal) => signal,
            Stop::Ended(0) => return Ok(steps),
            Stop::Ended(status) => {
                return Err(format!("stepped through, the program left with status {status}"));
            }
        };
    }
}

/// How a traced program stopped.
enum Stop {
    /// Before an instruction, with a signal that it is to get.
    Before(Option<Signal>),
    /// For good, with this exit status.
    Ended(i32),
}

/// Looks until it stops, for a program may also wait for something that never comes. Tracer and
/// traced share a CPU: each look gives way.
fn stopped(child: &mut OwnedChild, deadline: Instant) -> Found<Stop> {
    let status = loop {
        match child.look() {
            Ok(WaitStatus::StillAlive) if Instant::now() > deadline => {
                return Err("the program was still at one single step at the deadline".to_owned());
            }
            Ok(WaitStatus::StillAlive) => std::thread::yield_now(),
            status => break status,
        }
    };
    match status {
        Ok(WaitStatus::Stopped(_, Signal::SIGTRAP)) => Ok(Stop::Before(None)),
        Ok(WaitStatus::Stopped(_, signal)) => Ok(Stop::Before(Some(signal))),
        Ok(WaitStatus::Exited(_, status)) => Ok(Stop::Ended(status)),
        Ok(other) => Err(format!("stepped through, the program ended: {other:?}")),
        Err(e) => Err(format!("waiting for the program: {e}")),
    }
}

/// Is the next instruction a CPUID?
fn at_cpuid(program: Pid) -> nix::Result<bool> {
    let here = ptrace::read_user(program, INSTRUCTION_POINTER as AddressType)? as usize;
    // Whole words only: they never reach into a page that is not there.
    let (word, byte) = (here & !7, here & 7);
    let read = |at: usize| ptrace::read(program, at as AddressType).map(|word| word as u64);
    let mut code = read(word)? >> (8 * byte);
    if byte == 7 {
        // Without a next word the instruction ends here, and is not CPUID.
        code |= read(word + 8).unwrap_or(0) << 8;
    }
    Ok(code & 0xffff == CPUID)
}

fn refused(error: Errno) -> String {
    format!("stepping through the program: {error} ({REMEDY})")
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::sys::tiny::elf;
    use std::ffi::CString;
    use std::io::Write;
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    use std::path::PathBuf;

    /// A program of this machine code, removed on drop.
    struct Written(PathBuf);

    impl Written {
        fn new(name: &str, code: &[u8]) -> Self {
            let path = std::env::temp_dir().join(format!("pvt-exec-{}-{name}", std::process::id()));
            let mut file = std::fs::OpenOptions::new();
            let mut file =
                file.create(true).write(true).truncate(true).mode(0o700).open(&path).unwrap();
            file.write_all(&elf(code)).unwrap();
            drop(file);
            Written(path)
        }

        fn check(&self) -> Check {
            // A process that another test forks holds the file open for writing until it execs.
            let busy = |check: &Check| check.detail.contains("ETXTBSY");
            let mut tries = (0..100).map(|_| exec_cpuids("exec-cpuids", Ok(&self.image())));
            tries.find(|check| !busy(check)).expect("a file that is not open for writing")
        }

        fn image(&self) -> ExecImage {
            ExecImage::new(CString::new(self.0.to_str().unwrap()).unwrap())
        }
    }

    impl Drop for Written {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    /// xor edi, edi; mov eax, 60; syscall
    const EXIT: [u8; 9] = [0x31, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05];

    #[test]
    fn the_cpuids_of_a_known_program_are_counted_at_every_alignment() {
        // Skipped code is not counted: jmp over one CPUID.
        let mut code = vec![0xeb, 2, 0x0f, 0xa2];
        for _ in 0..8 {
            // CPUID, and a nop that moves the next one by a byte.
            code.extend_from_slice(&[0x0f, 0xa2, 0x90]);
        }
        code.extend_from_slice(&EXIT);
        let check = Written::new("eight", &code).check();
        assert_eq!(check.figure, Some(8.0), "{check:?}");
        // The jump, eight pairs, and three to leave.
        assert!(check.detail.contains("8 CPUIDs among 20 instructions"), "{check:?}");
        let none = Written::new("none", &EXIT).check();
        assert_eq!((none.figure, none.outcome), (Some(0.0), CheckOutcome::Informative));
    }

    #[test]
    fn a_program_that_does_not_end_is_a_reason_and_is_ended() {
        let endless = Written::new("endless", &[0xeb, 0xfe]);
        // Long enough for seven steps on any busy machine.
        let enough = Duration::from_secs(30);
        let few = count(&endless.image(), Bound { instructions: 7, time: enough }).unwrap_err();
        assert!(few.contains("did not end within 7 single steps"), "{few}");
        let bound = Bound { instructions: u64::MAX, time: Duration::ZERO };
        let late = count(&endless.image(), bound).unwrap_err();
        // It may have stopped before its first step by then, or not yet.
        let either = ["at the deadline", "did not end within 0 single steps"];
        assert!(either.iter().any(|words| late.contains(words)), "{late}");
    }

    #[test]
    fn a_program_that_ends_badly_is_a_reason() {
        // ud2, and exit with status 60 (mov edi, 60).
        let killed = Written::new("killed", &[0x0f, 0x0b]).check();
        assert!(killed.detail.contains("SIGILL"), "{killed:?}");
        let failed =
            Written::new("failed", &[0xbf, 60, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05]).check();
        assert!(failed.detail.contains("status 60"), "{failed:?}");
    }

    #[test]
    fn a_program_that_cannot_be_started_is_a_reason() {
        let written = Written::new("closed", &EXIT);
        std::fs::set_permissions(&written.0, std::fs::Permissions::from_mode(0o600)).unwrap();
        let check = written.check();
        assert_eq!((check.figure, check.outcome), (None, CheckOutcome::NotMeasurable));
        assert!(check.detail.contains("EACCES"), "{check:?}");
        let absent = Failure::new("looking for a program", "there is none");
        assert!(exec_cpuids("exec-cpuids", Err(&absent)).detail.contains("there is none"));
    }
}
