//! What the terminal reports, as the program's own values.

use crate::command::{Code, Key};
use crossterm::event::{self, KeyCode, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};
use std::io;
use std::time::Duration;

/// The most bytes of a paste that are kept.
const LONGEST_PASTE: usize = 64 << 10;

/// Something the terminal reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A key.
    Key(Key),
    /// A paste.
    Paste(String),
    /// Another size, in columns and rows.
    Resize(u16, u16),
    /// The left button went down at a column and a row.
    Press(u16, u16),
    /// The mouse moved with the left button down.
    Drag(u16, u16),
    /// The wheel turned at a column and a row, downwards if positive.
    Wheel(i8, u16, u16),
}

/// How long the reader is let look: it looks not at all in no time, not even at what it took in already.
const A_LOOK: Duration = Duration::from_micros(100);

/// Reads everything that the terminal reported, without waiting; fails where the terminal cannot be read.
pub fn read() -> io::Result<Vec<Event>> {
    let mut events = Vec::new();
    while event::poll(A_LOOK)? {
        events.extend(translate(event::read()?));
    }
    Ok(events)
}

fn translate(reported: event::Event) -> Option<Event> {
    match reported {
        event::Event::Key(key) if key.kind != KeyEventKind::Release => key_of(key.code, key.modifiers).map(Event::Key),
        event::Event::Paste(mut text) => {
            let cut = (0..=text.len().min(LONGEST_PASTE)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.truncate(cut);
            Some(Event::Paste(text))
        }
        event::Event::Resize(width, height) => Some(Event::Resize(width.clamp(1, 1000), height.clamp(1, 500))),
        event::Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => Some(Event::Press(mouse.column, mouse.row)),
            MouseEventKind::Drag(MouseButton::Left) => Some(Event::Drag(mouse.column, mouse.row)),
            MouseEventKind::ScrollDown => Some(Event::Wheel(1, mouse.column, mouse.row)),
            MouseEventKind::ScrollUp => Some(Event::Wheel(-1, mouse.column, mouse.row)),
            _ => None,
        },
        _ => None,
    }
}

fn key_of(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
    let mut key = Key::plain(Code::Esc);
    key.ctrl = modifiers.contains(KeyModifiers::CONTROL);
    key.alt = modifiers.contains(KeyModifiers::ALT);
    key.shift = modifiers.contains(KeyModifiers::SHIFT);
    key.code = match code {
        KeyCode::Char(c) => {
            // The character says shift already, except where control took its case away.
            key.shift = false;
            Code::Char(if key.ctrl { c.to_ascii_lowercase() } else { c })
        }
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => {
            key.shift = true;
            Code::Tab
        }
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::F(n) => Code::F(n),
        _ => return None,
    };
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_what_they_are_written_as() {
        let key = |code, modifiers| key_of(code, modifiers).map(|key| key.to_string());
        assert_eq!(key(KeyCode::Char('G'), KeyModifiers::SHIFT).as_deref(), Some("G"));
        assert_eq!(key(KeyCode::BackTab, KeyModifiers::SHIFT).as_deref(), Some("shift-tab"));
        assert_eq!(key(KeyCode::Char('D'), KeyModifiers::CONTROL).as_deref(), Some("ctrl-d"));
        assert_eq!(key(KeyCode::F(5), KeyModifiers::NONE).as_deref(), Some("f5"));
        assert_eq!(key(KeyCode::CapsLock, KeyModifiers::NONE), None);
    }
}
