//! Are two builds of the lab as fast? Pairs the programs A and B by the same primitives and prints
//! the ratio of times, B's over A's, with its 95 % interval: a build before and after a change, or
//! a shared, a static and a musl one.
//!
//! Run it on an idle machine: `cargo run --release --example labs -- A B PRIMITIVE...`.

use process_vs_thread::claim::{Evidence, Unit, held};
use process_vs_thread::lab::{Program, locate};
use process_vs_thread::machine;
use process_vs_thread::plan::{Experiment, Role};
use process_vs_thread::question;
use process_vs_thread::question::arm;
use process_vs_thread::question::creation::plan::CREATION;
use process_vs_thread::question::switching::plan::SWITCHING;
use process_vs_thread::record::{Failure, Family, Result, Row, Stop};
use process_vs_thread::sampler::{Bench, Budget, Job, Pairing, Until, rounds};

fn main() -> Result<()> {
    let mut given = std::env::args_os().skip(1);
    let (Some(a), Some(b)) = (given.next(), given.next()) else {
        return Err(Failure::new("reading the arguments", "two programs are to be named")
            .remedy("cargo run --release --example labs -- A B process/fork thread/pthread"));
    };
    let programs = [a, b].map(|path| Program { path: path.into(), arguments: Vec::new() });
    let cores = machine::placement()?;
    let lab = locate(None)?;
    let bench =
        Bench { reaper: lab.reaper(), lab, cores, budget: Budget::FULL, until: Until::default() };
    let pairing = |named: std::ffi::OsString| -> Box<dyn Job> {
        let arm = arm(&named.to_string_lossy());
        let creates = question::primitive(&arm.primitive).is_ok_and(|entry| entry.work.creates());
        let protocol = if creates { CREATION } else { SWITCHING };
        let builds = Family { question: "", name: "builds", prefix: "labs" };
        let id = builds.named(&arm.primitive);
        // As exactly as what decides, though both arms are one.
        let experiment = Experiment::new(id, protocol, arm.clone(), arm).needed_by(Role::Stated);
        Box::new(Pairing::new(experiment, programs.clone(), bench.budget))
    };
    for row in rounds(given.map(pairing).collect(), &bench, &mut |_| {}) {
        let Row::Cell(cell) = row else { continue };
        if let Stop::Failed(failure) = cell.stop {
            println!("{:20} {failure}", cell.id);
            continue;
        }
        let evidence = Evidence::of(&cell, None);
        let ratio = evidence.ratio.map_or("-".to_owned(), |r| Unit::Times.format_interval(r));
        let states =
            [&evidence.a, &evidence.b].map(|arm| arm.lab.as_ref().map_or_else(String::new, held));
        println!("{:20} {ratio:24} in {}", cell.id, states.join(" and "));
    }
    Ok(())
}
