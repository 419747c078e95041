//! Reading a label schema from TOML: what is wrong, in which line, and what was probably meant.

use super::schema::{Answer, CANNOT_TELL, Condition, Derived, FACTS, Question, Schema, TargetKind};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt;
use std::ops::Range;
use toml::Spanned;

/// A mistake in a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError {
    /// Line from 1.
    pub line: usize,
    /// The line's text.
    pub text: String,
    /// What is wrong.
    pub message: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)?;
        if let Some(suggestion) = &self.suggestion {
            write!(f, "; did you mean `{suggestion}`?")?;
        }
        write!(f, "\n  {}", self.text.trim())
    }
}

impl std::error::Error for SchemaError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSchema {
    name: Spanned<String>,
    version: Spanned<u32>,
    title: String,
    #[serde(default)]
    guide: String,
    question: Vec<RawQuestion>,
    #[serde(default)]
    derived: Vec<RawDerived>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawQuestion {
    id: Spanned<String>,
    text: String,
    #[serde(default)]
    help: String,
    target: Vec<TargetKind>,
    #[serde(default)]
    stage: Stage,
    #[serde(default)]
    scale: Scale,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    shown_when: Vec<RawCondition>,
    opens_with: Option<Spanned<char>>,
    fact: Option<Spanned<String>>,
    cannot_tell: Option<Spanned<char>>,
    answers: Spanned<Vec<RawAnswer>>,
}

type RawCondition = std::collections::BTreeMap<Spanned<String>, Vec<Spanned<String>>>;

#[derive(Deserialize, Default, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Before,
    #[default]
    After,
}

#[derive(Deserialize, Default, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Scale {
    #[default]
    Nominal,
    Ordinal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAnswer {
    key: Spanned<char>,
    id: Spanned<String>,
    text: String,
    example: Option<String>,
    #[serde(default)]
    quote: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDerived {
    id: Spanned<String>,
    target: Vec<TargetKind>,
    from: Vec<Spanned<String>>,
    rows: Vec<Spanned<Vec<String>>>,
}

/// Reads a schema; the error points at the line.
pub(super) fn parse(text: &str) -> Result<Schema, SchemaError> {
    let raw: RawSchema = toml::from_str(text).map_err(|e| from_toml(text, &e))?;
    let check = Check { text, names: names(&raw) };
    check.word(&raw.name)?;
    if *raw.version.get_ref() == 0 {
        return Err(check.error(raw.version.span(), "versions count from 1", None));
    }
    for (at, name) in check.names.iter().enumerate() {
        if check.names[..at].iter().any(|(known, _)| known == &name.0) {
            return Err(check.error(name.1.clone(), &format!("`{}` is there twice", name.0), None));
        }
    }
    let answers: Vec<(String, Vec<String>)> =
        raw.question.iter().map(|q| (q.id.get_ref().clone(), q.answers.get_ref().iter().map(|a| a.id.get_ref().clone()).collect())).collect();
    let values = Values {
        answers,
        derived: raw.derived.iter().map(|d| (d.id.get_ref().clone(), d.rows.iter().filter_map(|r| r.get_ref().last().cloned()).collect())).collect(),
    };
    let derived = raw.derived.into_iter().map(|d| check.derived(d, &values)).collect::<Result<_, _>>()?;
    let questions = raw.question.into_iter().map(|q| check.question(q, &values)).collect::<Result<_, _>>()?;
    let hash = crate::model::ids::hex(&Sha256::digest(text));
    Ok(Schema {
        name: raw.name.into_inner(),
        version: raw.version.into_inner(),
        title: raw.title,
        guide: raw.guide.trim().to_owned(),
        questions,
        derived,
        hash,
    })
}

fn names(raw: &RawSchema) -> Vec<(String, Range<usize>)> {
    let questions = raw.question.iter().map(|q| &q.id);
    questions.chain(raw.derived.iter().map(|d| &d.id)).map(|id| (id.get_ref().clone(), id.span())).collect()
}

/// The values each name can have.
struct Values {
    answers: Vec<(String, Vec<String>)>,
    derived: Vec<(String, Vec<String>)>,
}

impl Values {
    /// Gives what a name can be; an empty list where it is not known.
    fn of(&self, name: &str) -> Option<Vec<String>> {
        if name == "fact.asked" {
            return Some(self.of("asked").unwrap_or_default());
        }
        if FACTS.contains(&name) {
            return Some(vec!["yes".to_owned(), "no".to_owned()]);
        }
        let mut values = self.answers.iter().chain(&self.derived).find(|(known, _)| known == name).map(|(_, values)| values.clone())?;
        values.push(CANNOT_TELL.to_owned());
        Some(values)
    }
}

struct Check<'t> {
    text: &'t str,
    names: Vec<(String, Range<usize>)>,
}

