//! The driver's end: a type for each thing that a lab is for. Each is killed and reaped on drop.
//!
//! Launch labs from a thread that outlives them: the parent-death signal fires when the creating
//! *thread* ends (prctl(2), PR_SET_PDEATHSIG).

mod companion_server;
mod hold;
mod load;
mod measure;
mod probe;
mod serve;

pub use hold::HoldingLab;
pub use load::LoadLab;
pub use measure::Lab;
pub use probe::probe;
pub use serve::ServerLab;
