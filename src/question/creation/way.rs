//! The body of everything that creates an actor and waits for its end, with or without stamps of
//! its moments.

use crate::primitive::{Moments, Primitive, Setup};
use crate::record::{Failure, Result};
use crate::sys::clock::monotonic_ns;
use crate::sys::memory::Mapping;
use crate::sys::timestamp::{NoTimestamp, SharedTimestamp, Timestamp};
use nix::errno::Errno;
use std::io;

/// One way to create an actor.
pub(crate) trait Way {
    /// Creates an actor that first writes its timestamp, and waits for its end. Returns when the
    /// creating call had returned ([`Timestamp::now_ns`]).
    fn once<M: Timestamp>(&mut self, timestamp: &M) -> io::Result<u64>;
}

/// Who stamps the first moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum First {
    /// The actor itself, in memory that it shares with its creator.
    Actor,
    /// The program that it becomes, through a descriptor.
    Program,
    /// Nobody: a program that is not ours.
    Untold,
}

/// A primitive of this way.
pub(crate) fn create(
    setup: &Setup,
    first: First,
    way: impl Way + 'static,
) -> Result<Box<dyn Primitive>> {
    Ok(match setup.arm.stamped {
        false => Box::new(Creation { way, stamps: Unstamped }),
        true => Box::new(Creation { way, stamps: Stamped::new(setup, first)? }),
    })
}

struct Creation<W, S> {
    way: W,
    stamps: S,
}

impl<W: Way, S: Stamps> Primitive for Creation<W, S> {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let mut done = 0;
        while done < ops {
            self.stamps.around(&mut self.way)?;
            done += 1;
        }
        Ok(done)
    }

    fn moments(&self) -> Moments {
        self.stamps.moments()
    }
}

/// Stamps, or none. Each compiles to a loop of its own.
trait Stamps {
    /// One operation.
    fn around(&mut self, way: &mut impl Way) -> io::Result<()>;

    fn moments(&self) -> Moments;
}

struct Unstamped;

impl Stamps for Unstamped {
    #[inline]
    fn around(&mut self, way: &mut impl Way) -> io::Result<()> {
        way.once(&NoTimestamp).map(drop)
    }

    fn moments(&self) -> Moments {
        Moments::default()
    }
}

struct Stamped {
    stamp: SharedTimestamp,
    first: First,
    pages: OwnPages,
    total: Moments,
}

impl Stamped {
    fn new(setup: &Setup, first: First) -> Result<Self> {
        let stamp = match first {
            First::Actor | First::Untold => SharedTimestamp::new(),
            First::Program => SharedTimestamp::for_programs(),
        };
        let stamp = stamp.map_err(|e| {
            Failure::os("preparing memory for stamps", e).remedy(
                "programs stamp through descriptor 100: it must be free and allowed (ulimit -n \
                 200)",
            )
        })?;
        Ok(Stamped {
            stamp,
            first,
            pages: OwnPages::new(setup.arm.pages)?,
            total: Moments::default(),
        })
    }
}

impl Stamps for Stamped {
    fn around(&mut self, way: &mut impl Way) -> io::Result<()> {
        let called_ns = monotonic_ns();
        let returned_ns = way.once(&self.stamp)?;
        self.total.call_ns += returned_ns - called_ns;
        if self.first != First::Untold {
            let first_ns = self.stamp.take_ns().checked_sub(called_ns);
            // A stamp that did not arrive is 0.
            self.total.first_ns +=
                first_ns.ok_or_else(|| io::Error::other("a stamp is missing"))?;
        }
        self.total.bill_ns += self.pages.write_ns();
        Ok(())
    }

    fn moments(&self) -> Moments {
        self.total
    }
}

/// Private pages that the creator has written, and writes again.
pub(crate) struct OwnPages(Option<Mapping>);

impl OwnPages {
    /// This many, which may be none.
    pub(crate) fn new(pages: u32) -> Result<Self> {
        if pages == 0 {
            return Ok(OwnPages(None));
        }
        let refused = |e| Failure::os(format!("mapping {pages} pages to write"), e);
        let memory = Mapping::private_pages(pages as usize).map_err(refused)?;
        if let Err(e) = memory.refuse_huge_pages() {
            // A kernel without huge pages has nothing to refuse.
            if e.raw_os_error() != Some(Errno::EINVAL as i32) {
                return Err(refused(e));
            }
        }
        memory.touch_all();
        Ok(OwnPages(Some(memory)))
    }

    /// Writes a word to each page; returns how long that took, nanoseconds: 0, without a look at
    /// the clock, where there is no page.
    #[inline]
    pub(crate) fn write_ns(&self) -> u64 {
        self.0.as_ref().map_or(0, Mapping::touch_all_ns)
    }

    /// The memory, where there is a page.
    #[inline]
    pub(crate) fn memory(&self) -> Option<&Mapping> {
        self.0.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Arm, Work};

    /// Creates nobody, who leaves no stamp.
    struct Nobody;

    impl Way for Nobody {
        fn once<M: Timestamp>(&mut self, _: &M) -> io::Result<u64> {
            Ok(M::now_ns())
        }
    }

    fn run(first: First, setup: &Setup) -> io::Result<Moments> {
        let mut primitive = create(setup, first, Nobody).unwrap();
        primitive.run(3)?;
        Ok(primitive.moments())
    }

    #[test]
    fn a_stamp_that_does_not_arrive_voids_the_batch_where_one_is_due() {
        let stamped = Setup::of(Arm::new("", Work::Creates).stamped().touching(2));
        assert!(run(First::Actor, &stamped).is_err());
        let untold = run(First::Untold, &stamped).unwrap();
        assert_eq!(untold.first_ns, 0);
        assert!(untold.call_ns > 0 && untold.bill_ns > 0, "{untold:?}");
        let without =
            run(First::Actor, &Setup::of(Arm::new("", Work::Creates).touching(2))).unwrap();
        assert_eq!([without.call_ns, without.first_ns, without.bill_ns], [0; 3]);
    }
}
