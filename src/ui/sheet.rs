//! Pages of text: the lines that are seen, and how far one is.

use super::canvas::Canvas;
use crate::app::{Area, Page, Tone};
use crate::text::clean;

/// Draws the part of a page that is seen; a page that goes on says so at its lower right.
pub fn draw(canvas: &mut Canvas<'_>, area: Area, page: &Page) {
    for (row, line) in (0..area.height).zip(page.lines().iter().skip(page.top)) {
        let Some(block) = page.blocks().get(line.block) else { continue };
        let indent = line.indent.saturating_sub(page.left).min(area.width);
        let skipped = page.left.saturating_sub(line.indent);
        let tones = page.tones(line);
        canvas.put_part(area.x + indent, area.y + row, area.width - indent, &block.text, line.range.clone(), skipped, &tones);
    }
    let below = page.lines().len().saturating_sub(page.top + area.rows());
    if below > 0 && area.height > 1 {
        let said = clean(&format!(" {below} more "));
        canvas.put_right(area.x, area.y + area.height - 1, area.width, &said, Tone::Dim, Tone::Text);
    }
}
