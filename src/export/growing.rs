//! What follows from the messages of a prompt, worked out message by message: prompts that begin alike, as the turns of one session do, share the work.

use super::message::Message;
use std::sync::Arc;

/// A value that grows with every message, and what it was after each message of the last prompt.
pub struct Growing<S> {
    begun: S,
    known: Vec<(Arc<Message>, S)>,
}

impl<S: Clone> Growing<S> {
    /// Begins with the value of no message at all.
    #[must_use]
    pub const fn new(begun: S) -> Self {
        Self { begun, known: Vec::new() }
    }

    /// Gives the value after a prompt; only the messages after those that the last prompt began with are read.
    pub fn over(&mut self, prompt: &[Arc<Message>], grow: impl Fn(&mut S, &Message)) -> S {
        let same = self.known.iter().zip(prompt).take_while(|((known, _), message)| Arc::ptr_eq(known, message)).count();
        self.known.truncate(same);
        let mut value = self.known.last().map_or(&self.begun, |(_, value)| value).clone();
        for message in prompt.iter().skip(same) {
            grow(&mut value, message);
            self.known.push((message.clone(), value.clone()));
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::Role;
    use super::*;
    use std::cell::Cell;

    #[test]
    fn a_longer_prompt_is_read_from_where_it_differs() {
        let say = |text: &str| Arc::new(Message::new(Role::User, text.to_owned()));
        let (a, b, c) = (say("a"), say("b"), say("c"));
        let read = Cell::new(0);
        let mut growing = Growing::new(String::new());
        let mut over = |prompt: &[Arc<Message>]| {
            growing.over(prompt, |text, message| {
                read.set(read.get() + 1);
                text.push_str(&message.text);
            })
        };
        assert_eq!(over(&[a.clone(), b.clone()]), "ab");
        assert_eq!(over(&[a.clone(), b.clone(), c.clone()]), "abc");
        assert_eq!(read.get(), 3);
        assert_eq!((over(&[a.clone(), c]), over(&[a]), over(&[b]), over(&[])), ("ac".to_owned(), "a".to_owned(), "b".to_owned(), String::new()));
        assert_eq!(read.get(), 5);
    }
}
