//! Calls of Criterion. It prints with `println!`, which panics where nobody reads, and panics where
//! a baseline is missing or a chart meets samples that it was not made for: here a panic is a
//! failure with its reason, and the target goes on.

use super::log::Log;
use super::measured::{Measured, Unit, fit};
use criterion::{BenchmarkGroup, Criterion, PlottingBackend};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::unistd::{dup2_stderr, dup2_stdout};
use process_vs_thread::output;
use process_vs_thread::record::{Failure, Result};
use std::any::Any;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::panic::{self, AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Has Criterion measure a benchmark by a function that says what so many iterations came to.
/// Returns what was sampled, and whether Criterion could report it.
pub fn bench(
    benches: &mut BenchmarkGroup<'_, Measured>,
    name: &str,
    mut sample: impl FnMut(u64) -> Result<f64>,
) -> (Result<Log>, Result<()>) {
    let (mut log, mut failed) = (Log::default(), None);
    let mut routine = |iterations| match sample(iterations).and_then(fit) {
        Ok(value) => {
            log.add(iterations, value);
            value
        }
        Err(failure) => {
            failed = Some(failure);
            // Criterion takes no errors from a benchmark: this one ends here, the target goes on.
            resume_unwind(Box::new(()))
        }
    };
    let ran = guarded("having Criterion report it", || {
        benches.bench_function(name, |bencher| bencher.iter_custom(&mut routine));
    });
    match failed {
        Some(failure) => (Err(failure), Ok(())),
        None => (Ok(log), ran),
    }
}

/// Calls Criterion, and prints what it has printed.
pub fn guarded<T>(tried: &str, call: impl FnOnce() -> T) -> Result<T> {
    let out = Caught::begin(io::stdout(), |fd| dup2_stdout(fd))?;
    let err = Caught::begin(io::stderr(), |fd| dup2_stderr(fd))?;
    let called = caught(tried, call);
    // A line in the library's buffer belongs to what was caught.
    let flushed = io::stdout().flush().map_err(|e| Failure::os("writing to memory", e));
    let (err, out) = (err.map(Caught::end), out.map(Caught::end));
    if let Some(said) = err.transpose()? {
        output::pass_on(&said);
    }
    if let Some(printed) = out.transpose()? {
        output::show(&String::from_utf8_lossy(&printed));
    }
    flushed.and(called)
}

/// Calls Criterion. A panic is a failure, and nothing else says so.
pub fn caught<T>(tried: &str, call: impl FnOnce() -> T) -> Result<T> {
    let place = Arc::new(Mutex::new(String::new()));
    let noted = Arc::clone(&place);
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let at = panic.location().map(|at| format!("{}:{}", at.file(), at.line()));
        *noted.lock().unwrap_or_else(PoisonError::into_inner) = at.unwrap_or_default();
    }));
    let called = catch_unwind(AssertUnwindSafe(call));
    panic::set_hook(hook);
    called.map_err(|panic| {
        let place = place.lock().unwrap_or_else(PoisonError::into_inner);
        let (folder, file) = place.rsplit_once('/').unwrap_or(("", &place));
        let why = format!("Criterion panicked: {} ({file})", message(&*panic));
        match folder.contains("plot") || file.starts_with("kde.rs") {
            true => Failure::new(tried, why).remedy("with --noplot it draws no charts"),
            false => Failure::new(tried, why),
        }
    })
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a word")
}

/// A stream of this process that goes to memory, where every write succeeds.
struct Caught {
    memory: File,
    before: OwnedFd,
    redirect: fn(&OwnedFd) -> nix::Result<()>,
}

impl Caught {
    /// `None` for a terminal, which is to show at once where Criterion is.
    fn begin(
        stream: impl AsFd + IsTerminal,
        redirect: fn(&OwnedFd) -> nix::Result<()>,
    ) -> Result<Option<Self>> {
        if stream.is_terminal() {
            return Ok(None);
        }
        let refused = |e| Failure::os("keeping in memory what Criterion prints", e);
        let before = stream.as_fd().try_clone_to_owned().map_err(refused)?;
        let memory =
            memfd_create(c"criterion", MFdFlags::MFD_CLOEXEC).map_err(|e| refused(e.into()))?;
        redirect(&memory).map_err(|e| refused(e.into()))?;
        Ok(Some(Caught { memory: File::from(memory), before, redirect }))
    }

    /// Lets the stream go where it went before, and returns what it was to print.
    fn end(self) -> Result<Vec<u8>> {
        let refused = |e| Failure::os("taking from memory what Criterion printed", e);
        (self.redirect)(&self.before).map_err(|e| refused(e.into()))?;
        let length = self.memory.metadata().map_err(refused)?.len();
        let mut bytes = vec![0; length as usize];
        self.memory.read_exact_at(&mut bytes, 0).map_err(refused)?;
        Ok(bytes)
    }
}

/// Short enough that a whole run stays within its minutes; set here and not on groups, whose
/// settings would win over the user's flags.
///
/// # Errors
/// Criterion refuses a flag that its grammar has, as for want of gnuplot.
pub(super) fn configured(
    unit: Unit,
    samples: usize,
    measured: Duration,
) -> Result<Criterion<Measured>> {
    let usual = guarded("setting Criterion up", || {
        Criterion::default()
            .with_measurement(Measured::of(unit))
            .sample_size(samples)
            .warm_up_time(Duration::from_millis(200))
            .measurement_time(measured)
            .nresamples(5_000)
            .plotting_backend(PlottingBackend::Plotters)
    })?;
    // What it says before it leaves must not stay in memory.
    caught("reading Criterion's flags", || usual.configure_from_args())
}
