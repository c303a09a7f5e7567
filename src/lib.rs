//! What isolation costs on a Linux machine: what a process and a thread cost to create, to switch
//! between, to keep, to talk to and to lose, and what of the textbooks is true here.
//!
//! ```text
//!  machine ───────┐
//!                 ▼
//!  primitive ──► lab ──► sampler ──► record ──► claim ──► report
//!  (what is     (a clean  (pairs,    (samples   (judge:   (terminal,
//!   timed)       process)  launches)  on disk)   verdict)  page)
//! ```
//!
//! One direction, no way back: measuring and judging meet only in the [`record`] on disk. [`run`]
//! strings it together for the two doors, `cargo bench` and the program `process-vs-thread`.
//! [`question`] has a folder for each question: its primitives or probes, and its plan, which says
//! what is compared. The rooms that measure import no question; they are handed them. [`sys`] holds
//! the only unsafe code and knows nobody else.
//!
//! # Words
//!
//! | word | meaning |
//! | --- | --- |
//! | primitive | the least code that does one thing: spawn and join a thread, fork and wait, one round trip |
//! | operation | what is counted once; each primitive says it in one sentence |
//! | actor | a thread, a process, or something between them |
//! | placement | same core, two cores, free |
//! | lab | the fresh, small, single-threaded process in which a primitive is prepared and timed |
//! | batch | operations timed by one pair of clock reads inside the lab |
//! | arm | one side of a comparison; a cell is one comparison with its samples |
//! | pair | two batches, one of each arm, next to each other in time |
//! | launch | one life of a pair of labs |
//! | footprint | what idle units of one kind keep of the memory, read without any and with more and more of them |
//! | probe | an experiment whose answer is yes or no: run several times, and all runs must agree |
//! | shape | how a server divides its connections among processes, threads or event loops |
//! | serving | a server of one shape under load, in a closed loop and at a fixed rate |
//! | shot | a request that makes the worker which serves it die |
//! | counter | a perf event read over a batch: a value, or a reason why there is none |
//! | claim | a sentence that a textbook states, and the band that it promises |
//! | verdict | of a cell: holds, fails, inconclusive, not measurable here, not run |
//! | record | one run: machine, settings, samples, counters, failures with reasons |

pub mod cgroup;
pub mod claim;
pub mod counters;
pub mod lab;
pub mod load;
pub mod machine;
pub mod output;
pub mod plan;
pub mod primitive;
pub mod probe;
pub mod proc;
pub mod question;
pub mod record;
pub mod report;
pub mod run;
pub mod sampler;
pub mod server;
pub mod stats;
pub mod sys;
pub mod text;
mod workers;
