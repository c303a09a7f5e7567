//! What can be measured on this machine, question by question: said before anything is measured.
//!
//! `trial` tries it, briefly; here is what follows from what was found, which no machine is needed
//! for.

mod screen;
mod trial;

pub use screen::screen;
pub use trial::examine;

use crate::record::{Failure, Machine};
use serde::Serialize;

/// Identical work that differs by more than this share is the work of a disturbed machine: it is
/// where a run's data quality becomes POOR.
const MOST_NOISE: f64 = 0.05;

/// What was found of a machine.
#[derive(Debug, Clone)]
pub struct Examined {
    /// What it is, and what about it spoils figures.
    pub machine: Machine,
    /// Why `SCHED_FIFO` is refused, if it is.
    pub no_fifo: Option<Failure>,
    /// Half the range of the middle eight tenths of identical batches, over their median.
    pub noise: Result<f64, Failure>,
    /// Tasks of others that run or want to run.
    pub others_runnable: Option<u32>,
    /// CPUs that a control group grants.
    pub quota_cpus: Option<f64>,
    /// What was tried of each question.
    pub tried: Vec<Tried>,
}

/// What was tried of a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// The question's name.
    pub question: &'static str,
    /// One trial of each way in which it measures.
    pub trials: Vec<Trial>,
    /// Ways for which there was no time left.
    pub untried: usize,
    /// Some of it runs under `SCHED_FIFO` where that is permitted.
    pub wants_fifo: bool,
}

/// One thing that was measured once.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Its name in lists.
    pub id: String,
    /// It is a time: noise, quotas and emulation concern it.
    pub timed: bool,
    /// What was missing of it.
    pub gaps: Vec<String>,
    /// Why it could not be measured at all.
    pub failure: Option<Failure>,
}

/// Can it be measured?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Can {
    /// As well as the suite can.
    Yes,
    /// In part, or with wider intervals.
    LessPrecisely,
    /// Nothing of it.
    No,
}

/// Why something is not measured as well as it could be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Obstacle {
    /// What is in the way.
    pub why: String,
    /// What would help, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// What the doctor says of a question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prospect {
    /// The question's name, which is also its bench target's.
    pub question: &'static str,
    /// Can it be measured?
    pub can: Can,
    /// If not, or not as well: why.
    pub causes: Vec<Obstacle>,
    /// Ways in which it measures that were tried, and those for which there was no time.
    pub tried: [usize; 2],
}

/// What the doctor says of a machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diagnosis {
    /// The machine in a line.
    pub machine: String,
    /// Half the range of the middle eight tenths of identical batches, over their median; absent
    /// where nothing could be timed.
    pub noise: Option<f64>,
    /// Question by question.
    pub questions: Vec<Prospect>,
    /// What makes figures of this machine less trustworthy, and what would help.
    pub warnings: Vec<String>,
}

impl Diagnosis {
    /// Can something of every question be measured?
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.questions.iter().all(|prospect| prospect.can != Can::No)
    }
}

/// What follows from what was found.
#[must_use]
pub fn diagnose(found: &Examined) -> Diagnosis {
    Diagnosis {
        machine: found.machine.summary.clone(),
        noise: found.noise.as_ref().ok().copied(),
        questions: found.tried.iter().map(|tried| prospect(found, tried)).collect(),
        warnings: found.machine.warnings.clone(),
    }
}

fn prospect(found: &Examined, tried: &Tried) -> Prospect {
    let virtual_time = !found.machine.has_real_time();
    let fails = |trial: &&Trial| trial.failure.is_some() || (virtual_time && trial.timed);
    let failed = tried.trials.iter().filter(fails).count();
    let mut causes = refused(&tried.trials);
    if tried.trials.is_empty() {
        causes.push(Obstacle { why: "nothing of it was tried".to_owned(), remedy: None });
    }
    if tried.trials.iter().any(|trial| trial.timed) {
        causes.extend(disturbed(found));
    }
    if let Some(refused) = found.no_fifo.as_ref().filter(|_| tried.wants_fifo) {
        let why = "under SCHED_OTHER switches vary more, and SCHED_FIFO is refused: ".to_owned();
        causes.push(Obstacle { why: why + &refused.why, remedy: refused.remedy.clone() });
    }
    let can = match (failed, causes.is_empty()) {
        (failed, _) if failed > 0 && failed == tried.trials.len() => Can::No,
        (0, true) => Can::Yes,
        _ => Can::LessPrecisely,
    };
    let ways = [tried.trials.len(), tried.untried];
    Prospect { question: tried.question, can, causes, tried: ways }
}

/// What was tried and could not be, each reason once.
fn refused(trials: &[Trial]) -> Vec<Obstacle> {
    let mut causes: Vec<Obstacle> = Vec::new();
    let mut add = |cause: Obstacle| {
        if !causes.contains(&cause) {
            causes.push(cause);
        }
    };
    for Trial { id, gaps, failure, .. } in trials {
        if let Some(failure) = failure {
            let why = format!("{id}: {}: {}", failure.tried, failure.why);
            add(Obstacle { why, remedy: failure.remedy.clone() });
        }
        gaps.iter().for_each(|gap| add(Obstacle { why: gap.clone(), remedy: None }));
    }
    causes
}

