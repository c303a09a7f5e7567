//! Live: primitives that ask a server, and the server beside their lab, on this machine. Counts and
//! states, never times.

mod support;

use process_vs_thread::lab::{Lab, Program, Spec};
use process_vs_thread::question::servers::plan::{each, kept};
use process_vs_thread::record::{Arm, Placement, Shape};
use support::{allowed, children, cores, launch, lives, within_patience, zombies};

/// A lab with its server; none where this run may use one CPU only.
fn lab(arm: &Arm) -> Option<Lab> {
    match launch(arm, None) {
        Ok(lab) => Some(lab),
        Err(failure) if cores().all.len() < 2 => {
            assert!(failure.tried.contains("placing"), "{failure}");
            eprintln!("skipped: {failure}");
            None
        }
        Err(failure) => panic!("{failure}"),
    }
}

/// Master of the server that the lab asks.
fn master(lab: &Lab) -> u32 {
    lab.server().expect("it asks a server") as u32
}

/// Threads of a process.
fn tasks(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count)
}

#[test]
fn each_of_the_ten_has_exactly_as_many_requests_answered_as_it_is_asked_for() {
    let asked: [fn(Shape, u32) -> Arm; 2] = [kept, each];
    for arm in asked.into_iter().flat_map(|asked| Shape::ALL.map(|shape| asked(shape, 4))) {
        let Some(mut lab) = lab(&arm) else { return };
        for (discard, ops) in [(0, 1), (8, 1), (1, 3), (8, 501)] {
            let half = lab.batch(discard, ops).unwrap_or_else(|e| panic!("{e}")).half;
            assert_eq!(half.ops, ops, "{arm}");
            assert_eq!(half.unwashed_ns > 0, discard > 0, "{arm}");
        }
        let half = lab.batch(0, 500).unwrap_or_else(|e| panic!("{e}")).half;
        assert!(half.client_cpu_ns > 0 && half.client_cpu_ns <= half.elapsed_ns, "{arm}: {half:?}");
        assert!(half.server_cpu_ns > 0, "{arm}: {half:?}");
        assert_eq!(zombies(lab.pid() as u32), [0u32; 0], "{arm}");
    }
}

#[test]
fn what_is_discarded_is_not_in_the_servers_cpu_time() {
    let Some(mut lab) = lab(&kept(Shape::Epoll, 4)) else { return };
    let mut server_ns = |discard, ops| {
        let batch = lab.batch(discard, ops).unwrap_or_else(|e| panic!("{e}"));
        batch.half.server_cpu_ns
    };
    let [one, many] = [server_ns(10_000, 1), server_ns(0, 10_000)];
    // One request instead of ten thousand.
    assert!(one < many / 10, "{one} of {many}");
}

#[test]
fn one_connection_and_very_many_have_the_actors_that_the_shape_says() {
    for connections in [1, 128] {
        for shape in Shape::ALL {
            let Some(mut lab) = lab(&kept(shape, connections)) else { return };
            let ops = u64::from(connections) * 3 + 1;
            assert_eq!(lab.batch(0, ops).unwrap_or_else(|e| panic!("{e}")).half.ops, ops);
            let processes = children(master(&lab));
            let wanted = if shape == Shape::Prefork { connections as usize } else { 1 };
            assert_eq!(processes.len(), wanted, "{shape}");
            let threads = tasks(processes[0]);
            match shape {
                Shape::ThreadPool | Shape::ThreadPerConnection => {
                    assert!(threads >= connections as usize, "{shape}: {threads} threads");
                }
                _ => assert!(threads <= 2, "{shape}: {threads} threads"),
            }
        }
    }
}

#[test]
fn client_and_server_have_a_cpu_each_or_are_free_together() {
    for shape in Shape::ALL {
        let (Some(apart), Ok(other)) = (lab(&kept(shape, 4)), cores().other) else { return };
        assert_eq!(apart.state().cpus, [cores().main], "{shape}");
        for process in children(master(&apart)) {
            assert_eq!(allowed(process), other.to_string(), "{shape}");
        }
        let Some(free) = lab(&kept(shape, 4).at(Placement::Free)) else { return };
        assert_eq!(
            free.state().cpus,
            process_vs_thread::machine::describe().unwrap().cpus,
            "{shape}"
        );
        if shape == Shape::Prefork {
            let everywhere = allowed(free.pid() as u32);
            assert!(children(master(&free)).iter().all(|process| allowed(*process) == everywhere));
        }
    }
}

