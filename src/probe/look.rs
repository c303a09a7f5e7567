//! Waiting by polling, so that a task that ends meanwhile is seen.

use crate::record::{Failure, Result};
use std::time::{Duration, Instant};

/// Looks until there is an answer, with a pause of `step` after each look that found none.
///
/// # Errors
/// That of a look, such as that a child has ended; no answer for as long as `patience`.
pub(crate) fn look_until<T>(
    tried: &str,
    patience: Duration,
    step: Duration,
    mut look: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        // Before the look: an answer that came during a long pause still counts.
        let late = start.elapsed() > patience;
        match look()? {
            Some(found) => return Ok(found),
            None if late => {
                let why = format!("no answer in {} s", patience.as_secs());
                return Err(Failure::new(tried, why));
            }
            None => crate::sys::clock::pause(step),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_micros(1);

    #[test]
    fn it_ends_with_an_answer_with_an_error_or_with_its_patience() {
        let mut looks = 0;
        let third = look_until("waiting", Duration::from_secs(60), STEP, || {
            looks += 1;
            Ok((looks == 3).then_some(looks))
        });
        assert_eq!(third.unwrap(), 3);
        let ended = || -> Result<Option<()>> { Err(Failure::new("looking", "it ended")) };
        let error = look_until("waiting", Duration::from_secs(60), STEP, ended).unwrap_err();
        assert_eq!(error.why, "it ended");
        let silent = || -> Result<Option<()>> { Ok(None) };
        let error = look_until("waiting", Duration::ZERO, STEP, silent).unwrap_err();
        assert_eq!((error.tried.as_str(), error.why.as_str()), ("waiting", "no answer in 0 s"));
    }
}
