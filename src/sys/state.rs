//! Which attributes a task shares with its creator: the task changes them, the creator looks.
//!
//! The changes are made after the clone, because what is not shared is copied by it. They stay: the
//! process that looks is a lab, which ends after it.

mod attribute;
mod number;
mod refusal;

pub use attribute::{Attribute, other_than, set_effective_user};
pub use number::{Number, one_number};
pub use refusal::{ALLOWED, FlagSet, SENSELESS};

use super::call::call;
use super::futex;
use super::memory::Mapping;
use super::raw_task::{RawTask, creator, die_with, leave};
use super::sharing::Sharing;
use super::single_thread::SingleThread;
use super::stack::Stack;
use nix::unistd::{Pid, getppid, gettid};
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Time that an actor has for its changes.
const PATIENCE: Duration = Duration::from_secs(10);
/// Time between two looks at an actor.
const STEP: Duration = Duration::from_micros(200);

/// A word that both sides see, whatever they share.
const STAGE: usize = 0;
const PID: usize = 1;
const TID: usize = 2;
const PARENT: usize = 3;
const FOUND_CLOSED: usize = 4;
/// Here the values of [`Attribute::ALL`] begin, as the actor has them after its changes.
const VALUES: usize = 5;

/// What [`STAGE`] holds; before the actor's changes, nothing.
const CHANGED: u32 = 1;
const CLOSED: u32 = 2;
const LOOKED: u32 = 3;

/// What the actor leaves at the far end of its stack.
const LEFT_ON_STACK: u32 = 0x5eed;

/// An attribute that the actor has changed, as both sides see it.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// The attribute.
    pub attribute: Attribute,
    /// What the creator had before.
    before: u32,
    /// What the actor has.
    actor: u32,
    /// What the creator has after the actor's change.
    after: u32,
}

impl Change {
    /// Does the creator have what the actor has? `None` where the actor could not change it, so
    /// that nothing follows.
    #[must_use]
    pub fn shared(&self) -> Option<bool> {
        (self.actor != self.before).then_some(self.after == self.actor)
    }
}

/// What was seen of an actor; each answer is whether both sides have the same one.
#[derive(Debug, Clone)]
pub struct Observation {
    /// What the actor has changed.
    pub changes: Vec<Change>,
    /// Descriptors, the other way: the actor finds closed what the creator closed. `None` where the
    /// creator sleeps while the actor lives.
    pub closed: Option<bool>,
    /// The creator reads at the actor's stack what the actor has written there.
    pub stack_memory: bool,
    /// getpid(2) says the same.
    pub pid: bool,
    /// gettid(2) says the same.
    pub tid: bool,
    /// getppid(2) says the same.
    pub parent: bool,
}

/// What the actor is told.
struct Orders<'m> {
    report: &'m [AtomicU32],
    sharing: Sharing,
    creator: Pid,
    stack_start: usize,
}

/// Starts an actor that changes all it can, and looks at what of it the creator has.
///
/// # Errors
/// EAGAIN at a limit on threads or processes, ENOMEM, EMFILE; an actor that says nothing in ten
/// seconds.
pub fn observe(sharing: Sharing, _: &SingleThread) -> io::Result<Observation> {
    std::env::set_current_dir("/")?;
    attribute::start_plain()?;
    let report = Mapping::shared((VALUES + Attribute::ALL.len()) * size_of::<AtomicU32>())?;
    let report = report.words();
    let stack = Stack::guarded()?;
    let start = stack.last_word().expose_provenance();
    let orders = Orders { report, sharing, creator: creator(), stack_start: start };
    let before = Attribute::ALL.map(Attribute::look);
    // SAFETY: the orders live in this frame, which the actor does not outlive, as it is waited for
    // when it goes out of scope; its body makes system calls and touches atomics.
    let actor = unsafe { RawTask::start_on(stack, sharing, change_all, &raw const orders) }?;
    let waiting = WaitingTask { stage: &report[STAGE], _actor: actor };
    reach(&report[STAGE], CHANGED)?;
    let after = Attribute::ALL.map(Attribute::look);
    let told = |word: usize| report[word].load(Ordering::Relaxed);
    let changed = Attribute::ALL.into_iter().zip(before).zip(after).enumerate();
    let changes = changed.map(|(place, ((attribute, before), after))| Change {
        attribute,
        before,
        actor: told(VALUES + place),
        after,
    });
    let observation = Observation {
        changes: changes.collect(),
        closed: (sharing != Sharing::MemoryAndTurn)
            .then(|| close_for(report).map(|()| told(FOUND_CLOSED) != 0))
            .transpose()?,
        stack_memory: left_on_stack(start, &waiting),
        pid: told(PID) == creator().as_raw() as u32,
        tid: told(TID) == gettid().as_raw() as u32,
        parent: told(PARENT) == getppid().as_raw() as u32,
    };
    Ok(observation)
}

