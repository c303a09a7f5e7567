//! What servers answered, what shots took and what connections keep, in rows for the terminal.

use super::screen::{FOLD, Screen};
use super::words;
use crate::claim::Unit;
use crate::question::memory::evidence::thousands;
use crate::question::servers::evidence::{Blast, Held, Load, Servers};
use crate::record::Shape;

/// Where a server's name begins.
const NAME: usize = 6;
/// Where its first figure begins.
const FIRST: usize = 30;
/// Where its second figure begins.
const SECOND: usize = 56;

/// The rows, under a heading for each kind that there is.
pub(super) fn rows(screen: &mut Screen, servers: &Servers) {
    if !servers.loads.is_empty() {
        screen.line("");
        screen.fold(
            0,
            "Under load: answers per second in a closed loop, and how late 99 % are at a fixed \
             rate",
        );
    }
    shared_cpu(screen, servers.loads.iter().map(|load| load.shape));
    let mut last = None;
    for load in &servers.loads {
        let at = (load.connections, load.pages);
        if last != Some(at) {
            screen.line(&format!("    {}", condition(load)));
            last = Some(at);
        }
        self::load(screen, load);
    }
    if !servers.blasts.is_empty() {
        screen.line("");
        screen.fold(0, "A worker shot under load: what the others lose");
        shared_cpu(screen, servers.blasts.iter().map(|blast| blast.shape));
        servers.blasts.iter().for_each(|blast| {
            screen
                .hanging(NAME, &format!("{}: {}", words::server(blast.shape), self::blast(blast)));
        });
    }
    if !servers.held.is_empty() {
        screen.line("");
        screen.fold(0, "Memory of an idle connection");
        servers.held.iter().for_each(|held| {
            screen.hanging(NAME, &format!("{}: {}", words::server(held.shape), self::held(held)));
        });
    }
}

/// On what the loops per CPU run, where there are any.
fn shared_cpu(screen: &mut Screen, mut shapes: impl Iterator<Item = Shape>) {
    if shapes.any(|shape| shape == Shape::EpollPerCore) {
        let name = words::server(Shape::EpollPerCore);
        screen
            .hanging(4, &format!("{name}: an event loop on each CPU, one shared with the client"));
    }
}

fn condition(load: &Load) -> String {
    let connections = words::plural(load.connections as usize, "connection");
    match load.pages {
        0 => connections,
        pages => format!("{connections}, {pages} pages touched"),
    }
}

fn load(screen: &mut Screen, load: &Load) {
    screen.line("");
    screen.put(NAME, words::server(load.shape), None);
    let answered = load.answered_per_s.map(|per_s| Unit::PerSecond.format_interval(per_s));
    screen.put(FIRST, answered.as_deref().unwrap_or("too few launches"), None);
    let [_, p99, _] = load.open_ns;
    let p99 = p99.map_or_else(|why| why.to_string(), |ns| Unit::Nanoseconds.format_interval(ns));
    match load.due_per_s > 0.0 {
        true => {
            let due = Unit::PerSecond.format(load.due_per_s);
            screen.put(SECOND, &format!("{p99} at {due}"), None);
        }
        false => screen.put(SECOND, &p99, None),
    }
    if load.overrun {
        let (failed, unsent) = (load.failed[1], load.unsent);
        let lost = match failed + unsent > 0 {
            true => format!(": {failed} requests not answered, {unsent} never sent"),
            false => ": its last answers came late".to_owned(),
        };
        screen.hanging(FOLD, &format!("did not keep up with the fixed rate{lost}"));
    }
    if load.failed[0] > 0 {
        screen.hanging(FOLD, &format!("{} requests of the closed loop failed", load.failed[0]));
    }
    if load.client_is_the_limit() {
        screen.hanging(FOLD, "the client was the limit of the closed loop");
    }
    if let Some(failure) = &load.failure {
        screen.hanging(FOLD, &failure.to_string());
    }
}

fn blast(blast: &Blast) -> String {
    let failure = blast.failure.as_ref().map(ToString::to_string);
    if blast.launches == 0 {
        return failure.unwrap_or_else(|| "no launch".to_owned());
    }
    let between = |[fewest, _, most]: [u64; 3]| match fewest == most {
        true => fewest.to_string(),
        false => format!("{fewest} to {most}"),
    };
    let gap = blast.gap_ns.map(|ns| format!("{} without an answer", words::time(ns.estimate)));
    let launches = blast.launches;
    let back = match (blast.recovery_ns, blast.unrecovered) {
        (_, missed) if missed == launches => "not as before within the time".to_owned(),
        (Some(ns), 0) if ns.high == 0.0 => "no dip".to_owned(),
        (Some(ns), 0) => format!("as before after {}", words::time(ns.estimate)),
        (Some(ns), missed) => format!(
            "as before after {}, in {missed} of {launches} launches not",
            words::time(ns.estimate)
        ),
        (None, missed) => {
            format!("in {missed} of {launches} launches not as before within the time")
        }
    };
    let noise = (blast.noisy > 0).then(|| {
        format!("a dip without a shot in {} of {launches} launches: others' noise", blast.noisy)
    });
    let mut said = vec![
        format!("{} of {} connections ended", between(blast.dropped), blast.connections),
        format!("{} requests lost", between(blast.failed)),
    ];
    said.extend(gap.into_iter().chain([back]).chain(noise));
    said.extend((blast.died[0] == 0).then(|| "in some launch no process died".to_owned()));
    said.extend(failure);
    said.join(", ")
}

fn held(held: &Held) -> String {
    let one = held.per_connection_bytes.map(|bytes| Unit::Bytes.format_interval(bytes));
    let most = held.most.map(|(most, bytes)| {
        format!("{} take {}", thousands(f64::from(most)), Unit::Bytes.format(bytes))
    });
    let capped = held.capped.as_ref().map(|why| format!("no more were tried: {why}"));
    let failures = held.failures.iter().map(ToString::to_string);
    let said: Vec<String> = [one, most, capped].into_iter().flatten().chain(failures).collect();
    if said.is_empty() { "no launch".to_owned() } else { said.join(", ") }
}
