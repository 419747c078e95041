//! Choosing a span of text with the keyboard: a secret that no detector saw, or the right ends of one that it saw.

use super::layout::{Area, NARROW};
use super::overlay::Overlay;
use super::state::{Screen, State};
use super::task::Task;
use crate::command::{Code, Key};
use crate::text::Clean;
use crate::workspace::{AuditFinding, AuditPlace};
use std::ops::Range;

/// Letters of a step that are shown; a longer step is cut.
const SHOWN: usize = 20_000;

/// What a span is chosen in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpanOf {
    /// A step, by its whole id.
    Step(String),
    /// A finding, whose value stands at these letters.
    Finding(Box<AuditFinding>, Range<usize>),
}

/// A text in which a span is chosen.
#[derive(Debug)]
pub struct Span {
    /// Its title.
    pub title: Clean,
    /// Its letters.
    pub letters: Vec<char>,
    /// Where one is.
    pub cursor: usize,
    /// Where the span begins or ends on the other side; `None` where none was begun.
    pub anchor: Option<usize>,
    /// The first line that is shown.
    pub top: usize,
    of: SpanOf,
}

impl Span {
    /// Gives the chosen letters; the one under the cursor belongs to them.
    #[must_use]
    pub fn chosen(&self) -> Range<usize> {
        let anchor = self.anchor.unwrap_or(self.cursor);
        anchor.min(self.cursor)..anchor.max(self.cursor) + 1
    }

    /// Gives the lines as they are laid in some columns: ranges of letters.
    #[must_use]
    pub fn lines(&self, columns: usize) -> Vec<Range<usize>> {
        let (mut lines, mut start, mut wide) = (Vec::new(), 0, 0);
        for (at, letter) in self.letters.iter().enumerate() {
            let width = crate::text::width(letter.encode_utf8(&mut [0; 4])).max(1);
            if wide + width > columns.max(2) {
                lines.push(start..at);
                (start, wide) = (at, 0);
            }
            wide += width;
            if *letter == '\n' {
                lines.push(start..at + 1);
                (start, wide) = (at + 1, 0);
            }
        }
        lines.push(start..self.letters.len());
        lines
    }

    fn go(&mut self, key: Key, columns: usize) {
        let last = self.letters.len().saturating_sub(1);
        let at = self.cursor.min(last);
        self.cursor = match key.code {
            Code::Char('h') | Code::Left => at.saturating_sub(1),
            Code::Char('l') | Code::Right => (at + 1).min(last),
            Code::Char('w') => self.word(at, 1),
            Code::Char('b') => self.word(at, -1),
            Code::Char('e') => self.word_end(at),
            Code::Char('j') | Code::Down => self.line(at, 1, columns),
            Code::Char('k') | Code::Up => self.line(at, -1, columns),
            Code::Char('0') | Code::Home => self.letters[..at].iter().rposition(|c| *c == '\n').map_or(0, |i| i + 1),
            Code::Char('$') | Code::End => self.letters[at..].iter().position(|c| *c == '\n').map_or(last, |i| (at + i).saturating_sub(1).max(at)),
            Code::Char('g') => 0,
            Code::Char('G') => last,
            _ => at,
        };
    }

    /// Goes to where the next or the last word begins; a word ends at a blank, a quote or a bracket.
    fn word(&self, at: usize, way: isize) -> usize {
        let begins = |i: &usize| inside(self.letters.get(*i)) && (*i == 0 || !inside(self.letters.get(i - 1)));
        let found = if way > 0 { (at + 1..self.letters.len()).find(begins) } else { (0..at).rev().find(begins) };
        found.unwrap_or(at)
    }

    fn word_end(&self, at: usize) -> usize {
        let ends = |i: &usize| inside(self.letters.get(*i)) && !inside(self.letters.get(i + 1));
        (at + 1..self.letters.len()).find(ends).unwrap_or(at)
    }

    fn line(&self, at: usize, way: isize, columns: usize) -> usize {
        let lines = self.lines(columns);
        let row = lines.iter().position(|line| line.contains(&at)).unwrap_or(0);
        let Some(there) = row.checked_add_signed(way).and_then(|row| lines.get(row)).filter(|line| !line.is_empty()) else { return at };
        let column = at - lines.get(row).map_or(at, |line| line.start);
        (there.start + column).min(there.end - 1)
    }

    /// Moves what is shown so that the cursor is in sight.
    pub(super) fn settle(&mut self, columns: usize, rows: usize) {
        let row = self.lines(columns).iter().position(|line| line.contains(&self.cursor)).unwrap_or(0);
        self.top = self.top.clamp((row + 1).saturating_sub(rows.max(1)), row);
    }
}

/// Tells a letter of a word.
fn inside(letter: Option<&char>) -> bool {
    letter.is_some_and(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '`' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | ',' | ';' | '='))
}

impl State {
    /// Gives where a span is chosen.
    #[must_use]
    pub fn span_area(&self) -> Area {
        let (width, height) = self.size;
        let columns = usize::from(width.saturating_sub(8));
        let lines = if let Some(Overlay::Span(span)) = self.overlays.last() { span.lines(columns).len() } else { 0 };
        let rows = u16::try_from(lines + 2).unwrap_or(u16::MAX).min(height.saturating_sub(4)).max(3);
        // On a narrow screen nothing is to be gained from what would be seen at the sides.
        let margin = if width < NARROW { 0 } else { 2 };
        Area::new(margin, (height.saturating_sub(rows)) / 2, width.saturating_sub(2 * margin), rows)
    }

