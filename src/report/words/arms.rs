//! What an arm is in words: who acts, and under which conditions.

use super::{bytes, plural};
use crate::record::{Arm, Parent, Work};

/// The conditions of an arm that differ from the plainest: its own number of actors, one core,
/// `SCHED_OTHER`, a small lab, no pages touched, each line naming the next, base pages.
pub(crate) fn conditions(arm: &Arm) -> Vec<String> {
    let plain = Arm::new(&arm.primitive, arm.work);
    let actor = if arm.work.server().is_some() { "connection" } else { "actor" };
    [
        (arm.actors != plain.actors)
            .then(|| plural(arm.actors as usize, actor).replace(' ', "\u{a0}")),
        (arm.parent != plain.parent).then(|| held(&arm.parent)),
        (arm.pages != plain.pages).then(|| format!("{}\u{a0}pages", arm.pages)),
        (arm.order != plain.order).then(|| "independent".to_owned()),
        (arm.huge != plain.huge).then(|| "huge\u{a0}pages".to_owned()),
        (arm.stamped != plain.stamped).then(|| "stamped".to_owned()),
        (arm.amount != plain.amount).then(|| amount(arm.work, arm.amount)),
        (arm.calls != plain.calls).then(|| "by\u{a0}libc".to_owned()),
        (arm.placement != plain.placement).then(|| arm.placement.to_string()),
        (arm.policy != plain.policy).then(|| arm.policy.to_string()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The length of a message, or the turns of a worker's loop.
fn amount(work: Work, amount: u64) -> String {
    let words = match work {
        Work::Messages => bytes(amount),
        _ => plural(amount as usize, "turn"),
    };
    words.replace(' ', "\u{a0}")
}

/// What a lab holds besides its own.
pub(crate) fn held(parent: &Parent) -> String {
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
    use crate::question::arm;
    use crate::question::servers::plan as servers;
    use crate::record::Shape;
    use crate::record::{Order, Placement};

    #[test]
    fn a_condition_is_said_where_it_is_not_the_plain_one() {
        let plain = arm("pipe/thread");
        assert_eq!(conditions(&plain), Vec::<String>::new());
        let bent = plain.at(Placement::Free).in_parent(Parent::of_mib(64)).touching(16);
        assert_eq!(conditions(&bent), ["64\u{a0}MiB", "16\u{a0}pages", "free"]);
        let ring = arm("ring/process").among(5).touching(16);
        let walked = ring.reading(Order::Independent).in_huge_pages();
        let said = ["5\u{a0}actors", "16\u{a0}pages", "independent", "huge\u{a0}pages"];
        assert_eq!(conditions(&walked), said);
        assert_eq!(conditions(&arm("ring/thread").among(1)), ["1\u{a0}actor"]);
        assert_eq!(conditions(&arm("stream/pipe-thread").of(1 << 20)), ["1.00\u{a0}MiB"]);
        assert_eq!(conditions(&arm("drill/threads").of(1_000)), ["1000\u{a0}turns"]);
        let huge = Parent { threads: 10, ..Parent::of_huge_mib(256) };
        let fork = arm("process/fork").in_parent(huge).stamped();
        let said = "256\u{a0}MiB\u{a0}in\u{a0}huge\u{a0}pages, 10\u{a0}idle\u{a0}threads";
        assert_eq!(conditions(&fork), [said, "stamped"]);
        let request = servers::kept(Shape::Epoll, 32);
        assert_eq!(conditions(&request), ["32\u{a0}connections", "two-cores"]);
    }
}
