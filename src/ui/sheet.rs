//! Pages of text: the lines that are seen, and how far one is.

use super::canvas::Canvas;
use crate::app::{Area, Page, Tone};
use crate::text::{clean, width};

/// Draws the part of a page that is seen; a page that goes on says so at its lower right.
pub fn draw(canvas: &mut Canvas<'_>, area: Area, page: &Page) {
    let below = page.lines().len().saturating_sub(page.top + area.rows());
    let more = |below: usize| clean(&format!(" {below} more "));
    let (mut said, mut rows) = (more(below), area.height);
    if below > 0 && area.height > 1 {
        // A line of which a part were covered would be misread: it waits below with the others.
        let last = page.lines().get(page.top + area.rows() - 1);
        let wide =
            last.and_then(|line| Some(width(page.blocks().get(line.block)?.text.as_str().get(line.range.clone())?) + usize::from(line.indent))).unwrap_or(0);
        if wide + width(&said) > usize::from(area.width + page.left) {
            (said, rows) = (more(below + 1), rows - 1);
        }
    }
    for (row, line) in (0..rows).zip(page.lines().iter().skip(page.top)) {
        let Some(block) = page.blocks().get(line.block) else { continue };
        let indent = line.indent.saturating_sub(page.left).min(area.width);
        let skipped = page.left.saturating_sub(line.indent);
        let tones = page.tones(line);
        canvas.put_part(area.x + indent, area.y + row, area.width - indent, &block.text, line.range.clone(), skipped, &tones);
    }
    if below > 0 && area.height > 1 {
        canvas.put_right(area.x, area.y + area.height - 1, area.width, &said, Tone::Dim, Tone::Text);
    }
}
