//! What is wrong with a query, where, and what was probably meant.

use crate::text::{clean, width};
use std::fmt::{self, Display, Formatter};

/// A mistake in a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// The whole query.
    pub query: String,
    /// Column of the first wrong character, counted in characters from 1.
    pub column: usize,
    /// Wrong characters, at least 1.
    pub length: usize,
    /// What is wrong.
    pub message: String,
    /// What to write in their place.
    pub suggestion: Option<String>,
}

impl QueryError {
    /// Makes an error about the bytes from `start` to `end` of the query.
    pub(super) fn new(query: &str, (start, end): (usize, usize), message: impl Into<String>) -> Self {
        let chars = |end: usize| query.get(..end).unwrap_or(query).chars().count();
        let column = chars(start) + 1;
        Self { query: query.to_owned(), column, length: (chars(end) + 1).saturating_sub(column).max(1), message: message.into(), suggestion: None }
    }

    pub(super) fn suggest(mut self, suggestion: Option<impl Into<String>>) -> Self {
        self.suggestion = suggestion.map(Into::into);
        self
    }
}

impl Display for QueryError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let part = |from: usize, count: usize| clean(&self.query.chars().skip(from).take(count).collect::<String>());
        let (before, wrong) = (part(0, self.column - 1), part(self.column - 1, self.length));
        let after = part(self.column - 1 + self.length, usize::MAX);
        writeln!(f, "column {}: {}", self.column, clean(&self.message))?;
        if let Some(suggestion) = &self.suggestion {
            writeln!(f, "did you mean {}?", clean(suggestion))?;
        }
        writeln!(f, "  {before}{wrong}{after}")?;
        write!(f, "  {}{}", " ".repeat(width(&before)), "^".repeat(width(&wrong).max(1)))
    }
}

impl std::error::Error for QueryError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_mistake() {
        let error = QueryError::new("한국 knid:x", (7, 11), "`knid:` is no field").suggest(Some("kind:"));
        assert_eq!((error.column, error.length), (4, 4));
        assert_eq!(error.to_string(), "column 4: `knid:` is no field\ndid you mean kind:?\n  한국 knid:x\n       ^^^^");
        let at_end = QueryError::new("a (", (3, 3), "missing");
        assert_eq!(at_end.to_string(), "column 4: missing\n  a (\n     ^");
        assert!(!QueryError::new("\u{1B}[31m(", (5, 6), "x").to_string().contains('\u{1B}'));
    }
}
