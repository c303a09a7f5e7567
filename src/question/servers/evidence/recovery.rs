//! How long a server that was shot answers less than before.

use crate::record::CrashLaunch;
use crate::stats;

/// Share of the answers before the shot that a bin must have to be as before: on a machine that
/// others use too, bins differ by a tenth and more.
const AS_BEFORE: f64 = 0.8;
/// A dip that begins later than this after the shot is not the shot's, nanoseconds.
const NEAR_NS: u64 = 50_000_000;
/// Bins in a row that must be as before: a single one may have what was queued meanwhile.
const IN_A_ROW: usize = 3;

/// From the shot until answers came as before, nanoseconds: to the first of three bins in a row
/// that have at least 80 % of the median bin before the shot. The dip is what begins with the first
/// bin that has less, if that begins within 50 ms of the shot or contains it; without such a bin it
/// is 0. `None` where it did not end within the bins, or where nothing was answered before the shot
/// that one could compare with.
pub(super) fn recovery_ns(launch: &CrashLaunch) -> Option<f64> {
    dip_ns(&launch.answered, launch.bin_ns.max(1), launch.shot_ns)
}

/// What the same rule says of a moment in the middle of the time before the shot, from the bins
/// that end before the shot. There was no shot, so that anything but 0 is what else the machine
/// did.
pub(super) fn control_ns(launch: &CrashLaunch) -> Option<f64> {
    let bin_ns = launch.bin_ns.max(1);
    let calm = launch.answered.get(..(launch.shot_ns / bin_ns) as usize)?;
    dip_ns(calm, bin_ns, launch.shot_ns / 2)
}

/// The rule, of any moment within these bins.
fn dip_ns(bins: &[u32], bin_ns: u64, at_ns: u64) -> Option<f64> {
    let at_bin = (at_ns / bin_ns) as usize;
    let near_bin = ((at_ns + NEAR_NS) / bin_ns) as usize;
    let before: Vec<f64> = bins.iter().take(at_bin).map(|n| f64::from(*n)).collect();
    let usual = stats::median(&before).filter(|usual| *usual > 0.0)?;
    let as_before = |answered: &u32| f64::from(*answered) >= AS_BEFORE * usual;
    let after = bins.get(at_bin..)?;
    let near = after.iter().take(near_bin + 1 - at_bin);
    let Some(dip) = near.clone().position(|answered| !as_before(answered)) else {
        // All of them, or the bins ended before one could see.
        return (near.len() == near_bin + 1 - at_bin).then_some(0.0);
    };
    let row = |bins: &[u32]| bins.iter().all(as_before);
    let back = dip + after[dip..].windows(IN_A_ROW).position(row)?;
    Some(((at_bin + back) as u64 * bin_ns) as f64 - at_ns as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bins of 5 ms, 100 answers each, the shot 1 ms after the start of the bin number 20; some
    /// bins are otherwise.
    fn found(bins: &[(usize, u32)]) -> Option<f64> {
        let mut answered = vec![100; 60];
        bins.iter().for_each(|(bin, count)| answered[*bin] = *count);
        let (bin_ns, shot_ns) = (5_000_000, 101_000_000);
        recovery_ns(&CrashLaunch { bin_ns, shot_ns, answered, ..CrashLaunch::default() })
    }

    /// These bins have this many answers each.
    fn all(bins: std::ops::Range<usize>, count: u32) -> Vec<(usize, u32)> {
        bins.map(|bin| (bin, count)).collect()
    }

    #[test]
    fn without_a_dip_it_is_nothing() {
        assert_eq!(found(&[]), Some(0.0));
        assert_eq!(found(&all(20..60, 80)), Some(0.0), "80 % is as before");
    }

    #[test]
    fn a_dip_lasts_from_the_shot_to_the_start_of_the_first_bin_as_before() {
        assert_eq!(found(&all(20..26, 0)), Some(29e6));
        assert_eq!(found(&all(22..26, 79)), Some(29e6), "however late and shallow it begins");
    }

    #[test]
    fn one_or_two_bins_in_a_dip_are_no_end_of_it() {
        let mut dip = all(20..29, 10);
        dip[3].1 = 500;
        assert_eq!(found(&dip), Some(44e6));
        dip[4].1 = 500;
        assert_eq!(found(&dip), Some(44e6));
        dip[5].1 = 500;
        assert_eq!(found(&dip), Some(14e6));
    }

    #[test]
    fn what_never_comes_back_has_no_time() {
        assert_eq!(found(&all(20..60, 10)), None);
        assert_eq!(found(&all(20..58, 10)), None, "two bins do not show it");
        assert_eq!(found(&all(20..57, 10)), Some(184e6));
    }

    #[test]
    fn a_bin_later_than_50_ms_is_no_part_of_it() {
        let mut bins = all(20..22, 0);
        bins.push((31, 0));
        assert_eq!(found(&bins), Some(9e6));
        assert_eq!(found(&[(31, 0)]), Some(0.0));
        assert_eq!(found(&[(30, 0)]), Some(54e6), "begins 49 ms after the shot");
    }

    #[test]
    fn a_bin_before_the_shot_is_no_part_of_it_either() {
        assert_eq!(found(&all(10..20, 0)), Some(0.0));
    }

    #[test]
    fn the_control_sees_what_happens_without_a_shot_and_not_the_shot() {
        let of = |bins: &[(usize, u32)]| {
            let mut answered = vec![100; 60];
            bins.iter().for_each(|(bin, count)| answered[*bin] = *count);
            let (bin_ns, shot_ns) = (5_000_000, 151_000_000);
            control_ns(&CrashLaunch { bin_ns, shot_ns, answered, ..CrashLaunch::default() })
        };
        assert_eq!(of(&[]), Some(0.0));
        assert_eq!(of(&all(30..60, 0)), Some(0.0), "what the shot takes");
        assert_eq!(of(&all(3..5, 0)), Some(0.0), "before the moment of the control");
        assert_eq!(of(&all(16..18, 0)), Some(14.5e6));
        assert_eq!(of(&all(25..30, 0)), None, "it lasts until the shot");
        let early = CrashLaunch { bin_ns: 5, shot_ns: 200, ..CrashLaunch::default() };
        assert_eq!(control_ns(&early), None);
    }

    #[test]
    fn without_answers_before_or_bins_after_there_is_nothing_to_compare() {
        assert_eq!(found(&all(0..20, 0)), None);
        let launch = |bins: usize, shot_ns: u64| CrashLaunch {
            bin_ns: 5_000_000,
            shot_ns,
            answered: vec![100; bins],
            ..CrashLaunch::default()
        };
        assert_eq!(recovery_ns(&launch(20, 101_000_000)), None);
        assert_eq!(recovery_ns(&launch(30, 101_000_000)), None);
        assert_eq!(recovery_ns(&launch(31, 101_000_000)), Some(0.0));
        assert_eq!(recovery_ns(&launch(60, 1_000_000)), None);
        assert_eq!(recovery_ns(&CrashLaunch::default()), None);
    }
}
