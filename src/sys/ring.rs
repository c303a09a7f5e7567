//! A ring of actors on one core that hand a token on by futex; each walks its pages twice when it
//! has it.
//!
//! The body lies here because the actors have no thread-local storage of their own
//! (`super::raw_task`): nothing but system calls, ticks and atomic words. Where the calls are the C
//! library's, errno is the one word of such storage that they write: the creator's, or a copy of
//! it, which no actor reads but after a call of its own.

use super::clock::ticks;
use super::futex::wake_one;
use super::memory::Mapping;
use super::raw_task::{self, RawTask};
use super::sharing::Sharing;
use super::single_thread::SingleThread;
use super::system_calls::SystemCalls;
use super::walk::PageWalk;
use nix::unistd::Pid;
use std::io;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// The turn is another's.
const ANOTHERS: u32 = 0;
/// The turn is the actor's own.
const OWN: u32 = 1;
/// The actor is to leave.
const LEAVE: u32 = 2;

/// Ticks of the two passes over the pages, summed over all visits of all actors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passes {
    /// The pass right after the switch.
    pub first_ticks: u64,
    /// The pass after it, which finds everything that the first has brought.
    pub second_ticks: u64,
}

/// An actor's place at the table, in memory that all actors share, on cache lines of its own.
#[repr(C, align(128))]
#[derive(Debug)]
struct Seat {
    turn: AtomicU32,
    first_ticks: AtomicU64,
    second_ticks: AtomicU64,
}

/// What an actor knows: its seat, its neighbour's, its pages.
#[derive(Debug)]
struct Place {
    own: *const Seat,
    next: *const Seat,
    walk: PageWalk,
    /// The process that a process dies with; threads die with it anyway.
    parent: Option<Pid>,
}

/// The caller and the actors that it started, and how they call the kernel. They leave on drop.
#[derive(Debug)]
pub struct Ring<S> {
    // In this order: the actors go before what they use.
    actors: Vec<RawTask>,
    places: Box<[Place]>,
    _table: Mapping,
    calls: PhantomData<S>,
}

impl<S: SystemCalls> Ring<S> {
    /// Starts one actor less than there are walks; the caller is the first. None has moved yet.
    ///
    /// # Errors
    /// A limit on processes, or ENOMEM; EINVAL without a walk.
    pub fn start(_: &SingleThread, sharing: Sharing, walks: Vec<PageWalk>) -> io::Result<Self> {
        let table = Mapping::shared(walks.len() * size_of::<Seat>())?;
        let seats: *const Seat = table.start().as_ptr().cast_const().cast();
        let count = walks.len();
        let parent = (!sharing.is_thread()).then(raw_task::creator);
        let place = |(number, walk)| {
            let [own, next] = [number, (number + 1) % count].map(|seat| seats.wrapping_add(seat));
            Place { own, next, walk, parent }
        };
        let places: Box<[Place]> = walks.into_iter().enumerate().map(place).collect();
        if places.is_empty() {
            return Err(io::Error::from_raw_os_error(libc::EINVAL));
        }
        let mut ring =
            Ring { actors: Vec::with_capacity(count), places, _table: table, calls: PhantomData };
        for number in 1..count {
            let place = &raw const ring.places[number];
            // SAFETY: the places stay where they are as long as the ring, which outlives its
            // actors. Their body makes system calls, reads ticks and touches atomics;
            // errno, where the C library keeps it, is a whole word.
            let started = unsafe { RawTask::start(sharing, live::<S>, place) };
            ring.actors.push(started?);
        }
        Ok(ring)
    }

    /// The task ids of the actors, the caller's not among them.
    #[must_use]
    pub fn tasks(&self) -> Vec<Pid> {
        self.actors.iter().map(RawTask::task).collect()
    }

    /// One lap: the caller's visit, every other actor's in turn, and the token back.
    ///
    /// # Errors
    /// A futex call failed, which is not expected of words that live.
    #[inline(always)]
    pub fn lap(&self) -> io::Result<()> {
        let place = &self.places[0];
        place.visit();
        place.pass_on::<S>()?;
        place.await_turn::<S>().map(drop)
    }