impl Check<'_> {
    fn error(&self, at: Range<usize>, message: &str, suggestion: Option<String>) -> SchemaError {
        error(self.text, at.start, message, suggestion)
    }

    /// Ids stand in queries and in file names: words of lower-case letters, digits, `_` and `-`.
    fn word(&self, id: &Spanned<String>) -> Result<(), SchemaError> {
        let fits = !id.get_ref().is_empty() && id.get_ref().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b));
        let clean: String = id.get_ref().to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if fits { Ok(()) } else { Err(self.error(id.span(), "an id is lower-case letters, digits, `_` and `-`", Some(clean))) }
    }

    fn question(&self, raw: RawQuestion, values: &Values) -> Result<Question, SchemaError> {
        self.word(&raw.id)?;
        if raw.answers.get_ref().is_empty() {
            return Err(self.error(raw.answers.span(), "a question needs answers", None));
        }
        let cannot_tell = raw.cannot_tell.as_ref().map_or('0', |key| *key.get_ref());
        if let Some(key) = raw.cannot_tell.filter(|key| !key.get_ref().is_ascii_digit()) {
            return Err(self.error(key.span(), "what cannot be told has a digit as its key", Some("9".to_owned())));
        }
        let mut answers: Vec<Answer> = Vec::new();
        for answer in raw.answers.into_inner() {
            self.word(&answer.id)?;
            let (key, id) = (*answer.key.get_ref(), answer.id.get_ref());
            let taken = |key: char| key == cannot_tell || answers.iter().any(|a| a.key == key);
            if !key.is_ascii_digit() || taken(key) {
                let free = ('1'..='9').find(|key| !taken(*key)).map(String::from);
                let message = format!("each answer has a digit of its own as its key; {cannot_tell} is taken: it cannot be told");
                return Err(self.error(answer.key.span(), &message, free));
            }
            if id == CANNOT_TELL || answers.iter().any(|a| a.id == *id) {
                return Err(self.error(answer.id.span(), &format!("`{id}` is there already"), None));
            }
            answers.push(Answer { key, id: answer.id.into_inner(), text: answer.text, example: answer.example, quote: answer.quote });
        }
        if let Some(fact) = &raw.fact {
            let known: Vec<&str> = FACTS.iter().filter_map(|f| f.strip_prefix("fact.")).collect();
            self.known(fact, &known, "fact")?;
        }
        let shown_when = raw.shown_when.into_iter().map(|c| self.condition(c, values)).collect::<Result<_, _>>()?;
        Ok(Question {
            id: raw.id.into_inner(),
            text: raw.text,
            help: raw.help,
            target: raw.target,
            before: raw.stage == Stage::Before,
            ordinal: raw.scale == Scale::Ordinal,
            required: raw.required,
            shown_when,
            opens_with: raw.opens_with.map(Spanned::into_inner),
            fact: raw.fact.map(Spanned::into_inner),
            cannot_tell,
            answers,
        })
    }

    fn condition(&self, raw: RawCondition, values: &Values) -> Result<Condition, SchemaError> {
        let mut condition = Condition::new();
        for (name, fits) in raw {
            let allowed = self.values_of(&name, values)?;
            let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
            fits.iter().try_for_each(|value| self.known(value, &allowed, "value of it"))?;
            condition.insert(name.into_inner(), fits.into_iter().map(Spanned::into_inner).collect());
        }
        Ok(condition)
    }

    fn derived(&self, raw: RawDerived, values: &Values) -> Result<Derived, SchemaError> {
        self.word(&raw.id)?;
        let mut rows = Vec::new();
        for row in raw.rows {
            let at = row.span();
            let mut cells = row.into_inner();
            let is = cells.pop().unwrap_or_default();
            if cells.len() != raw.from.len() {
                return Err(self.error(at, &format!("a row has a cell for each of `from`, then what follows: {} cells", raw.from.len() + 1), None));
            }
            let cells: Vec<Vec<String>> = cells.iter().map(|cell| cell.split('|').map(|value| value.trim().to_owned()).collect()).collect();
            for (name, cell) in raw.from.iter().zip(&cells) {
                let allowed = self.values_of(name, values)?;
                let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
                cell.iter().try_for_each(|value| self.known(&Spanned::new(at.clone(), value.clone()), &allowed, "value of it"))?;
            }
            rows.push((cells, is));
        }
        Ok(Derived { id: raw.id.into_inner(), target: raw.target, from: raw.from.into_iter().map(Spanned::into_inner).collect(), rows })
    }

    fn values_of(&self, name: &Spanned<String>, values: &Values) -> Result<Vec<String>, SchemaError> {
        let known: Vec<&str> = self.names.iter().map(|(name, _)| name.as_str()).chain(FACTS.iter().copied()).collect();
        self.known(name, &known, "question, derived answer or fact")?;
        Ok(values.of(name.get_ref()).unwrap_or_default())
    }

    fn known(&self, word: &Spanned<String>, known: &[&str], what: &str) -> Result<(), SchemaError> {
        if known.contains(&word.get_ref().as_str()) {
            return Ok(());
        }
        Err(self.error(word.span(), &format!("`{}` is no {what}", word.get_ref()), nearest(word.get_ref(), known)))
    }
}

