use super::super::kinds::CoreKind;
use super::super::steal::Times;
use super::super::survey::quiet_machine;
use super::*;
use crate::record::Finding;
use std::collections::HashSet;

#[test]
fn facts_have_names_of_their_own_and_values() {
    let facts = facts(&Survey::take().unwrap());
    let names: HashSet<&str> = facts.iter().map(|fact| fact.name.as_str()).collect();
    assert_eq!(names.len(), FACTS.len());
    assert!(facts.iter().all(|fact| !fact.value.to_string().trim().is_empty()), "{facts:?}");
}

#[test]
fn what_is_unknown_stays_on_the_list_with_its_reason() {
    fn closed<T>() -> Found<T> {
        Err("it is closed".to_owned())
    }
    let nothing = Survey {
        cpuinfo: closed(),
        processor: closed(),
        kinds: closed(),
        online: closed(),
        smt: closed(),
        host: closed(),
        release: closed(),
        clock_source: closed(),
        governor: closed(),
        load: closed(),
        others_runnable: closed(),
        huge_pages: closed(),
        page_table_isolation: closed(),
        paranoid: closed(),
        rights: closed(),
        counting: closed(),
        pmus: closed(),
        fifo: Err(Failure::new("trying it", "it is closed")),
        cpu_quota: closed(),
        steal: closed(),
        ..quiet_machine()
    };
    let facts = facts(&nothing);
    let closed = Finding::Unknown("it is closed".to_owned());
    let unknown = facts.iter().filter(|fact| fact.value == closed);
    // Elsewhere the invariant TSC is none of the processor's.
    let expected = if cfg!(target_arch = "x86_64") { 19 } else { 17 };
    assert_eq!(unknown.count(), expected, "{facts:?}");
    // Where governor, counters or real-time scheduling are out of reach, a warning says so.
    assert_eq!(warnings(&nothing).len(), 3);
}

/// The warnings of a quiet machine after `spoil`.
fn after(spoil: impl Fn(&mut Survey)) -> Vec<String> {
    let mut survey = quiet_machine();
    spoil(&mut survey);
    warnings(&survey)
}

fn one(spoil: impl Fn(&mut Survey), with: &str) {
    let found = after(spoil);
    assert!(found.len() == 1 && found[0].contains(with), "{with}: {found:?}");
}

#[test]
fn a_quiet_machine_has_no_warning() {
    assert_eq!(after(|_| ()), [""; 0]);
    assert_eq!(after(|s| s.load = Ok([1.0, 9.0, 9.0])), [""; 0]);
}

#[test]
fn each_cause_gives_its_own_warning() {
    one(|s| s.cpus = vec![3], "only one CPU");
    one(|s| s.load = Ok([1.1, 0.0, 0.0]), "load average 1.10 on 2 CPUs");
    // What the average remembers is over.
    let over = |s: &mut Survey| (s.load, s.others_runnable) = (Ok([1.1, 0.0, 0.0]), Ok(0));
    assert_eq!(after(over), [""; 0]);
    one(|s| s.governor = Ok("powersave".to_owned()), "governor 'powersave'");
    one(|s| s.governor = Err("no cpufreq".to_owned()), "not visible (no cpufreq)");
    one(|s| s.smt = Ok(true), "SMT is active");
    let kind = |name: &str, cpu| CoreKind { name: name.to_owned(), cpus: vec![cpu] };
    let hybrid = |s: &mut Survey| s.kinds = Ok(vec![kind("cpu_core", 0), kind("cpu_atom", 1)]);
    one(hybrid, "the cores differ: cpu_core (CPUs 0), cpu_atom (CPUs 1); pinned actors use");
    one(|s| s.cpu_quota = Ok(Some(1.5)), "grants 1.50 CPUs");
    let user_only = |s: &mut Survey| (s.paranoid, s.counting) = (Ok(2), Ok(Modes::User));
    one(user_only, "perf_event_paranoid 2");
    one(|s| s.counting = Err("EPERM".to_owned()), "no event can be counted: EPERM");
    one(|s| s.fifo = Err(Failure::new("x", "no right")), "not permitted (no right)");
    one(|s| s.huge_pages = Ok("always".to_owned()), "set to 'always'");
}

#[test]
fn a_guest_shows_its_steal() {
    let guest = |s: &mut Survey| {
        s.host = Ok((Host::Guest("kvm"), String::new()));
        s.steal = Ok(Times { steal: 10, total: 1000 });
    };
    one(guest, "KVM guest: ");
    one(guest, "1.00 %");
}

#[cfg(target_arch = "x86_64")]
#[test]
fn time_without_the_processors_counter() {
    one(|s| s.clock_source = Ok("hpet".to_owned()), "clock source 'hpet' is not tsc");
    one(|s| s.cpuinfo = Ok("flags : constant_tsc\n".to_owned()), "TSC is not invariant");
}