#[test]
fn a_request_touches_the_pages_of_its_connection() {
    const PAGES: u32 = 4_096;
    for shape in Shape::ALL {
        let resident_pages = |pages| -> Option<u64> {
            let mut lab = lab(&kept(shape, 1).touching(pages))?;
            lab.batch(0, 10).unwrap_or_else(|e| panic!("{e}"));
            let statm = format!("/proc/{}/statm", children(master(&lab))[0]);
            std::fs::read_to_string(statm).unwrap().split(' ').nth(1)?.parse().ok()
        };
        let (Some(none), Some(all)) = (resident_pages(0), resident_pages(PAGES)) else { return };
        // Each of the three counts behind statm may lag by 32 pages a CPU.
        let (more, wanted) = (all - none, u64::from(PAGES));
        assert!((wanted - 256..wanted + 512).contains(&more), "{shape}: {more} pages");
    }
}

#[test]
fn a_dropped_lab_leaves_neither_server_nor_client() {
    for shape in [Shape::Prefork, Shape::ThreadPool] {
        let Some(lab) = lab(&kept(shape, 4)) else { return };
        let mut all = children(master(&lab));
        all.extend([lab.pid() as u32, master(&lab)]);
        drop(lab);
        assert!(within_patience(|| !all.iter().any(|pid| lives(*pid))), "{shape}");
    }
}

fn kill(pid: u32) {
    let pid = nix::unistd::Pid::from_raw(pid as i32);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
}

#[test]
fn a_server_that_dies_ends_the_batch_with_its_name_and_leaves_nobody() {
    for arm in [kept(Shape::Prefork, 4), each(Shape::Epoll, 4)] {
        let Some(mut lab) = lab(&arm) else { return };
        let mut all = children(master(&lab));
        all.push(lab.pid() as u32);
        kill(master(&lab));
        let failure = lab.batch(0, 100_000).unwrap_err();
        assert!(failure.tried.starts_with(&arm.to_string()), "{failure}");
        assert!(failure.tried.contains("its server"), "{failure}");
        assert!(failure.why.contains("killed by SIGKILL"), "{failure}");
        drop(lab);
        assert!(within_patience(|| !all.iter().any(|pid| lives(*pid))), "{arm}");
    }
}

#[test]
fn a_worker_that_died_voids_the_batch_though_another_took_its_place() {
    for arm in [kept(Shape::Prefork, 4), each(Shape::Prefork, 1), kept(Shape::ThreadPool, 2)] {
        let Some(mut lab) = lab(&arm) else { return };
        let (itself, server) = (lab.pid() as u32, master(&lab));
        let before = children(server);
        kill(before[0]);
        assert!(within_patience(|| !lives(before[0]) && children(server).len() == before.len()));
        let failure = lab.batch(4, 1_000).unwrap_err();
        assert!(failure.tried.starts_with(&arm.to_string()), "{failure}");
        let died = format!("process {}, which serves, died: killed by SIGKILL", before[0]);
        assert!(failure.why.contains(&died), "{failure}");
        assert!(failure.why.ends_with(", and was started again"), "{failure}");
        drop(lab);
        assert!(within_patience(|| ![itself, server].iter().any(|pid| lives(*pid))), "{arm}");
    }
}

#[test]
fn a_server_that_cannot_be_started_is_named() {
    let arm = kept(Shape::Prefork, 4);
    let Ok(spec) = Spec::new(&arm, &cores(), None) else { return };
    let no_lab = Program { path: "/bin/false".into(), arguments: Vec::new() };
    let failure = Lab::launch(&no_lab, &spec).unwrap_err();
    let wanted = format!("{arm}: its server: measuring a server: prefork");
    assert_eq!(failure.tried, wanted);
    assert!(failure.why.contains("with exit status 1"), "{failure}");
}
