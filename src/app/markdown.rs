//! Messages as their writers meant them: headings, code, strong words and quotes stand out; every letter stays where it is.

use super::page::Block;
use super::tone::Tone;
use crate::text::clean_block;
use std::ops::Range;

/// Makes a block of a message, with the tones of its Markdown. Nothing is left out or moved, so that what is found, copied and judged is
/// what was written.
#[must_use]
pub fn message(raw: &str) -> Block {
    let text = clean_block(raw.trim_end_matches('\n'));
    let mut tones = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let words = line.trim_end_matches('\n');
        if is_heading(words) {
            tones.push((at..at + words.len(), Tone::Strong));
        } else if words.trim_start().starts_with("> ") {
            tones.push((at..at + words.len(), Tone::Dim));
        } else {
            spans(words, at, &mut tones);
        }
        at += line.len();
    }
    Block { text, tones, ..Block::default() }
}

fn is_heading(line: &str) -> bool {
    let marks = line.bytes().take_while(|b| *b == b'#').count();
    (1..=6).contains(&marks) && line.as_bytes().get(marks) == Some(&b' ')
}

/// Adds the tones of one line: what stands between backquotes is code, what stands between doubled stars is strong.
fn spans(line: &str, at: usize, tones: &mut Vec<(Range<usize>, Tone)>) {
    let mut done = 0;
    while let Some((range, tone)) = next_span(line, done) {
        done = range.end;
        tones.push((at + range.start..at + range.end, tone));
    }
}

/// Finds the next pair of backquotes or doubled stars from a place on; what is opened and not closed on its line is text.
fn next_span(line: &str, from: usize) -> Option<(Range<usize>, Tone)> {
    let mut from = from;
    loop {
        let open = from + line.get(from..)?.find(['`', '*'])?;
        let (sign, tone) = if line.get(open..)?.starts_with("**") { ("**", Tone::Strong) } else { ("`", Tone::Quoted) };
        let inner = open + sign.len();
        let close = line.get(open..)?.starts_with(sign).then(|| line.get(inner..)?.find(sign)).flatten();
        match close {
            // Nothing between, or a blank after the opening sign: no span.
            Some(len) if len > 0 && !line.get(inner..)?.starts_with(' ') => return Some((open..inner + len + sign.len(), tone)),
            _ => from = open + if line.get(open..)?.starts_with(sign) { sign.len() } else { 1 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn toned(raw: &str) -> Vec<(String, Tone)> {
        let block = message(raw);
        block.tones.iter().map(|(range, tone)| (block.text[range.clone()].to_owned(), *tone)).collect()
    }

    #[test]
    fn what_markdown_means_stands_out() {
        let expect = [("# Plan", Tone::Strong), ("**two**", Tone::Strong), ("`src/main.rs`", Tone::Quoted), ("> said before", Tone::Dim)];
        let expect: Vec<(String, Tone)> = expect.into_iter().map(|(text, tone)| (text.to_owned(), tone)).collect();
        assert_eq!(toned("# Plan\ndo **two** things in `src/main.rs`\n> said before\n"), expect);
        assert_eq!(toned("a * b ** c, `open, #no heading, ** no **"), Vec::new());
    }

    proptest! {
        #[test]
        fn no_letter_is_lost_and_tones_are_in_order(raw in "[a `*#>\n一é-]{0,60}") {
            let block = message(&raw);
            prop_assert_eq!(&*block.text, &*clean_block(raw.trim_end_matches('\n')));
            let mut before = 0;
            for (range, _) in &block.tones {
                prop_assert!(before <= range.start && range.start < range.end && block.text.get(range.clone()).is_some(), "{:?}", block.tones);
                before = range.end;
            }
        }
    }
}
