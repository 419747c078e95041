//! What readers write into: facts, statements and issues, kept apart by session.

use super::hidden::note_hidden;
use super::record::Record;
use crate::model::{About, Actor, Body, Fact, Issue, Portion, SessionName, Slot, Span, ids};
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

/// Text of one step beyond this many bytes is cut in memory (never in the store), with the issue `text_cut`.
pub const MAX_TEXT_BYTES: usize = 16 << 20;

/// Byte ranges of a portion's records: (line, start, end), neighbours united.
pub type Ranges = Vec<(u64, u64, u64)>;

/// The portion that is being read, and where its records lie.
struct Draft {
    session: Option<SessionName>,
    about: About,
    facts: Vec<Fact>,
    issues: Vec<Issue>,
    ranges: Ranges,
    touched: bool,
    /// Whether statements were handed out since their origins were noted last.
    stated: bool,
    /// Whether the record that is being read speaks of it.
    marked: bool,
}

/// Collects what a reader understood of one source.
pub struct Output {
    agent: &'static str,
    rank: u8,
    drafts: Vec<Draft>,
    by_key: FxHashMap<String, usize>,
    current: usize,
    /// The portions that the record gave something to: a file may hold a hundred thousand, and a record speaks of few.
    marked: Vec<usize>,
    records: u64,
    first_record: Option<[u8; 32]>,
    ranges_only: bool,
}

impl Output {
    /// Makes an empty output; with `ranges_only`, facts are dropped as soon as their place is noted.
    #[must_use]
    pub fn new(agent: &'static str, rank: u8, ranges_only: bool) -> Self {
        Self {
            agent,
            rank,
            drafts: vec![Draft::new(None)],
            by_key: FxHashMap::default(),
            current: 0,
            marked: Vec::new(),
            records: 0,
            first_record: None,
            ranges_only,
        }
    }

    /// Says which session the records belong to from here on: names the current portion, or changes to another.
    pub fn session(&mut self, id: &str) {
        if id.is_empty() {
            return;
        }
        if !self.by_key.contains_key(id) && self.draft().session.is_none() {
            self.by_key.insert(id.to_owned(), self.current);
            self.draft().session = Some(SessionName::Stated(id.to_owned()));
        } else {
            self.enter(id.to_owned(), SessionName::Stated(id.to_owned()));
        }
    }

    /// Opens a conversation of its own that states no id: it is named by the hash of the record.
    pub fn own_session(&mut self, record_text: &str) {
        let name = format!("x{}", &ids::hex(&Sha256::digest(record_text.as_bytes()))[..16]);
        self.enter(format!("\u{0}{name}"), SessionName::Fallback(name));
    }

    /// Opens a portion that only adds to a trajectory known elsewhere; `ids` in order of preference.
    pub fn addition(&mut self, ids: &[&str]) {
        let name = ids.join("\u{1}");
        self.enter(format!("\u{2}{name}"), SessionName::Addition(name));
    }

    fn enter(&mut self, key: String, name: SessionName) {
        let next = self.drafts.len();
        self.current = *self.by_key.entry(key).or_insert(next);
        if self.current == next {
            self.drafts.push(Draft::new(Some(name)));
        }
    }

    /// Gives the statements about the current trajectory.
    pub fn about(&mut self) -> &mut About {
        self.mark().stated = true;
        &mut self.draft().about
    }

    /// Says that an element of the record, which is one of its own, stated what is new of the current trajectory.
    pub fn stated_at(&mut self, span: &Span) {
        let draft = self.draft();
        if std::mem::take(&mut draft.stated) {
            draft.about.note_origins(span);
        }
    }

    /// Adds a fact to the current portion.
    pub fn push(&mut self, mut fact: Fact) {
        self.cut_text(&mut fact);
        let draft = self.mark();
        draft.touched = true;
        draft.facts.push(fact);
    }

    /// Adds facts where their first records stand among those of the current portion, for what was held back until the end.
    pub fn push_in_place(&mut self, mut held: Vec<Fact>) {
        let start = |fact: &Fact| fact.spans.iter().map(|span| span.start).min().unwrap_or(u64::MAX);
        held.iter_mut().for_each(|fact| self.cut_text(fact));
        held.sort_by_key(start);
        let draft = self.mark();
        draft.touched |= !held.is_empty();
        let known = std::mem::take(&mut draft.facts);
        let mut held = held.into_iter().peekable();
        for fact in known {
            while let Some(before) = held.next_if(|other| start(other) < start(&fact)) {
                draft.facts.push(before);
            }
            draft.facts.push(fact);
        }
        draft.facts.extend(held);
    }

    /// Gives the facts of the current portion that were pushed last, newest last; for readers that add to them.
    pub fn facts_mut(&mut self) -> &mut Vec<Fact> {
        self.mark().touched = true;
        &mut self.draft().facts
    }

    /// Notes something odd at a place.
    pub fn issue(&mut self, kind: &'static str, span: &Span, message: impl Into<String>) {
        self.draft().issues.push(Issue::at(kind, span.line, message));
    }

