//! Whether CPU clocks show what the kernel does for a connection: only then do they tell whether a
//! client has time left.

use crate::record::{Check, CheckOutcome};
use crate::sys::clock::{monotonic_ns, thread_cpu_ns};
use crate::sys::so_linger::reset_on_close;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

const ID: &str = "loopback-clock";

/// Stretches, of which the best counts: what others took of the CPU, as the host does, is least in
/// that one.
const STRETCHES: u32 = 8;
/// Length of each, nanoseconds: shorter than the time after which the scheduler lets others run.
const STRETCH_NS: u64 = 2_000_000;
/// A connection that carries nothing for so long never will, nanoseconds.
const PATIENCE_NS: u64 = 1_000_000_000;
/// As much as a request has, and as an answer.
const BYTES: usize = 256;
/// A clock shows the work if it has this share of the time.
const SHOWN: f64 = 0.97;

/// How much of the time that a thread spends on sending and receiving over loopback its CPU clock
/// shows. The thread never sleeps, so that it should be all; passed from 97 % on. Takes 16 ms.
///
/// A kernel that counts interrupts apart (`CONFIG_IRQ_TIME_ACCOUNTING`) takes them off the clock of
/// the thread that they fall in. On loopback the receiver's work is a soft interrupt within the
/// sender's `write`.
#[must_use]
pub fn loopback_clock() -> Check {
    match shown() {
        Ok(share) => judge(share),
        Err(e) => Check::not_measurable(ID, "%", format!("talking over loopback: {e}")),
    }
}

fn judge(share: f64) -> Check {
    let percent = 100.0 * share;
    let passed = share >= SHOWN;
    let meaning = match passed {
        true => "they show how busy client and server are",
        false => {
            "it is not visible whether a client is the limit (a kernel with \
             CONFIG_IRQ_TIME_ACCOUNTING leaves out what it does in interrupts)"
        }
    };
    let detail = format!(
        "CPU clocks show {percent:.0} % of the work of a thread that sends and receives over \
         loopback: {meaning}"
    );
    Check::figure(ID, percent, "%", CheckOutcome::passed_if(passed), detail)
}

/// The CPU time over the time, of the best stretch.
fn shown() -> io::Result<f64> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let near = TcpStream::connect(listener.local_addr()?)?;
    let (far, _) = listener.accept()?;
    let mut ends = [near, far];
    for end in &ends {
        reset_on_close(end)?;
        end.set_nodelay(true)?;
        end.set_nonblocking(true)?;
    }
    // The first bytes find nothing prepared.
    stretch(&mut ends)?;
    (0..STRETCHES).try_fold(0.0, |best: f64, _| Ok(best.max(stretch(&mut ends)?)))
}

fn stretch([near, far]: &mut [TcpStream; 2]) -> io::Result<f64> {
    let start_ns = monotonic_ns();
    let before_ns = thread_cpu_ns()?;
    while monotonic_ns() - start_ns < STRETCH_NS {
        pass(near, far)?;
        pass(far, near)?;
    }
    let cpu_ns = thread_cpu_ns()? - before_ns;
    Ok(cpu_ns as f64 / (monotonic_ns() - start_ns) as f64)
}

/// Sends from one end to the other, and looks until all has come instead of sleeping.
fn pass(from: &mut TcpStream, to: &mut TcpStream) -> io::Result<()> {
    from.write_all(&[0; BYTES])?;
    let (mut bytes, mut missing, start_ns) = ([0; BYTES], BYTES, monotonic_ns());
    while missing > 0 {
        match to.read(&mut bytes[..missing]) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(got) => missing -= got,
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                if monotonic_ns() - start_ns > PATIENCE_NS {
                    return Err(ErrorKind::TimedOut.into());
                }
            }
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_shows_nearly_all_is_one_to_go_by() {
        let check = judge(0.97);
        assert_eq!((check.figure, check.outcome), (Some(97.0), CheckOutcome::Passed));
        let check = judge(0.69);
        assert_eq!(check.outcome, CheckOutcome::Failed);
        for part in ["show 69 % of the work", "CONFIG_IRQ_TIME_ACCOUNTING"] {
            assert!(check.detail.contains(part), "{}", check.detail);
        }
    }

    #[test]
    fn a_share_of_the_time_is_found_here() {
        let check = loopback_clock();
        let percent = check.figure.expect("there is a loopback");
        assert!(percent > 0.0 && percent < 101.0, "{check:?}");
    }
}
