//! Creating a thread and waiting for its end.

use super::{Primitive, Setup};
use crate::record::{Failure, Result};
use crate::sys::thread::{self, RawThread};
use std::io;

/// `std::thread::Builder::spawn` and join, of an empty closure.
struct Std;

impl Primitive for Std {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let mut done = 0;
        while done < ops {
            let handle = std::thread::Builder::new().spawn(|| {})?;
            handle.join().map_err(|_| io::Error::other("an empty thread panicked"))?;
            done += 1;
        }
        Ok(done)
    }
}

/// pthread_create and pthread_join.
struct Pthread;

impl Primitive for Pthread {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let mut done = 0;
        while done < ops {
            thread::pthread_spawn_join()?;
            done += 1;
        }
        Ok(done)
    }
}

/// clone with a prepared stack, and the futex that the kernel wakes at the thread's end.
struct Raw(RawThread);

impl Primitive for Raw {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let mut done = 0;
        while done < ops {
            self.0.spawn_join()?;
            done += 1;
        }
        Ok(done)
    }
}

pub(super) fn std_thread(_: &Setup) -> Result<Box<dyn Primitive>> {
    Ok(Box::new(Std))
}

pub(super) fn pthread(_: &Setup) -> Result<Box<dyn Primitive>> {
    Ok(Box::new(Pthread))
}

pub(super) fn raw(_: &Setup) -> Result<Box<dyn Primitive>> {
    let thread = RawThread::new().map_err(|e| Failure::os("mapping a stack of 64 KiB", e))?;
    Ok(Box::new(Raw(thread)))
}

pub(super) fn scoped(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}

pub(super) fn pthread_fresh_stack(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}
