//! `run`: measure, judge, write.

use super::named::{self, CpuList};
use super::{Ending, compare};
use process_vs_thread::output;
use process_vs_thread::record::{self, Cut, Failure, Record, Result};
use process_vs_thread::run::{self, Planned, Reports, Session, Setting, Until, Wanted, Watch};
use process_vs_thread::variables;
use std::path::{Path, PathBuf};
use std::time::Duration;

const EXAMPLES: &str = "\
PROCESS_VS_THREAD_FULL=1 in the environment measures the full grids, as --full does.

Examples:
  process-vs-thread run --quick             the headlines, in about a minute
  process-vs-thread run                     everything, in about five minutes
  process-vs-thread run A3 B1               what decides two claims
  process-vs-thread run tlb                 what the bench target `tlb` measures
  process-vs-thread run creation/fork --name before-the-update
  process-vs-thread run --time 90s          what fits; what decides claims comes first
  process-vs-thread run --baseline kept     everything, compared with another run
  process-vs-thread run --resume            what the last run, cut short, still lacks

Ctrl-C, SIGTERM and --time end a run with a report of what was measured until then, marked so.
Exit status: 0; 3 where no claim of the run could be decided, or nothing measured; 130 after Ctrl-C.
";

/// Measure, judge and write a report (`cargo bench` without Criterion's benchmarks)
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Measure these only: claims (A3), benches (tlb), measurements or primitives (see `list`)
    #[arg(value_name = "CLAIM|BENCH", value_parser = named::measurable, conflicts_with = "only")]
    names: Vec<String>,
    /// Measure the headline claims only, in about a minute; the report is marked as quick
    #[arg(long, conflicts_with = "full")]
    quick: bool,
    /// Measure the full TLB and connection grids (several times as long)
    #[arg(long)]
    full: bool,
    /// Suffix for the report directory (letters, digits, dots, dashes, underscores)
    #[arg(long, value_name = "NAME", alias = "label", value_parser = named::label)]
    name: Option<String>,
    /// Report directory [default: $PROCESS_VS_THREAD_OUT, else reports]; - writes only the record,
    /// to standard output
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// End when this time is up (90s, 10m) and the launch under way is over, with what was measured
    #[arg(long, value_name = "TIME", value_parser = named::time)]
    time: Option<Duration>,
    /// Go on with a run that was cut short [default: last]: a new run, which measures what it lacks
    #[arg(
        long,
        value_name = "RUN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = named::LAST
    )]
    resume: Option<String>,
    /// Afterwards, compare with this run
    #[arg(long, value_name = "RUN", conflicts_with_all = ["quiet", "jsonl"])]
    baseline: Option<String>,
    /// Measure on these CPUs only (0,2-3); what needs one CPU runs on the last of them
    #[arg(long, value_name = "LIST", value_parser = named::cpus)]
    cpu: Option<CpuList>,
    /// Print the record's path and nothing else
    #[arg(long, short)]
    quiet: bool,
    /// Print launches and rows as they come, a line of JSON each
    #[arg(long, conflicts_with = "quiet")]
    jsonl: bool,
    /// Measure only claims and benchmarks whose id matches
    #[arg(long, value_name = "REGEX", value_parser = named::filter, hide = true)]
    only: Option<String>,
}

