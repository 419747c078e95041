//! What is known of a session's conversations: each span's input repeats one of them, and only what is new becomes a step.

use super::messages::{Message, Part};
use crate::formats::Output;
use crate::formats::calls::{call, result};
use crate::formats::refusals;
use crate::model::fact::ResultFact;
use crate::model::{Actor, Body, Fact, Slot, Span, Timestamp, ids};
use std::collections::HashMap;

/// Conversations beyond this many are forgotten, the oldest first; their messages would be told anew.
const MAX_VIEWS: usize = 64;

/// The conversations of one session, and its calls.
#[derive(Default)]
pub struct History {
    views: Vec<View>,
    calls: HashMap<String, Vec<Made>>,
}

/// A conversation as the last span of it showed it.
struct View {
    scope: String,
    entries: Vec<Entry>,
}

/// A message that was told, and the facts that tell it.
#[derive(Clone)]
struct Entry {
    key: String,
    by_model: bool,
    facts: Vec<usize>,
}

/// A call that was made; an agent may use one id twice.
struct Made {
    id: String,
    look: (String, Option<Box<str>>),
    ended: bool,
}

/// How much of a span's input a view holds: its beginning, and what follows of it where the middle was dropped.
struct Fit {
    view: usize,
    head: usize,
    tail: usize,
    whole: bool,
}

/// Where a message stands that is told for the first time.
struct Source<'a> {
    fresh: bool,
    place: &'a Span,
    at: Option<Timestamp>,
    model: Option<&'a String>,
}

/// What one span tells.
pub struct Telling<'a> {
    /// The agent or trace the span belongs to.
    pub scope: &'a str,
    /// Messages that the model was given, then those it wrote.
    pub messages: Vec<Message>,
    /// How many of the messages were given.
    pub given: usize,
    /// Place of the span.
    pub place: &'a Span,
    /// When the input was given and the output was there.
    pub times: (Option<Timestamp>, Option<Timestamp>),
    /// Model that wrote the output.
    pub model: Option<String>,
}

impl History {
    /// Takes in what a span tells: what is known gets one more place, the rest becomes facts.
    pub fn tell(&mut self, telling: Telling<'_>, out: &mut Output) {
        let keys: Vec<String> = telling.messages.iter().map(Message::key).collect();
        let fit = self.fit(telling.scope, &keys[..telling.given]);
        let known: Vec<Entry> = fit.as_ref().map_or_else(Vec::new, |fit| {
            let entries = &self.views[fit.view].entries;
            entries[..fit.head].iter().chain(&entries[entries.len() - fit.tail..]).cloned().collect()
        });
        for &fact in known.iter().flat_map(|entry| &entry.facts) {
            if let Some(spans) = out.facts_mut().get_mut(fact).map(|fact| &mut fact.spans).filter(|spans| spans.last() != Some(telling.place)) {
                spans.push(telling.place.clone());
            }
        }
        let mut entries = known;
        let already = entries.len();
        for (nth, (message, key)) in telling.messages.iter().zip(keys).enumerate().skip(already) {
            let fresh = nth >= telling.given;
            let source = Source { fresh, place: telling.place, at: if fresh { telling.times.1 } else { telling.times.0 }, model: telling.model.as_ref() };
            let facts = message.parts.iter().map(|part| self.push(message, part, &source, out)).collect();
            entries.push(Entry { key, by_model: message.role == "assistant", facts });
        }
        match fit {
            Some(fit) if fit.whole => self.views[fit.view] = View { scope: telling.scope.to_owned(), entries },
            _ => self.views.push(View { scope: telling.scope.to_owned(), entries }),
        }
        if self.views.len() > MAX_VIEWS {
            self.views.remove(0);
        }
    }

    /// Finds the conversation that an input goes on with. One that it does not hold to its end is the same only within one
    /// agent or trace, or where the model's own words are in it: equal questions can be asked twice.
    fn fit(&self, scope: &str, keys: &[String]) -> Option<Fit> {
        let fits = self.views.iter().enumerate().filter_map(|(view, known)| {
            let head = known.entries.iter().zip(keys).take_while(|(entry, key)| entry.key == **key).count();
            let rest = &known.entries[head..];
            let follows = |tail: &usize| rest[rest.len() - tail..].iter().zip(&keys[head..]).all(|(entry, key)| entry.key == *key);
            let tail = (1..=rest.len().min(keys.len() - head)).rev().find(follows).unwrap_or(0);
            let held = known.entries[..head].iter().chain(&rest[rest.len() - tail..]);
            let same = rest.is_empty() || known.scope == scope || held.clone().any(|entry| entry.by_model);
            (head + tail > 0 && same).then_some(Fit { view, head, tail, whole: rest.is_empty() || tail > 0 })
        });
        fits.max_by_key(|fit| (fit.head + fit.tail, fit.whole, fit.view))
    }

