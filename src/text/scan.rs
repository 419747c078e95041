//! Cuts raw text into printable pieces, escape sequences, controls and invisible runs: the one reader of hostile text.
//!
//! Sequences follow ECMA-48 and the state machine of the VT500 parser: CSI, the strings OSC, DCS, SOS, PM and APC, and the short escapes,
//! each in its 7-bit and its 8-bit form. A string without its terminator ends at the end of its line, so that it cannot hide what follows.

use super::invisible::{is_invisible, is_pictograph};
use unicode_width::UnicodeWidthChar;

/// One piece of raw text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Printable ASCII.
    Ascii(&'a str),
    /// One printable character beyond ASCII, or a joiner or selector inside an emoji sequence.
    Char(char),
    /// One combining mark.
    Mark(char),
    /// LF or CR LF.
    Newline,
    /// A horizontal tab.
    Tab,
    /// The parameters of a "select graphic rendition" sequence.
    Sgr(&'a str),
    /// Any other escape sequence, whole or cut short.
    Sequence,
    /// A control character that belongs to no sequence.
    Control(char),
    /// A run of invisible characters.
    Invisible(&'a str),
}

const ESC: char = '\u{1B}';

/// Iterates over the pieces of a text; every byte of it belongs to exactly one piece.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// The last character is a pictograph, perhaps with its selector: a joiner may follow.
    pictograph: bool,
    /// The last character may take an emoji selector.
    selectable: bool,
}

impl<'a> Scanner<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, pictograph: false, selectable: false }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn ascii(&mut self) -> Piece<'a> {
        let rest = self.rest();
        let len = rest.bytes().position(|b| !matches!(b, b' '..=b'~')).unwrap_or(rest.len());
        let (piece, _) = rest.split_at(len);
        self.at += len;
        self.selectable = piece.ends_with(|c: char| c.is_ascii_digit() || c == '#' || c == '*');
        Piece::Ascii(piece)
    }

    fn beyond_ascii(&mut self, c: char) -> Piece<'a> {
        let (pictograph, selectable) = (std::mem::take(&mut self.pictograph), std::mem::take(&mut self.selectable));
        match c {
            '\u{9B}' => return self.control_sequence(c.len_utf8()),
            '\u{9D}' | '\u{90}' | '\u{98}' | '\u{9E}' | '\u{9F}' => return self.string(c.len_utf8(), c == '\u{9D}'),
            '\u{FE0E}' | '\u{FE0F}' if selectable => {
                self.pictograph = pictograph;
                self.at += c.len_utf8();
                return Piece::Char(c);
            }
            _ => {}
        }
        let next = self.at + c.len_utf8();
        let joins = pictograph && self.text.get(next..).and_then(|rest| rest.chars().next()).is_some_and(is_pictograph);
        if c == '\u{200D}' && joins {
            self.at = next;
            return Piece::Char(c);
        }
        if is_invisible(c) {
            return self.invisible();
        }
        self.at = next;
        match c.width() {
            None => Piece::Control(c),
            Some(0) => Piece::Mark(c),
            Some(_) => {
                self.pictograph = is_pictograph(c);
                self.selectable = self.pictograph;
                Piece::Char(c)
            }
        }
    }

    fn invisible(&mut self) -> Piece<'a> {
        let rest = self.rest();
        let (run, _) = rest.split_at(rest.find(|c| !is_invisible(c)).unwrap_or(rest.len()));
        self.at += run.len();
        Piece::Invisible(run)
    }

    fn escape(&mut self) -> Piece<'a> {
        let bytes = self.rest().as_bytes();
        match bytes.get(1) {
            Some(b'[') => self.control_sequence(2),
            Some(b']') => self.string(2, true),
            Some(b'P' | b'X' | b'^' | b'_') => self.string(2, false),
            Some(b' '..=b'~') => {
                let intermediates = count(bytes, 1, |b| matches!(b, b' '..=b'/'));
                let last = usize::from(matches!(bytes.get(1 + intermediates), Some(b'0'..=b'~')));
                self.at += 1 + intermediates + last;
                Piece::Sequence
            }
            _ => {
                self.at += 1;
                Piece::Control(ESC)
            }
        }
    }

    /// Reads parameters, intermediates and a final byte after an introducer of `intro` bytes.
    fn control_sequence(&mut self, intro: usize) -> Piece<'a> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let params = count(bytes, intro, |b| matches!(b, b'0'..=b'?'));
        let intermediates = count(bytes, intro + params, |b| matches!(b, b' '..=b'/'));
        let end = intro + params + intermediates;
        let last = bytes.get(end).filter(|b| matches!(b, b'@'..=b'~'));
        self.at += end + usize::from(last.is_some());
        let parameters = rest.get(intro..intro + params).unwrap_or_default();
        let colours = last == Some(&b'm') && intermediates == 0 && parameters.bytes().all(|b| b <= b';');
        if colours { Piece::Sgr(parameters) } else { Piece::Sequence }
    }

    /// Reads a string up to its terminator, else to the end of its line.
    fn string(&mut self, intro: usize, bell_ends: bool) -> Piece<'a> {
        let body = self.rest().get(intro..).unwrap_or_default();
        let stop = body.char_indices().find(|&(_, c)| matches!(c, '\u{18}' | '\u{1A}' | ESC | '\u{80}'..='\u{9F}') || (bell_ends && c == '\u{7}'));
        let ended = stop.and_then(|(at, c)| match c {
            '\u{7}' | '\u{18}' | '\u{1A}' | '\u{9C}' => Some(at + c.len_utf8()),
            ESC if body.as_bytes().get(at + 1) == Some(&b'\\') => Some(at + 2),
            _ => None,
        });
        let len = ended.unwrap_or_else(|| {
            let before_stop = body.get(..stop.map_or(body.len(), |(at, _)| at)).unwrap_or_default();
            before_stop.find(['\n', '\r']).unwrap_or(before_stop.len())
        });
        self.at += intro + len;
        Piece::Sequence
    }
}

