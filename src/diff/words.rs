//! Words: which parts of two texts differ.

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};
use std::ops::Range;
use std::time::{Duration, Instant};

/// How long two texts are compared before the rest counts as different.
const LIMIT: Duration = Duration::from_millis(60);
/// Where fewer than one word in so many is common, the texts have nothing to do with each other.
const LEAST_COMMON: usize = 5;

/// The parts of two texts that the other has not, as byte ranges in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked {
    /// Parts of the left text.
    pub left: Vec<Range<usize>>,
    /// Parts of the right text.
    pub right: Vec<Range<usize>>,
}

impl Marked {
    /// Gives the parts of a side: 0 is the left one.
    #[must_use]
    pub fn side(&self, side: usize) -> &[Range<usize>] {
        if side == 0 { &self.left } else { &self.right }
    }
}

/// Compares two texts word by word; texts that share next to nothing are marked as wholes.
#[must_use]
pub fn words(left: &str, right: &str) -> Marked {
    if left == right {
        return Marked::default();
    }
    let (a, b) = (tokens(left), tokens(right));
    let (texts_a, texts_b): (Vec<&str>, Vec<&str>) = (texts(left, &a), texts(right, &b));
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &texts_a, &texts_b, Instant::now().checked_add(LIMIT));
    let mut marked = Marked::default();
    let mut common = 0;
    for op in ops {
        if let DiffOp::Equal { old_index, len, .. } = op {
            common += texts_a.iter().skip(old_index).take(len).filter(|text| is_word(text)).count();
        } else {
            mark(&mut marked.left, left, a.get(op.old_range()).unwrap_or_default());
            mark(&mut marked.right, right, b.get(op.new_range()).unwrap_or_default());
        }
    }
    let count = |texts: &[&str]| texts.iter().filter(|text| is_word(text)).count();
    if common * LEAST_COMMON < count(&texts_a).min(count(&texts_b)) {
        let whole = |text: &str| if text.is_empty() { Vec::new() } else { std::iter::once(0..text.len()).collect() };
        return Marked { left: whole(left), right: whole(right) };
    }
    marked
}

fn texts<'a>(text: &'a str, tokens: &[Range<usize>]) -> Vec<&'a str> {
    tokens.iter().map(|range| text.get(range.clone()).unwrap_or_default()).collect()
}

fn is_word(token: &str) -> bool {
    token.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// Cuts a text into words, blanks, and every other character by itself.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let class = |c: char| if c.is_alphanumeric() || c == '_' { 1 } else { u8::from(c.is_whitespace()) * 2 };
    let mut tokens: Vec<Range<usize>> = Vec::new();
    let mut before = 0;
    for (at, c) in text.char_indices() {
        let (now, end) = (class(c), at + c.len_utf8());
        match tokens.last_mut() {
            Some(last) if now != 0 && now == before => last.end = end,
            _ => tokens.push(at..end),
        }
        before = now;
    }
    tokens
}

/// Marks a run of tokens; runs with nothing but a blank between them become one.
fn mark(marked: &mut Vec<Range<usize>>, text: &str, run: &[Range<usize>]) {
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return };
    match marked.last_mut() {
        Some(before) if text.get(before.end..first.start).is_some_and(|gap| !gap.contains('\n') && gap.trim().is_empty()) => before.end = last.end,
        _ => marked.push(first.start..last.end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts<'a>(text: &'a str, ranges: &[Range<usize>]) -> Vec<&'a str> {
        ranges.iter().map(|range| &text[range.clone()]).collect()
    }

    #[test]
    fn changed_words_are_marked_and_common_ones_are_not() {
        let (left, right) = ("rm -rf ./dist now", "rm -rf ./build/out now");
        let marked = words(left, right);
        assert_eq!(parts(left, &marked.left), ["dist"]);
        assert_eq!(parts(right, &marked.right), ["build/out"]);
    }

    #[test]
    fn what_was_added_is_marked_on_its_side_alone() {
        let (left, right) = ("I will push it.", "I will ask first and push it.");
        let marked = words(left, right);
        assert!(marked.left.is_empty());
        assert_eq!(parts(right, &marked.right), ["ask first and "]);
    }

    #[test]
    fn texts_without_common_words_are_marked_whole() {
        let (left, right) = ("the quick brown fox, it runs", "seven large green birds, and away");
        let whole = |text: &str| std::iter::once(0..text.len()).collect::<Vec<_>>();
        assert_eq!(words(left, right), Marked { left: whole(left), right: whole(right) });
    }

    #[test]
    fn very_long_texts_are_given_up_in_time() {
        let text = |step: usize| (0..60_000).map(|i| format!("w{} ", i * step % 7919)).collect::<String>();
        let (left, right) = (text(3), text(5));
        let marked = words(&left, &right);
        assert!(!marked.left.is_empty() && !marked.right.is_empty());
    }

    proptest! {
        #[test]
        fn what_is_not_marked_is_the_same(left in "[ab \n.é]{0,20}", right in "[ab \n.é]{0,20}") {
            let marked = words(&left, &right);
            let rest = |text: &str, ranges: &[Range<usize>]| {
                let mut kept = String::new();
                let mut at = 0;
                for range in ranges {
                    kept.push_str(&text[at..range.start]);
                    at = range.end;
                }
                kept + &text[at..]
            };
            // A blank between two marks is marked with them.
            let bare = |text: String| text.split_whitespace().collect::<String>();
            prop_assert_eq!(bare(rest(&left, &marked.left)), bare(rest(&right, &marked.right)));
        }
    }
}
