//! Themes: what is written stands out from its ground on every screen, and meanings keep apart for people who see fewer colours.

use crate::screens::{demo, open};
use ossia::app::Tone;
use ossia::ui::{BUILT_IN, Depth, Theme};
use ratatui::style::{Color, Modifier};

type Rgb = [f64; 3];

/// Grounds of common terminals, for the themes that leave the ground to the terminal.
const DARK: [u32; 4] = [0x00_00_00, 0x12_16_1e, 0x1e_1e_1e, 0x28_2c_34];
const LIGHT: [u32; 3] = [0xff_ff_ff, 0xf6_f8_fa, 0xfd_f6_e3];
/// The least contrast of text, and of what is meant to stand back (WCAG 2.2, 1.4.3 and 1.4.11).
const LEAST: f64 = 4.5;
const LEAST_DIM: f64 = 3.0;
/// The least distance in CIELAB at which two colours of letters are told apart without effort.
const APART: f64 = 19.0;

fn rgb(color: u32) -> Rgb {
    [16, 8, 0].map(|shift| f64::from(color >> shift & 255) / 255.0)
}

fn seen(color: Option<Color>, ground: u32) -> Rgb {
    match color {
        Some(Color::Rgb(r, g, b)) => [r, g, b].map(|part| f64::from(part) / 255.0),
        _ => rgb(ground),
    }
}

/// Light of each primary, from the sRGB values (IEC 61966-2-1).
fn linear(color: Rgb) -> Rgb {
    color.map(|part| if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) })
}

fn luminance(color: Rgb) -> f64 {
    let [r, g, b] = linear(color);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// What people with one kind of cones missing see of a colour (Machado, Oliveira and Fernandes 2009), as CIELAB.
fn seen_by(color: Rgb, eye: [[f64; 3]; 3]) -> [f64; 3] {
    let light = linear(color);
    let dot = |row: [f64; 3], light: Rgb| row.iter().zip(light).map(|(a, b)| a * b).sum::<f64>();
    let light = eye.map(|row| dot(row, light).clamp(0.0, 1.0));
    let white = [0.950_47, 1.0, 1.088_83];
    let xyz = [[0.412_456, 0.357_576, 0.180_438], [0.212_673, 0.715_152, 0.072_175], [0.019_334, 0.119_192, 0.950_304]].map(|row| dot(row, light));
    let f = |at: usize| {
        let t = xyz[at] / white[at];
        if t > 216.0 / 24_389.0 { t.cbrt() } else { (24_389.0 / 27.0 * t + 16.0) / 116.0 }
    };
    [116.0 * f(1) - 16.0, 500.0 * (f(0) - f(1)), 200.0 * (f(1) - f(2))]
}

const EYES: [(&str, [[f64; 3]; 3]); 4] = [
    ("all cones", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    ("no long ones", [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]]),
    ("no middle ones", [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_82, 0.042_94, 0.968_881]]),
    ("no short ones", [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_9]]),
];

/// Built-in themes of true colours, with the grounds that they may stand on.
fn themes() -> impl Iterator<Item = (&'static str, &'static [u32])> {
    let coloured = BUILT_IN.iter().filter(|(name, _)| !matches!(*name, "ansi" | "mono"));
    coloured.map(|(name, _)| (*name, if *name == "light" { LIGHT.as_slice() } else { DARK.as_slice() }))
}

#[test]
fn every_tone_stands_out_from_every_ground_it_is_drawn_on() {
    let mut faint = Vec::new();
    for (name, grounds) in themes() {
        let theme = Theme::built_in(name, Depth::True);
        for (tone, role, _) in Tone::ROLES.iter().filter(|(tone, ..)| *tone != Tone::Border) {
            let under = [Tone::Text, Tone::Bar, Tone::Chosen, Tone::ChosenAside];
            for (style, ground) in under.iter().flat_map(|under| grounds.iter().map(|ground| (theme.over(*tone, *under), *ground))) {
                let ratio = contrast(seen(style.fg, 0), seen(style.bg, ground));
                let stands_back = matches!(tone, Tone::Dim | Tone::Thought | Tone::Hunk);
                if ratio < if stands_back { LEAST_DIM } else { LEAST } {
                    faint.push(format!("{name}: {role} is {ratio:.2} on {ground:06x} ({style:?})"));
                }
            }
        }
    }
    assert!(faint.is_empty(), "{}", faint.join("\n"));
}

#[test]
fn what_is_written_on_the_screens_can_be_read_in_every_theme() {
    let mut bench = demo((160, 50));
    let mut fresh = open(&["fixtures/demo"], (160, 50));
    let walks = ["", "/handbook<enter><enter>gg]d", "<tab>", ":", "<esc>?", "<esc>gr", "risk<enter>", "3", "gu", "gi", "gd", "gl<esc>vjv="];
    let mut faint = std::collections::BTreeSet::new();
    let mut look = |screen: &ossia::tui::Headless, keys: &str| {
        for (name, grounds) in themes() {
            let theme = Theme::built_in(name, Depth::True);
            let back = [Tone::Dim, Tone::Thought, Tone::Hunk].map(|tone| theme.style(tone).fg);
            for (cell, ground) in screen.cells(name).content().iter().flat_map(|cell| grounds.iter().map(move |ground| (cell, *ground))) {
                let drawn = cell.symbol().trim().chars().any(|c| !matches!(c, '\u{2500}'..='\u{257f}'));
                // Colours that a program printed are those of the terminal's palette.
                let own = matches!(cell.fg, Color::Rgb(..)) && !cell.modifier.contains(Modifier::DIM) && Some(cell.fg) != theme.style(Tone::Border).fg;
                let least = if back.contains(&Some(cell.fg)) { LEAST_DIM } else { LEAST };
                let ratio = contrast(seen(Some(cell.fg), 0), seen(Some(cell.bg), ground));
                if drawn && own && ratio < least {
                    faint.insert(format!("{name} after {keys:?}: {:?} is {ratio:.2} on {ground:06x}: {} on {}", cell.symbol(), cell.fg, cell.bg));
                }
            }
        }
    };
    for keys in walks {
        look(bench.screen.press(keys), keys);
    }
    for keys in ["gs", "jjjj", "gp", "j"] {
        look(fresh.screen.press(keys), keys);
    }
    assert!(faint.is_empty(), "{}", faint.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn meanings_keep_apart_where_red_and_green_do_not() {
    let theme = Theme::built_in("safe", Depth::True);
    let meanings = [Tone::Wait, Tone::Denied, Tone::Ran, Tone::Finding, Tone::Redaction];
    for (eye, cones) in EYES {
        for (at, one) in meanings.iter().enumerate() {
            for other in meanings.iter().skip(at + 1) {
                let [a, b] = [one, other].map(|tone| seen_by(seen(theme.style(*tone).fg, 0), cones));
                let distance = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                assert!(distance > APART, "{one:?} and {other:?} are {distance:.1} apart to an eye with {eye}");
            }
        }
    }
}
