//! The tree of a query: what it asks, with words cut into tokens and values read.

use super::field::{Field, FieldKind, Level};
use super::value::Value;
use std::fmt::{self, Display, Formatter, Write};
use std::sync::Arc;

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// The empty query: everything.
    All,
    /// Every one of at least two; none of them is an `And`.
    And(Vec<Self>),
    /// Any of at least two; none of them is an `Or`.
    Or(Vec<Self>),
    /// Not this; never a `Not` again.
    Not(Box<Self>),
    /// One condition.
    Leaf(Leaf),
}

/// One condition on a step. Tokens are those of `text::tokens`.
#[derive(Debug, Clone, PartialEq)]
pub enum Leaf {
    /// A token of the text.
    Word(String),
    /// Tokens of the text in a row: a quoted phrase of at least one token, or an unquoted word of at least two.
    Phrase {
        /// The tokens.
        tokens: Vec<String>,
        /// Whether it was quoted, and so is never relaxed.
        quoted: bool,
    },
    /// Tokens in a row of which the last is the start of a token; never empty.
    Prefix(Vec<String>),
    /// A regular expression found in the text; it compiles with `compile_regex`.
    Regex(String),
    /// A field with a value.
    Field {
        /// The field.
        field: Field,
        /// What it is compared with.
        value: Value,
    },
    /// A field whose values lie in the journal, looked up there: what it holds for, by `model::ids::unit`.
    Among(Arc<Among>),
}

/// What a field of the journal holds for.
#[derive(Debug, Clone, PartialEq)]
pub struct Among {
    /// The condition as it was written.
    pub written: Leaf,
    /// What it is a fact of.
    pub level: Level,
    /// Executions, steps and whole trajectories it holds for, in order.
    pub units: Vec<u64>,
    /// Numbers of the whole trajectories it holds for.
    pub wholes: Vec<u64>,
    /// The trajectories these lie in, in order.
    pub trajectories: Vec<u64>,
}

impl Leaf {
    /// Says what the condition is a fact of; the negation of a trajectory's leaves out the whole trajectory.
    #[must_use]
    pub fn level(&self) -> Level {
        match self {
            Self::Among(among) => among.level,
            Self::Field { field, value: Value::Text(text) } => field.level(text),
            Self::Field { field, .. } => field.level(""),
            Self::Word(_) | Self::Phrase { .. } | Self::Prefix(_) | Self::Regex(_) => Level::Step,
        }
    }

    /// Tells whether the index finds more steps than the condition holds for, so that each is looked at afterwards.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        matches!(self, Self::Regex(_) | Self::Field { field: Field::Id, value: Value::Prefix(_) })
    }
}

impl Query {
    /// Tells whether what the index finds must be looked at step by step.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.leaves().iter().any(|(leaf, _)| leaf.is_verified())
    }

    /// Joins queries so that all must hold.
    #[must_use]
    pub fn and(parts: Vec<Self>) -> Self {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::All => Vec::new(),
            Self::And(inner) => inner,
            other => vec![other],
        });
        single(flat.collect(), Self::And)
    }

    /// Joins queries so that one must hold; without any, everything does.
    #[must_use]
    pub fn or(parts: Vec<Self>) -> Self {
        if parts.contains(&Self::All) {
            return Self::All;
        }
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::Or(inner) => inner,
            other => vec![other],
        });
        single(flat.collect(), Self::Or)
    }

    /// Turns a query round.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Moves every negation down to a leaf, where its level says what it leaves out: the form to run.
    #[must_use]
    pub fn pushed_down(&self) -> Self {
        self.push(false)
    }

    fn push(&self, negated: bool) -> Self {
        let each = |parts: &[Self]| parts.iter().map(|part| part.push(negated)).collect();
        match self {
            Self::And(parts) if !negated => Self::and(each(parts)),
            Self::Or(parts) if negated => Self::and(each(parts)),
            Self::And(parts) | Self::Or(parts) => Self::or(each(parts)),
            Self::Not(inner) => inner.push(!negated),
            Self::All | Self::Leaf(_) if negated => Self::Not(Box::new(self.clone())),
            Self::All | Self::Leaf(_) => self.clone(),
        }
    }

    /// Gives every condition with whether it is negated, from left to right.
    #[must_use]
    pub fn leaves(&self) -> Vec<(&Leaf, bool)> {
        let mut found = Vec::new();
        let mut open = vec![(self, false)];
        while let Some((query, negated)) = open.pop() {
            match query {
                Self::All => {}
                Self::And(parts) | Self::Or(parts) => open.extend(parts.iter().rev().map(|part| (part, negated))),
                Self::Not(inner) => open.push((inner, !negated)),
                Self::Leaf(leaf) => found.push((leaf, negated)),
            }
        }
        found
    }
}

fn single(mut parts: Vec<Query>, join: fn(Vec<Query>) -> Query) -> Query {
    if parts.len() > 1 { join(parts) } else { parts.pop().unwrap_or(Query::All) }
}

/// Writes the query so that it reads back as the same tree.
impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            Self::And(parts) => list(parts, " ", f),
            Self::Or(parts) => list(parts, " OR ", f),
            Self::Not(inner) => {
                f.write_char('-')?;
                nested(inner, f)
            }
            Self::Leaf(leaf) => leaf.fmt(f),
        }
    }
}

fn list(parts: &[Query], between: &str, f: &mut Formatter<'_>) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        f.write_str(if at == 0 { "" } else { between })?;
        nested(part, f)?;
    }
    Ok(())
}

fn nested(query: &Query, f: &mut Formatter<'_>) -> fmt::Result {
    if matches!(query, Query::And(_) | Query::Or(_) | Query::All) { write!(f, "({query})") } else { query.fmt(f) }
}

impl Display for Leaf {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Among(among) => among.written.fmt(f),
            Self::Word(token) => f.write_str(token),
            Self::Phrase { tokens, quoted: true } => write!(f, "\"{}\"", tokens.join(" ")),
            Self::Phrase { tokens, quoted: false } => f.write_str(&tokens.join("_")),
            Self::Prefix(tokens) => write!(f, "{}*", tokens.join("_")),
            Self::Regex(regex) => write!(f, "/{}/", escape_slashes(regex)),
            Self::Field { field, value } => {
                write!(f, "{}:", field.name())?;
                match value {
                    Value::Text(text) => f.write_str(&quote(text)),
                    Value::Prefix(text) => write!(f, "{}*", quote(text)),
                    Value::Number(range) => range.write(if field.kind() == FieldKind::Duration { "ms" } else { "" }, f),
                    Value::Time(range) => range.fmt(f),
                }
            }
        }
    }
}

/// Quotes a value unless it reads back bare.
pub(super) fn quote(text: &str) -> String {
    let bare = !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '(' | ')' | '*' | '\\')) && !text.starts_with(':');
    if bare { text.to_owned() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

fn escape_slashes(regex: &str) -> String {
    let mut out = String::with_capacity(regex.len() + 2);
    let mut chars = regex.chars();
    while let Some(c) = chars.next() {
        if c == '/' {
            out.push('\\');
        }
        out.push(c);
        if c == '\\' {
            out.extend(chars.next());
        }
    }
    out
}