/// What spoils times, whatever is timed.
fn disturbed(found: &Examined) -> Vec<Obstacle> {
    let mut causes = Vec::new();
    let mut add = |why: String, remedy: &str| {
        causes.push(Obstacle { why, remedy: Some(remedy.to_owned()) });
    };
    if !found.machine.has_real_time() {
        let why = "the machine is emulated: its time is not real, and no time gets a verdict";
        add(why.to_owned(), "run it on the machine itself, or in a guest with KVM");
    }
    if let Some(cpus) = found.quota_cpus {
        let why =
            format!("a control group grants {cpus:.2} CPUs: pauses look like slow operations");
        add(why, "raise cpu.max (docker: --cpus)");
    }
    match &found.noise {
        Ok(noise) if *noise > MOST_NOISE => {
            let others = found.others_runnable.filter(|tasks| *tasks > 0);
            let others = others.map_or(String::new(), |tasks| {
                format!(", while {tasks} other tasks wanted to run")
            });
            let why =
                format!("identical work differed by ±{:.0} % just now{others}", noise * 100.0);
            add(why, "stop other programs, or wait until the machine is idle");
        }
        _ => {}
    }
    causes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(timed: bool, failure: Option<Failure>) -> Trial {
        Trial { id: "a/trial".into(), timed, gaps: Vec::new(), failure }
    }

    /// A machine on which everything can be measured, to be spoilt.
    fn sound() -> Examined {
        let question = |question, timed| Tried {
            question,
            trials: vec![trial(timed, None), trial(timed, None)],
            untried: 0,
            wants_fifo: timed,
        };
        Examined {
            machine: Machine::default(),
            no_fifo: None,
            noise: Ok(0.01),
            others_runnable: Some(0),
            quota_cpus: None,
            tried: vec![question("switching", true), question("memory", false)],
        }
    }

    /// What the doctor says of the timed question and of the other.
    fn says(spoil: impl Fn(&mut Examined)) -> [Prospect; 2] {
        let mut found = sound();
        spoil(&mut found);
        diagnose(&found).questions.try_into().unwrap()
    }

    fn can(spoil: impl Fn(&mut Examined)) -> [Can; 2] {
        says(spoil).map(|prospect| prospect.can)
    }

    #[test]
    fn a_sound_machine_measures_everything() {
        assert_eq!(can(|_| ()), [Can::Yes; 2]);
        assert!(says(|_| ()).iter().all(|prospect| prospect.causes.is_empty()));
        assert!(diagnose(&sound()).is_complete());
    }

    #[test]
    fn what_spoils_times_spoils_no_memory() {
        let less = [Can::LessPrecisely, Can::Yes];
        assert_eq!(can(|found| found.noise = Ok(0.08)), less);
        assert_eq!(can(|found| found.noise = Ok(0.05)), [Can::Yes; 2]);
        assert_eq!(can(|found| found.quota_cpus = Some(1.5)), less);
        let refused = || Failure::new("setting SCHED_FIFO", "EPERM").remedy("ulimit -r 10");
        assert_eq!(can(|found| found.no_fifo = Some(refused())), less);
        let [switching, _] = says(|found| found.no_fifo = Some(refused()));
        assert_eq!(switching.causes[0].remedy.as_deref(), Some("ulimit -r 10"));
    }

    #[test]
    fn an_emulated_machine_has_no_times() {
        let emulated = |found: &mut Examined| found.machine.emulated = Some(true);
        assert_eq!(can(emulated), [Can::No, Can::Yes]);
    }

    #[test]
    fn what_fails_in_part_is_less_and_what_fails_as_a_whole_is_no() {
        let fail = |found: &mut Examined, of: usize| {
            let failure = Failure::new("forking", "EAGAIN").remedy("raise ulimit -u");
            let trials = &mut found.tried[1].trials;
            trials.iter_mut().take(of).for_each(|t| t.failure = Some(failure.clone()));
        };
        assert_eq!(can(|found| fail(found, 1)), [Can::Yes, Can::LessPrecisely]);
        assert_eq!(can(|found| fail(found, 2)), [Can::Yes, Can::No]);
        let [_, memory] = says(|found| fail(found, 2));
        assert_eq!(memory.causes.len(), 1, "the same reason once: {memory:?}");
        assert_eq!(memory.causes[0].remedy.as_deref(), Some("raise ulimit -u"));
        let mut found = sound();
        fail(&mut found, 2);
        assert!(!diagnose(&found).is_complete());
    }

    #[test]
    fn what_was_not_tried_is_no_yes() {
        assert_eq!(can(|found| found.tried[1].trials.clear()), [Can::Yes, Can::LessPrecisely]);
    }

    #[test]
    fn what_is_missing_of_a_trial_makes_it_less() {
        let gap = |found: &mut Examined| found.tried[0].trials[0].gaps.push("no cycles".into());
        assert_eq!(can(gap), [Can::LessPrecisely, Can::Yes]);
    }
}
