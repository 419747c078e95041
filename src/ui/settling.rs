//! What reviewers answered to one question, beside each other, with their notes; who they are is hidden unless it is asked for.

use super::canvas::Canvas;
use crate::app::{Area, Asked, Review, Tone, Voice};
use crate::text::{clean, wrap};

/// Rows that notes take at most.
const NOTES: u16 = 4;
/// Rows that are left for the answers.
const ANSWERS: u16 = 2;
/// Reviewers who fit beside each other.
const BESIDE: usize = 4;

/// Draws what was answered; gives the rows that it took.
pub fn draw(review: &Review, asked: &Asked, canvas: &mut Canvas<'_>, area: Area) -> u16 {
    let shown = asked.voices.len().min(BESIDE);
    let Some(wide) = u16::try_from(shown).ok().filter(|count| *count > 0).map(|count| area.width / count) else { return 0 };
    let rows = NOTES.min(area.height.saturating_sub(ANSWERS + 1));
    let mut used = 0;
    for (at, voice) in (0_u16..).zip(asked.voices.iter().take(BESIDE)) {
        let x = area.x + at * wide;
        let room = wide.saturating_sub(3);
        let from = u16::from(at > 0) * 2;
        let name = if review.names { voice.reviewer.clone() } else { char::from(b'A' + u8::try_from(at).unwrap_or(25)).to_string() };
        let head = canvas.put(x + from, area.y, room, &clean(&format!("{name}  ")), Tone::Dim);
        canvas.put(x + from + head, area.y, room.saturating_sub(head), &clean(&said(voice)), Tone::Strong);
        let text = clean(&voice.notes.join("  "));
        for (row, line) in (1..=rows).zip(wrap(&text, usize::from(room))).filter(|(_, line)| !line.is_empty()) {
            canvas.put_part(x + from, area.y + row, room, &text, line, 0, &[]);
            used = used.max(row);
        }
    }
    for at in 1..u16::try_from(shown).unwrap_or(1) {
        canvas.side(area.x + at * wide, area.y, used + 1);
    }
    used + 1
}

fn said(voice: &Voice) -> String {
    let sure = match voice.confidence {
        1 => ", unsure",
        3 => ", sure",
        _ => "",
    };
    format!("{}{sure}{}", voice.answer.replace('_', " "), if voice.hindsight { ", with hindsight" } else { "" })
}