    /// Begins to choose a span: in the step one reads, or around the chosen finding.
    pub(super) fn choose_span(&mut self) {
        if self.screen == Screen::Redactions { self.adjust_span() } else { self.mark_span() }
    }

    fn mark_span(&mut self) {
        let Some(reading) = &self.reading else { return };
        let Some(step) = reading.step() else { return self.note("there is no step to mark something in") };
        let letters: Vec<char> = step.text.chars().take(SHOWN).collect();
        if letters.is_empty() {
            return self.note("this step has no text");
        }
        let of = SpanOf::Step(format!("{}#{}", reading.trajectory.id, step.id));
        let title = crate::text::clean("what must not leave: v begins, motions widen, enter marks it everywhere");
        self.overlays.push(Overlay::Span(Span { title, letters, cursor: 0, anchor: None, top: 0, of }));
    }

    fn adjust_span(&mut self) {
        let view = &self.redactions;
        let Some(finding) = view.chosen().get(view.place).map(|finding| (*finding).clone()) else { return };
        if !finding.is_value() || !finding.decoding.is_empty() {
            return self.note("only a value that stands in the clear has a span to move");
        }
        let Some(place) = view.places.get(&finding.id).filter(|place| !place.text.is_empty()) else { return self.note("its surroundings are being read") };
        let Some((letters, value)) = around(&finding, place) else { return self.note("this value cannot be moved letter by letter; mark it in the step") };
        let title = crate::text::clean("where the value stands: h l move its end, o goes to the other end, enter keeps it");
        let span = Span { title, letters, cursor: value.end - 1, anchor: Some(value.start), top: 0, of: SpanOf::Finding(Box::new(finding), value) };
        self.overlays.push(Overlay::Span(span));
    }

    /// Takes a key while a span is chosen.
    pub(super) fn span_key(&mut self, key: Key) {
        let area = self.span_area();
        let (columns, rows) = (usize::from(area.width.saturating_sub(4)), usize::from(area.height.saturating_sub(2)));
        let Some(Overlay::Span(span)) = self.overlays.last_mut() else { return };
        match key.code {
            Code::Esc => drop(self.overlays.pop()),
            Code::Char('c') if key.ctrl => drop(self.overlays.pop()),
            Code::Char('v') => span.anchor = if span.anchor.is_some() { None } else { Some(span.cursor) },
            Code::Char('o') => {
                if let Some(anchor) = span.anchor.replace(span.cursor) {
                    span.cursor = anchor;
                }
            }
            Code::Enter if span.anchor.is_none() => self.note("v begins a span"),
            Code::Enter => self.take_span(),
            _ => {
                span.go(key, columns);
                span.settle(columns, rows);
            }
        }
    }

    fn take_span(&mut self) {
        let Some(Overlay::Span(span)) = self.overlays.pop() else { return };
        let chosen = span.chosen();
        match span.of {
            SpanOf::Step(id) => {
                let value: String = span.letters.get(chosen).unwrap_or_default().iter().collect();
                if value.contains('▓') {
                    return self.note("what is masked is known already; mark what stands beside it");
                }
                self.want(Task::MarkValue { id, value });
            }
            SpanOf::Finding(finding, value) => {
                let bytes =
                    |range: Range<usize>| span.letters.get(range).unwrap_or_default().iter().map(|c| if *c == '▓' { 1 } else { c.len_utf8() }).sum::<usize>();
                let moved = |to: usize, from: usize, byte: usize| if to < from { byte.saturating_sub(bytes(to..from)) } else { byte + bytes(from..to) };
                let start = moved(chosen.start, value.start, finding.start);
                let end = moved(chosen.end, value.start, finding.start);
                self.want(Task::Adjust { finding, start, end });
            }
        }
    }
}

/// Gives what stands around a value, its own letters masked one by one; `None` where a letter of it may have several bytes.
fn around(finding: &AuditFinding, place: &AuditPlace) -> Option<(Vec<char>, Range<usize>)> {
    let count: usize = finding.masked.rsplit_once('(')?.1.trim_end_matches(')').parse().ok()?;
    if count != finding.end - finding.start {
        return None;
    }
    let before = place.text.get(..place.mark.start)?;
    let after = place.text.get(place.mark.end..)?;
    // Beyond another mask, letters are no places any more.
    let before = before.rsplit(['▓', '…']).next().unwrap_or_default();
    let after = after.split(['▓', '…']).next().unwrap_or_default();
    let start = before.chars().count();
    let letters: Vec<char> = before.chars().chain(std::iter::repeat_n('▓', count)).chain(after.chars()).collect();
    Some((letters, start..start + count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str) -> Span {
        Span { title: Clean::default(), letters: text.chars().collect(), cursor: 0, anchor: None, top: 0, of: SpanOf::Step(String::new()) }
    }

    #[test]
    fn motions_go_by_letters_words_and_lines() {
        let mut span = span("key=\"abc def\"\nnext line");
        let mut press = |keys: &str| {
            keys.chars().for_each(|c| span.go(Key { code: Code::Char(c), ctrl: false, alt: false, shift: false }, 80));
            span.cursor
        };
        assert_eq!(press("w"), 5);
        assert_eq!(press("e"), 7);
        assert_eq!(press("wj"), 22);
        assert_eq!(press("0"), 14);
        assert_eq!(press("kb"), 0);
        assert_eq!(press("G$"), 22);
    }
}
