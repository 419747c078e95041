//! The legend: what each sign means, drawn in its own colour.

use super::marks::{Marks, UNICODE};
use super::page::Block;
use super::state::State;
use super::tone::Tone;
use crate::text::fit;

/// Columns of the signs.
const SIGNS: u16 = 20;

/// A sign, its tone, and what it means.
type Sign = (String, Tone, &'static str);

fn lane(m: &Marks) -> Vec<Sign> {
    let one = |sign: &str, tone, meaning| (sign.to_owned(), tone, meaning);
    vec![
        one(m.opens, Tone::Tool, "a call begins"),
        one(m.alone, Tone::Tool, "a call of which nothing more is known"),
        one(m.through, Tone::Dim, "it is under way while something else happens"),
        one(m.waits, Tone::Wait, "it waits for a decision"),
        (format!("4.2s {}", m.bar.repeat(7)), Tone::Wait, "how long, on a log scale: four more for each tenfold, from 0.1 s"),
        one(m.yes, Tone::Ran, "it was let go on"),
        one(m.no, Tone::Denied, "it was stopped: denied, expired, cancelled, blocked by policy"),
        one(m.ends, Tone::Ran, "it ended well, or nobody knows how"),
        one(m.failed, Tone::Failed, "it ended in failure"),
        (m.arc.join(" "), Tone::Retry, "from a call to the one that tries it again; gx goes to the other end"),
    ]
}

fn beside(m: &Marks) -> Vec<Sign> {
    vec![
        (format!("{} directed", m.retry), Tone::Retry, "this call tries another one again, and how far that was allowed"),
        ("high, critical".to_owned(), Tone::Denied, "risk of the call"),
        (format!("{}S3", m.finding), Tone::Finding, "the rule S3 found something here; with ? it is possible, not sure"),
        (m.redacted.to_owned(), Tone::Redaction, "something is redacted here, or was decided to be"),
        (format!("{}?", m.redacted), Tone::Redaction, "the audit found a value that nobody decided yet"),
        (format!("{} yes", m.label), Tone::Label, "a person answered the first question so; the page of the step has all answers"),
        (m.marked.to_owned(), Tone::Accent, "marked with v"),
    ]
}

fn library(m: &Marks) -> Vec<Sign> {
    let ascii = usize::from(m.side != UNICODE.side);
    let audit = super::columns::column("audit").map_or("", |column| column.heading[ascii]);
    let one = |sign: &str, tone, meaning| (sign.to_owned(), tone, meaning);
    vec![
        one(m.unseen, Tone::Accent, "not opened yet"),
        one(m.no, Tone::Denied, "calls that were refused"),
        one(m.retry, Tone::Retry, "calls that try a stopped one again"),
        one(m.failed, Tone::Failed, "calls that failed, and errors; a column that C shows, where it is not there"),
        one(m.finding, Tone::Finding, "sure findings of rules"),
        one(m.label, Tone::Label, "answers of reviewers; also a column that C shows"),
        (
            format!("{audit}  {}", m.audit.join(" ")),
            Tone::Redaction,
            "audit of redactions: not looked at, values open, every value found in what could be read is decided (gs names what could not)",
        ),
    ]
}

impl State {
    /// Shows what the signs mean.
    pub(super) fn legend(&mut self) {
        let m = self.marks();
        let mut blocks = Vec::new();
        let parts = [("in the lane of a trajectory", lane(m)), ("at the right of a step", beside(m)), ("in the library", library(m))];
        for (title, signs) in parts {
            blocks.push(Block::new().say(Tone::Accent, title));
            for (sign, tone, meaning) in signs {
                let block = Block::new().say(tone, &fit(&sign, usize::from(SIGNS))).say(Tone::Text, meaning);
                blocks.push(block.indented(2).hanging(SIGNS));
            }
            blocks.push(Block::new());
        }
        blocks.pop();
        self.sheet("signs", blocks);
    }
}
