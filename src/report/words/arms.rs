//! What an arm is in words: who acts, and under which conditions.

use super::{bytes, plural};
use crate::plan::{self, Question, servers};
use crate::record::{Actor, Arm, Parent, Shape};

/// A shape of server for people.
pub(in crate::report) fn server(shape: Shape) -> &'static str {
    match shape {
        Shape::Prefork => "prefork processes",
        Shape::ThreadPool => "thread pool",
        Shape::ThreadPerConnection => "thread per connection",
        Shape::Epoll => "one event loop",
        Shape::EpollPerCore => "event loop per CPU",
    }
}

/// The actors of which a server of this shape has many; an event loop is alone.
pub(in crate::report) fn serves(shape: Shape) -> Actor {
    match shape {
        Shape::Prefork => Actor::Process,
        Shape::ThreadPool | Shape::ThreadPerConnection => Actor::Thread,
        Shape::Epoll | Shape::EpollPerCore => Actor::Alone,
    }
}

/// The actor that a primitive creates or switches to, as its id says.
pub(in crate::report) fn actor(primitive: &str) -> Actor {
    if let Some(shape) = servers::served(&Arm::new(primitive)) {
        return serves(shape);
    }
    if primitive.ends_with("vm-process") || primitive.starts_with("clone/vm") {
        return Actor::VmProcess;
    }
    if primitive.starts_with("clone/") && primitive != "clone/thread" {
        return Actor::Process;
    }
    match primitive.split(['/', '-']).find_map(|part| match part {
        "thread" | "threads" => Some(Actor::Thread),
        "process" | "processes" | "prefork" => Some(Actor::Process),
        _ => None,
    }) {
        Some(actor) => actor,
        None => Actor::Alone,
    }
}

/// Does an operation hand over to a partner and back? Only then does a figure per switch say
/// something: a created actor's last switch is booked differently for threads and processes.
pub(in crate::report) fn hands_over(primitive: &str) -> bool {
    let serves = servers::served(&Arm::new(primitive)).is_some();
    !creates(primitive) && !serves && actor(primitive) != Actor::Alone
}

/// Does an operation create an actor?
pub(in crate::report) fn creates(primitive: &str) -> bool {
    plan::benches(Question::Creation).iter().any(|arm| arm.primitive == primitive)
}

