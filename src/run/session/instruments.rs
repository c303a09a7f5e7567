//! The checks of the instruments, before a session measures and after.

use super::Session;
use crate::counters::CycleCounter;
use crate::machine;
use crate::primitive;
use crate::record::{Check, Failure, Result};
use crate::run::progress::Progress;

/// Repetitions of the instruction chains at the end of a session: some 40 ms, in which a clock gets
/// up to speed.
const DRIFT_REPEATS: u32 = 1_000;

/// What the ids of those checks begin with; how the program is linked follows.
const EXEC_CPUIDS: &str = "exec-cpuids-";

impl Session {
    /// Checks the instruments.
    pub fn check_instruments(&mut self) {
        let quick = self.bench.budget.is_short();
        if self.is_cut() {
            return;
        }
        let mut progress = Progress::over(1, self.watch);
        progress.step("checking the instruments");
        match on_cpu(self.bench.cores.main, move || machine::checks(quick)) {
            Ok(checks) => {
                let frequency = checks.iter().find(|check| check.id == "core-frequency");
                self.frequency_before = frequency.and_then(|check| check.figure);
                self.record.add_checks(checks);
            }
            Err(failure) => self.record.failures.push(failure),
        }
        self.count_frequency();
        match on_cpu(self.bench.cores.main, machine::loopback_clock) {
            Ok(check) => self.record.add_checks([check]),
            Err(failure) => self.record.failures.push(failure),
        }
        let cores = &self.bench.cores;
        let offset = machine::clock_offset(cores.main, cores.other.as_ref().copied());
        self.record.add_checks([offset]);
    }

    /// Takes over what an earlier target of this run found, and looks at the core's clock alone.
    pub fn adopt_checks(&mut self, found: Vec<Check>) {
        self.record.add_checks(found);
        let clock = || machine::core_frequency(DRIFT_REPEATS);
        let now = on_cpu(self.bench.cores.main, clock).and_then(|found| found);
        let before = self.record.check("core-frequency").and_then(|check| check.figure);
        self.frequency_before = now.ok().or(before);
    }

    /// Counts what an exec executes by itself, if no fragment has it. It takes two seconds, or more
    /// where others use the CPU, which a quick run does not have.
    pub(super) fn check_execs(&mut self) {
        if self.record.checks.iter().any(|check| check.id.starts_with(EXEC_CPUIDS)) {
            return;
        }
        if self.bench.budget.is_short() {
            let reason = "a quick run has no time to step through a program";
            self.record.add_checks(primitive::libc_programs().map(|(linked, _)| {
                Check::not_measurable(&format!("{EXEC_CPUIDS}{linked}"), "CPUIDs", reason)
            }));
            return;
        }
        let mut progress = Progress::over(1, self.watch);
        progress.step("counting the CPUIDs of an exec");
        match on_cpu(self.bench.cores.main, exec_cpuids) {
            Ok(checks) => self.record.add_checks(checks),
            Err(failure) => self.record.failures.push(failure),
        }
    }

    /// Where the processor counts its cycles, its own word on the core's frequency; elsewhere the
    /// chains' stands, and why the counter does not open is among the facts.
    fn count_frequency(&mut self) {
        let Ok(counter) = CycleCounter::open() else { return };
        drop(counter);
        let chains = self.frequency_before;
        let counted = on_cpu(self.bench.cores.main, move || {
            // On that thread: a counter counts the one that opened it.
            let tried = "opening the cycle counter";
            let counter = CycleCounter::open().map_err(|e| Failure::os(tried, e))?;
            machine::counted_frequency(chains, &mut |work| counter.over(work))
        });
        match counted.and_then(|checked| checked) {
            Ok(check) => {
                // Better than the chains' whatever those say: replaced, not merged.
                self.record.checks.retain(|known| known.id != check.id);
                self.record.checks.push(check);
            }
            Err(failure) => self.record.failures.push(failure),
        }
    }

    /// How much the core's frequency changed since this session checked it; nothing where it did
    /// not.
    pub(super) fn drift(&self) -> Option<Check> {
        let before = self.frequency_before?;
        let after = on_cpu(self.bench.cores.main, || machine::core_frequency(DRIFT_REPEATS))
            .and_then(|found| found);
        Some(match after {
            Ok(after) => machine::frequency_drift(before, after),
            Err(failure) => Check::not_measurable("frequency-drift", "%", failure.to_string()),
        })
    }
}

/// Runs `check` on the CPU that the measured actors are pinned to: cores may have clocks of their
/// own. In a thread, because that is how an affinity can be left behind.
fn on_cpu<T: Send>(cpu: usize, check: impl FnOnce() -> T + Send) -> Result<T> {
    let tried = || format!("checking the instruments on CPU {cpu}");
    std::thread::scope(|scope| {
        let pinned = std::thread::Builder::new().spawn_scoped(scope, || {
            let there = core_affinity::set_for_current(core_affinity::CoreId { id: cpu });
            there.then(check).ok_or_else(|| Failure::os(tried(), nix::errno::Errno::last()))
        });
        let pinned = pinned.map_err(|e| Failure::os(tried(), e))?;
        pinned.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// How many CPUIDs programs with a C library execute, or why nobody knows.
fn exec_cpuids() -> [Check; 2] {
    primitive::libc_programs().map(|(linked, program)| {
        let image = program.as_ref().map(primitive::Program::image);
        machine::exec_cpuids(&format!("{EXEC_CPUIDS}{linked}"), image)
    })
}
