//! What stands beside a fork: the pages written afterwards, other ways to create, workers' memory,
//! a switch among workers.

use super::source::{Source, Until, WHOLE_RUN};
use super::sum::{Absent, Amount, Basis, Sum};
use super::{Answer, ProcessShape, Wishes};
use crate::claim::{ArmEvidence, grouped};
use crate::question::creation::plan::{BILLED_PAGES, SHOWN_FLAT, flat, stamped, writes};
use crate::question::memory::evidence::Memory;
use crate::question::memory::plan::{forks_of_big, units};
use crate::question::tlb::plan::{
    ACTORS, Comparison, FEW_ACTORS, FULL_ACTORS, FULL_PAGES, PAGES, id,
};
use crate::record::{Cell, Id, Stop};
use crate::stats::Interval;
use serde::Serialize;

const MEBIBYTE: f64 = 1048576.0;

/// A figure beside the fork, nanoseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Beside {
    /// What it is of.
    pub name: String,
    /// What the caller waits for; none where only the whole is known.
    pub call_ns: Option<Answer>,
    /// The whole.
    pub total_ns: Answer,
}

/// Memory that idle workers keep, kernel memory included; bytes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkerMemory {
    /// A thread, or a forked process.
    pub kind: &'static str,
    /// How many.
    pub workers: u32,
    /// One of them.
    pub each_bytes: Answer,
    /// All of them.
    pub all_bytes: Answer,
}

/// A switch among workers on one core, each of which reads some pages per turn; nanoseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Switch {
    /// Workers that take turns.
    pub actors: u32,
    /// Pages that each reads.
    pub pages: u32,
    /// Among threads.
    pub thread_ns: Answer,
    /// Among processes.
    pub process_ns: Answer,
}

/// The pages that are written after a fork, and other ways to create.
pub(super) fn beside(process: &ProcessShape, wishes: &Wishes, source: &Source) -> Vec<Beside> {
    let [meanwhile, _] = writes();
    let page = |name: &str, id: &Id| written(name, id, wishes.writes, process, source);
    let mut all = page("child runs", &meanwhile);
    all.extend(page("child left", &stamped("process/fork")));
    let ways = [
        ("posix_spawn, tiny program", "process/spawn-tiny"),
        ("vfork and exec of it", "process/vfork-exec-tiny"),
        ("vfork, exit at once", "clone/vm-vfork"),
        ("thread (pthread_create)", "thread/pthread"),
    ];
    all.extend(ways.map(|(name, primitive)| {
        let figure = |until: Until| {
            let found = source.figure(&stamped(primitive), |arm| until.of(arm));
            Answer::of_whole(&found.map(|sum| sum.on(flatness(process, source))))
        };
        let call_ns = Some(figure(Until::Returned));
        Beside { name: name.to_owned(), call_ns, total_ns: figure(Until::Reaped) }
    }));
    all
}

/// The cost of a page that the creator writes after a fork, and of as many as are asked for.
fn written(
    when: &str,
    id: &Id,
    pages: u64,
    process: &ProcessShape,
    source: &Source,
) -> Vec<Beside> {
    let found = match process.huge_bytes > process.base_bytes {
        false => source.figure(id, |arm| arm.bill_ns_per_page),
        true => Err(Absent::for_good(
            "a run writes base pages after a fork, and most of this memory is in huge pages: \
             no run measures that",
        )),
    };
    let beside = |name: String, found: &Result<Sum, Absent>| Beside {
        name,
        call_ns: None,
        total_ns: Answer::of_whole(found),
    };
    let mut all = vec![beside(format!("a page written, {when}"), &found)];
    if pages > 0 {
        let basis = match pages <= u64::from(BILLED_PAGES) {
            true => Basis::Interpolated,
            false => Basis::Extrapolated,
        };
        let whole = found.map(|page| page.times(pages as f64).on(basis));
        let name = match pages {
            1 => format!("1 page, {when}"),
            _ => format!("{} pages, {when}", grouped(pages.to_string())),
        };
        all.push(beside(name, &whole));
    }
    all
}

