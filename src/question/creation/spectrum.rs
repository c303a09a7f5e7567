//! The spectrum from thread to process: one primitive whose argument is a set of clone flags.

use crate::primitive::{Primitive, Setup};
use crate::question::creation::way::{First, Way, create};
use crate::record::{Failure, Result};
use crate::sys::brief::BriefActors;
use crate::sys::sharing::Sharing;
use crate::sys::stamp::Mark;
use std::io;

impl Way for BriefActors {
    #[inline]
    fn once<M: Mark>(&mut self, mark: &M) -> io::Result<u64> {
        BriefActors::once(self, mark)
    }
}

fn start(setup: &Setup, sharing: Sharing) -> Result<Box<dyn Primitive>> {
    let actors = BriefActors::new(sharing).map_err(|e| {
        Failure::os("preparing to clone", e)
            .remedy("run it in a lab, or before any thread is started")
    })?;
    create(setup, First::Actor, actors)
}

pub(crate) fn thread(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Sharing::All)
}

pub(crate) fn vm_fs_files_sighand(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Sharing::AllButIdentity)
}

pub(crate) fn vm_files(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Sharing::MemoryAndFiles)
}

pub(crate) fn vm(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Sharing::Memory)
}

pub(crate) fn vm_vfork(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Sharing::MemoryAndTurn)
}

pub(crate) fn fs_files(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Sharing::FoldersAndFiles)
}

pub(crate) fn files(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Sharing::Files)
}

pub(crate) fn none(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Sharing::Nothing)
}
