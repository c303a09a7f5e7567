//! Shots: a worker dies under load, in several launches.

use super::pairs::seed;
use super::sides::Sides;
use super::{Bench, Budget};
use crate::lab::ServerLab;
use crate::load::Shot;
use crate::plan::servers::Shooting;
use crate::record::{Crash, CrashLaunch, Result};

/// Long enough before that the load is steady, and after that a server which starts anew serves again.
const SHOT: Shot = Shot { before_ns: 120_000_000, after_ns: 200_000_000, bin_ns: 5_000_000 };

/// Launches of each shot within this budget.
#[must_use]
pub fn launches_of_shots(budget: Budget) -> usize {
    match budget {
        Budget::TEST => 1,
        Budget::QUICK => 3,
        _ => 5,
    }
}

/// Shoots a worker of each server in rounds: one launch of each, then the next of each.
///
/// A failure ends its crash, not the run. `progress` hears before each launch which shooting it is of.
pub fn shoot(
    bench: &Bench,
    shootings: &[Shooting],
    progress: &mut dyn FnMut(&Shooting),
) -> Vec<Crash> {
    let crash = |shooting: &Shooting| Crash {
        id: shooting.id.clone(),
        shape: shooting.shape,
        connections: shooting.connections,
        launches: Vec::new(),
        seed: seed(&shooting.id),
        failure: None,
    };
    let mut crashes: Vec<Crash> = shootings.iter().map(crash).collect();
    for _ in 0..launches_of_shots(bench.budget) {
        for (shooting, crash) in shootings.iter().zip(&mut crashes) {
            if crash.failure.is_none() {
                progress(shooting);
                match launch(bench, shooting) {
                    Ok(launch) => crash.launches.push(launch),
                    Err(failure) => crash.failure = Some(failure),
                }
            }
        }
    }
    crashes
}

fn launch(bench: &Bench, shooting: &Shooting) -> Result<CrashLaunch> {
    let sides = Sides::apart(&bench.cores, &shooting.id)?;
    // The shooter has a connection too.
    let mut spec = sides.serve(&bench.cores, shooting.shape, shooting.connections + 1);
    spec.settings.crashable = true;
    let server = ServerLab::launch(&bench.lab, &spec)?;
    let mut client = sides.client(bench, &server, shooting.connections)?;
    let shot = client.shoot(&SHOT)?;
    Ok(CrashLaunch { pids: [server.pid(), client.pid()], ..shot })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_has_the_launches_that_it_needs() {
        let launches = [Budget::TEST, Budget::QUICK, Budget::FULL].map(launches_of_shots);
        assert_eq!(launches, [1, 3, 5]);
    }
}