/// What shares its creator's memory was measured in a small parent, and one of its kind in a big
/// one too: beyond that it is an extrapolation.
fn flatness(process: &ProcessShape, source: &Source) -> Basis {
    let mib = process.private_bytes() as f64 / MEBIBYTE;
    let measured = |at: u32| source.evidence(&flat(SHOWN_FLAT, at)).is_ok();
    let reach = [1024, 64].into_iter().find(|at| measured(*at)).map_or(1.0, f64::from);
    if mib <= reach { Basis::Interpolated } else { Basis::Extrapolated }
}

/// What idle workers keep.
pub(super) fn memory(
    process: &ProcessShape,
    wishes: &Wishes,
    source: &Source,
) -> Vec<WorkerMemory> {
    let memory = Memory::of(source.record);
    let of = |kind: &'static str, each: Result<(Sum, u32), Absent>| {
        let all = each.clone().map(|(sum, most)| {
            let within = wishes.workers <= most;
            let basis = if within { Basis::Interpolated } else { Basis::Extrapolated };
            sum.times(f64::from(wishes.workers)).on(basis)
        });
        let each = each.map(|(sum, _)| sum);
        let (each_bytes, all_bytes) = (Answer::of_whole(&each), Answer::of_whole(&all));
        WorkerMemory { kind, workers: wishes.workers, each_bytes, all_bytes }
    };
    let unit = |id: Id| -> Result<(Sum, u32, f64), Absent> {
        let found = memory.unit(&id).ok_or_else(|| {
            match memory.missing.iter().find(|(known, _)| *known == id) {
                Some((id, why)) => Absent::for_good(format!("{id}: {why}")),
                None => Absent::new(format!("the run has no {id}"), WHOLE_RUN),
            }
        })?;
        Ok((Sum::of(&id, found.total_bytes), found.units, found.parent.mebibytes() as f64))
    };
    let forked = || {
        let ((small, most, _), (big, _, at_mib)) = (unit(units("fork"))?, unit(forks_of_big())?);
        let share = process.base_bytes as f64 / MEBIBYTE / at_mib;
        let basis = match share <= 1.0 {
            true => Basis::Interpolated,
            false => Basis::Extrapolated,
        };
        Ok((small.times(1.0 - share).plus(&big.times(share)).on(basis), most))
    };
    let threads = unit(units("thread")).map(|(sum, most, _)| (sum, most));
    vec![of("thread", threads), of("process", forked())]
}

/// A switch, where the grid has just this one.
pub(super) fn switch(wishes: &Wishes, source: &Source) -> Switch {
    let Wishes { actors, pages, .. } = *wishes;
    let of = |read: fn(&crate::claim::Evidence) -> &ArmEvidence| match source.evidence(&id(
        Comparison::Switch,
        actors,
        pages,
    )) {
        Ok(found) => per_switch(read(found)),
        Err(absent) => Answer::NotMeasured(off_grid(actors, pages, absent, source)),
    };
    Switch { actors, pages, thread_ns: of(|found| &found.a), process_ns: of(|found| &found.b) }
}

/// Why a point has no figure: no run has it, only a run of the full grid, or this run has not.
fn off_grid(actors: u32, pages: u32, absent: Absent, source: &Source) -> Absent {
    let known = grid(source);
    if is_planned(actors, pages) {
        return Absent { why: format!("{}; it has {known}", absent.why), ..absent };
    }
    if FULL_ACTORS.contains(&actors) && (pages == 0 || FULL_PAGES.contains(&pages)) {
        let why = format!("{}: the full grid alone has it; the run has {known}", absent.why);
        return Absent::new(why, format!("PROCESS_VS_THREAD_FULL=1 {WHOLE_RUN}"));
    }
    let (least, most) = (FULL_ACTORS.start(), FULL_ACTORS.end());
    let sizes = FULL_PAGES.map(|pages| grouped(pages.to_string())).join(", ");
    Absent::for_good(format!(
        "beyond the grid of the suite: at its fullest {least} to {most} workers with 0, {sizes} \
         pages each; the run has {known}"
    ))
}

/// Does every whole run measure a switch among so many workers that read so many pages?
fn is_planned(actors: u32, pages: u32) -> bool {
    (pages == 0 && ACTORS.contains(&actors))
        || (PAGES.contains(&pages) && FEW_ACTORS.contains(&actors))
}

