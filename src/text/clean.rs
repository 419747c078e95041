//! The one sanitiser: text that is safe to show, and the only way to make it.

use super::invisible::{is_bidi_control, is_tag};
use super::scan::{Piece, Scanner};
use std::fmt::{self, Display, Formatter, Write};
use std::ops::{Deref, Range};
use unicode_width::UnicodeWidthChar;

/// Columns between tab stops.
const TAB: usize = 4;
/// What stands where an escape sequence did that is no colour.
const SEQUENCE: char = '␛';
/// Combining marks shown on one character.
const MARKS: usize = 4;

/// Text without escape sequences, control characters, bidi controls or invisible characters, so that a terminal only prints it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Clean(String);

impl Clean {
    /// Gives the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes the part at a byte range; a range that is not on character borders gives nothing.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        Self(self.0.get(range).unwrap_or_default().to_owned())
    }

    /// Adds other clean text to the end.
    pub fn append(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }

    /// Gives up the guarantee and the string.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Deref for Clean {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Clean {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Display for Clean {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl PartialEq<&str> for Clean {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

/// What issues and queries call text that would not show as it is.
pub const HIDDEN_TEXT: &str = "hidden_text";

/// What makes a text hostile: the most dangerous thing that cleaning removes or marks in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hostile {
    /// More combining marks on one character than are shown.
    Combining,
    /// Zero-width or otherwise invisible characters.
    Invisible,
    /// Control characters outside any sequence, such as a lone carriage return.
    Control,
    /// Controls that change the direction of text.
    Bidi,
    /// Invisible copies of ASCII letters.
    Tags,
    /// Escape sequences other than colours.
    Escape,
}

impl Hostile {
    /// Names the kind as issues do.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Combining => "combining",
            Self::Invisible => "invisible",
            Self::Control => "control",
            Self::Bidi => "bidi",
            Self::Tags => "tags",
            Self::Escape => "escape",
        }
    }

    /// Says in words what would not show.
    #[must_use]
    pub const fn said(self) -> &'static str {
        match self {
            Self::Combining => "more marks on one letter than a person writes",
            Self::Invisible => "characters that do not show",
            Self::Control => "control characters",
            Self::Bidi => "controls that turn the direction of the text",
            Self::Tags => "letters that do not show, which a model reads",
            Self::Escape => "escape sequences for a terminal",
        }
    }
}

/// Cleans a text for one line: newlines become pictures, a tab four spaces.
#[must_use]
pub fn clean(raw: &str) -> Clean {
    render(raw, false)
}

/// Cleans a text of several lines: newlines stay, tabs fill up to the next tab stop.
#[must_use]
pub fn clean_block(raw: &str) -> Clean {
    render(raw, true)
}

fn render(raw: &str, block: bool) -> Clean {
    let mut renderer = Renderer::new(block, raw.len());
    for piece in Scanner::new(raw) {
        renderer.push(piece);
    }
    renderer.finish()
}

/// Says what cleaning would remove or mark beyond tabs, newlines and colours; `None` for harmless text.
#[must_use]
pub fn has_hostile(raw: &str) -> Option<Hostile> {
    // Looked at in blocks, since most texts are long and plain: a block without a way out is compared many bytes at once.
    let plain = |block: &[u8]| block.iter().fold(true, |plain, b| plain & matches!(b, b' '..=b'~' | b'\n' | b'\t'));
    if raw.as_bytes().chunks(256).all(plain) {
        return None;
    }
    let (mut marks, mut worst) = (0, None);
    for piece in Scanner::new(raw) {
        let found = match piece {
            Piece::Sequence => Some(Hostile::Escape),
            Piece::Control(_) => Some(Hostile::Control),
            Piece::Invisible(run) => Some(invisible_kind(run)),
            Piece::Mark(_) if marks >= MARKS => Some(Hostile::Combining),
            _ => None,
        };
        marks = match piece {
            Piece::Mark(_) => marks + 1,
            Piece::Sgr(_) => marks,
            _ => 0,
        };
        worst = worst.max(found);
    }
    worst
}

