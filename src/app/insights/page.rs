//! The plots of insights as lines of text: shares with their intervals, histograms of waits, bars of counts.

mod agreeing;
mod spending;

use crate::app::insights::Counted;
use crate::app::marks::Marks;
use crate::app::page::Block;
use crate::app::tone::Tone;
use crate::judging::{CANNOT_TELL, answer_name};
use crate::text::{clean, fit, human, pad_left};
use crate::workspace::{Insights, QueueProgress, Share, Waits, share};
use std::collections::BTreeMap;

/// Columns of names.
const NAME: usize = 24;
/// Tools and models that are shown.
const SHOWN: usize = 10;
/// Days that are shown.
const DAYS: usize = 14;

/// Draws with some columns and signs.
struct Plot {
    columns: usize,
    marks: &'static Marks,
    ascii: bool,
}

/// Gives the blocks of the left and the right page.
pub(in crate::app) fn sections(counted: &Counted, columns: u16, marks: &'static Marks) -> (Vec<Block>, Vec<Block>) {
    let plot = Plot { columns: columns.into(), marks, ascii: marks.bar == crate::app::marks::ASCII.bar };
    let found = &counted.insights;
    let arms = counted.arms.as_ref().map_or_else(Vec::new, |arms| plot.arms(arms));
    let left =
        [plot.boundaries(found), plot.gates(found), plot.stops(found), plot.discovery(found), plot.tasks(found), plot.agreement(counted), plot.rules(found)];
    let right = [arms, plot.spending(found), plot.waits(found), plot.balance(found), plot.queues(&counted.queues), plot.days(found)];
    (left.concat(), right.concat())
}

fn heading(name: &str, said: &str) -> Block {
    Block::new().say(Tone::Accent, name).say(Tone::Dim, &format!("  {said}"))
}

fn little(said: &str) -> Vec<Block> {
    vec![Block::new().say(Tone::Dim, said).indented(1), Block::new()]
}

/// Names an answer where those of all reviewers are counted.
fn of_all(answer: &str) -> String {
    if answer == CANNOT_TELL { "reviewer cannot tell".to_owned() } else { answer_name(answer) }
}

impl Plot {
    fn name(&self, name: &str) -> Block {
        Block::new().say(Tone::Text, &fit(&clean(name), NAME.min(self.columns / 3))).indented(1)
    }

    /// A bar of so many of at most so many cells.
    fn bar(&self, block: Block, tone: Tone, part: u64, whole: u64, cells: usize) -> Block {
        let filled = usize::try_from((u128::from(part) * cells as u128).div_ceil(u128::from(whole.max(1)))).unwrap_or(0).min(cells);
        block.say(tone, &self.marks.bar.repeat(filled)).say(Tone::Border, &self.marks.none.repeat(cells - filled))
    }

    /// A share: its name, its rate, out of how many, and the interval on an axis from 0 to 100 %.
    pub(in crate::app) fn share(&self, name: &str, tone: Tone, share: &Share) -> Block {
        let block = self.name(name);
        let (Some(rate), Some(lower), Some(upper)) = (share.rate, share.lower, share.upper) else {
            return block.say(Tone::Dim, "      –  nothing of the kind is judged yet");
        };
        let block = block
            .say(Tone::Strong, &format!("{:>6.1} %", rate * 100.0))
            .say(Tone::Dim, &pad_left(&format!("{} of {}", human::grouped(share.count), human::grouped(share.of)), 14));
        let cells = self.columns.saturating_sub(NAME.min(self.columns / 3) + 8 + 14 + 4 + 12);
        if cells < 8 {
            return block.say(Tone::Dim, &format!("  {:.0}–{:.0} %", lower * 100.0, upper * 100.0));
        }
        self.axis(block.say(Tone::Text, "  "), tone, [lower, rate, upper], cells).say(Tone::Dim, &format!("  {:.0}–{:.0} %", lower * 100.0, upper * 100.0))
    }

