//! Copy-on-write: what a page costs that is written after a fork, and who pays.

use super::{Primitive, Setup};
use crate::record::{Failure, Result};

pub(super) fn own(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}

pub(super) fn parent(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}

pub(super) fn child(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}
