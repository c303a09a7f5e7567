//! What servers answered, what shots took and what connections keep, in rows for the terminal.

use super::screen::{FOLD, Screen};
use super::words;
use crate::claim::Unit;
use crate::claim::memory::thousands;
use crate::claim::servers::{Blast, Held, Load, Servers};

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
            "Under load: answers per second in a closed loop, and how late 99 % are at a fixed rate",
        );
    }
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
    if let Some(answered) = load.answered_per_s {
        screen.put(FIRST, &Unit::PerSecond.format_interval(answered), None);
    }
    let due = Unit::PerSecond.format(load.due_per_s);
    match load.open_ns {
        [_, Some(p99), _] => {
            let p99 = Unit::Nanoseconds.format_interval(p99);
            screen.put(SECOND, &format!("{p99} at {due}"), None);
        }
        [Some(_), None, _] => screen.put(SECOND, &format!("too few answers at {due}"), None),
        _ => {}
    }
    if load.overrun {
        screen.hanging(FOLD, "did not keep up with the fixed rate");
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
    let back = match blast.recovery_ns {
        Some(ns) => format!("as before after {}", words::time(ns.estimate)),
        None => "not as before within the time".to_owned(),
    };
    let mut said = vec![
        format!("{} of {} connections ended", between(blast.dropped), blast.connections),
        format!("{} requests lost", between(blast.failed)),
    ];
    said.extend(gap.into_iter().chain([back]));
    said.extend((blast.died[0] == 0).then(|| "in some launch no process died".to_owned()));
    said.extend(failure);
    said.join(", ")
}

fn held(held: &Held) -> String {
    let one = held.per_connection_bytes.map(|bytes| Unit::Bytes.format_interval(bytes));
    let most = held.most.map(|(most, bytes)| {
        format!("{} take {}", thousands(f64::from(most)), Unit::Bytes.format(bytes))
    });
    let capped = held.capped.as_ref().map(|why| format!("no more fit: {why}"));
    let failure = held.failure.as_ref().map(ToString::to_string);
    let said: Vec<String> = [one, most, capped, failure].into_iter().flatten().collect();
    if said.is_empty() { "no launch".to_owned() } else { said.join(", ") }
}
