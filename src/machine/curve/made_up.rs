//! Curves made in code.

use super::{Curve, Point};

/// A curve of these pages, with costs of base pages, huge pages and dense lines.
pub(in crate::machine) fn curve(points: &[(u32, f64, f64, f64)]) -> Curve {
    let point = |&(pages, base, huge, dense)| Point { pages, base, huge: Some(huge), dense };
    Curve {
        points: points.iter().map(point).collect(),
        no_huge: None,
        cut: None,
        page_bytes: 4096,
        huge_bytes: 2 << 20,
    }
}

/// Zen 4 under a host that splits huge pages: 72 and 3,072 entries, 32 KiB of first-level
/// cache.
pub(in crate::machine) fn split() -> Curve {
    curve(&[
        (32, 5.0, 5.0, 5.0),
        (64, 5.0, 5.0, 5.0),
        (72, 5.0, 5.0, 5.0),
        (96, 12.0, 12.0, 5.0),
        (256, 12.0, 12.0, 5.0),
        (512, 19.0, 19.0, 5.1),
        (1024, 23.9, 24.2, 15.0),
        (2048, 25.1, 24.2, 15.1),
        (3072, 50.3, 41.8, 15.2),
        (4096, 70.8, 43.8, 17.2),
    ])
}

/// A TLB that holds all that was walked.
pub(in crate::machine) fn flat() -> Curve {
    curve(&[(32, 4.0, 4.0, 4.0), (1024, 12.5, 12.4, 12.0), (4096, 16.0, 15.9, 15.0)])
}