/// Gives the known word nearest to a wrong one, if it is near at all.
pub fn nearest(word: &str, known: &[&str]) -> Option<String> {
    let near = known.iter().map(|k| (strsim::osa_distance(k, word), *k)).min()?;
    (near.0 <= 1 + word.chars().count() / 3).then(|| near.1.to_owned())
}

fn error(text: &str, at: usize, message: &str, suggestion: Option<String>) -> SchemaError {
    let line = text.bytes().take(at).filter(|b| *b == b'\n').count();
    SchemaError { line: line + 1, text: text.lines().nth(line).unwrap_or_default().to_owned(), message: message.to_owned(), suggestion }
}

/// Says what the TOML reader found; where it lists what was expected, the nearest of it is suggested.
fn from_toml(text: &str, found: &toml::de::Error) -> SchemaError {
    let message = found.message().to_owned();
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let suggestion = quoted.split_first().filter(|_| message.contains("expected")).and_then(|(wrong, known)| nearest(wrong, known));
    error(text, found.span().map_or(0, |span| span.start), &message, suggestion)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = include_str!("schemas/approval-boundary.toml");

    fn check(from: &str, to: &str, line_with: &str, says: &str, suggests: Option<&str>) {
        assert!(GOOD.contains(from), "{from}");
        let wrong = Schema::parse(&GOOD.replacen(from, to, 1)).unwrap_err();
        assert!(wrong.text.contains(line_with) && wrong.message.contains(says), "{wrong}");
        assert_eq!(wrong.suggestion.as_deref(), suggests, "{wrong}");
    }

    #[test]
    fn mistakes_point_at_their_line() {
        check("required = true", "requierd = true", "requierd", "unknown field", Some("required"));
        check("[\"execution\", \"step\"]", "[\"excution\"]", "excution", "unknown variant", Some("execution"));
        check("key = \"2\", id = \"told\"", "key = \"1\", id = \"told\"", "told", "digit of its own", Some("2"));
        check("cannot_tell = \"9\"", "cannot_tell = \"x\"", "cannot_tell", "has a digit", Some("9"));
        check("cannot_tell = \"9\"", "cannot_tell = \"3\"", "id = \"3\"", "3 is taken", Some("4"));
        check("after_denial = [\"widened\"", "after_denail = [\"widened\"", "after_denail", "is no question", Some("after_denial"));
        check("boundary = [\"missed_ask\"", "boundary = [\"mised_ask\"", "mised_ask", "is no value", Some("missed_ask"));
        check("id = \"discovery\"", "id = \"needs_ask\"", "needs_ask", "twice", None);
        check("id = \"discovery\"", "id = \"Did Know\"", "Did Know", "lower-case", Some("did_know"));
        check("[\"barred\", \"none\", \"crossed\"]", "[\"bared\", \"none\", \"crossed\"]", "bared", "is no value", Some("barred"));
        check("fact = \"asked\"", "fact = \"askd\"", "askd", "is no fact", Some("asked"));
        check("version = 1", "version = 0", "version", "from 1", None);
        check("name = ", "name ", "name", "", None);
    }
}