/// Measures what is wanted and writes a report, or the record alone to standard output.
pub(crate) fn run(args: Args) -> Result<Ending> {
    // What was meant cannot be told: a usage error.
    if let Err(usage) = variables::full() {
        output::say(&format!("process-vs-thread: {usage}"));
        return Ok(Ending::Usage);
    }
    let until = Until::asked();
    if let Some(CpuList(cpus)) = &args.cpu {
        process_vs_thread::machine::stay_on(cpus)?;
    }
    let resumed = args.resume.as_deref().map(run::find).transpose()?;
    let earlier = resumed.as_deref().map(record::read).transpose()?;
    // What is not there is said before minutes of measuring.
    let baseline = args.baseline.as_deref().map(run::find).transpose()?;
    let only_record = args.out.as_deref() == Some(Path::new("-"));
    let watch = args.watch();
    let filter = args.filter();
    let beside = resumed.as_deref().zip(earlier.as_ref()).and_then(|(file, run)| home(file, run));
    let reports = Reports::at(args.out.clone().or(beside));
    if !only_record {
        reports.prepare(!args.quick && filter.is_none())?;
    }
    let mut session = Session::begin(&Setting {
        target: "run".to_owned(),
        quick: args.quick,
        full: args.full,
        test: false,
        short: false,
        goes_on: false,
        label: args.name.clone(),
        filter: filter.clone(),
        lab: None,
        until,
        time: args.time,
        watch,
    })?;
    if !only_record && watch == Watch::Status {
        output::show(&run::facts(&session.record().machine, run::screen().0));
    }
    if let Some(earlier) = earlier {
        session.go_on_with(earlier)?;
    }
    let planned = planned(&session, &args.wanted()?, filter.as_deref())?;
    session.check_instruments();
    measure(&mut session, planned, args.time.is_some());
    let mut record = session.finish();
    if only_record {
        send(&mut record)?;
    } else {
        let file = run::conclude(&reports, &mut record, watch)?;
        if let Some(baseline) = baseline {
            compare::with(&[baseline, file])?;
        }
    }
    ending(&record)
}

/// The folder of runs that a run lies in, where it lies in a folder of its name: what goes on with
/// it comes beside it.
fn home(file: &Path, run: &Record) -> Option<PathBuf> {
    let folder = file.canonicalize().ok()?.parent()?.to_path_buf();
    let own = folder.file_name().is_some_and(|name| name.to_string_lossy() == run.run.id);
    own.then(|| folder.parent().map(Path::to_path_buf)).flatten()
}

/// What the record lacks. In a given time, what decides claims comes first.
fn measure(session: &mut Session, mut planned: Vec<Planned>, hurried: bool) {
    let budget = session.bench().budget;
    planned.retain(|one| !one.is_in(session.record(), budget));
    let (first, rest): (Vec<Planned>, Vec<Planned>) =
        planned.into_iter().partition(|one| !hurried || one.is_headline());
    session.measure_in_turn(&[&first, &rest]);
}

fn ending(record: &Record) -> Result<Ending> {
    if let Some(cut) = record.run.cut.filter(|cut| *cut != Cut::TimeUp) {
        return Ok(Ending::Cut(cut));
    }
    let in_time = record.run.cut.is_none();
    match run::empty_handed(record).or_else(|| run::undecided(record).filter(|_| in_time)) {
        None => Ok(Ending::Done),
        Some(failure) => {
            output::say(&format!("process-vs-thread: {failure}"));
            Ok(Ending::NothingJudged)
        }
    }
}

impl Args {
    /// What was asked for, for the record.
    fn filter(&self) -> Option<String> {
        match self.names.as_slice() {
            [] => self.only.clone(),
            names => Some(names.join(" ")),
        }
    }

    fn watch(&self) -> Watch {
        match (self.quiet, self.jsonl) {
            (true, _) => Watch::Quiet,
            (_, true) => Watch::Lines,
            _ => Watch::Status,
        }
    }

    fn wanted(&self) -> Result<Wanted> {
        match self.names.as_slice() {
            [] => Wanted::matching(self.only.as_deref()),
            names => Ok(Wanted::Named(names.to_vec())),
        }
    }
}

/// Writes the record to standard output. Its reader has none of it unless it has all.
fn send(record: &mut Record) -> Result<()> {
    let text = serde_json::to_string(record)
        .map_err(|e| Failure::new("writing the record", e.to_string()))?;
    output::send((text + "\n").as_bytes()).map_err(|failure| run::rescued(failure, record))
}

/// What is selected: something, or there is nothing to do.
fn planned(session: &Session, wanted: &Wanted, filter: Option<&str>) -> Result<Vec<Planned>> {
    let planned = session.planned(wanted);
    match (planned.is_empty(), filter) {
        (true, Some(text)) => {
            Err(Failure::new("selecting benchmarks", format!("no id matches '{text}'"))
                .remedy("`process-vs-thread list` shows all names"))
        }
        _ => Ok(planned),
    }
}
