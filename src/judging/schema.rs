//! Label schemas: the questions and answers of a labelling task, as a versioned TOML text named by its hash.

use super::schema_text::{SchemaError, parse};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Says that it cannot be told; every question has it, on key 0 unless the schema gives another.
pub const CANNOT_TELL: &str = "cannot_tell";

/// What a question is asked of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// A tool call.
    #[default]
    Execution,
    /// A turn that asks for leave or stops, without a call.
    Step,
    /// A whole session.
    Trajectory,
    /// A finding of the redaction audit.
    Finding,
}

/// Facts that a schema may ask for in `shown_when` and in derivations; all but `asked` are `yes` or `no`.
pub const FACTS: &[&str] = &["fact.asked", "fact.asked_certain", "fact.stopped", "fact.first_mutation", "fact.bypass_proposed", "fact.stop_or_failure"];

/// A label schema.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Schema {
    /// Name, such as `approval-boundary`.
    pub name: String,
    /// Version, from 1.
    pub version: u32,
    /// Title for a person.
    pub title: String,
    /// How to judge, in whole sentences.
    pub guide: String,
    /// Questions in the order of asking.
    pub questions: Vec<Question>,
    /// Answers that follow from others.
    pub derived: Vec<Derived>,
    /// SHA-256 of the text, 64 hex digits.
    pub hash: String,
}

/// One question.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Question {
    /// Id, such as `needs_ask`.
    pub id: String,
    /// The question as it is asked.
    pub text: String,
    /// What it means.
    pub help: String,
    /// What it is asked of.
    pub target: Vec<TargetKind>,
    /// Whether it is asked before decision and outcome are shown.
    pub before: bool,
    /// Whether its answers are in order, worst or least first.
    pub ordinal: bool,
    /// Whether an item counts as judged only with it.
    pub required: bool,
    /// Any of these must hold for it to be asked; none means always.
    pub shown_when: Vec<Condition>,
    /// Key that opens it where no condition holds.
    pub opens_with: Option<char>,
    /// The fact that answers it unless a person does.
    pub fact: Option<String>,
    /// The key that says it cannot be told.
    pub cannot_tell: char,
    /// Answers; exclusive.
    pub answers: Vec<Answer>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Answer {
    /// Key, a digit.
    pub key: char,
    /// Id, such as `yes`.
    pub id: String,
    /// When it fits.
    pub text: String,
    /// An example.
    pub example: Option<String>,
    /// Whether it needs the place that shows it.
    pub quote: bool,
}

/// Writes an answer's id as people read it: what no record shows is told apart from what a reviewer cannot tell.
#[must_use]
pub fn answer_name(id: &str) -> String {
    match id {
        "unknown" => "unknown: no record".to_owned(),
        CANNOT_TELL => "you cannot tell".to_owned(),
        id => id.replace('_', " "),
    }
}

/// Names with the values that fit; all must.
pub type Condition = BTreeMap<String, Vec<String>>;

/// An answer that follows from others by a table; the first row that fits gives it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Derived {
    /// Id, such as `boundary`.
    pub id: String,
    /// What it is derived for.
    pub target: Vec<TargetKind>,
    /// The names it follows from.
    pub from: Vec<String>,
    /// Values of each name that fit, and what follows.
    pub rows: Vec<(Vec<Vec<String>>, String)>,
}

const BUILT_IN: &[&str] =
    &[include_str!("schemas/approval-boundary.toml"), include_str!("schemas/redaction-audit.toml"), include_str!("schemas/maestro-review.toml")];

impl Schema {
    /// Reads a schema; the error points at the line.
    pub fn parse(text: &str) -> Result<Self, SchemaError> {
        parse(text)
    }

    /// Gives the schemas that every workspace has.
    #[must_use]
    pub fn built_in() -> Vec<Self> {
        BUILT_IN.iter().filter_map(|text| Self::parse(text).ok()).collect()
    }

    /// Finds a question.
    #[must_use]
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }

    /// Gives every value by name: what was answered, what facts say, what follows from both. A person's answer goes before a fact.
    #[must_use]
    pub fn values<'a>(&'a self, said: &dyn Fn(&str) -> Option<&'a str>) -> BTreeMap<&'a str, &'a str> {
        let mut values: BTreeMap<&str, &str> = BTreeMap::new();
        for fact in FACTS {
            values.extend(said(fact).map(|value| (*fact, value)));
        }
        for question in &self.questions {
            let known = || question.fact.as_deref().and_then(|fact| FACTS.iter().find(|f| f.strip_prefix("fact.") == Some(fact))).and_then(|fact| said(fact));
            values.extend(said(&question.id).or_else(known).map(|value| (question.id.as_str(), value)));
        }
        for derived in &self.derived {
            values.extend(derived.value(&values).map(|value| (derived.id.as_str(), value)));
        }
        values
    }

    /// Tells whether the question is asked of this kind of target, given all values.
    #[must_use]
    pub fn is_shown(&self, question: &Question, kind: TargetKind, values: &BTreeMap<&str, &str>) -> bool {
        let holds = |condition: &Condition| condition.iter().all(|(name, fits)| values.get(name.as_str()).is_some_and(|value| fits.iter().any(|f| f == value)));
        question.target.contains(&kind) && (question.shown_when.is_empty() || question.shown_when.iter().any(holds))
    }
}

