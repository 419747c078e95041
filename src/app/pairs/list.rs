//! The list of the pairs: which there are, by where they come from, how each stands, and what its sides say; choosing goes to one.

use crate::app::overlay::{Choice, Item, Kind, Overlay, Picker};
use crate::app::pairs::PairsView;
use crate::app::state::State;
use crate::app::timeline::one_line;
use crate::app::tone::Tone;
use crate::text::{Clean, clean, fit, human};
use crate::workspace::{Chosen, Pair, PairSide, PairSource};

/// Letters of a trajectory's id that tell it from others.
const TELLING: usize = 8;

impl State {
    /// Lists the pairs, those of one origin together; the one that is shown is chosen.
    pub(in crate::app) fn pair_list(&mut self) {
        let view = &self.pairs;
        let pairs = view.board.as_ref().map_or(&[][..], |board| &board.pairs);
        if pairs.is_empty() {
            return self.note("there are no pairs to choose from");
        }
        let mut items = Vec::new();
        let mut here = 0;
        let mut before = None;
        for (at, pair) in pairs.iter().enumerate() {
            let of = |pair: &Pair| (pair.refused.is_some(), pair.source);
            if before.replace(of(pair)) != Some(of(pair)) {
                items.push(head(pair, pairs.iter().filter(|other| of(other) == of(pair)), view));
            }
            if at == view.at {
                here = items.len();
            }
            items.push(row(at, pair, view, self.size.0 >= 120));
        }
        let (all, mine) = view.counted();
        let title = format!("{}, {mine} decided; write to narrow, enter goes to one", human::plural(all, "pair"));
        let mut picker = Picker::new(Kind::Pairs, clean(&title), items);
        picker.list.chosen = here;
        self.overlays.push(Overlay::Picker(picker));
    }

    /// Goes to a pair of the list.
    pub(in crate::app) fn go_to_pair(&mut self, at: usize) {
        let now = self.now_ms;
        self.pairs.go(at, now);
    }
}

/// Says where the pairs below come from, and how many are open.
fn head<'a>(pair: &Pair, like: impl Iterator<Item = &'a Pair>, view: &PairsView) -> Item {
    let (mut all, mut open) = (0, 0);
    for other in like {
        all += 1;
        open += usize::from(view.is_open(other));
    }
    let name = if pair.refused.is_some() { "no pairs any more" } else { pair.source.words() };
    let text = if open > 0 { format!("{name}, {all}, {open} open") } else { format!("{name}, {all}") };
    Item { text: vec![(clean(&text), Tone::Accent)], aside: Clean::default(), choice: None }
}

fn row(at: usize, pair: &Pair, view: &PairsView, wide: bool) -> Item {
    let (state, tone) = standing(pair, view);
    let sides = if view.is_flipped(pair) { [&pair.right, &pair.left] } else { [&pair.left, &pair.right] };
    let [a, b] = sides.map(said);
    let mut text = vec![(clean(&format!("{:>3} ", at + 1)), Tone::Dim), (clean(&fit(state, 9)), tone), (clean(&fit(short(pair.source), 9)), Tone::Tool)];
    if wide {
        text.extend([(clean(&fit(&a, 34)), Tone::Text), (clean(" or "), Tone::Dim), (b, Tone::Text)]);
    } else {
        text.push((a, Tone::Text));
    }
    // Two trajectories are told apart by their names: those are shown once the pair is no longer blind.
    let one = pair.left.trajectory == pair.right.trajectory || !view.is_hidden(pair);
    let (agent, id) = pair.left.trajectory.split_once(':').unwrap_or(("", &pair.left.trajectory));
    let end = id.char_indices().nth(TELLING).map_or(id.len(), |(end, _)| end);
    let aside = if one { format!("{agent}:{}", id.get(..end).unwrap_or(id)) } else { String::new() };
    Item { text, aside: clean(&aside), choice: Some(Choice::Pair(at)) }
}

/// Says in a word where a pair comes from.
const fn short(source: PairSource) -> &'static str {
    match source {
        PairSource::Rewrite => "rewrite",
        PairSource::Denial => "denial",
        PairSource::Branch => "branch",
        PairSource::Fork => "fork",
        PairSource::Arm => "arm",
        PairSource::Run => "run",
        PairSource::Named => "named",
    }
}

/// Says how a pair stands, as far as it may be seen.
fn standing(pair: &Pair, view: &PairsView) -> (&'static str, Tone) {
    match (&pair.refused, pair.chosen) {
        (Some(_), _) => ("no pair", Tone::Failed),
        _ if view.is_open(pair) && !pair.stale => ("open", Tone::Wait),
        _ if pair.disputed => ("disputed", Tone::Alarm),
        _ if pair.stale => ("changed", Tone::Alarm),
        (_, Some(Chosen::Tie)) => ("tie", Tone::Dim),
        _ => ("chosen", Tone::Ran),
    }
}

/// Gives the beginning of what a side says, else what it calls.
fn said(side: &PairSide) -> Clean {
    let Some(turn) = &side.turn else { return clean("not there") };
    match (turn.text.trim(), turn.calls.first()) {
        ("", Some(call)) => clean(&format!("{} {}", call.name, crate::app::arguments::summary(&call.arguments))),
        (text, _) => one_line(text, true),
    }
}
