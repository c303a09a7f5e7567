//! A shared word that is read, and nobody writes: what sharing memory costs when there is no news.

use crate::primitive::{Entry, Primitive, Setup};
use crate::record::{Actor, Failure, Result, Work};
use crate::sys::memory::Mapping;
use std::hint::black_box;
use std::io;
use std::sync::atomic::Ordering;

pub(in crate::question) const ENTRIES: &[Entry] = &[Entry {
    id: "share/load",
    name: "cached load",
    actor: Actor::Alone,
    op: "one read of a word in shared memory in a loop whose reads overlap; it stays in the cache, \
         because it is not written",
    work: Work::HandsOver(0),
    excluded: "the latency of a read, except the part that the loop waits for",
    source: "mmap(2), MAP_SHARED",
    start: shared,
}];

struct Load(Mapping);

impl Primitive for Load {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let word = &self.0.words()[0];
        let (mut done, mut sum) = (0, 0_u32);
        while done < ops {
            // The sum keeps each load: a relaxed one is a plain load of the processor.
            sum = sum.wrapping_add(word.load(Ordering::Relaxed));
            // Keeps the loop as it stands: unrolled, it shows how many loads fit into a cycle.
            black_box(());
            done += 1;
        }
        black_box(sum);
        Ok(done)
    }
}

pub(crate) fn shared(_: &Setup) -> Result<Box<dyn Primitive>> {
    let word = Mapping::shared(4).map_err(|e| Failure::os("mapping a shared word", e))?;
    word.touch_all();
    Ok(Box::new(Load(word)))
}
