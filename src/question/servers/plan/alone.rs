//! What is measured of one server: its answers under load, a crash, its idle connections.

use super::{PAGES, USUAL, compared, connections, family};
use crate::plan::{Grid, Idling, Loading, Shooting};
use crate::record::{Family, Id, Shape};

/// A server under load.
const LOAD: Family = family("load", "servers/load");
/// A server of which a worker is shot.
const CRASH: Family = family("crash", "servers/crash");
/// Memory of an idle connection.
pub const KEEP: Family = family("keep", "servers/keep");
/// Ten thousand idle connections at once.
pub const HOLD: Family = family("hold", "servers/hold");

/// Connections whose memory is read: of event loops, where each takes little, more than where each
/// has a process or a thread, which take their time to come and to go.
const HELD: [&[u32]; 2] = [&[1_000, 4_000], &[250, 1_000]];
/// Idle connections that textbooks speak of.
pub const TEN_THOUSAND: u32 = 10_000;

/// Id of a server under load.
#[must_use]
pub fn load(shape: Shape, connections: u32, pages: u32) -> Id {
    compared(LOAD, &shape.to_string(), connections, pages)
}

/// Id of the shots at a server.
#[must_use]
pub fn crash(shape: Shape) -> Id {
    of_shape(CRASH, shape)
}

/// Id of a server that keeps idle connections.
#[must_use]
pub fn of_shape(family: Family, shape: Shape) -> Id {
    family.named(shape.to_string())
}

/// Everything that is put under load; those with equal connections and pages follow each other, and
/// are loaded at one rate.
#[must_use]
pub fn loadings(grid: Grid) -> Vec<Loading> {
    let numbers = connections(grid).iter().map(|&number| (number, 0));
    let mut loadings = Vec::new();
    for (connections, pages) in numbers.chain([(USUAL, PAGES)]) {
        loadings.extend(Shape::ALL.map(|shape| Loading {
            id: load(shape, connections, pages),
            shape,
            connections,
            pages,
            headline: connections == USUAL && pages == 0,
        }));
    }
    loadings
}

/// Every server is shot at; in short runs too.
#[must_use]
pub fn shootings() -> Vec<Shooting> {
    let shooting = |shape: Shape| Shooting { id: crash(shape), shape, connections: USUAL };
    Shape::ALL.map(shooting).to_vec()
}

/// Servers with idle connections: memory of each, and ten thousand.
#[must_use]
pub fn idlings(grid: Grid) -> Vec<Idling> {
    let keep = |shape: Shape| Idling {
        id: of_shape(KEEP, shape),
        shape,
        units: HELD[usize::from(!matches!(shape, Shape::Epoll | Shape::EpollPerCore))],
        headline: false,
        shown_once: false,
    };
    let hold = |shape: Shape| Idling {
        id: of_shape(HOLD, shape),
        shape,
        units: &[TEN_THOUSAND],
        headline: false,
        shown_once: true,
    };
    // One of each kind; the others keep what these keep.
    let held: &[Shape] = match grid {
        Grid::Default => &[Shape::Prefork, Shape::ThreadPool, Shape::Epoll],
        Grid::Full => &Shape::ALL,
    };
    Shape::ALL.map(keep).into_iter().chain(held.iter().copied().map(hold)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_of_equal_connections_and_pages_follow_each_other_in_every_shape() {
        for grid in [Grid::Default, Grid::Full] {
            for group in loadings(grid).chunks(Shape::ALL.len()) {
                let shapes: Vec<Shape> = group.iter().map(|loading| loading.shape).collect();
                assert_eq!(shapes, Shape::ALL);
                let first = (group[0].connections, group[0].pages);
                assert!(group.iter().all(|loading| (loading.connections, loading.pages) == first));
            }
        }
    }
}
