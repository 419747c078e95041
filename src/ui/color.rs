//! Colours as a terminal can show them: written names read, true colours brought down to 256 or 16.

use ratatui::style::Color;

/// How many colours a terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: only bold, underline and reverse.
    Mono,
    /// The sixteen of its palette.
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// Red, green and blue of 8 bits each.
    True,
}

const NAMES: &[(&str, Color)] = &[
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

/// What the sixteen look like on most terminals (the defaults of xterm).
const SIXTEEN: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// Reads a colour: a name of the sixteen, `default`, `#rrggbb`, or a number of the 256.
#[must_use]
pub fn parse(written: &str) -> Option<Color> {
    if let Some((_, color)) = NAMES.iter().find(|(name, _)| *name == written) {
        return Some(*color);
    }
    if let Some(hex) = written.strip_prefix('#').filter(|hex| hex.len() == 6) {
        let part = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
        return Some(Color::Rgb(part(0)?, part(2)?, part(4)?));
    }
    written.parse::<u8>().ok().map(Color::Indexed)
}

/// Brings a colour down to what a terminal shows.
#[must_use]
pub fn within(color: Color, depth: Depth) -> Color {
    match (color, depth) {
        (_, Depth::Mono) => Color::Reset,
        (Color::Rgb(r, g, b), Depth::Indexed) => Color::Indexed(indexed(r, g, b)),
        (Color::Rgb(r, g, b), Depth::Sixteen) => sixteen(r, g, b),
        (Color::Indexed(n), Depth::Sixteen) => {
            let (r, g, b) = rgb_of(n);
            if n < 16 { basic(n) } else { sixteen(r, g, b) }
        }
        _ => color,
    }
}

/// Gives one of the sixteen by its number.
#[must_use]
pub fn basic(number: u8) -> Color {
    NAMES.get(usize::from(number % 16) + 1).map_or(Color::Reset, |(_, color)| *color)
}

/// Gives red, green and blue of a colour as it looks on most terminals; `default` is what is given.
#[must_use]
pub fn rgb(color: Color, default: (u8, u8, u8)) -> (u8, u8, u8) {
    match color {
        Color::Reset => default,
        Color::Rgb(r, g, b) => (r, g, b),
        Color::Indexed(n) => rgb_of(n),
        named => NAMES.iter().skip(1).position(|(_, known)| *known == named).and_then(|at| SIXTEEN.get(at).copied()).unwrap_or(default),
    }
}

fn rgb_of(n: u8) -> (u8, u8, u8) {
    let level = |n: u8| if n == 0 { 0 } else { 55 + n * 40 };
    match n {
        0..16 => SIXTEEN.get(usize::from(n)).copied().unwrap_or_default(),
        16..232 => (level((n - 16) / 36), level((n - 16) / 6 % 6), level((n - 16) % 6)),
        _ => {
            let grey = 8 + (n - 232) * 10;
            (grey, grey, grey)
        }
    }
}

fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> u32 {
    let square = |x: u8, y: u8| u32::from(x.abs_diff(y)).pow(2);
    2 * square(a.0, b.0) + 4 * square(a.1, b.1) + 3 * square(a.2, b.2)
}

fn indexed(r: u8, g: u8, b: u8) -> u8 {
    (16..=255).min_by_key(|n| distance(rgb_of(*n), (r, g, b))).unwrap_or(7)
}

fn sixteen(r: u8, g: u8, b: u8) -> Color {
    let nearest = (0..16u8).min_by_key(|n| distance(rgb_of(*n), (r, g, b))).unwrap_or(7);
    basic(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_and_brought_down() {
        assert_eq!(parse("#ff8000"), Some(Color::Rgb(255, 128, 0)));
        assert_eq!((parse("bright-red"), parse("208"), parse("puce"), parse("#12")), (Some(Color::LightRed), Some(Color::Indexed(208)), None, None));
        assert_eq!(within(Color::Rgb(255, 135, 0), Depth::Indexed), Color::Indexed(208));
        assert_eq!(within(Color::Rgb(250, 5, 5), Depth::Sixteen), Color::LightRed);
        assert_eq!(within(Color::Indexed(1), Depth::Sixteen), Color::Red);
        assert_eq!(within(Color::Red, Depth::Mono), Color::Reset);
        assert_eq!(rgb(Color::Red, (0, 0, 0)), (205, 0, 0));
    }
}