/// The conditions of an arm that differ from the plainest: its own number of actors, one core,
/// `SCHED_OTHER`, a small lab, no pages touched, each line naming the next, base pages.
pub(in crate::report) fn conditions(arm: &Arm) -> Vec<String> {
    let plain = Arm::new(&arm.primitive);
    let actor = if servers::served(arm).is_some() { "connection" } else { "actor" };
    [
        (arm.actors != plain.actors)
            .then(|| plural(arm.actors as usize, actor).replace(' ', "\u{a0}")),
        (arm.parent != plain.parent).then(|| held(&arm.parent)),
        (arm.pages != plain.pages).then(|| format!("{}\u{a0}pages", arm.pages)),
        (arm.order != plain.order).then(|| "independent".to_owned()),
        (arm.huge != plain.huge).then(|| "huge\u{a0}pages".to_owned()),
        (arm.stamped != plain.stamped).then(|| "stamped".to_owned()),
        (arm.amount != plain.amount).then(|| amount(arm)),
        (arm.placement != plain.placement).then(|| arm.placement.to_string()),
        (arm.policy != plain.policy).then(|| arm.policy.to_string()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The length of a message, or the turns of a worker's loop.
fn amount(arm: &Arm) -> String {
    let words = match arm.primitive.starts_with("stream/") {
        true => bytes(arm.amount),
        false => plural(arm.amount as usize, "turn"),
    };
    words.replace(' ', "\u{a0}")
}

/// What a lab holds besides its own.
pub(in crate::report) fn held(parent: &Parent) -> String {
    let memory = format!("{}\u{a0}MiB", parent.mebibytes());
    let pages = if parent.huge { "\u{a0}in\u{a0}huge\u{a0}pages" } else { "" };
    let number = |count: u32, what: &str| {
        (count > 0).then(|| plural(count as usize, what).replace(' ', "\u{a0}"))
    };
    let held = [
        (parent.memory_bytes > 0).then(|| memory + pages),
        number(parent.mappings, "mapping"),
        number(parent.descriptors, "descriptor"),
        number(parent.threads, "idle thread"),
    ];
    held.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Order, Placement};

    #[test]
    fn only_a_partner_gives_figures_per_switch() {
        for alone in [
            "thread/pthread",
            "process/fork-exec-tiny",
            "baseline/null",
            "pipe/alone",
            "flush/whole",
            "flush/eight-pages",
            "request/prefork",
            "connection/thread-per-connection",
        ] {
            assert!(!hands_over(alone), "{alone}");
        }
        for pair in ["pipe/thread", "futex/process", "condvar/thread-shared", "ring/vm-process"] {
            assert!(hands_over(pair), "{pair}");
        }
    }

    #[test]
    fn a_condition_is_said_where_it_is_not_the_plain_one() {
        let plain = Arm::new("pipe/thread");
        assert_eq!(conditions(&plain), Vec::<String>::new());
        let bent = plain.at(Placement::Free).in_parent(Parent::of_mib(64)).touching(16);
        assert_eq!(conditions(&bent), ["64\u{a0}MiB", "16\u{a0}pages", "free"]);
        let ring = Arm::new("ring/process").among(5).touching(16);
        let walked = ring.reading(Order::Independent).in_huge_pages();
        let said = ["5\u{a0}actors", "16\u{a0}pages", "independent", "huge\u{a0}pages"];
        assert_eq!(conditions(&walked), said);
        assert_eq!(conditions(&Arm::new("ring/thread").among(1)), ["1\u{a0}actor"]);
        assert_eq!(conditions(&Arm::new("stream/pipe-thread").of(1 << 20)), ["1.00\u{a0}MiB"]);
        assert_eq!(conditions(&Arm::new("drill/threads").of(1_000)), ["1000\u{a0}turns"]);
        let huge = Parent { threads: 10, ..Parent::of_huge_mib(256) };
        let fork = Arm::new("process/fork").in_parent(huge).stamped();
        let said = "256\u{a0}MiB\u{a0}in\u{a0}huge\u{a0}pages, 10\u{a0}idle\u{a0}threads";
        assert_eq!(conditions(&fork), [said, "stamped"]);
        let request = servers::kept(Shape::Epoll, 32);
        assert_eq!(conditions(&request), ["32\u{a0}connections", "two-cores"]);
    }

    #[test]
    fn every_kind_of_ring_has_the_actor_that_takes_turns_in_it() {
        let of = |name: &str| actor(&format!("ring/{name}"));
        assert_eq!((of("thread"), of("alias-thread")), (Actor::Thread, Actor::Thread));
        assert_eq!((of("process"), of("vm-process")), (Actor::Process, Actor::VmProcess));
        assert_eq!(actor("flush/untouched"), Actor::Alone);
        let served = Shape::ALL.map(|shape| actor(&format!("request/{shape}")));
        let [processes, threads, alone] = [Actor::Process, Actor::Thread, Actor::Alone];
        assert_eq!(served, [processes, threads, threads, alone, alone]);
    }

    #[test]
    fn a_server_has_the_hue_of_who_serves_a_connection() {
        for family in ["request", "connection"] {
            let of = |shape: &str| actor(&format!("{family}/{shape}"));
            assert_eq!(of("prefork"), Actor::Process);
            assert_eq!([of("thread-pool"), of("thread-per-connection")], [Actor::Thread; 2]);
            assert_eq!([of("epoll"), of("epoll-per-core")], [Actor::Alone; 2]);
        }
    }
}