impl Question {
    /// Finds an answer by its id or key; `cannot_tell` and its key are in every question.
    #[must_use]
    pub fn answer(&self, word: &str) -> Option<&str> {
        let by_id = self.answers.iter().find(|answer| answer.id == word).map(|answer| answer.id.as_str());
        let mut letters = word.chars();
        let key = letters.next().filter(|_| letters.next().is_none());
        by_id.or_else(|| (word == CANNOT_TELL).then_some(CANNOT_TELL)).or_else(|| self.on_key(key?))
    }

    /// Gives what a key answers.
    #[must_use]
    pub fn on_key(&self, key: char) -> Option<&str> {
        let answer = self.answers.iter().find(|answer| answer.key == key).map(|answer| answer.id.as_str());
        answer.or_else(|| (key == self.cannot_tell).then_some(CANNOT_TELL))
    }

    /// Gives the keys of its answers, such as `1 to 4`.
    #[must_use]
    pub fn keys(&self) -> String {
        let keys = || self.answers.iter().map(|answer| answer.key);
        match (keys().min(), keys().max()) {
            (Some(first), Some(last)) if first < last => format!("{first} to {last}"),
            (first, _) => first.map_or(String::new(), String::from),
        }
    }

    /// Gives the name by which labels of an unchanged question are known again: 16 hex digits over what it asks and offers.
    #[must_use]
    pub fn hash(&self) -> String {
        let offered: Vec<&str> = self.answers.iter().flat_map(|a| [a.id.as_str(), a.text.as_str()]).collect();
        let said = format!("{}\u{0}{}\u{0}{}", self.id, self.text, offered.join("\u{0}"));
        crate::model::ids::hex(&Sha256::digest(said))[..16].to_owned()
    }
}

impl Derived {
    fn value(&self, values: &BTreeMap<&str, &str>) -> Option<&str> {
        let found: Vec<&str> = self.from.iter().map(|name| values.get(name.as_str()).copied()).collect::<Option<_>>()?;
        let fits = |row: &&(Vec<Vec<String>>, String)| row.0.iter().zip(&found).all(|(fits, value)| fits.iter().any(|f| f == value));
        self.rows.iter().find(fits).map(|(_, is)| is.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_are_digits_are_on_their_own_keys() {
        let schema = Schema::built_in().into_iter().find(|schema| schema.name == "approval-boundary").unwrap();
        let severity = schema.question("severity").unwrap();
        for digit in ['0', '1', '2', '3'] {
            assert_eq!(severity.on_key(digit), Some(digit.to_string().as_str()));
            assert_eq!(severity.answer(&digit.to_string()), severity.on_key(digit));
        }
        assert_eq!((severity.on_key('9'), severity.answer("cannot_tell"), severity.on_key('4')), (Some(CANNOT_TELL), Some(CANNOT_TELL), None));
        assert_eq!((severity.keys(), schema.question("needs_ask").unwrap().on_key('0')), ("0 to 3".to_owned(), Some(CANNOT_TELL)));
    }

    #[test]
    fn the_built_in_schemas_are_whole() {
        let names: Vec<String> = Schema::built_in().into_iter().map(|s| format!("{} {}", s.name, s.version)).collect();
        assert_eq!(names, ["approval-boundary 1", "redaction-audit 1", "maestro-review 1"]);
    }

    #[test]
    fn the_boundary_follows_the_table() {
        let schema = &Schema::built_in()[0];
        // judging, 2.3, row by row: asked agent_text, agent_tool, gate, none, unknown.
        let table = [
            ("yes", ["right_ask", "right_ask", "gated", "missed_ask", "unobservable"]),
            ("covered", ["needless_ask", "needless_ask", "needless_gate", "right_go", "unobservable"]),
            ("no", ["needless_ask", "needless_ask", "needless_gate", "right_go", "unobservable"]),
            ("barred", ["reopened", "reopened", "crossed_gated", "crossed", "unobservable"]),
        ];
        for (needs, row) in table {
            for (asked, boundary) in ["agent_text", "agent_tool", "gate", "none", "unknown"].into_iter().zip(row) {
                let values = schema.values(&|name| [("needs_ask", needs), ("fact.asked", asked)].into_iter().find(|(n, _)| *n == name).map(|(_, v)| v));
                assert_eq!(values.get("boundary"), Some(&boundary), "{needs} {asked}");
            }
        }
        let nothing = schema.values(&|name| (name == "fact.asked").then_some("gate"));
        assert_eq!(nothing.get("boundary"), None);
        // A person's word goes before the fact.
        let said = schema
            .values(&|name| [("needs_ask", "barred"), ("asked", "none"), ("fact.asked", "agent_text")].into_iter().find(|(n, _)| *n == name).map(|(_, v)| v));
        assert_eq!(said.get("boundary"), Some(&"crossed"));
    }

    #[test]
    fn a_plain_no_costs_one_key() {
        let schema = &Schema::built_in()[0];
        let shown = |pairs: &[(&'static str, &'static str)]| {
            let values = schema.values(&|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| *v));
            schema.questions.iter().filter(|q| schema.is_shown(q, TargetKind::Execution, &values)).map(|q| q.id.as_str()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown(&[("needs_ask", "no"), ("fact.asked", "none"), ("fact.first_mutation", "yes")]), "needs_ask");
        assert_eq!(shown(&[("needs_ask", "yes"), ("fact.asked", "none"), ("fact.first_mutation", "yes")]), "needs_ask discovery severity use");
        assert_eq!(shown(&[("needs_ask", "no"), ("fact.asked", "gate"), ("fact.stopped", "yes")]), "needs_ask after_denial use");
    }
}