/// Waits until the actor says this much, by looking.
fn reach(stage: &AtomicU32, wanted: u32) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while stage.load(Ordering::Acquire) != wanted {
        if Instant::now() > deadline {
            return Err(io::Error::other(format!("the actor said nothing in {PATIENCE:?}")));
        }
        crate::sys::clock::pause(STEP);
    }
    Ok(())
}

/// An actor that waits for its creator. On every way out it is let go before anybody waits for its
/// end.
#[derive(Debug)]
struct WaitingTask<'m> {
    stage: &'m AtomicU32,
    _actor: RawTask,
}

impl Drop for WaitingTask<'_> {
    fn drop(&mut self) {
        let _ = let_go(self.stage);
    }
}

/// Tells the actor to look and to leave.
fn let_go(stage: &AtomicU32) -> io::Result<usize> {
    stage.store(CLOSED, Ordering::Release);
    // One that is not asleep yet sees the word before it sleeps.
    futex::wake_one(stage)
}

/// The actor's side: says that it is done, and waits until it is let go, which may have been
/// before.
fn wait_for_creator(stage: &AtomicU32) {
    let _ = stage.compare_exchange(0, CHANGED, Ordering::AcqRel, Ordering::Acquire);
    while stage.load(Ordering::Acquire) == CHANGED {
        // Handles spurious wake-ups.
        let _ = futex::wait(stage, CHANGED);
    }
}

/// The creator's change: closes a descriptor, has the actor look at it, and waits until it has.
fn close_for(report: &[AtomicU32]) -> io::Result<()> {
    attribute::close_given()?;
    let_go(&report[STAGE])?;
    reach(&report[STAGE], LOOKED)
}

/// Does the creator find at the far end of the actor's stack what the actor has left there?
fn left_on_stack(start: usize, _alive: &WaitingTask<'_>) -> bool {
    let word = std::ptr::with_exposed_provenance_mut::<u32>(start);
    // SAFETY: the first word of a mapping that the actor owns while it is borrowed; both sides use
    // it as an atomic.
    let word = unsafe { AtomicU32::from_ptr(word) };
    word.load(Ordering::Relaxed) == LEFT_ON_STACK
}

/// The actor's life: system calls and atomics only.
extern "C" fn change_all(orders: *const Orders<'_>) -> ! {
    // SAFETY: `observe` passes orders that outlive the actor.
    let orders = unsafe { &*orders };
    if !orders.sharing.is_thread() {
        die_with(orders.creator);
    }
    let report = |word: usize, value: u32| orders.report[word].store(value, Ordering::Relaxed);
    leave_on_stack(orders.stack_start);
    for (word, number) in
        [(PID, libc::SYS_getpid), (TID, libc::SYS_gettid), (PARENT, libc::SYS_getppid)]
    {
        // SAFETY: takes no argument.
        report(word, unsafe { call(number, [0; 4]) }.map_or(0, |id| id as u32));
    }
    for (at, attribute) in Attribute::ALL.into_iter().enumerate() {
        attribute.change();
        report(VALUES + at, attribute.look());
    }
    if !orders.sharing.is_thread() {
        // A change of the user takes back what was asked for at the beginning (prctl(2),
        // PR_SET_PDEATHSIG).
        die_with(orders.creator);
    }
    let stage = &orders.report[STAGE];
    if orders.sharing == Sharing::MemoryAndTurn {
        stage.store(CHANGED, Ordering::Release);
        leave();
    }
    wait_for_creator(stage);
    report(FOUND_CLOSED, (!attribute::given_is_open()).into());
    stage.store(LOOKED, Ordering::Release);
    leave()
}

/// Leaves a mark where the stack will not grow to.
fn leave_on_stack(start: usize) {
    let word = std::ptr::with_exposed_provenance_mut::<u32>(start);
    // SAFETY: the first word of this actor's own stack, far below its frames; both sides use it as
    // an atomic.
    let word = unsafe { AtomicU32::from_ptr(word) };
    word.store(LEFT_ON_STACK, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    extern "C" fn wait_and_leave(stage: *const AtomicU32) -> ! {
        // SAFETY: the test's word outlives the actor.
        wait_for_creator(unsafe { &*stage });
        leave()
    }

    #[test]
    fn a_creator_that_gives_up_lets_its_actor_go_first() {
        for late in [true, false] {
            let stage = AtomicU32::new(0);
            // SAFETY: the word outlives the actor, whose body touches it and makes system calls.
            let actor = unsafe { RawTask::start(Sharing::All, wait_and_leave, &raw const stage) };
            let waiting = WaitingTask { stage: &stage, _actor: actor.unwrap() };
            if late {
                reach(&stage, CHANGED).unwrap();
            }
            // Would wait for ever if the thread were not released.
            drop(waiting);
            assert_eq!(stage.load(Ordering::Acquire), CLOSED);
        }
    }
}
