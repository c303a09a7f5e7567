//! The lab's end: load a server, until the input ends.

use super::wire::LoadSpec;
use crate::record::{Failure, Result};
use std::io::StdinLock;

pub(super) fn serve(_driver: &mut StdinLock<'_>, spec: &LoadSpec) -> Result<()> {
    Err(Failure::new(format!("loading {}", spec.settings.address), "not built yet"))
}