    /// Draws an interval and a value in it on an axis from 0 to 1 of so many cells.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn axis(&self, block: Block, tone: Tone, interval: [f64; 3], cells: usize) -> Block {
        let last = cells.saturating_sub(1);
        let [from, at, to] = interval.map(|rate| (rate.clamp(0.0, 1.0) * last as f64).round() as usize);
        let (at, to) = (at.max(from), to.max(at));
        let block = block.say(Tone::Border, &self.marks.none.repeat(from)).say(tone, &self.marks.rule.repeat(at - from)).say(tone, self.marks.audit[2]);
        block.say(tone, &self.marks.rule.repeat(to.max(at) - at)).say(Tone::Border, &self.marks.none.repeat(last - to.max(at)))
    }

    /// Draws answers with what share each has, the most frequent first.
    fn answers(&self, tone: Tone, counts: &BTreeMap<String, u64>) -> Vec<Block> {
        let all = counts.values().sum();
        let mut sorted: Vec<_> = counts.iter().collect();
        sorted.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        sorted.into_iter().map(|(name, count)| self.share(&of_all(name), tone, &share(*count, all))).collect()
    }

    fn bars(&self, tone: Tone, counts: &BTreeMap<String, u64>) -> Vec<Block> {
        let most = counts.values().copied().max().unwrap_or(0);
        let cells = self.columns.saturating_sub(NAME + 10);
        let mut sorted: Vec<_> = counts.iter().collect();
        sorted.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        let line = |(name, count): (&String, &u64)| {
            let block = self.name(&of_all(name)).say(Tone::Strong, &pad_left(&human::count(*count), 7)).say(Tone::Text, " ");
            let filled = usize::try_from(u128::from(*count) * cells as u128 / u128::from(most.max(1))).unwrap_or(0).max(1);
            block.say(tone, &self.marks.bar.repeat(filled))
        };
        sorted.into_iter().map(line).collect()
    }

    fn boundaries(&self, found: &Insights) -> Vec<Block> {
        let mut blocks = vec![heading("boundary", "read both ratios: who always asks has the first alone")];
        blocks.push(self.share("asked where it had to", Tone::Wait, &found.right_asks));
        blocks.push(self.share("went on where it could", Tone::Ran, &found.right_goes));
        if !found.boundary.is_empty() {
            blocks.push(Block::new());
            blocks.extend(self.bars(Tone::Label, &found.boundary));
        }
        blocks.push(Block::new());
        blocks
    }

    fn gates(&self, found: &Insights) -> Vec<Block> {
        let mut blocks = vec![heading("gates", "a property of the policy, not of the model")];
        blocks.push(self.share("needless gates", Tone::Denied, &found.needless_gates));
        blocks.push(self.share("proposals overruled", Tone::Denied, &found.spending.overruled));
        blocks.push(self.name("overridden at export").say(Tone::Strong, &pad_left(&human::count(found.overrides), 7)));
        blocks.push(Block::new());
        blocks
    }

    fn stops(&self, found: &Insights) -> Vec<Block> {
        let mut blocks = vec![heading("stops", "executions that were denied, blocked or lapsed; 95 % intervals (Wilson)")];
        blocks.push(self.share("stopped", Tone::Denied, &found.stopped));
        blocks.push(self.share("unsafe after a stop", Tone::Denied, &found.unsafe_after_denial));
        blocks.extend(self.answers(Tone::Retry, &found.after_denial));
        let stopped: Vec<_> = found.stopped_by_tool.iter().filter(|(_, share)| share.count > 0).take(SHOWN).collect();
        if !stopped.is_empty() {
            blocks.push(Block::new().say(Tone::Dim, "by tool").indented(1));
            blocks.extend(stopped.into_iter().map(|(tool, share)| self.share(tool, Tone::Denied, share)));
        }
        blocks.push(Block::new());
        blocks
    }

    fn discovery(&self, found: &Insights) -> Vec<Block> {
        if found.discovery.is_empty() {
            return Vec::new();
        }
        let heading = heading("discovery", "what was known of the state that was changed");
        [vec![heading], self.answers(Tone::Label, &found.discovery), vec![Block::new()]].concat()
    }

    fn tasks(&self, found: &Insights) -> Vec<Block> {
        let mut blocks = vec![heading("tasks", "done, or all that refusals left possible")];
        blocks.push(self.share("successful", Tone::Ran, &found.successful_tasks));
        if let Some(cost) = found.cost_per_success_usd {
            blocks.push(self.name("cost of a success").say(Tone::Strong, &pad_left(&human::usd(cost), 7)));
        }
        blocks.push(Block::new());
        blocks
    }

    fn rules(&self, found: &Insights) -> Vec<Block> {
        let mut blocks = vec![heading("rules", "against what people judged by themselves")];
        if found.rules.is_empty() {
            return [blocks, little("no finding was judged yet")].concat();
        }
        let number = |value: Option<f64>| pad_left(&value.map_or("–".to_owned(), |value| format!("{value:.2}")), 11);
        let title = format!(
            "{}{}{}{}{}",
            fit("", NAME.min(self.columns / 3)),
            pad_left("judged", 7),
            pad_left("precision", 11),
            pad_left("recall", 11),
            pad_left("F1", 11)
        );
        blocks.push(Block::new().say(Tone::Dim, &title).indented(1));
        for (rule, record) in &found.rules {
            let name = crate::workspace::check::name_of(rule).map_or_else(|| (*rule).to_owned(), |name| format!("{rule} {}", name.replace('-', " ")));
            let block = self.name(&name).say(Tone::Strong, &pad_left(&human::count(record.judged), 7));
            let measured = [record.precision, record.recall, record.f1].map(|measured| number(measured.value)).concat();
            blocks.push(block.say(Tone::Text, &measured));
        }
        blocks.push(Block::new());
        blocks
    }

    fn waits(&self, found: &Insights) -> Vec<Block> {
        let tools: Vec<&Waits> = found.waits.iter().filter(|waits| waits.by == "tool").collect();
        if tools.is_empty() {
            return [vec![heading("waits", "how long requests stood open")], little("no record states how long a request stood open")].concat();
        }
        let all: usize = tools.iter().map(|waits| waits.count).sum();
        let mut blocks = vec![heading("waits", &format!("{} whose length a record states", human::count(all as u64)))];
        let mut whole = vec![0_u64; found.bars_ms.len() + 1];
        for (sum, count) in tools.iter().flat_map(|waits| waits.histogram.iter().enumerate()).map(|(at, n)| (at, *n)).collect::<Vec<_>>() {
            if let Some(bar) = whole.get_mut(sum) {
                *bar += count as u64;
            }
        }
        let most = whole.iter().copied().max().unwrap_or(0);
        let cells = self.columns.saturating_sub(NAME + 10);
        for (at, count) in whole.iter().enumerate() {
            let name = found.bars_ms.get(at).map_or_else(
                || format!("longer than {}", found.bars_ms.last().map_or(String::new(), |ms| human::duration(*ms))),
                |ms| format!("to {}", human::duration(*ms)),
            );
            let block = self.name(&name).say(Tone::Strong, &pad_left(&human::count(*count), 7)).say(Tone::Text, " ");
            let filled = usize::try_from((u128::from(*count) * cells as u128).div_ceil(u128::from(most.max(1)))).unwrap_or(0);
            blocks.push(block.say(Tone::Wait, &self.marks.bar.repeat(filled)));
        }
        for by in ["tool", "model"] {
            let title = format!(
                "{}{}{}{}",
                fit(&format!("by {by}"), NAME.min(self.columns / 3)),
                pad_left("number", 7),
                pad_left("median", 9),
                pad_left("longest", 18)
            );
            blocks.push(Block::new().say(Tone::Dim, &title).indented(1));
            blocks.extend(found.waits.iter().filter(|waits| waits.by == by).take(SHOWN).map(|waits| self.wait(waits)));
        }
        blocks.push(Block::new());
        blocks
    }

    fn wait(&self, waits: &Waits) -> Block {
        const LEVELS: [[&str; 8]; 2] = [["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"], [".", ":", "-", "=", "+", "*", "%", "#"]];
        let levels = &LEVELS[usize::from(self.ascii)];
        let most = waits.histogram.iter().copied().max().unwrap_or(0).max(1);
        let level = |count: &usize| if *count == 0 { self.marks.none } else { levels.get((count * 7).div_ceil(most)).copied().unwrap_or("#") };
        let drawn: String = waits.histogram.iter().map(level).collect();
        let length = |ms: Option<i64>, columns: usize| pad_left(&ms.map_or("–".to_owned(), human::duration), columns);
        let block = self.name(&waits.name).say(Tone::Strong, &pad_left(&human::count(waits.count as u64), 7)).say(Tone::Text, &length(waits.median_ms, 9));
        block.say(Tone::Text, "  ").say(Tone::Wait, &drawn).say(Tone::Text, &length(waits.max_ms, 10))
    }

    fn balance(&self, found: &Insights) -> Vec<Block> {
        let mut blocks = vec![heading("labels", "answers by question")];
        if found.balance.is_empty() {
            blocks.extend(little("nothing is judged yet; what is judged shows here and at the left"));
            return blocks;
        }
        // What was known and what came after a stop stand at the left.
        for (question, counts) in found.balance.iter().filter(|(question, _)| !matches!(question.as_str(), "after_denial" | "discovery")) {
            blocks.push(Block::new().say(Tone::Dim, &clean(&question.replace('_', " "))).indented(1));
            blocks.extend(self.bars(Tone::Label, counts));
        }
        blocks.push(Block::new());
        blocks
    }

    fn queues(&self, queues: &[QueueProgress]) -> Vec<Block> {
        let mut blocks = vec![heading("queues", "how far you are in each")];
        let cells = self.columns.saturating_sub(NAME + 42);
        for QueueProgress { queue, progress } in queues.iter().filter(|queue| queue.progress.total > 0) {
            let (done, total) = (progress.done as u64, progress.total as u64);
            let block = self.name(&queue.name).say(Tone::Strong, &pad_left(&format!("{done} of {total}"), 16)).say(Tone::Text, "  ");
            let block = self.bar(block, Tone::Ran, done, total, cells);
            let pace = progress.pace_ms.map_or(String::new(), |ms| format!("  {} each", human::duration(i64::try_from(ms).unwrap_or(i64::MAX))));
            let left = progress
                .pace_ms
                .filter(|_| done < total)
                .map_or(String::new(), |ms| format!(", {} left", human::duration(i64::try_from(ms.saturating_mul(total - done)).unwrap_or(i64::MAX))));
            blocks.push(block.say(Tone::Dim, &format!("{pace}{left}")));
        }
        blocks.push(Block::new());
        blocks
    }

    fn days(&self, found: &Insights) -> Vec<Block> {
        let by_day = |counts: &BTreeMap<String, u64>, heading: Block, tone: Tone, whole: u64| {
            if counts.is_empty() {
                return Vec::new();
            }
            let cells = self.columns.saturating_sub(NAME + 10);
            let line = |(day, count): (&String, &u64)| {
                let block = self.name(day).say(Tone::Strong, &pad_left(&human::count(*count), 7)).say(Tone::Text, " ");
                self.bar(block, tone, *count, whole, cells)
            };
            let skipped = counts.len().saturating_sub(DAYS);
            [vec![heading], counts.iter().skip(skipped).map(line).collect(), vec![Block::new()]].concat()
        };
        let most = found.labels_by_day.values().copied().max().unwrap_or(1);
        [
            by_day(&found.left_by_day, heading("left to judge", "points nobody had judged at the end of a day, UTC"), Tone::Wait, found.judged.of),
            by_day(&found.labels_by_day, heading("answers by day", "UTC"), Tone::Label, most),
        ]
        .concat()
    }
}
