//! The signs the screen draws with: one set of Unicode, one of ASCII; every meaning has a sign of its own, so that colour is never alone.

/// Signs by meaning; each is one column wide unless its name says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// The chosen row.
    pub cursor: &'static str,
    /// A marked row.
    pub marked: &'static str,
    /// A row that was not opened yet.
    pub unseen: &'static str,
    /// A vertical border.
    pub side: &'static str,
    /// A horizontal border.
    pub rule: &'static str,
    /// Where a vertical border leaves a horizontal one downwards.
    pub tee_down: &'static str,
    /// Where a vertical border meets a horizontal one from above.
    pub tee_up: &'static str,
    /// Something was said.
    pub said: &'static str,
    /// Something was thought, or stands aside.
    pub aside: &'static str,
    /// An execution begins.
    pub opens: &'static str,
    /// An execution is under way.
    pub through: &'static str,
    /// An execution waits.
    pub waits: &'static str,
    /// An execution ends.
    pub ends: &'static str,
    /// The length of a wait.
    pub bar: &'static str,
    /// A call that has no more steps.
    pub alone: &'static str,
    /// Approved, or succeeded.
    pub yes: &'static str,
    /// Denied.
    pub no: &'static str,
    /// Failed.
    pub failed: &'static str,
    /// Tried again.
    pub retry: &'static str,
    /// A finding.
    pub finding: &'static str,
    /// Something redacted.
    pub redacted: &'static str,
    /// A label.
    pub label: &'static str,
    /// Nothing to count.
    pub none: &'static str,
    /// Between facts.
    pub dot: &'static str,
    /// At most, in front of a bound.
    pub at_most: &'static str,
    /// Audit states: none, open, clean.
    pub audit: [&'static str; 3],
    /// The corners of an arc from a stop to what tries it again: upper, middle, lower.
    pub arc: [&'static str; 3],
    /// Sorted upwards and downwards.
    pub sorted: [&'static str; 2],
    /// Folded and unfolded.
    pub fold: [&'static str; 2],
    /// Where one writes.
    pub caret: &'static str,
    /// A tree's child, its last child, and the line beside it.
    pub tree: [&'static str; 3],
}

/// The signs of Unicode.
pub const UNICODE: Marks = Marks {
    cursor: "▌",
    marked: "▪",
    unseen: "•",
    side: "│",
    rule: "─",
    tee_down: "┬",
    tee_up: "┴",
    said: "▪",
    aside: "▫",
    opens: "┌",
    through: "│",
    waits: "┊",
    ends: "└",
    bar: "━",
    alone: "╶",
    yes: "✓",
    no: "✗",
    failed: "!",
    retry: "↻",
    finding: "⚑",
    redacted: "▓",
    label: "◆",
    none: "·",
    dot: "·",
    at_most: "→ ≤",
    audit: ["○", "◐", "●"],
    arc: ["╭", "│", "╰"],
    sorted: ["▴", "▾"],
    fold: ["▸", "▾"],
    caret: "▏",
    tree: ["├─", "└─", "│ "],
};

/// The signs of ASCII.
pub const ASCII: Marks = Marks {
    cursor: ">",
    marked: "*",
    unseen: "'",
    side: "|",
    rule: "-",
    tee_down: "+",
    tee_up: "+",
    said: "-",
    aside: ".",
    opens: "[",
    through: "|",
    waits: ":",
    ends: "]",
    bar: "=",
    alone: "-",
    yes: "y",
    no: "X",
    failed: "!",
    retry: "@",
    finding: "F",
    redacted: "#",
    label: "L",
    none: ".",
    dot: "-",
    at_most: "<=",
    audit: ["o", "c", "*"],
    arc: [",", "|", "`"],
    sorted: ["^", "v"],
    fold: ["+", "-"],
    caret: "_",
    tree: ["|-", "`-", "| "],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::width;

    #[test]
    fn every_sign_is_as_wide_as_its_twin() {
        let signs = |m: &Marks| {
            let single = [m.cursor, m.marked, m.unseen, m.side, m.rule, m.tee_down, m.tee_up, m.said, m.aside, m.opens, m.through, m.waits, m.ends, m.bar];
            let more = [m.alone, m.yes, m.no, m.failed, m.retry, m.finding, m.redacted, m.label, m.none, m.dot, m.caret];
            [&single[..], &more, &m.audit, &m.arc, &m.sorted, &m.fold, &m.tree].concat()
        };
        for (unicode, ascii) in signs(&UNICODE).into_iter().zip(signs(&ASCII)) {
            assert_eq!(width(unicode), width(ascii), "{unicode} {ascii}");
            assert!(ascii.is_ascii(), "{ascii}");
        }
        assert!(signs(&UNICODE)[..25].iter().all(|sign| width(sign) == 1));
    }
}
