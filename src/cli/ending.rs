//! How the program ends: its exit statuses, in one place.

use process_vs_thread::record::Cut;
use process_vs_thread::run::NOTHING_JUDGED;
use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It did what it was asked for.
    Done,
    /// It could not.
    Failed,
    /// What was meant cannot be told.
    Usage,
    /// It was asked to end before it was through; what it had is kept.
    Cut(Cut),
    /// The machine is too noisy, or nothing could be judged.
    NothingJudged,
}

impl Ending {
    /// The exit status. A usage error of the command line itself is clap's to tell: 2 as well.
    pub(crate) fn status(self) -> u8 {
        match self {
            Ending::Done => 0,
            Ending::Failed => 1,
            Ending::Usage => 2,
            Ending::Cut(cut) => cut.status(),
            Ending::NothingJudged => NOTHING_JUDGED,
        }
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        ExitCode::from(ending.status())
    }
}
