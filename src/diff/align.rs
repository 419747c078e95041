//! Alignment: which steps of one trajectory stand beside which of another.

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};
use std::time::{Duration, Instant};

/// How long steps are aligned before the rest stands in order.
const LIMIT: Duration = Duration::from_millis(400);

/// How the sides relate in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Same {
    /// Both say the same.
    Equal,
    /// Both are there and differ.
    Differs,
    /// Only one is there.
    Lone,
}

/// A row: a place among the steps of each side, and how they relate.
pub type Row = ([Option<usize>; 2], Same);

/// Aligns two lists of steps, each told by the hash of what it says and by the hash of what it is (kind, actor, tool).
///
/// What says the same is tied first; between such ties, steps that are of one kind stand beside each other.
#[must_use]
pub fn align(left: &[(u64, u64)], right: &[(u64, u64)]) -> Vec<Row> {
    let said = |list: &[(u64, u64)]| list.iter().map(|(said, _)| *said).collect::<Vec<u64>>();
    let ops = capture_diff_slices_deadline(Algorithm::Patience, &said(left), &said(right), Instant::now().checked_add(LIMIT));
    let mut rows = Vec::with_capacity(left.len().max(right.len()));
    let (mut i, mut j) = (0, 0);
    for op in ops {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            between(&mut rows, (left, i..old_index), (right, j..new_index));
            rows.extend((0..len).map(|at| ([Some(old_index + at), Some(new_index + at)], Same::Equal)));
            (i, j) = (old_index + len, new_index + len);
        }
    }
    between(&mut rows, (left, i..left.len()), (right, j..right.len()));
    rows
}

type Part<'a> = (&'a [(u64, u64)], std::ops::Range<usize>);

fn between(rows: &mut Vec<Row>, (left, a): Part<'_>, (right, b): Part<'_>) {
    let kind = |list: &[(u64, u64)], at: usize| list.get(at).map(|(_, kind)| *kind);
    let (mut i, mut j) = (a.start, b.start);
    while i < a.end || j < b.end {
        let both = i < a.end && j < b.end && kind(left, i) == kind(right, j);
        let ahead = |mut range: std::ops::Range<usize>, list: &[(u64, u64)], wanted: Option<u64>| range.any(|at| kind(list, at) == wanted);
        if both {
            rows.push(([Some(i), Some(j)], Same::Differs));
            (i, j) = (i + 1, j + 1);
        } else if i < a.end && (j >= b.end || !ahead(j..b.end, right, kind(left, i)) || ahead(i + 1..a.end, left, kind(right, j))) {
            rows.push(([Some(i), None], Same::Lone));
            i += 1;
        } else {
            rows.push(([None, Some(j)], Same::Lone));
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn steps(said: &[u64]) -> Vec<(u64, u64)> {
        said.iter().map(|said| (*said, said % 2)).collect()
    }

    #[test]
    fn what_is_common_is_tied() {
        let tied = |a: &[u64], b: &[u64]| {
            let rows = align(&steps(a), &steps(b));
            rows.into_iter().filter(|(_, same)| *same == Same::Equal).filter_map(|([at, _], _)| at.map(|at| a[at])).collect::<Vec<_>>()
        };
        assert_eq!(tied(&[1, 2, 3, 4, 5], &[1, 2, 9, 4, 5]), [1, 2, 4, 5]);
        assert_eq!(tied(&[1, 7, 3], &[7, 3, 8]), [7, 3]);
        assert_eq!(tied(&[], &[1]), [0; 0]);
    }

    #[test]
    fn between_ties_steps_of_one_kind_stand_beside_each_other() {
        let rows = align(&[(1, 1), (2, 7), (3, 8), (9, 9)], &[(1, 1), (4, 8), (9, 9)]);
        let expected =
            [([Some(0), Some(0)], Same::Equal), ([Some(1), None], Same::Lone), ([Some(2), Some(1)], Same::Differs), ([Some(3), Some(2)], Same::Equal)];
        assert_eq!(rows, expected);
    }

    proptest! {
        #[test]
        fn every_step_has_one_row_and_ties_agree(a in proptest::collection::vec(0u64..6, 0..30), b in proptest::collection::vec(0u64..6, 0..30)) {
            let rows = align(&steps(&a), &steps(&b));
            let side = |side: usize| rows.iter().filter_map(|(at, _)| at[side]).collect::<Vec<_>>();
            prop_assert_eq!(side(0), (0..a.len()).collect::<Vec<_>>());
            prop_assert_eq!(side(1), (0..b.len()).collect::<Vec<_>>());
            let equal = rows.iter().filter(|(_, same)| *same == Same::Equal);
            prop_assert!(equal.clone().all(|(at, _)| a[at[0].unwrap()] == b[at[1].unwrap()]));
        }
    }
}
