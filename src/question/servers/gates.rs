//! A server that waits for its client is not what was measured, and where CPU clocks do not show
//! all that a client does, it is not known whether it waits.

use super::evidence::client_is_the_limit;
use crate::claim::{ArmEvidence, Estimand, Failed, Gated, not_measurable};
use crate::record::{CheckOutcome, Record};

/// Two servers are told apart only while their client can ask for more: with neither of them may it
/// be busier than the server, where it is busy nearly all the time.
pub(in crate::question) fn client_saturates(gated: &Gated) -> Failed {
    if gated.def.id().question() != super::QUESTION.name || gated.def.estimand != Estimand::Ratio {
        return None;
    }
    let arms = || [&gated.evidence.a, &gated.evidence.b].into_iter().find_map(limit);
    not_measurable(unclear(gated.record).or_else(arms)?)
}

/// Why CPU clocks do not say here how busy client and server are.
fn unclear(record: &Record) -> Option<String> {
    let Some(check) = record.check("loopback-clock") else {
        return Some(
            "it was not checked whether CPU clocks count the work of connections".to_owned(),
        );
    };
    (check.outcome != CheckOutcome::Passed).then(|| check.detail.clone())
}

/// How the client is the limit with this arm, or that it is not known.
fn limit(arm: &ArmEvidence) -> Option<String> {
    let name = match arm.arm.work.server() {
        Some(shape) => shape.name(),
        None => &arm.arm.primitive,
    };
    let Some([client, server]) = arm.busy_shares() else {
        return Some(format!("it was not measured whether the client limits {name}"));
    };
    let whose = if arm.server_cpus() > 1 { "each of the server's" } else { "the server's" };
    client_is_the_limit(client, server).then(|| {
        format!(
            "the client limits {name}: its CPU is busy {:.0} % of the time, {whose} \
             {:.0} %",
            client * 100.0,
            server * 100.0
        )
    })
}
