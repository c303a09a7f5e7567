//! Prepares one primitive and times batches of it.

use super::parent::ParentState;
use super::pin;
use super::small::Padding;
use super::state;
use super::stretch::Runner;
use crate::counters::Counters;
use crate::lab::pipe::{recv, send};
use crate::lab::protocol::{Batch, BatchRequest, Ready, Spec};
use crate::machine;
use crate::primitive::{self, Catalogue, Companion, Entry, Primitive, Setup, timed};
use crate::proc;
use crate::record::{Failure, Half, Result};
use crate::sys::rseq;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;
use std::io::StdinLock;

pub(super) fn batches(
    driver: &mut StdinLock<'_>,
    primitives: Catalogue<Entry>,
    spec: &Spec,
) -> Result<()> {
    pin(spec.main_cpu)?;
    let _padding = Padding::add()?;
    let _held = ParentState::by(&spec.setup.arm.parent)?;
    let setups = std::iter::once(&spec.setup).chain(&spec.also);
    let prepared = setups.map(|setup| Prepared::new(primitives, spec, setup));
    let mut prepared: Vec<Prepared> = prepared.collect::<Result<_>>()?;
    let companions = prepared.iter().flat_map(|one| &one.companions);
    let actors = companions.map(|companion| companion.task.as_raw()).collect();
    send(Ready { state: state::read()?, actors, host: machine::witness() })?;
    while let Some(request) = recv::<BatchRequest>(driver)? {
        let arms = prepared.len();
        let one = prepared.get_mut(request.arm).ok_or_else(|| {
            Failure::new("choosing an arm", format!("{} of {arms} was asked for", request.arm))
        })?;
        send(one.batch(request)?)?;
    }
    Ok(())
}

/// An arm that is ready.
struct Prepared {
    entry: &'static Entry,
    primitive: Box<dyn Primitive>,
    companions: Vec<Companion>,
    runner: Runner,
    counters: Option<Counters>,
}

impl Prepared {
    fn new(primitives: Catalogue<Entry>, spec: &Spec, setup: &Setup) -> Result<Self> {
        let entry = primitive::find(primitives, &setup.arm.primitive)?;
        if entry.work.creates() {
            rseq::register().map_err(|e| Failure::os("registering an area for rseq(2)", e))?;
            open_to_both(spec)?;
        }
        // The actors of a refused operation still live when it is asked what would help.
        let advised = |failure| machine::advised(failure, entry.source);
        let mut primitive = entry.start(setup).map_err(advised)?;
        let companions = primitive.companions();
        // One operation shows that all actors are there before anything is timed.
        timed(&mut *primitive, 1).map_err(|e| advised(explained(&companions, e)))?;
        let runner = Runner::new(setup.arm.policy, &companions);
        let counters = spec.counting.map(|modes| Counters::open(modes, &companions));
        Ok(Prepared { entry, primitive, companions, runner, counters })
    }

    fn batch(&mut self, request: BatchRequest) -> Result<Batch> {
        let Prepared { entry, primitive, companions, runner, counters } = self;
        let part = batch(&mut **primitive, companions, runner, counters.as_mut(), request);
        part.map_err(|e| machine::advised(explained(companions, e), entry.source))
    }
}

/// Why an operation failed: the death of an actor, if one has died. The main one only sees that
/// what they share is broken.
fn explained(companions: &[Companion], failure: Failure) -> Failure {
    let died = |task: i32| Some((task, proc::how_ended(task)?));
    match companions.iter().find_map(|companion| died(companion.task.as_raw())) {
        Some((task, how)) => {
            let why = format!("process {task}, which it measures with, died: {how}");
            Failure::new(failure.tried, format!("{why} ({})", failure.why))
        }
        None => failure,
    }
}

fn batch(
    primitive: &mut dyn Primitive,
    companions: &[Companion],
    runner: &mut Runner,
    counters: Option<&mut Counters>,
    request: BatchRequest,
) -> Result<Batch> {
    // The first operation after the other arm's work is timed apart: what it costs unwashed.
    let unwashed_ns = match request.discard {
        0 => 0,
        _ => runner.run(primitive, 1)?.elapsed_ns,
    };
    if request.discard > 1 {
        runner.run(primitive, request.discard - 1)?;
    }
    let before = state::switches(companions)?;
    let counted = counters.map(|counters| (counters.read(), counters));
    let (passed, stamped, busy_before) =
        (primitive.passes(), primitive.moments(), primitive.busiest_ns());
    let part = runner.run(primitive, request.ops)?;
    let (passes, moments) = (primitive.passes(), primitive.moments());
    let readings = counted.map_or(Vec::new(), |(start, counters)| counters.since(&start));
    let after = state::switches(companions)?;
    let half = Half {
        ops: part.ops,
        elapsed_ns: part.elapsed_ns,
        elapsed_ticks: part.elapsed_ticks,
        switches: after[0].saturating_sub(before[0]),
        involuntary: after[1].saturating_sub(before[1]),
        unwashed_ns,
        fifo_stretch_ns: runner.longest.as_nanos() as u64,
        first_pass_ticks: passes.first_ticks - passed.first_ticks,
        second_pass_ticks: passes.second_ticks - passed.second_ticks,
        call_ns: moments.call_ns - stamped.call_ns,
        first_ns: moments.first_ns - stamped.first_ns,
        bill_ns: moments.bill_ns - stamped.bill_ns,
        client_cpu_ns: primitive.busiest_ns() - busy_before,
        // The driver asks the server.
        server_cpu_ns: 0,
    };
    Ok(Batch { half, readings })
}

/// What is created inherits its creator's CPUs: with two cores both may use both, and the kernel
/// chooses.
fn open_to_both(spec: &Spec) -> Result<()> {
    let (Some(main), Some(other)) = (spec.main_cpu, spec.setup.partner_cpu) else { return Ok(()) };
    let mut both = CpuSet::new();
    let widened = both.set(main).and_then(|()| both.set(other));
    widened.and_then(|()| sched_setaffinity(Pid::from_raw(0), &both)).map_err(|e| {
        Failure::os(
            format!(
                "allowing CPUs {main} and {other} for the benchmark \
                                          process"
            ),
            e,
        )
    })
}
