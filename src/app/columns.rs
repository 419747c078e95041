//! The columns of the library: one table of name, heading, width, and what is shown of a summary.

use super::marks::Marks;
use super::tone::Tone;
use crate::model::Timestamp;
use crate::text::human;
use crate::workspace::Summary;

/// What a cell is made from beside the summary.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The signs.
    pub marks: &'a Marks,
    /// Now, in ms since the epoch.
    pub now_ms: i64,
}

/// A column of the library.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Name in the configuration, and field to sort by.
    pub name: &'static str,
    /// Heading, and its ASCII twin.
    pub heading: [&'static str; 2],
    /// Width in columns; 0 takes what is left.
    pub width: u16,
    /// Whether it stands at the right of its place.
    pub right: bool,
    /// Whether sorting by it starts with the largest.
    pub largest_first: bool,
    /// What it is, in a few words.
    pub doc: &'static str,
    /// What is shown.
    pub show: fn(&Summary, Around<'_>) -> (String, Tone),
}

fn count(n: u64, around: Around<'_>, tone: Tone) -> (String, Tone) {
    if n == 0 { (around.marks.none.to_owned(), Tone::Dim) } else { (human::count(n).replace(' ', ""), tone) }
}

fn duration(ms: Option<i64>, around: Around<'_>) -> (String, Tone) {
    ms.map_or_else(|| (around.marks.none.to_owned(), Tone::Dim), |ms| (human::duration(ms), Tone::Wait))
}

fn age(summary: &Summary, around: Around<'_>) -> (String, Tone) {
    let at = summary.started_at.as_deref().and_then(Timestamp::parse);
    (at.map_or_else(|| around.marks.none.to_owned(), |at| human::age(around.now_ms - at.ms()).replace(' ', "")), Tone::Dim)
}

fn arm(summary: &Summary) -> String {
    let arm = summary.cohort.as_ref().and_then(|cohort| cohort.arm.clone()).unwrap_or_default();
    match arm.as_str() {
        "candidate" => "cand".to_owned(),
        "control" => "ctrl".to_owned(),
        _ => arm,
    }
}

fn audit(summary: &Summary, around: Around<'_>) -> (String, Tone) {
    match summary.audit.as_str() {
        "clean" => (around.marks.audit[2].to_owned(), Tone::Ran),
        "open" => (around.marks.audit[1].to_owned(), Tone::Redaction),
        _ => (around.marks.audit[0].to_owned(), Tone::Dim),
    }
}

macro_rules! columns {
    ($($name:literal | $heading:literal | $ascii:literal | $width:literal | $right:literal | $largest:literal | $doc:literal | $show:expr;)+) => {
        /// Every column, in the order of the table; which are shown is chosen.
        pub const COLUMNS: &[Column] = &[$(Column {
            name: $name, heading: [$heading, $ascii], width: $width, right: $right, largest_first: $largest, doc: $doc, show: $show,
        }),+];
    };
}

columns! {
    "title"      | "title" | "title" | 0  | false | false | "title, or the first prompt"                 | |s, _| (s.title.clone().unwrap_or_else(|| s.id.clone()), Tone::Text);
    "agent"      | "agent" | "agent" | 11 | false | false | "product that wrote the session"             | |s, _| (s.agent.clone(), Tone::Dim);
    "arm"        | "arm"   | "arm"   | 5  | false | false | "arm of the experiment"                      | |s, _| (arm(s), Tone::Dim);
    "model"      | "model" | "model" | 13 | false | false | "model"                                      | |s, _| (s.model.as_deref().map(short_model).unwrap_or_default(), Tone::Dim);
    "steps"      | "steps" | "steps" | 5  | true  | true  | "steps"                                      | |s, a| count(s.steps, a, Tone::Text);
    "executions" | "exec"  | "exec"  | 4  | true  | true  | "executions"                                 | |s, a| count(s.executions, a, Tone::Text);
    "wait"       | "wait"  | "wait"  | 6  | true  | true  | "longest wait"                               | |s, a| duration(s.longest_wait_ms, a);
    "denials"    | "✗"     | "X"     | 3  | true  | true  | "executions that were refused"               | |s, a| count(s.denials, a, Tone::Denied);
    "retries"    | "↻"     | "@"     | 3  | true  | true  | "executions that try a stopped one again"    | |s, a| count(s.retries, a, Tone::Retry);
    "errors"     | "!"     | "!"     | 3  | true  | true  | "executions that failed, and errors"         | |s, a| count(s.errors, a, Tone::Failed);
    "findings"   | "⚑"     | "F"     | 3  | true  | true  | "findings of rules"                          | |s, a| count(s.findings, a, Tone::Finding);
    "audit"      | "▣"     | "#"     | 2  | true  | false | "state of the redaction audit"               | audit;
    "labels"     | "◆"     | "L"     | 3  | true  | true  | "labels"                                     | |s, a| count(s.labels, a, Tone::Label);
    "tokens"     | "tokens"| "tokens"| 6  | true  | true  | "tokens of all kinds"                        | |s, a| count(s.tokens.input + s.tokens.output + s.tokens.cache_read + s.tokens.cache_write, a, Tone::Dim);
    "cost"       | "cost"  | "cost"  | 8  | true  | true  | "cost in USD"                                | |s, a| (s.cost_usd.map_or_else(|| a.marks.none.to_owned(), human::usd), Tone::Dim);
    "at"         | "age"   | "age"   | 5  | true  | true  | "how long ago it began"                      | age;
}

/// Columns that are shown unless others are chosen, the first to go on a narrow screen last.
pub const USUAL: &[&str] =
    &["title", "agent", "arm", "model", "steps", "executions", "wait", "denials", "retries", "errors", "findings", "audit", "labels", "cost", "at"];
/// Columns in the order in which a narrow screen drops them.
pub const DROPPED: &[&str] =
    &["cost", "errors", "tokens", "labels", "model", "executions", "agent", "arm", "audit", "findings", "steps", "at", "retries", "wait", "denials"];

/// Writes a model without its family's usual prefix and date.
#[must_use]
pub fn short_model(model: &str) -> String {
    let name = model.rsplit('/').next().unwrap_or(model);
    // What is left must still name something.
    let name = name.strip_prefix("claude-").filter(|rest| rest.chars().any(char::is_alphabetic)).unwrap_or(name);
    let dated = name.rsplit_once('-').filter(|(_, tail)| tail.len() == 8 && tail.bytes().all(|b| b.is_ascii_digit()));
    dated.map_or(name, |(head, _)| head).to_owned()
}

/// Finds a column by its name.
#[must_use]
pub fn column(name: &str) -> Option<&'static Column> {
    COLUMNS.iter().find(|column| column.name == name)
}

