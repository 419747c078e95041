//! Arms side by side, and what was spent, as lines of the insights.

use super::{NAME, Plot, heading};
use crate::app::page::Block;
use crate::app::tone::Tone;
use crate::text::{clean, fit, human, pad_left};
use crate::workspace::{Comparison, Insights};

/// Columns of one arm's value.
const VALUE: usize = 11;

impl Plot {
    /// Draws every measure of the arms in one line each, with the difference from the base.
    pub(super) fn arms(&self, found: &Comparison) -> Vec<Block> {
        let arms: Vec<String> = found.trajectories.iter().map(|(arm, count)| format!("{arm} ({count})")).collect();
        let said = format!("{}; {}", arms.join(" against "), human::plural(found.shared_scenarios.len(), "shared scenario"));
        let mut blocks = vec![heading("arms", &said)];
        let names = found.trajectories.keys().fold(self.name(""), |block, arm| block.say(Tone::Dim, &pad_left(&fit(&clean(arm), VALUE - 1), VALUE)));
        blocks.push(names.say(Tone::Dim, &format!("  difference from {}, 95 %", found.base)));
        for measure in found.measures.iter().filter(|measure| measure.by_arm.values().any(Option::is_some)) {
            let shown = |value: Option<f64>| value.map_or("–".to_owned(), |value| told(measure.name, value));
            let name = measure.name.trim_end_matches("_usd").trim_end_matches("_ms").replace('_', " ");
            let (mut block, mut below) = (self.name(&name), Vec::new());
            for value in measure.by_arm.values() {
                block = block.say(Tone::Strong, &pad_left(&shown(*value), VALUE));
            }
            for difference in &measure.differences {
                let Some(value) = difference.value else {
                    block = block.say(Tone::Dim, "  –");
                    continue;
                };
                let sign = if value > 0.0 { "+" } else { "" };
                block = block.say(Tone::Text, &format!("  {sign}{}", told(measure.name, value)));
                if let (Some(lower), Some(upper)) = (difference.lower, difference.upper) {
                    // An interval without zero in it is worth a second look.
                    let tone = if lower > 0.0 || upper < 0.0 { Tone::Accent } else { Tone::Dim };
                    let interval = format!("  {} to {}", told(measure.name, lower), told(measure.name, upper));
                    // Where there is no room beside the difference it stands below.
                    if NAME.min(self.columns / 3) + VALUE * (measure.by_arm.len() + 1) + interval.len() < self.columns {
                        block = block.say(tone, &interval);
                    } else {
                        below.push(self.name("").say(tone, &pad_left(interval.trim_start(), VALUE * (measure.by_arm.len() + 1))));
                    }
                }
            }
            blocks.push(block);
            blocks.append(&mut below);
        }
        blocks.push(Block::new());
        blocks
    }

    /// Says what was spent, what it brought, and what evaluations gave.
    pub(super) fn spending(&self, found: &Insights) -> Vec<Block> {
        let spent = &found.spending;
        if spent.costed == 0 && spent.evals.is_empty() && spent.accepted_rows == 0 {
            return Vec::new();
        }
        let mut blocks = vec![heading("cost", &format!("{} of {} state one", spent.costed, human::plural(found.trajectories, "trajectory")))];
        let row = |name: &str, value: String| self.name(name).say(Tone::Strong, &pad_left(&value, VALUE));
        blocks.push(row("of all", human::usd(spent.cost_usd)));
        blocks.push(row("tokens", human::count(spent.tokens)));
        blocks.push(row("rows that may be learnt", human::count(spent.accepted_rows)));
        blocks.extend(spent.cost_per_accepted_row_usd.map(|cost| row("cost of such a row", human::usd(cost))));
        if !spent.evals.is_empty() {
            let head = format!("{}{}{}  passed", pad_left("number", VALUE), pad_left("median", VALUE), pad_left("p95", VALUE));
            blocks.push(self.name("evals").say(Tone::Dim, &head));
        }
        for scores in &spent.evals {
            let passed = scores.passed.rate.map_or("–".to_owned(), |rate| format!("{:.0} %", rate * 100.0));
            let values = format!(
                "{}{}{}  {passed}",
                pad_left(&scores.count.to_string(), VALUE),
                pad_left(&short(scores.median), VALUE),
                pad_left(&short(scores.p95), VALUE)
            );
            blocks.push(self.name(&scores.metric).say(Tone::Text, &values));
        }
        blocks.push(Block::new());
        blocks
    }
}

/// Writes a value of a measure: shares in per cent, times and money as such.
#[allow(clippy::cast_possible_truncation)]
fn told(measure: &str, value: f64) -> String {
    match measure {
        "right_asks" | "right_goes" | "needless_gates" | "unsafe_after_denial" | "blind_changes" | "successful_tasks" | "passed_evals" => {
            format!("{:.0} %", value * 100.0)
        }
        _ if measure.ends_with("_ms") && value >= 0.0 => human::duration(value as i64),
        _ if measure.ends_with("_usd") => {
            if value < 0.0 {
                format!("-{}", human::usd(-value))
            } else {
                human::usd(value)
            }
        }
        _ => short(value),
    }
}

fn short(value: f64) -> String {
    if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{:.2}", value).trim_end_matches('0').trim_end_matches('.').to_owned() }
}
