//! Pictures of screens: as text with its styles, for tests, and as SVG, for documents.

use super::color::rgb;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use std::fmt::Write;

/// Width and height of a cell of an SVG picture, in its units.
const CELL: (f32, f32) = (8.4, 18.0);

/// Writes cells as lines of text, and under them the styles: a letter for each style where it stands, and what each letter means.
#[must_use]
pub fn dump(cells: &Buffer) -> String {
    let mut styles: Vec<(Color, Color, Modifier)> = vec![(Color::Reset, Color::Reset, Modifier::empty())];
    let (mut text, mut layer) = (String::new(), String::new());
    let area = cells.area;
    for y in area.y..area.bottom() {
        let (mut line, mut marks) = (String::new(), String::new());
        let mut skip = 0;
        for x in area.x..area.right() {
            let cell = &cells[(x, y)];
            if skip == 0 {
                line.push_str(cell.symbol());
                skip = crate::text::width(cell.symbol()).saturating_sub(1);
            } else {
                skip -= 1;
            }
            let style = (cell.fg, cell.bg, cell.modifier);
            let at = styles.iter().position(|known| *known == style).unwrap_or_else(|| {
                styles.push(style);
                styles.len() - 1
            });
            marks.push(if at == 0 { ' ' } else { letter(at) });
        }
        let _ = writeln!(text, "{}", line.trim_end());
        let _ = writeln!(layer, "{}", marks.trim_end());
    }
    let mut out = format!("{}\n{}\n", text.trim_end(), layer.trim_end());
    for (at, (fg, bg, modifier)) in styles.iter().enumerate().skip(1) {
        let _ = writeln!(out, "{} {fg} on {bg} {modifier:?}", letter(at));
    }
    out
}

fn letter(at: usize) -> char {
    let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    letters.get(at - 1).map_or('?', |byte| char::from(*byte))
}

/// Draws cells as an SVG picture; `ground` and `ink` are the terminal's own background and letters.
#[must_use]
pub fn svg(cells: &Buffer, ground: (u8, u8, u8), ink: (u8, u8, u8)) -> String {
    let area = cells.area;
    let (width, height) = (f32::from(area.width) * CELL.0 + 16.0, f32::from(area.height) * CELL.1 + 16.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{}\"/>\n<g font-family=\"ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace\" font-size=\"14\" xml:space=\"preserve\">\n",
        hex(ground)
    );
    for y in area.y..area.bottom() {
        let mut x = area.x;
        while x < area.right() {
            let style = (cells[(x, y)].fg, cells[(x, y)].bg, cells[(x, y)].modifier);
            let start = x;
            let mut text = String::new();
            while x < area.right() && (cells[(x, y)].fg, cells[(x, y)].bg, cells[(x, y)].modifier) == style {
                let symbol = cells[(x, y)].symbol();
                text.push_str(symbol);
                x += u16::try_from(crate::text::width(symbol).max(1)).unwrap_or(1);
            }
            run(&mut out, (start, y, x - start), &text, style, ground, ink);
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

fn run(out: &mut String, place: (u16, u16, u16), text: &str, style: (Color, Color, Modifier), ground: (u8, u8, u8), ink: (u8, u8, u8)) {
    let (x, y, columns) = place;
    let (mut fg, mut bg) = (rgb(style.0, ink), rgb(style.1, ground));
    if style.2.contains(Modifier::REVERSED) {
        std::mem::swap(&mut fg, &mut bg);
    }
    let (left, top) = (8.0 + f32::from(x) * CELL.0, 8.0 + f32::from(y) * CELL.1);
    let wide = f32::from(columns) * CELL.0;
    if bg != ground {
        let _ = writeln!(out, "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{:.1}\" fill=\"{}\"/>", CELL.1, hex(bg));
    }
    if text.trim().is_empty() {
        return;
    }
    let mut looks = String::new();
    for (modifier, look) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        (Modifier::DIM, " opacity=\"0.6\""),
    ] {
        looks.push_str(if style.2.contains(modifier) { look } else { "" });
    }
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(out, "<text x=\"{left:.1}\" y=\"{:.1}\" textLength=\"{wide:.1}\" fill=\"{}\"{looks}>{escaped}</text>", top + 13.5, hex(fg));
}

fn hex(color: (u8, u8, u8)) -> String {
    format!("#{:02x}{:02x}{:02x}", color.0, color.1, color.2)
}