fn count(bytes: &[u8], from: usize, accept: impl Fn(u8) -> bool) -> usize {
    bytes.get(from..).unwrap_or_default().iter().take_while(|b| accept(**b)).count()
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let rest = self.rest();
        let c = rest.chars().next()?;
        if c >= '\u{80}' {
            return Some(self.beyond_ascii(c));
        }
        (self.pictograph, self.selectable) = (false, false);
        Some(match c {
            ' '..='~' => self.ascii(),
            ESC => self.escape(),
            _ => {
                let line_end = rest.starts_with("\r\n");
                self.at += 1 + usize::from(line_end);
                match c {
                    '\n' => Piece::Newline,
                    '\r' if line_end => Piece::Newline,
                    '\t' => Piece::Tab,
                    _ => Piece::Control(c),
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[Piece<'_>]) {
        assert_eq!(Scanner::new(text).collect::<Vec<_>>(), expect, "{text:?}");
    }

    #[test]
    fn sequences_end_where_a_terminal_ends_them() {
        use Piece::{Ascii, Char, Control, Newline, Sequence, Sgr};
        check("\u{1B}[1;31mred", &[Sgr("1;31"), Ascii("red")]);
        check("\u{9B}0mx", &[Sgr("0"), Ascii("x")]);
        check("\u{1B}[>4;2mx", &[Sequence, Ascii("x")]);
        check("\u{1B}[?25lx", &[Sequence, Ascii("x")]);
        check("\u{1B}[12\u{E9}x", &[Sequence, Char('\u{E9}'), Ascii("x")]);
        check("\u{1B}]0;t\u{7}x", &[Sequence, Ascii("x")]);
        check("\u{1B}]0;t\u{1B}\\x", &[Sequence, Ascii("x")]);
        check("\u{9D}0;t\u{9C}x", &[Sequence, Ascii("x")]);
        check("\u{1B}Pq\n#0\u{1B}\\x", &[Sequence, Ascii("x")]);
        check("\u{1B}]52;c;QUFB\nx", &[Sequence, Newline, Ascii("x")]);
        check("\u{1B}_a\u{1B}[mx", &[Sequence, Sgr(""), Ascii("x")]);
        check("\u{1B}(Bx", &[Sequence, Ascii("x")]);
        check("\u{1B}\u{1B}cx", &[Control(ESC), Sequence, Ascii("x")]);
        check("x\u{1B}", &[Ascii("x"), Control(ESC)]);
    }

    #[test]
    fn joiners_stay_only_inside_emoji() {
        use Piece::{Ascii, Char, Invisible, Mark};
        check("\u{1F469}\u{200D}\u{1F52C}", &[Char('\u{1F469}'), Char('\u{200D}'), Char('\u{1F52C}')]);
        check("\u{2764}\u{FE0F}\u{200D}\u{1F525}", &[Char('\u{2764}'), Char('\u{FE0F}'), Char('\u{200D}'), Char('\u{1F525}')]);
        check("1\u{FE0F}\u{20E3}", &[Ascii("1"), Char('\u{FE0F}'), Mark('\u{20E3}')]);
        check("a\u{200D}b", &[Ascii("a"), Invisible("\u{200D}"), Ascii("b")]);
        check("\u{1F469}\u{200D}x", &[Char('\u{1F469}'), Invisible("\u{200D}"), Ascii("x")]);
        check("a\u{FE0F}\u{200B}", &[Ascii("a"), Invisible("\u{FE0F}\u{200B}")]);
    }
}