/// Says the same of what raw JSON will read as: its escapes are looked at as what they stand for.
#[must_use]
pub fn json_has_hostile(raw: &str) -> Option<Hostile> {
    if memchr::memmem::find(raw.as_bytes(), b"\\u").is_none() {
        return has_hostile(raw);
    }
    let (mut units, mut rest) = (Vec::new(), raw);
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        units.extend(before.encode_utf16());
        let unit = escape.strip_prefix("\\u").and_then(|hex| u16::from_str_radix(hex.get(..4)?, 16).ok());
        // A line break or a tab is harmless however it is written; of the rest no escape but this stands for what does not show.
        units.extend(unit.filter(|unit| !matches!(unit, 0x09 | 0x0A | 0x0D)));
        let len = if unit.is_some() { 6 } else { 1 + escape.chars().nth(1).map_or(0, char::len_utf8) };
        rest = escape.get(len..).unwrap_or_default();
    }
    units.extend(rest.encode_utf16());
    has_hostile(&String::from_utf16_lossy(&units))
}

fn invisible_kind(run: &str) -> Hostile {
    if run.contains(is_tag) {
        Hostile::Tags
    } else if run.contains(is_bidi_control) {
        Hostile::Bidi
    } else {
        Hostile::Invisible
    }
}

/// Writes pieces as clean text.
pub(super) struct Renderer {
    out: String,
    block: bool,
    /// Combining marks written since the last other character, and those left out.
    marks: usize,
    surplus: usize,
    /// Where the width of the current line was last known, and that width in columns.
    measured: (usize, usize),
}

impl Renderer {
    pub(super) fn new(block: bool, capacity: usize) -> Self {
        Self { out: String::with_capacity(capacity), block, marks: 0, surplus: 0, measured: (0, 0) }
    }

    /// Gives the length of the clean text so far, in bytes.
    pub(super) fn len(&mut self) -> usize {
        self.settle();
        self.out.len()
    }

