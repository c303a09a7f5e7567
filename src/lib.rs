//! What processes and threads cost on a Linux machine: to create, to switch between, in idle
//! memory, in communication and in a crash; and which textbook claims about them hold here.
//!
//! ```text
//!  machine ───────┐
//!                 ▼
//!  primitive ──► lab ──► sampler ──► record ──► claim ──► report
//!  (what is     (a clean  (pairs,    (samples   (judge:   (terminal,
//!   timed)       process)  launches)  on disk)   verdict)  pages)
//!
//!  question: a folder for each question, with its primitives and probes, plan, claims, sentences,
//!  gates, evidence and page; handed to lab and sampler, judged by claim, shown by report
//! ```
//!
//! The arrows point one way. Measuring and judging meet only in the [`record`] on disk. [`run`]
//! connects them for both entry points: `cargo bench`, and the program `process-vs-thread`.
//!
//! # Map
//!
//! | module | content |
//! | --- | --- |
//! | [`question`] | a folder for each question, `src/question/<question>/{plan,claims,sentences,page,evidence,gates}.rs`, beside its primitives and probes; the lists of all questions, claims, primitives and probes |
//! | [`plan`] | what an experiment, a footprint, a load and a crash consist of; the questions make them |
//! | [`primitive`], [`probe`] | what a primitive and a probe are; modules that measure are handed the lists and import no question |
//! | [`lab`] | the process in which a primitive is timed: driver side and worker side |
//! | [`sampler`] | pairs, launches, stopping rules, footprints, loads, crashes, the counting pass |
//! | [`server`], [`load`] | the benchmarked servers and their client |
//! | [`machine`] | facts with their warnings, checks of the instruments |
//! | [`counters`], [`cgroup`], [`proc`](mod@proc) | perf events; control groups; the one reader of /proc and /sys |
//! | [`record`] | one run on disk; its schema |
//! | [`claim`] | the judge: gates, verdicts of cells, the word and the sentence of a claim, data quality |
//! | [`report`] | the chart engine (`figure`), the answer (`page`), all data (`details`), terminal, Markdown |
//! | [`predict`] | what a process's fork, workers and switches would take, by a record |
//! | [`run`], [`output`] | a run from start to report; standard output and error |
//! | [`variables`] | the environment variables that are read, and what they may hold |
//! | [`stats`], [`text`] | medians and bootstrap intervals; text that is safe to show |
//! | [`sys`] | system calls; the only unsafe code; uses no other module |
//!
//! # Words
//!
//! | word | meaning |
//! | --- | --- |
//! | primitive | the least code that does one thing: spawn and join a thread, fork and wait, one round trip |
//! | operation | what is counted once; each primitive says it in one sentence |
//! | actor | a thread, a process, or something between them |
//! | placement | same core, two cores, all cores, free |
//! | lab | the fresh, small, single-threaded process in which a primitive is prepared and timed |
//! | batch | operations timed by one pair of clock reads inside the lab |
//! | arm | one side of a comparison |
//! | pair | two batches, one of each arm, next to each other in time |
//! | launch | one life of a pair of labs |
//! | footprint | the memory of idle units of one kind, read with none, and with more and more of them |
//! | probe | an experiment with a yes/no answer: run several times, and all runs must agree |
//! | shape | the concurrency model of a server: processes, threads or event loops |
//! | serving | a server of one shape under load, in a closed loop and at a fixed rate |
//! | shot | a request that makes its worker crash |
//! | counter | a perf event read over a batch: a value, or a reason why there is none |
//! | claim | a sentence that a textbook states, with the band that it promises |
//! | cell | one configuration of a claim: a comparison, footprint or probe with what is read off it |
//! | stated | of a cell: it decides its claim's verdict; all other cells are evidence |
//! | quantifier | how the stated cells decide: some ("can"), every ("must", "no", "each"), typical |
//! | verdict of a cell | holds, fails, inconclusive, not measurable here, not run |
//! | verdict of a claim | TRUE, FALSE (with its side), DEPENDS, UNDECIDED, NOT MEASURED; NOT RUN where this run left it out |
//! | noise floor | how far identical code differed from itself (A/A) in a run |
//! | margin | the tolerance: how far the edges of a band move before a cell is compared with it |
//! | data quality | of a run: GOOD, FAIR, POOR, by its noise floor, checks and discarded pairs |
//! | gap, skipped | not measured, with a remedy; not tried, by a limit of the suite's own |
//! | record | one run: machine, settings, samples, counters, failures with reasons |

pub mod cgroup;
pub mod claim;
pub mod counters;
pub mod lab;
pub mod load;
pub mod machine;
pub mod output;
pub mod plan;
pub mod predict;
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
pub mod variables;
mod workers;
