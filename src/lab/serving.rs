//! The lab's end: be a server, until the input ends.

use super::wire::ServeSpec;
use crate::record::{Failure, Result};
use std::io::StdinLock;

pub(super) fn serve(_driver: &mut StdinLock<'_>, spec: &ServeSpec) -> Result<()> {
    Err(Failure::new(format!("serving by {}", spec.settings.shape), "not built yet"))
}