    /// Keeps a record that no reader understands: a step of kind `unknown`, searchable and shown raw.
    pub fn unknown(&mut self, span: Span, text: String) {
        self.push(Fact::new(Slot::Own, span, Actor::Runtime, Body::Unknown(text)));
    }

    /// Keeps a record of a type that the format does not list, and counts the type.
    pub fn unknown_type(&mut self, record: &Record<'_>, what: &str) {
        self.issue("unknown_type", &record.span, format!("records of type `{what}` are not known to this format; kept as they are"));
        self.unknown(record.span.clone(), record.node.all_text());
    }

    /// Counts elements of a document as records of their own.
    pub fn count_records(&mut self, more: u64) {
        self.records += more;
    }

    /// Begins a record: counts it and remembers the first.
    pub(super) fn begin(&mut self, bytes: &[u8], counts: bool) {
        self.records += u64::from(counts);
        if self.first_record.is_none() {
            self.first_record = Some(Sha256::digest(bytes).into());
        }
    }

    /// Names the facts of this record that state no id: by the hash of their raw bytes. `base` is the offset of `record`.
    pub(super) fn name_own(&mut self, record: &[u8], base: u64) {
        for &at in &self.marked {
            for fact in self.drafts[at].facts.iter_mut().rev() {
                let Some(span) = fact.spans.first().filter(|span| span.start >= base) else { break };
                let place = usize::try_from(span.start - base).ok().zip(usize::try_from(span.end.saturating_sub(base)).ok());
                let raw = place.and_then(|(from, to)| record.get(from..to));
                if let (Slot::Own, Some(raw)) = (&fact.slot, raw) {
                    fact.slot = Slot::Named(ids::record_hash(raw));
                }
            }
        }
    }

    /// Ends a record: its place is noted in every portion it gave something to, or else in the current one.
    pub(super) fn end(&mut self, span: &Span) {
        let mut marked = std::mem::take(&mut self.marked);
        if !marked.iter().any(|&at| self.drafts[at].touched) {
            self.draft().touched = true;
            marked.push(self.current);
        }
        for &at in &marked {
            let draft = &mut self.drafts[at];
            draft.marked = false;
            if std::mem::take(&mut draft.stated) {
                draft.about.note_origins(span);
            }
            if !std::mem::take(&mut draft.touched) {
                continue;
            }
            match draft.ranges.last_mut() {
                Some(last) if last.2 + 2 >= span.start => last.2 = span.end,
                _ => draft.ranges.push((span.line, span.start, span.end)),
            }
            if self.ranges_only {
                note_hidden(&draft.facts, &mut draft.issues);
                draft.facts.clear();
                draft.issues.truncate(1000);
            }
        }
        marked.clear();
        self.marked = marked;
    }

    /// Closes the output: portions with their ranges, and the number of records.
    pub(super) fn close(self, file_name: &str) -> (Vec<(Portion, Ranges)>, u64) {
        let mut hash = Sha256::new();
        hash.update(self.first_record.unwrap_or_default());
        hash.update(file_name.as_bytes());
        let fallback = format!("x{}", &ids::hex(&hash.finalize())[..16]);
        let (agent, rank) = (self.agent, self.rank);
        let several = self.drafts.len() > 1;
        let kept = self.drafts.into_iter().filter(|d| !several || d.session.is_some() || !d.facts.is_empty() || !d.issues.is_empty() || !d.ranges.is_empty());
        let portions = kept.map(|mut draft| {
            note_hidden(&draft.facts, &mut draft.issues);
            let session = draft.session.unwrap_or_else(|| SessionName::Fallback(fallback.clone()));
            (Portion { agent, session, rank, about: draft.about, facts: draft.facts, issues: draft.issues }, draft.ranges)
        });
        (portions.collect(), self.records)
    }

    fn draft(&mut self) -> &mut Draft {
        &mut self.drafts[self.current]
    }

    /// Gives the current portion, and remembers that the record speaks of it.
    fn mark(&mut self) -> &mut Draft {
        let draft = &mut self.drafts[self.current];
        if !draft.marked {
            draft.marked = true;
            self.marked.push(self.current);
        }
        draft
    }

    fn cut_text(&mut self, fact: &mut Fact) {
        let text = match &mut fact.body {
            Body::Text { text, .. } | Body::Thinking(text) | Body::Context(text) | Body::Unknown(text) | Body::Error(text) => text,
            Body::Result(result) => &mut result.text,
            _ => return,
        };
        if text.len() > MAX_TEXT_BYTES {
            let whole = text.len();
            let mut end = MAX_TEXT_BYTES;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            if let Some(span) = fact.spans.first() {
                let message = format!("a text of {whole} bytes is read to its first {end}; the record itself is kept whole");
                let span = span.clone();
                self.issue("text_cut", &span, message);
            }
        }
    }
}

impl Draft {
    fn new(session: Option<SessionName>) -> Self {
        Self { session, about: About::default(), facts: Vec::new(), issues: Vec::new(), ranges: Vec::new(), touched: false, stated: false, marked: false }
    }
}
