//! Lines: what an edit takes away, what it puts there, and what it leaves as it was.

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline, group_diff_ops};
use std::ops::Range;
use std::time::{Duration, Instant};

/// How long two texts are compared before the rest counts as different.
const LIMIT: Duration = Duration::from_millis(60);

/// Lines that stay as they were and are shown around those that do not.
const AROUND: usize = 3;

/// One line of a difference: `-` is gone, `+` is new, a blank stayed, `@` stands for how many stayed and are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// What became of it.
    pub sign: char,
    /// The line, without its end.
    pub text: String,
}

/// Compares two texts line by line; of what stayed, three lines are kept around each change.
#[must_use]
pub fn lines(old: &str, new: &str) -> Vec<Changed> {
    let (a, b): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &a, &b, Instant::now().checked_add(LIMIT));
    let mut out = Vec::new();
    let mut shown = 0;
    for group in group_diff_ops(ops, AROUND) {
        let from = group.first().map_or(0, |op| op.old_range().start);
        out.extend((from > shown).then(|| Changed { sign: '@', text: left_out(from - shown) }));
        for op in &group {
            let of = |lines: &[&str], range, sign| -> Vec<Changed> {
                lines.get::<Range<usize>>(range).into_iter().flatten().map(|line| Changed { sign, text: (*line).to_owned() }).collect()
            };
            if matches!(op, DiffOp::Equal { .. }) {
                out.extend(of(&a, op.old_range(), ' '));
            } else {
                out.extend(of(&a, op.old_range(), '-'));
                out.extend(of(&b, op.new_range(), '+'));
            }
        }
        shown = group.last().map_or(shown, |op| op.old_range().end);
    }
    let rest = a.len().saturating_sub(shown);
    out.extend((rest > 0).then(|| Changed { sign: '@', text: left_out(rest) }));
    out
}

fn left_out(count: usize) -> String {
    if count == 1 { "1 line as it was".to_owned() } else { format!("{count} lines as they were") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &str, new: &str, expect: &[&str]) {
        let said: Vec<String> = lines(old, new).into_iter().map(|line| format!("{}{}", line.sign, line.text)).collect();
        assert_eq!(said, expect);
    }

    #[test]
    fn what_stays_stands_once() {
        check("a\nb\nc", "a\nB\nc", &[" a", "-b", "+B", " c"]);
        check("", "x\n", &["+x"]);
        check("x", "x", &["@1 line as it was"]);
        check("1\n2\n3\n4\n5\n6\n7\n", "1\n2\n3\n4\n5\n6\nz\n", &["@3 lines as they were", " 4", " 5", " 6", "-7", "+z"]);
    }
}