fn per_switch(arm: &ArmEvidence) -> Answer {
    let figure = arm.time_ns.zip(arm.switches_per_op.filter(|switches| *switches > 0.0));
    let figure = figure.map(|(ns, switches): (Interval, f64)| ns.map(|ns| ns / switches));
    match figure {
        Some(Interval { estimate, low, high }) => {
            let figure = Interval { estimate, low: low.max(0.0), high };
            Answer::Predicted(Amount::of(figure, Basis::Measured))
        }
        None => Answer::NotMeasured(Absent::new("no switch was counted", WHOLE_RUN)),
    }
}

/// The points of the grid that the run has.
fn grid(source: &Source) -> String {
    let whole = |cell: &&Cell| !matches!(cell.stop, Stop::Failed(_)) && cell.a.actors > 0;
    let cells = source.record.cells.iter().filter(whole);
    let cells = cells.filter(|cell| cell.id == id(Comparison::Switch, cell.a.actors, cell.a.pages));
    let mut points: Vec<(u32, u32)> = cells.map(|cell| (cell.a.pages, cell.a.actors)).collect();
    points.sort_unstable();
    points.dedup();
    let rows = points.chunk_by(|one, next| one.0 == next.0).map(|row| {
        let actors: Vec<String> = row.iter().map(|(_, actors)| actors.to_string()).collect();
        format!("{} pages among {}", row[0].0, actors.join(", "))
    });
    let rows: Vec<String> = rows.collect();
    if rows.is_empty() { "none at all".to_owned() } else { rows.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Grid;
    use crate::question::creation::plan::{
        Axis, RESTED, STALLS, rested, rested_at, stalled, sweep, way,
    };
    use crate::question::memory::plan::keepings;
    use crate::question::{experiments, tlb};
    use crate::record::Policy;
    use std::collections::BTreeSet;

    fn planned(grid: Grid) -> BTreeSet<Id> {
        experiments(Policy::Fifo, grid).into_iter().map(|experiment| experiment.id).collect()
    }

    #[test]
    fn a_point_is_said_to_be_in_a_grid_where_that_grid_has_it() {
        let [whole, full] = [Grid::Default, Grid::Full].map(planned);
        for actors in 1..=14 {
            for pages in [0, 4, 16, 48, 64, 1_024, 4_096] {
                let id = tlb::plan::id(Comparison::Switch, actors, pages);
                assert_eq!(is_planned(actors, pages), whole.contains(&id), "{id}");
                let in_full =
                    FULL_ACTORS.contains(&actors) && (pages == 0 || FULL_PAGES.contains(&pages));
                assert_eq!(in_full, full.contains(&id), "{id}");
            }
        }
    }

    #[test]
    fn a_whole_run_measures_all_that_is_predicted_by() {
        let planned = planned(Grid::Default);
        let mut ids = vec![rested(), way("fork", 0), flat(SHOWN_FLAT, 1_024)];
        ids.extend(writes().into_iter().take(1));
        let ways = ["process/fork", "process/spawn-tiny", "process/vfork-exec-tiny"];
        ids.extend(ways.into_iter().chain(["clone/vm-vfork", "thread/pthread"]).map(stamped));
        let points = |axes: &[(Axis, &[u32])], id: fn(Axis, u32) -> Id| -> Vec<Id> {
            let axes = axes.iter().flat_map(|(axis, at)| at.iter().map(|at| (*axis, *at)));
            axes.map(|(axis, at)| id(axis, at)).collect()
        };
        ids.extend(points(&STALLS, stalled));
        ids.extend(points(&RESTED, rested_at));
        ids.extend(points(&[(Axis::Threads, Axis::Threads.points())], sweep));
        let missing: Vec<&Id> = ids.iter().filter(|id| !planned.contains(id)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        let kept: Vec<Id> = keepings().into_iter().map(|keeping| keeping.id).collect();
        for id in [units("thread"), units("fork"), forks_of_big()] {
            assert!(kept.contains(&id), "{id}");
        }
    }
}
