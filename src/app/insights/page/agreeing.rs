//! Agreement of reviewers as lines of the insights: every statistic of a question, its reviewers two by two, and what they mix up.

use super::{Plot, heading, little};
use crate::app::insights::Counted;
use crate::app::page::Block;
use crate::app::tone::Tone;
use crate::judging::agreement::{Against, Agreement, Measured, Pair};
use crate::text::{human, pad_left, wrap};
use std::ops::Range;

/// Pairs of reviewers that are shown of one question.
const PAIRS: usize = 6;
/// Columns that a line below the axis leaves free.
const INDENT: usize = 5;
/// Answers that two reviewers mix up, shown of each pair.
const MIXED: usize = 3;

impl Plot {
    /// Draws agreement by question, and by what it is told apart for.
    pub(super) fn agreement(&self, counted: &Counted) -> Vec<Block> {
        let by = counted.apart.as_ref().map_or("question", |(by, _)| by.name());
        let all = counted.apart.as_ref().map_or(&counted.insights.agreements, |(_, apart)| apart);
        let mut blocks = vec![heading("agreement", &format!("by {by}, of the whole workspace; α and its 95 % interval"))];
        if counted.insights.disputed > 0 {
            blocks.push(self.name("disputed").say(Tone::Denied, &pad_left(&human::count(counted.insights.disputed), 7)));
        }
        let said = |about: &&Agreement| about.items > 0 || !about.repeats.is_empty() || !about.gold.is_empty();
        let shown: Vec<&Agreement> = all.iter().filter(said).collect();
        if shown.is_empty() {
            blocks.extend(little("nothing was judged by two reviewers yet; :journal import takes in another's"));
            return blocks;
        }
        blocks.extend(shown.into_iter().flat_map(|about| self.about(about)));
        blocks.push(Block::new());
        blocks
    }

    /// Draws α on its axis, and says the rest below it.
    fn about(&self, about: &Agreement) -> Vec<Block> {
        let group = about.group.as_ref().map_or(String::new(), |group| format!(" {group}"));
        let mut blocks = Vec::new();
        let alpha = about.krippendorff_alpha;
        let block = self.name(&format!("{}{group}", about.question.replace('_', " ")));
        let block = block.say(Tone::Dim, &pad_left(&human::plural(about.items, "item"), 10)).say(Tone::Strong, &pad_left(&number(alpha.value), 8));
        let cells = self.columns.saturating_sub(super::NAME + 10 + 8 + 2 + 17);
        blocks.push(match (alpha.value, alpha.lower, alpha.upper) {
            (Some(value), Some(lower), Some(upper)) if cells >= 8 => self
                .axis(block.say(Tone::Text, "  "), Tone::Label, [lower, value, upper], cells)
                .say(Tone::Dim, &format!("  {} to {}", number(Some(lower)), number(Some(upper)))),
            _ => block,
        });
        // The page of the insights cuts long lines, as its plots must stand; sentences go on in the next.
        let below = |said: String| -> Vec<Block> {
            let lines = wrap(&said, self.columns.saturating_sub(INDENT)).into_iter().enumerate();
            let line = |(at, part): (usize, Range<usize>)| {
                Block::new().say(Tone::Dim, said.get(part).unwrap_or_default().trim()).indented(if at == 0 { 3 } else { 5 })
            };
            lines.map(line).collect()
        };
        let equal = about.percent.value.map(|share| format!("equal {:.0} %", share * 100.0));
        let measures = [("Cohen's κ", about.cohen_kappa), ("Fleiss' κ", about.fleiss_kappa), ("Gwet's AC1", about.gwet_ac1)];
        let measures = measures.into_iter().filter_map(|(name, measured)| Some(format!("{name} {}", interval(measured)?)));
        let left_out = (about.abstained + about.excluded > 0).then(|| {
            format!(
                "left out: {} that cannot tell, {} with hindsight or not of their own",
                human::count(about.abstained as u64),
                human::count(about.excluded as u64)
            )
        });
        let said: Vec<String> = equal.into_iter().chain(measures).chain(about.untold()).chain(left_out).collect();
        if about.items > 0 {
            blocks.extend(below(said.join(", ")));
        }
        blocks.extend(about.pairs.iter().take(PAIRS).flat_map(|pair| below(two(pair, &about.answers))));
        blocks.extend(about.repeats.iter().flat_map(|row| below(against("asked again", row))));
        blocks.extend(about.gold.iter().flat_map(|row| below(against("against the right answers", row))));
        blocks
    }
}

/// Says how far two reviewers agree, and what they mix up most.
fn two(pair: &Pair, answers: &[String]) -> String {
    let mut mixed: Vec<(u64, &str, &str)> = Vec::new();
    for (first, row) in answers.iter().zip(&pair.confusion) {
        mixed.extend(answers.iter().zip(row).filter(|(second, count)| *second != first && **count > 0).map(|(second, count)| (*count, &**first, &**second)));
    }
    mixed.sort_by(|a, b| b.cmp(a));
    let mixed: Vec<String> =
        mixed.into_iter().take(MIXED).map(|(count, a, b)| format!("{} and {} {count}×", a.replace('_', " "), b.replace('_', " "))).collect();
    let mixed = if mixed.is_empty() { String::new() } else { format!("; {}", mixed.join(", ")) };
    let kappa = interval(pair.cohen_kappa).map_or(String::new(), |kappa| format!(", κ {kappa}"));
    let equal = pair.percent.map_or(String::new(), |share| format!(", equal {:.0} %", share * 100.0));
    format!("{} and {}: {}{equal}{kappa}{mixed}", pair.a, pair.b, human::plural(pair.items, "item"))
}

fn against(what: &str, row: &Against) -> String {
    let equal = row.percent.map_or(String::new(), |share| format!(", equal {:.0} %", share * 100.0));
    let alpha = interval(row.krippendorff_alpha).map_or(String::new(), |alpha| format!(", α {alpha}"));
    format!("{} {what}: {}{equal}{alpha}", row.reviewer, human::plural(row.items, "item"))
}

fn number(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |value| format!("{value:.2}"))
}

fn interval(measured: Measured) -> Option<String> {
    let value = measured.value?;
    let ends = measured.lower.zip(measured.upper).map_or(String::new(), |(lower, upper)| format!(" ({lower:.2} to {upper:.2})"));
    Some(format!("{value:.2}{ends}"))
}