    fn push(&mut self, message: &Message, part: &Part, source: &Source<'_>, out: &mut Output) -> usize {
        let place = source.place;
        let role = message.role.as_str();
        let actor = match role {
            "assistant" | "model" => Actor::Assistant,
            "system" | "developer" => Actor::System,
            "tool" => Actor::Tool,
            _ => Actor::User,
        };
        let named = |kind: &str, text: &str| Slot::Named(ids::record_hash(format!("{role} {kind} {text}").as_bytes()));
        let mut fact = match part {
            Part::Text(text) => Fact::new(named("text", text), place.clone(), actor, Body::Text { text: text.clone(), partial: false }),
            Part::Reasoning(text) => Fact::new(named("reasoning", text), place.clone(), Actor::Assistant, Body::Thinking(text.clone())),
            Part::Other(text) => Fact::new(named("part", text), place.clone(), Actor::Runtime, Body::Unknown(text.clone())),
            Part::Attachment { name, media_type, bytes } => {
                let body = Body::Attachment { name: name.clone(), media_type: media_type.clone(), bytes: *bytes, text: String::new() };
                Fact::new(named("attachment", name), place.clone(), actor, body)
            }
            Part::Call { id, tool, args } => call(Some(self.call(id.as_deref(), tool, args.as_deref(), source.fresh)), tool.clone(), args.clone(), place),
            Part::Response { id, text } => {
                let id = self.answer(id.as_deref());
                let stop = refusals::in_text(text);
                let mut fact = result(id, text.clone(), ResultFact { ran: stop.as_ref().map(|_| false), stop, ..ResultFact::default() }, place);
                if fact.slot == Slot::Own {
                    fact.slot = named("response", text);
                }
                fact
            }
        };
        fact.model = source.model.filter(|_| source.fresh).cloned();
        out.push(fact.at(source.at));
        out.facts_mut().len() - 1
    }

    /// Names a call: by its id, unless an earlier call had that id and is another one.
    fn call(&mut self, id: Option<&str>, tool: &str, args: Option<&str>, fresh: bool) -> String {
        let stated = id.map_or_else(|| tool.to_owned(), str::to_owned);
        let look = (tool.to_owned(), args.map(Into::into));
        let made = self.calls.entry(stated.clone()).or_default();
        if let Some(last) = made.last().filter(|last| last.look == look && !(fresh && (last.ended || id.is_none()))) {
            return last.id.clone();
        }
        let name = if made.is_empty() { stated } else { format!("{stated}~{}", made.len() + 1) };
        made.push(Made { id: name.clone(), look, ended: false });
        name
    }

    /// Finds the call that a response answers; without an id, the one call that is open.
    fn answer(&mut self, id: Option<&str>) -> Option<String> {
        let found = match id {
            Some(id) => self.calls.get_mut(id).and_then(|made| made.last_mut()),
            None => {
                let mut open = self.calls.values_mut().flatten().filter(|made| !made.ended);
                open.next().filter(|_| open.next().is_none())
            }
        };
        match found {
            Some(made) => {
                made.ended = true;
                Some(made.id.clone())
            }
            None => id.map(str::to_owned),
        }
    }

    /// Finds the call that a tool span runs, by its id or else by tool and arguments.
    pub fn run(&mut self, id: Option<&str>, tool: &str, args: Option<&str>) -> Option<String> {
        match id {
            Some(id) => Some(self.answer(Some(id)).unwrap_or_else(|| id.to_owned())),
            None => {
                let alike = |made: &&mut Made| !made.ended && made.look.0 == tool && made.look.1.as_deref() == args;
                let made = self.calls.values_mut().flatten().find(alike)?;
                made.ended = true;
                Some(made.id.clone())
            }
        }
    }
}
