//! The faults themselves, each in the thread that commits it.

use super::Fault;
use super::shared_status::SharedStatus;
use crate::sys::fork::exit;
use crate::sys::memory::{Mapping, page_bytes};
use crate::sys::space::Reservation;
use crate::sys::timestamp::Timestamp;
use std::hint::black_box;
use std::sync::atomic::Ordering;

/// Status of a process that calls exit.
pub(super) const EXIT_STATUS: i32 = 3;
/// Status of a process whose fault did not happen.
pub(super) const NO_FAULT: i32 = 99;

/// Status of a process that did not get the address space for what it was to write.
pub(super) const NO_SPACE: i32 = 98;

/// What is written until memory runs out, bytes: four times what the group may have.
pub(super) const HOG_BYTES: usize = 4 * super::shared_status::LIMIT_BYTES as usize;

impl Fault {
    /// What it is, for people.
    pub(super) fn name(self) -> &'static str {
        match self {
            Fault::Segv => "a segmentation fault",
            Fault::Abort => "a call of abort",
            Fault::StackOverflow => "a stack overflow",
            Fault::PanicUnwind => "a panic that unwinds",
            Fault::PanicAbort => "a panic that aborts",
            Fault::Exit => "a call of exit_group",
            Fault::Oom => "running out of memory",
        }
    }

    /// Stamps the moment and commits the fault. Should that not end anything, the process leaves.
    pub(super) fn commit(self, status: &SharedStatus) {
        match self {
            Fault::Segv => {
                let forbidden = Reservation::anywhere(page_bytes());
                status.fault.stamp();
                forbidden.iter().for_each(Reservation::touch);
            }
            Fault::Abort => {
                status.fault.stamp();
                std::process::abort();
            }
            Fault::StackOverflow => {
                status.fault.stamp();
                black_box(deeper(0));
            }
            Fault::PanicUnwind => {
                status.fault.stamp();
                panic!("a worker panics on purpose");
            }
            Fault::PanicAbort => {
                std::panic::set_hook(Box::new(|_| std::process::abort()));
                status.fault.stamp();
                panic!("a worker panics on purpose");
            }
            Fault::Exit => {
                status.fault.stamp();
                exit(EXIT_STATUS);
            }
            Fault::Oom => hog(status),
        }
        exit(NO_FAULT)
    }
}

/// Needs a kibibyte of stack, and as much for each call more. It never comes back.
fn deeper(depth: u64) -> u64 {
    let frame = black_box([depth; 128]);
    if depth == u64::MAX { 0 } else { deeper(depth + 1) + frame[127] }
}

/// Writes page after page: the stamp is of the last one before the end.
fn hog(status: &SharedStatus) {
    let Ok(memory) = Mapping::private(HOG_BYTES) else { exit(NO_SPACE) };
    for word in memory.words().iter().step_by(page_bytes() / size_of::<u32>()) {
        status.fault.stamp();
        word.store(1, Ordering::Relaxed);
    }
}