    /// The passes of all laps so far.
    #[must_use]
    pub fn passes(&self) -> Passes {
        let mut sum = Passes::default();
        for place in &self.places {
            let [first, second] = [&place.own().first_ticks, &place.own().second_ticks];
            sum.first_ticks = sum.first_ticks.wrapping_add(first.load(Ordering::Relaxed));
            sum.second_ticks = sum.second_ticks.wrapping_add(second.load(Ordering::Relaxed));
        }
        sum
    }
}

impl<S> Drop for Ring<S> {
    fn drop(&mut self) {
        for place in &self.places[1..] {
            place.own().turn.store(LEAVE, Ordering::Release);
            // A task that has ended needs no waking.
            let _ = wake_one(&place.own().turn);
        }
    }
}

impl Place {
    #[inline(always)]
    fn own(&self) -> &Seat {
        // SAFETY: points into the ring's table, which is zeroed, shared, aligned and outlives its
        // places; all access is atomic.
        unsafe { &*self.own }
    }

    #[inline(always)]
    fn next(&self) -> &Seat {
        // SAFETY: as in `own`.
        unsafe { &*self.next }
    }

    #[inline(always)]
    fn visit(&self) {
        let mut passes = Passes::default();
        visit(&self.walk, &mut passes);
        if self.walk.pages() > 0 {
            let add = |total: &AtomicU64, ticks: u64| {
                // No other task writes it: no need for an atomic addition.
                total.store(total.load(Ordering::Relaxed).wrapping_add(ticks), Ordering::Relaxed);
            };
            add(&self.own().first_ticks, passes.first_ticks);
            add(&self.own().second_ticks, passes.second_ticks);
        }
    }

    #[inline(always)]
    fn pass_on<S: SystemCalls>(&self) -> io::Result<()> {
        self.next().turn.store(OWN, Ordering::Release);
        S::futex_wake_one(&self.next().turn).map(drop)
    }

    /// Sleeps until it is this actor's turn; `false` when it is to leave.
    #[inline(always)]
    fn await_turn<S: SystemCalls>(&self) -> io::Result<bool> {
        let turn = &self.own().turn;
        loop {
            match turn.load(Ordering::Acquire) {
                OWN => break,
                LEAVE => return Ok(false),
                _ => match S::futex_wait(turn, ANOTHERS) {
                    // That it changed already, or a signal came, is no error.
                    Err(e)
                        if ![Some(libc::EAGAIN), Some(libc::EINTR)].contains(&e.raw_os_error()) =>
                    {
                        return Err(e);
                    }
                    _ => {}
                },
            }
        }
        turn.store(ANOTHERS, Ordering::Relaxed);
        Ok(true)
    }
}

/// Walks the pages twice and adds up the time of either pass; without pages no clock is read.
#[inline(always)]
pub fn visit(walk: &PageWalk, passes: &mut Passes) {
    if walk.pages() == 0 {
        return;
    }
    let start = ticks();
    walk.run();
    let middle = ticks();
    walk.run();
    let end = ticks();
    // Actors walk too, and what could overflow in them wraps (`super::raw_task`).
    passes.first_ticks = passes.first_ticks.wrapping_add(middle.wrapping_sub(start));
    passes.second_ticks = passes.second_ticks.wrapping_add(end.wrapping_sub(middle));
}

/// The life of an actor: it waits for its turn, walks, hands on. An error ends it; the caller then
/// waits in vain, and the lab's deadline ends the lab.
extern "C" fn live<S: SystemCalls>(place: *const Place) -> ! {
    // SAFETY: `Ring::start` passes a place that outlives the actor.
    let place = unsafe { &*place };
    if let Some(parent) = place.parent {
        raw_task::die_with(parent);
    }
    place.walk.settle();
    while let Ok(true) = place.await_turn::<S>() {
        place.visit();
        if place.pass_on::<S>().is_err() {
            break;
        }
    }
    raw_task::leave()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::walk::{Order, Pages};

    #[test]
    fn passes_wrap_where_a_panic_would_reach_for_what_actors_do_not_have() {
        // Far from where labs walk, and from other tests of this process.
        let walk = Pages::new(2, Order::Independent, false).unwrap().walk(43).unwrap();
        let mut passes = Passes { first_ticks: u64::MAX, second_ticks: u64::MAX };
        let start = ticks();
        while ticks() == start {}
        for _ in 0..100 {
            visit(&walk, &mut passes);
        }
        assert!(
            passes.first_ticks < u64::MAX / 2 && passes.second_ticks < u64::MAX / 2,
            "{passes:?}"
        );
    }
}
