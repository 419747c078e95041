//! Gates: the named checks that a dataset must pass; what a gate cannot decide, it blocks.

use super::balance;
use super::brief::Brief;
use super::definition::Definition;
use super::select::Blocked;
use Asks::{Bytes, Points, Whole};
use serde::Serialize;
use std::collections::BTreeMap;

/// A gate: its name, what must hold, and whether a reviewer may override it.
pub struct Gate {
    /// Name.
    pub name: &'static str,
    /// What holds of every row that passed it.
    pub holds: &'static str,
    /// Whether it can be overridden with a reason.
    pub open: bool,
    /// When it is asked, and of what.
    pub asks: Asks,
}

/// When a gate is asked, and of what.
#[derive(Clone, Copy)]
pub enum Asks {
    /// Of every point, where it is selected, audited, paired or placed; what it keeps back is listed by its name.
    Points,
    /// Of the dataset as a whole; gives what is wrong with it.
    Whole(fn(&Asked<'_>) -> Option<String>),
    /// Of the written bytes, before the bundle takes its place.
    Bytes,
}

/// What a gate of the whole is asked of.
pub struct Asked<'a> {
    /// The definition.
    pub definition: &'a Definition,
    /// What would leave.
    pub briefs: &'a [Brief],
    /// What it comes to.
    pub totals: &'a Totals<'a>,
    /// Decisions that could not be read, and why.
    pub unread: &'a [String],
}

/// Every gate, in the order in which they are asked.
pub const GATES: &[Gate] = &[
    Gate { name: "consent", holds: "no source of the row opted out, and none has outlived its retention", open: false, asks: Points },
    Gate { name: "audit", holds: "every span was audited at the current rules, and no finding is open", open: true, asks: Points },
    Gate { name: "journal", holds: "this program can read every decision that bears on a row", open: true, asks: Whole(unread) },
    Gate { name: "dispute", holds: "reviewers agree on it, or somebody adjudicated", open: true, asks: Points },
    Gate {
        name: "agreement",
        holds: "in its questions Krippendorff's α between reviewers is at least 0.8 (of 10 shared items or more), or it was adjudicated",
        open: true,
        asks: Points,
    },
    Gate { name: "stale", holds: "the facts are those it was judged by", open: true, asks: Points },
    Gate { name: "bulk", holds: "somebody looked at it alone", open: true, asks: Points },
    Gate { name: "answers", holds: "the required questions are answered", open: true, asks: Points },
    Gate { name: "exclude", holds: "nothing in it, and nothing the agent had seen, must never leave", open: false, asks: Points },
    Gate { name: "situation", holds: "a line of the table of situations makes it a row", open: false, asks: Points },
    Gate {
        name: "shape",
        holds: "calls are answered and written as JSON objects, a user speaks before it, and the turn says or does something",
        open: false,
        asks: Points,
    },
    Gate { name: "pair", holds: "the sides have one prompt, differ in what they say, in length not too much, and in worth enough", open: false, asks: Points },
    Gate { name: "splits", holds: "no split holds a near-duplicate of another's rows", open: true, asks: Points },
    Gate {
        name: "balance",
        holds: "for each tool as many pairs teach to ask as to go ahead, within a factor of two",
        open: true,
        asks: Whole(|asked| balance::check(asked.briefs).err()),
    },
    Gate {
        name: "rows",
        holds: "every shape has the fewest rows that were asked for, and a shape that was named those that its consumer takes",
        open: true,
        asks: Whole(too_few),
    },
    Gate {
        name: "budget",
        holds: "the data files are no larger, and a pass over one costs no more, than the definition allows",
        open: true,
        asks: Whole(too_much),
    },
    Gate { name: "scan", holds: "the written bytes hold nothing that the rules of redaction find", open: false, asks: Bytes },
];

/// What a gate found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GateReport {
    /// Gate.
    pub gate: &'static str,
    /// What must hold.
    pub holds: &'static str,
    /// Whether it holds of what leaves.
    pub ok: bool,
    /// How many points it kept back.
    pub blocked: usize,
    /// What is wrong with the dataset as a whole.
    pub detail: Option<String>,
    /// Why it need not hold, where a reviewer said so.
    pub overridden: Option<String>,
}

/// What the data files come to.
pub struct Totals<'a> {
    /// Rows by shape.
    pub rows: &'a BTreeMap<&'static str, usize>,
    /// Bytes of all.
    pub bytes: u64,
    /// Tokens of the largest, by the definition's counter.
    pub tokens: u64,
}