    pub(super) fn push(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Sgr(_) => return,
            Piece::Mark(c) => return self.mark(c),
            _ => self.settle(),
        }
        self.marks = 0;
        match piece {
            Piece::Ascii(text) => self.out.push_str(text),
            Piece::Char(c) => self.out.push(c),
            Piece::Newline if self.block => {
                self.out.push('\n');
                self.measured = (self.out.len(), 0);
            }
            Piece::Newline => self.out.push('␊'),
            Piece::Tab => self.tab(),
            Piece::Control(c) => self.picture(c),
            Piece::Invisible(run) => self.invisible(run),
            Piece::Sequence => self.out.push(SEQUENCE),
            Piece::Mark(_) | Piece::Sgr(_) => {}
        }
    }

    pub(super) fn finish(mut self) -> Clean {
        self.settle();
        Clean(self.out)
    }

    /// Says how many combining marks were left out, once their run has ended.
    fn settle(&mut self) {
        let surplus = std::mem::take(&mut self.surplus);
        if surplus > 0 {
            self.marks = 0;
            self.write(format_args!("⟨+{surplus}⟩"));
        }
    }

    fn mark(&mut self, c: char) {
        if self.marks == MARKS {
            self.surplus += 1;
            return;
        }
        if self.out.is_empty() || self.out.ends_with('\n') {
            self.out.push('◌');
        }
        self.out.push(c);
        self.marks += 1;
    }

    fn tab(&mut self) {
        let width = if self.block {
            let (from, before) = self.measured;
            let column = before + self.out.get(from..).unwrap_or_default().chars().filter_map(UnicodeWidthChar::width).sum::<usize>();
            let width = TAB - column % TAB;
            self.measured = (self.out.len() + width, column + width);
            width
        } else {
            TAB
        };
        self.out.extend(std::iter::repeat_n(' ', width));
    }

    fn picture(&mut self, c: char) {
        let code = u32::from(c);
        match c {
            '\0'..='\u{1F}' => self.out.extend(char::from_u32(0x2400 + code)),
            '\u{7F}' => self.out.push('␡'),
            _ => self.write(format_args!("\\u{{{code:02x}}}")),
        }
    }

    fn invisible(&mut self, run: &str) {
        let mut codes = run.chars().map(u32::from);
        let from = codes.next().unwrap_or_default();
        let (count, to) = (run.chars().count(), codes.clone().next_back().unwrap_or(from));
        if count == 1 {
            self.write(format_args!("⟨U+{from:04X}⟩"));
        } else if codes.all(|code| code == from) {
            self.write(format_args!("⟨U+{from:04X}×{count}⟩"));
        } else {
            self.write(format_args!("⟨U+{from:04X}…U+{to:04X}×{count}⟩"));
        }
    }

    fn write(&mut self, arguments: fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.out.write_fmt(arguments);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(raw: &str, line: &str, block: &str) {
        assert_eq!(clean(raw).as_str(), line, "{raw:?}");
        assert_eq!(clean_block(raw).as_str(), block, "{raw:?}");
    }

    #[test]
    fn hostile_text_becomes_harmless() {
        check("plain 한 é 👩🏽 🇫🇷", "plain 한 é 👩🏽 🇫🇷", "plain 한 é 👩🏽 🇫🇷");
        check("\u{1B}[31mred\u{1B}[0m", "red", "red");
        check("a\u{1B}]52;c;QUFB\u{7}b", "a␛b", "a␛b");
        check("a\u{9D}8;;http://x\u{9C}b", "a␛b", "a␛b");
        check("a\u{1B}[2Jb\u{9B}10;10Hc\u{1B}P1\u{1B}\\d", "a␛b␛c␛d", "a␛b␛c␛d");
        check("a\u{1B}]0;cut short\nb", "a␛␊b", "a␛\nb");
        check("a\r\nb\rc\0", "a␊b␍c␀", "a\nb␍c␀");
        check("\u{7F}\u{85}\u{1B}", "␡\\u{85}␛", "␡\\u{85}␛");
        check("ab\tc\n한\td\te", "ab    c␊한    d    e", "ab  c\n한  d   e");
        check("accept\u{202E}tcejer", "accept⟨U+202E⟩tcejer", "accept⟨U+202E⟩tcejer");
        check("a\u{200B}\u{200B}\u{200B}b", "a⟨U+200B×3⟩b", "a⟨U+200B×3⟩b");
        check("\u{E0068}\u{E0069}", "⟨U+E0068…U+E0069×2⟩", "⟨U+E0068…U+E0069×2⟩");
        check("\u{301}", "◌\u{301}", "◌\u{301}");
        let pile = format!("o{}p", "\u{301}".repeat(9));
        let capped = format!("o{}⟨+5⟩p", "\u{301}".repeat(4));
        check(&pile, &capped, &capped);
    }

    #[test]
    fn hostility_is_named_by_its_worst_kind() {
        for (raw, expect) in [
            ("a\tb\r\nc \u{1B}[1mbold", None),
            ("👩\u{200D}🔬 café", None),
            ("50%\r100%", Some(Hostile::Control)),
            ("a\u{200B}\u{202E}", Some(Hostile::Bidi)),
            ("\u{200B}\u{E0041}\u{7}", Some(Hostile::Tags)),
            ("\u{1B}[6n\u{202E}", Some(Hostile::Escape)),
            ("\u{FEFF}x", Some(Hostile::Invisible)),
        ] {
            assert_eq!(has_hostile(raw), expect, "{raw:?}");
        }
    }

    #[test]
    fn escapes_of_json_are_read_as_what_they_stand_for() {
        for (raw, expect) in [
            (r#"{"a":"x\\u202ey\n"}"#, None),
            (r#"{"a":"x\u0009\u001b[1mbold"}"#, None),
            (r#"{"a":"x\u202Ey"}"#, Some(Hostile::Bidi)),
            (r#"{"a":"\udb40\udc41"}"#, Some(Hostile::Tags)),
            (r#"{"a":"\\\u001b]0;x"}"#, Some(Hostile::Escape)),
        ] {
            assert_eq!(json_has_hostile(raw), expect, "{raw}");
        }
    }

    /// Strings in which hostile characters are as common as others.
    fn hostile() -> impl Strategy<Value = String> {
        let odd = "[\u{1B}\u{9B}\u{9D}\u{90}\u{9C}\u{7}\r\n\t\\[\\];m?0-9A-Za-z é한😀👩🔬\u{301}\u{200B}-\u{200F}\u{202A}-\u{202E}\u{2066}-\u{2069}\u{FE0F}\u{E0041}]{0,40}";
        prop_oneof![odd, any::<String>()]
    }

    proptest! {
        #[test]
        fn nothing_dangerous_comes_out(raw in hostile()) {
            for (block, cleaned) in [(false, clean(&raw)), (true, clean_block(&raw))] {
                prop_assert!(!cleaned.chars().any(|c| (c.is_control() && !(block && c == '\n')) || is_bidi_control(c) || is_tag(c)), "{cleaned:?}");
                prop_assert_eq!(has_hostile(&cleaned), None);
            }
        }

        #[test]
        fn cleaning_twice_changes_nothing(raw in hostile()) {
            prop_assert_eq!(clean(&clean(&raw)), clean(&raw));
            prop_assert_eq!(clean_block(&clean_block(&raw)), clean_block(&raw));
        }

        #[test]
        fn text_without_hostility_loses_nothing(raw in "[ -~é한😀]{0,40}") {
            prop_assert_eq!(clean(&raw).into_string(), raw);
        }
    }
}
