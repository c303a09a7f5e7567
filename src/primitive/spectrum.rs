//! The spectrum from thread to process: one primitive whose argument is a set of clone flags.

use super::{Primitive, Setup};
use crate::record::{Failure, Result};

pub(super) fn thread(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}

pub(super) fn vm_fs_files_sighand(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}

pub(super) fn vm_files(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}

pub(super) fn vm(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}

pub(super) fn vm_vfork(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}

pub(super) fn fs_files(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}

pub(super) fn files(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}

pub(super) fn none(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}
