//! Laying a text with marks of redaction over the same text without them, to read what each mark hides.

use crate::redaction::claims::{Marker, markers};
use memchr::memmem;
use std::ops::Range;

/// Gives for each mark what it stands for, as bytes of the twin, where the whole marked text fits the twin in one way as far as this mark goes.
/// White space at the outer ends may differ; a value that reaches to such an end and holds the like inside may be more than the mark hid, and is
/// not given. Each text is read a fixed number of times, however many marks there are.
pub(super) fn hidden(marked: &str, marks: &[Marker], twin: &str) -> Vec<Option<Range<usize>>> {
    let laid = Laid::over(marked, marks, twin);
    (0..marks.len()).map(|number| laid.as_ref()?.value(number)).collect()
}

/// A marked text that fits its twin.
struct Laid<'t> {
    twin: &'t str,
    /// Bytes of the twin between what stands before the first mark and behind the last.
    body: Range<usize>,
    /// Where each text between two marks stands at the earliest, and where at the latest it begins.
    early: Vec<Range<usize>>,
    late: Vec<usize>,
    /// White space of the marked text and of the twin at each end, where a value reaches to it and the two differ.
    ends: [Option<[&'t str; 2]>; 2],
}

impl<'t> Laid<'t> {
    fn over(marked: &'t str, marks: &[Marker], twin: &'t str) -> Option<Self> {
        let (mut literals, mut from) = (Vec::new(), 0);
        for mark in marks {
            literals.push(marked.get(from..mark.range.start)?);
            from = mark.range.end;
        }
        let (first, between) = literals.split_first()?;
        let last = marked.get(from..)?;
        let trimmed = twin.trim();
        let body = trimmed.strip_prefix(first.trim_start())?.strip_suffix(last.trim_end())?;
        // What stands between two values is needed to tell where the first one ends.
        if between.iter().any(|literal| literal.is_empty()) {
            return None;
        }
        let (mut early, mut from) = (Vec::new(), 0);
        for literal in between {
            let start = from + 1 + memmem::find(body.as_bytes().get(from + 1..)?, literal.as_bytes())?;
            from = start + literal.len();
            early.push(start..from);
        }
        let (mut late, mut to) = (Vec::new(), body.len());
        for literal in between.iter().rev() {
            to = memmem::rfind(body.as_bytes().get(..to.checked_sub(1)?)?, literal.as_bytes())?;
            late.push(to);
        }
        late.reverse();
        if early.iter().zip(&late).any(|(early, late)| early.start > *late) {
            return None;
        }
        let start = twin.len() - twin.trim_start().len() + first.trim_start().len();
        let ([before, behind], [twin_before, twin_behind]) = (outer(marked), outer(twin));
        let differs = |reaches: bool, one: &'t str, other: &'t str| (reaches && one != other).then_some([one, other]);
        let ends = [differs(first.trim_start().is_empty(), before, twin_before), differs(last.trim_end().is_empty(), behind, twin_behind)];
        Some(Self { twin, body: start..start + body.len(), early, late, ends })
    }

    /// Gives what a mark hides.
    fn value(&self, number: usize) -> Option<Range<usize>> {
        let last = self.early.len();
        // A text that could stand earlier or later leaves open what the values beside it are.
        let sure = |number: usize| self.early.get(number).filter(|place| self.late.get(number) == Some(&place.start));
        let start = number.checked_sub(1).map_or(Some(0), |before| Some(sure(before)?.end))?;
        let end = if number == last { self.body.len() } else { sure(number)?.start };
        let range = self.body.start + start..self.body.start + end;
        let value = self.twin.get(range.clone()).filter(|value| !value.is_empty() && markers(value).is_empty())?;
        let [front, back] = self.ends;
        let ends = [front.filter(|_| number == 0), back.filter(|_| number == last)];
        let more = ends.iter().flatten().any(|pair| value.contains(|sign: char| pair.iter().any(|white| white.contains(sign))));
        (!more).then_some(range)
    }
}

/// Gives the white space before and behind a text.
fn outer(text: &str) -> [&str; 2] {
    let (before, behind) = (text.len() - text.trim_start().len(), text.trim_end().len());
    [text.get(..before).unwrap_or_default(), text.get(behind..).unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each mark of a text hides.
    fn all<'t>(marked: &str, twin: &'t str) -> Vec<Option<&'t str>> {
        let marked = marked.replace("[R]", "[REDACTED:token]");
        let marks = markers(&marked);
        hidden(&marked, &marks, twin).into_iter().map(|range| twin.get(range?)).collect()
    }

    #[test]
    fn what_a_mark_hides_is_read_from_the_twin() {
        assert_eq!(all("a [R] b [R] c", "a one b two c"), [Some("one"), Some("two")]);
        assert_eq!(all("[R]", "whole"), [Some("whole")]);
        assert_eq!(all("x [R]", "other"), [None]);
        assert_eq!(all("ä[R]ö[R]", "äüöß"), [Some("ü"), Some("ß")]);
    }

    #[test]
    fn the_whole_text_is_aligned_and_what_is_open_stays_hidden() {
        let twin = "please commit Project Bluebird of Contoso now. [ok] commit 4f1c9ae07d";
        assert_eq!(all("please commit [R] now. [ok] commit [R]", twin), [Some("Project Bluebird of Contoso"), Some("4f1c9ae07d")]);
        let three = all("log:\ncommit [R]\ncommit [R]\ncommit [R]\ndone", "log:\ncommit a1\ncommit b2\ncommit c3\ndone");
        assert_eq!(three, [Some("a1"), Some("b2"), Some("c3")]);
        assert_eq!(all("see [R] and [R] and [R].", "see a and b and c and d."), [None; 3]);
        // What is open at one place says nothing against another.
        assert_eq!(all("[R], [R]; [R]", "a, b, c; d"), [None, None, Some("d")]);
        assert_eq!(all("a [R][R] b", "a onetwo b"), [None; 2]);
        assert_eq!(all("a [R] b", "a  b"), [None]);
        assert_eq!(all("a [R]-[R] b", "a x- b"), [None; 2]);
        assert_eq!(all("a [R] b [R] c", "a [REDACTED] b two c"), [None, Some("two")]);
        assert_eq!(all("a [R]-[R] b", "a -x b"), [None; 2]);
        assert_eq!(all("a [R]-[R]-[R] b", "a -x-y b"), [None; 3]);
        // Ends are ends.
        assert_eq!(all("commit [R]", "a commit 4f1c9ae07d"), [None]);
        assert_eq!(all("commit [R] ok", "commit 4f1c9ae07d ok, and more"), [None]);
    }

    #[test]
    fn white_space_at_the_ends_may_differ_and_nothing_more_is_read() {
        for (marked, twin) in [("commit [R]", "commit 4f1c\n"), ("commit [R]\n", "commit 4f1c"), ("  commit [R]\r\n", "commit 4f1c\n"), ("[R]\n", " 4f1c")] {
            assert_eq!(all(marked, twin), [Some("4f1c")], "{marked:?} {twin:?}");
        }
        assert_eq!(all("a [R] b [R] c\n", "\ta one b two c"), [Some("one"), Some("two")]);
        // Where the ends are the same, a value of several lines is one.
        assert_eq!(all("key: [R]\n", "key: begin\nmiddle\nend\n"), [Some("begin\nmiddle\nend")]);
        assert_eq!(all("[R] and [R]", "one\ntwo and three\nfour\n"), [Some("one\ntwo"), None]);
        // Another line behind it is no white space.
        for (marked, twin) in [("commit [R]\n", "commit 4f1c\nhunter22"), ("commit [R]", "commit 4f1c\nhunter22\n"), ("\n[R] ok", "hunter22\n4f1c ok")] {
            assert_eq!(all(marked, twin), [None], "{marked:?} {twin:?}");
        }
        assert_eq!(all("commit [R] ok\n", "commit 4f1c ok\nand more"), [None]);
    }

    #[test]
    fn many_marks_of_one_text_are_read_at_once() {
        let marks = 20_000;
        let line = |value: &str, at: usize| format!("line {at}: token {value};\n");
        let marked: String = (0..marks).map(|at| line("[R]", at)).collect();
        let twin: String = (0..marks).map(|at| line(&format!("v{}", at * 7), at)).collect();
        let values = all(&marked, &twin);
        assert_eq!((values.len(), values[0], values[marks - 1]), (marks, Some("v0"), Some("v139993")));
    }
}