/// Gives the columns that fit, with their places and widths, in a number of columns of the screen.
#[must_use]
pub fn fitting(chosen: &[&'static Column], room: u16, sorted: &str) -> Vec<(&'static Column, u16, u16)> {
    let mut kept: Vec<&'static Column> = chosen.to_vec();
    // Counts stand closer together than words.
    let gap = |column: &Column| if column.width > 3 || column.width == 0 { 2 } else { 1 };
    let fixed = |kept: &[&'static Column]| kept.iter().map(|c| c.width + gap(c)).sum::<u16>();
    let least = match room {
        ..60 => room / 2,
        60..90 => 28,
        _ => 10 + room / 4,
    };
    // What a person chose beyond the usual goes last.
    let (usual, own): (Vec<&str>, Vec<&str>) = DROPPED.iter().partition(|name| USUAL.contains(name));
    for name in usual.into_iter().chain(own) {
        if fixed(&kept) + least <= room {
            break;
        }
        // What the rows are sorted by is to be seen.
        kept.retain(|column| column.name != name || column.width == 0 || column.name == sorted);
    }
    let rest = room.saturating_sub(fixed(&kept));
    let mut at = 0;
    let mut placed = Vec::new();
    for column in kept {
        let width = if column.width == 0 { rest } else { column.width };
        placed.push((column, at, width));
        at += width + gap(column);
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_agree() {
        for name in USUAL.iter().chain(DROPPED) {
            assert!(column(name).is_some(), "{name}");
        }
        assert!(COLUMNS.iter().all(|c| c.heading[1].is_ascii() && crate::text::width(c.heading[0]) <= usize::from(c.width.max(5))));
    }

    #[test]
    fn columns_fit() {
        let chosen: Vec<&Column> = USUAL.iter().filter_map(|name| column(name)).collect();
        for room in 4..200 {
            let placed = fitting(&chosen, room, "");
            let (_, at, width) = placed.last().copied().unwrap();
            assert!(at + width <= room, "{room}");
        }
        assert_eq!(fitting(&chosen, 190, "").len(), USUAL.len());
    }
}
