//! The page of a value: every place with what stands around it, masked.

use crate::app::marks::Marks;
use crate::app::page::Block;
use crate::app::redactions::RedactionsView;
use crate::app::tone::Tone;
use crate::text::{clean, human};
use crate::workspace::{AuditFinding, Verdict};

/// Places that are listed.
const LISTED: usize = 400;

/// Writes the page of findings, and gives the block at which the chosen place begins.
pub(in crate::app) fn places_page(chosen: &[AuditFinding], view: &RedactionsView, marks: &Marks) -> (Vec<Block>, usize) {
    let Some(first) = chosen.first() else { return (Vec::new(), 0) };
    let mut blocks = vec![
        Block::new()
            .say(Tone::Strong, &first.class.replace('_', " "))
            .say(Tone::Dim, &format!("  {}  rule {}  {}", first.tier.as_str().replace('_', " "), first.detector, first.kind)),
    ];
    if let Some((_, value)) = view.revealed.as_ref().filter(|(fingerprint, _)| *fingerprint == first.fingerprint) {
        blocks.push(Block::new().say(Tone::Denied, "shown in the clear until the next key; that you looked is in the journal"));
        let mut block = Block::new();
        block.add(Tone::Strong, value);
        blocks.push(block);
    }
    blocks.push(Block::new());
    let mut at = 0;
    for (number, finding) in chosen.iter().take(LISTED).enumerate() {
        if number == view.place {
            at = blocks.len();
        }
        blocks.extend(place(finding, view, number == view.place, marks));
    }
    if chosen.len() > LISTED {
        blocks.push(Block::new().say(Tone::Dim, &format!("{} more places", chosen.len() - LISTED)));
    }
    (blocks, at)
}

fn place(finding: &AuditFinding, view: &RedactionsView, here: bool, marks: &Marks) -> Vec<Block> {
    let cursor = if here { marks.cursor } else { " " };
    let decoded = if finding.decoding.is_empty() { String::new() } else { format!("  in {}", finding.decoding.join(", ")) };
    let head = Block::new().say(Tone::Accent, cursor).say(if here { Tone::Strong } else { Tone::Text }, &format!(" {}#{}", finding.trajectory, finding.step));
    // One step may be told by several sources, and each holds the value on its own.
    let (source, at) = view.places.get(&finding.id).map_or(("", ""), |place| (place.source.rsplit('/').next().unwrap_or_default(), place.at.as_str()));
    let member = finding.member.as_ref().map_or(String::new(), |member| format!(" {member}"));
    let head = head.say(Tone::Text, &format!("  {source}{member}")).say(Tone::Dim, &format!("  {at}  {}{decoded}", human::pointer(&finding.field)));
    let (sign, tone) = verdict(finding.verdict, marks);
    let mut blocks =
        vec![if finding.verdict == Verdict::Open { head } else { head.say(tone, &format!("  {sign} {}", finding.verdict.as_str().replace('_', " "))) }];
    if let Some(note) = finding.note.as_ref().filter(|_| finding.verdict != Verdict::Open) {
        let by = finding.decided_by.as_deref().unwrap_or_default();
        blocks.push(Block::new().say(Tone::Dim, &format!("{by}: {note}")).indented(2));
    }
    if let Some(message) = &finding.message {
        blocks.push(Block::new().say(Tone::Denied, message).indented(2));
    }
    if let Some(found) = view.places.get(&finding.id).filter(|place| !place.text.is_empty()) {
        let said = |range: std::ops::Range<usize>| found.text.get(range).unwrap_or_default().replace('\n', " ").replace('▓', marks.redacted);
        let mut block = Block::new().say(Tone::Dim, &said(0..found.mark.start));
        block.add(Tone::Redaction, &clean(&said(found.mark.clone())));
        block.add(Tone::Dim, &clean(&said(found.mark.end..found.text.len())));
        blocks.push(block.indented(2));
        if let Some(after) = found.after.as_ref().filter(|_| here) {
            let after = after.replace('\n', " ").replace('▓', marks.redacted);
            let mut block = Block::new().say(Tone::Dim, "leaves as  ");
            for (at, piece) in after.split("[REDACTED:").enumerate() {
                let (mark, rest) = piece.split_once(']').filter(|_| at > 0).unwrap_or(("", piece));
                if at > 0 {
                    block.add(Tone::Redaction, &clean(&format!("[REDACTED:{mark}]")));
                }
                block.add(Tone::Text, &clean(rest));
            }
            blocks.push(block.indented(2));
        }
    }
    blocks
}

/// Gives the sign and the tone of a verdict.
pub fn verdict(verdict: Verdict, marks: &Marks) -> (&'static str, Tone) {
    match verdict {
        Verdict::Open => (marks.audit[0], Tone::Wait),
        Verdict::Redact => (marks.redacted, Tone::Redaction),
        Verdict::Keep => (marks.yes, Tone::Ran),
        Verdict::AlreadyRedacted => (marks.audit[2], Tone::Ran),
        Verdict::Escalate => (marks.failed, Tone::Denied),
    }
}