/// Asks the gates of a dataset as a whole.
#[must_use]
pub fn report(asked: &Asked<'_>, blocked: &[Blocked]) -> Vec<GateReport> {
    let ask = |gate: &Gate| {
        let detail = match gate.asks {
            Whole(ask) => ask(asked),
            Points | Bytes => None,
        };
        let over = asked.definition.overridden(gate.name).filter(|_| gate.open);
        let count = blocked.iter().filter(|b| b.gate == gate.name).count();
        GateReport {
            gate: gate.name,
            holds: gate.holds,
            ok: detail.is_none() || over.is_some(),
            blocked: count,
            detail,
            overridden: over.map(|o| format!("{}: {}", o.reviewer, o.reason)),
        }
    };
    GATES.iter().map(ask).collect()
}

fn unread(asked: &Asked<'_>) -> Option<String> {
    let first = asked.unread.first()?;
    let more = if asked.unread.len() > 1 { format!("; so are {} more", asked.unread.len() - 1) } else { String::new() };
    Some(format!("{first}{more}: what it says of a row is not known; use the newer ossia, or let its reviewer say it again"))
}

fn too_much(asked: &Asked<'_>) -> Option<String> {
    let (definition, totals) = (asked.definition, asked.totals);
    if definition.max_bytes > 0 && totals.bytes > definition.max_bytes {
        return Some(format!("{} bytes of rows, the definition allows {}", totals.bytes, definition.max_bytes));
    }
    let cost = totals.tokens as f64 * definition.usd_per_million_tokens / 1e6;
    (definition.max_cost_usd > 0.0 && cost > definition.max_cost_usd).then(|| {
        let counted = format!("{} tokens ({})", totals.tokens, definition.counter);
        format!("one pass over the {counted} of the largest data file costs {cost:.2} USD, the definition allows {:.2}", definition.max_cost_usd)
    })
}

fn too_few(asked: &Asked<'_>) -> Option<String> {
    let (definition, rows) = (asked.definition, asked.totals.rows);
    let asked = |shape: &str| definition.shapes.iter().any(|name| name == shape);
    // A shape that nobody named is written as it is, though its consumer may want more rows.
    let least = |shape: &str| definition.min_rows.max(super::shapes::shape(shape).filter(|_| asked(shape)).map_or(0, |shape| shape.least));
    let (shape, found) = rows.iter().find(|(shape, found)| **found < least(shape))?;
    let by = if least(shape) > definition.min_rows { "its consumer takes" } else { "were asked for" };
    let pairs = super::shapes::shape(shape).is_some_and(|shape| shape.takes == super::shapes::Takes::Pairs);
    let kept = if *found == 0 { "; `ossia dataset check` or --dry-run says what keeps each turn back" } else { "" };
    // Where nothing leaves at all, more pairs are not what is wanting.
    let made = if pairs && definition.constructed_max < 1.0 && rows.values().any(|found| *found > 0) {
        "; of its pairs only a part may be ones that a program made (constructed_max): choose between two by `ossia pairs`, or write one with `ossia rewrite`"
    } else {
        ""
    };
    Some(format!("{shape} has {found} rows of the {} that {by}{kept}{made}", least(shape)))
}

/// Says which overrides of a definition have no effect, because the gate is not there or cannot be overridden.
pub fn check_overrides(definition: &Definition) -> Result<(), String> {
    for over in &definition.overrides {
        match GATES.iter().find(|gate| gate.name == over.gate) {
            None => {
                let known: Vec<&str> = GATES.iter().filter(|gate| gate.open).map(|gate| gate.name).collect();
                return Err(format!("no gate is named {:?}; those that can be overridden are {}", over.gate, known.join(", ")));
            }
            Some(gate) if !gate.open => return Err(format!("the gate {} cannot be overridden: {}", gate.name, gate.holds)),
            Some(_) => {}
        }
    }
    Ok(())
}

/// Counts examples, pairs among them.
#[must_use]
pub fn counted(briefs: &[Brief]) -> (usize, usize) {
    let situations = briefs.iter().filter(|brief| brief.is_situation());
    (situations.clone().count(), situations.filter(|brief| brief.is_pair()).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_of_bytes_and_of_what_a_pass_costs() {
        let rows = BTreeMap::new();
        let totals = Totals { rows: &rows, bytes: 10, tokens: 200_000 };
        let too_much = |definition: &Definition, totals: &Totals<'_>| too_much(&Asked { definition, briefs: &[], totals, unread: &[] });
        let priced = |max_cost_usd| Definition { max_cost_usd, usd_per_million_tokens: 10.0, ..Definition::default() };
        assert!(too_much(&priced(1.5), &totals).is_some_and(|why| why.contains("costs 2.00 USD, the definition allows 1.50")));
        assert_eq!((too_much(&priced(2.5), &totals), too_much(&priced(0.0), &totals)), (None, None));
        assert!(too_much(&Definition { max_bytes: 9, ..Definition::default() }, &totals).is_some());
        assert!(Definition { name: "d".to_owned(), max_cost_usd: 1.0, ..Definition::default() }.checked().is_err());
        // What a budget is changes no row, so no row gets another id by it.
        assert_eq!(priced(1.5).policies_hash(), Definition::default().policies_hash());
    }
}
