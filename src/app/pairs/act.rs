//! What a person does with a pair: choose, say how much better and why, let the sides change places, rewrite a turn, go on.

use crate::app::Input;
use crate::app::message::{Editing, Told, Wanted};
use crate::app::overlay::{Overlay, Prompt, Question};
use crate::app::state::{Screen, State};
use crate::app::task::Task;
use crate::command::{Code, Command, Key};
use crate::workspace::{Chosen, Pair, PairChoice, SideName};

impl State {
    /// Does what a command says of pairs.
    pub(in crate::app) fn judge_pair(&mut self, command: Command) {
        match command {
            Command::BetterA => self.choose_side(Some(0)),
            Command::BetterB => self.choose_side(Some(1)),
            Command::NeitherBetter => self.choose_side(None),
            Command::Stronger => self.change_strength(1),
            Command::Weaker => self.change_strength(-1),
            Command::SwapSides => self.swap_sides(),
            Command::PairReason => self.ask_reason(),
            Command::RewriteSide => self.rewrite_side(),
            Command::SkipPair => self.next_open_pair(),
            Command::MakePair => self.make_pair(),
            Command::PairList => self.pair_list(),
            Command::NextPair => self.other_pair(true),
            Command::PreviousPair => self.other_pair(false),
            Command::BlindOrder => {
                self.pairs.open_order = !self.pairs.open_order;
                self.note(if self.pairs.open_order {
                    "arms and origins are shown, and the sides stand as they are named"
                } else {
                    "blind: shuffled and hidden until you choose"
                });
            }
            _ => {}
        }
    }

    /// Takes an arrow as a change of strength; tells whether it was one.
    pub(in crate::app) fn strength_key(&mut self, key: Key) -> bool {
        let by = match key.code {
            Code::Up => 1,
            Code::Down => -1,
            _ => return false,
        };
        let here = self.screen == Screen::Pairs && self.pending.is_empty() && !key.ctrl;
        if here {
            self.change_strength(by);
        }
        here
    }

    /// Records a choice: a side as it stands on the screen, or neither.
    fn choose_side(&mut self, side: Option<usize>) {
        let view = &self.pairs;
        let Some(pair) = view.pair() else { return };
        let chosen = match side {
            None => Chosen::Tie,
            Some(side) if (side == 1) == view.is_flipped(pair) => Chosen::Left,
            Some(_) => Chosen::Right,
        };
        self.record_choice(chosen);
    }

    fn record_choice(&mut self, chosen: Chosen) {
        let view = &self.pairs;
        let Some(pair) = view.pair() else { return };
        if let Some(why) = pair.refused.clone() {
            return self.tell(Told::bad(why));
        }
        let choice = PairChoice {
            chosen,
            strength: view.strength(pair),
            reason: view.reason.clone().or_else(|| pair.reason.clone().filter(|_| view.is_mine(pair))),
            blind: view.is_hidden(pair),
            ms: u64::try_from(self.now_ms - view.since_ms).ok(),
        };
        let pair = Box::new(pair.clone());
        self.want(Task::Choose(pair, choice));
    }

    /// Takes in that a choice is on disk.
    pub(in crate::app) fn chose(&mut self, result: Result<Box<Pair>, String>) {
        let pair = match result {
            Ok(pair) => *pair,
            Err(why) => return self.tell(Told::bad(why)),
        };
        let view = &mut self.pairs;
        (view.strength, view.reason) = (0, None);
        let Some(board) = &mut view.board else { return };
        if let Some(known) = board.pairs.iter_mut().find(|known| known.id == pair.id) {
            *known = Pair { source: known.source, ..pair.clone() };
        }
        board.count();
        let better = view.better();
        let said = match better {
            Some(side) => format!("{} is better, strength {}", if side == 0 { "A" } else { "B" }, pair.strength.unwrap_or(2)),
            None if pair.disputed => "recorded; reviewers chose differently, so no row of it leaves".to_owned(),
            None => "a tie: no row of it leaves".to_owned(),
        };
        let (all, mine) = view.counted();
        // Who chooses nothing but these wonders later why no pair leaves.
        let made = pair.left.origin.starts_with("constructed") || pair.right.origin.starts_with("constructed");
        let few = if made && better.is_some() { "; a program wrote one side, of which a dataset takes few: e rewrites a side" } else { "" };
        self.tell(Told::good(format!("{said}{few}; {mine} of {all} decided, space goes on")));
    }

    /// Makes the choice stronger or weaker: the one that stands, else the next one.
    fn change_strength(&mut self, by: i8) {
        let view = &mut self.pairs;
        let Some(pair) = view.board.as_ref().and_then(|board| board.pairs.get(view.at)) else { return };
        let mine = pair.reviewers.contains(&view.reviewer);
        let given = if view.strength > 0 { view.strength } else { pair.strength.filter(|_| mine).unwrap_or(2) };
        view.strength = given.saturating_add_signed(by).clamp(1, 3);
        if let (true, Some(chosen)) = (mine && view.strength != given, pair.chosen) {
            self.record_choice(chosen);
        }
    }

    fn swap_sides(&mut self) {
        let Some(id) = self.pairs.pair().map(|pair| pair.id.clone()) else { return };
        let view = &mut self.pairs;
        if !view.swapped.remove(&id) {
            view.swapped.insert(id);
        }
        view.side = 1 - view.side.min(1);
    }

    fn ask_reason(&mut self) {
        let view = &self.pairs;
        let Some(pair) = view.pair().filter(|pair| pair.refused.is_none()) else { return };
        let known = view.reason.clone().or_else(|| pair.reason.clone().filter(|_| view.is_mine(pair)));
        let input = known.map_or_else(Input::default, |reason| Input::of(&reason));
        self.overlays.push(Overlay::Prompt(Prompt { question: Question::PairReason, input }));
    }

    /// Takes a reason: of the choice that stands, else of the next one.
    pub(in crate::app) fn give_reason(&mut self, text: &str) {
        let view = &mut self.pairs;
        view.reason = Some(text.trim().to_owned());
        let stands = view.pair().filter(|pair| view.is_mine(pair)).and_then(|pair| pair.chosen);
        match stands {
            Some(chosen) => self.record_choice(chosen),
            None => self.note("the reason goes with your next choice here"),
        }
    }

    /// Opens the turn of the side that has the keys in the editor.
    fn rewrite_side(&mut self) {
        let view = &mut self.pairs;
        let Some(pair) = view.board.as_ref().and_then(|board| board.pairs.get(view.at)) else { return };
        let right = (view.side == 1) != view.is_flipped(pair);
        let name = pair.names[usize::from(right)].clone();
        let turn = if right { &pair.right.turn } else { &pair.left.turn };
        let draft = view.draft.take().filter(|(of, _)| *of == name).map(|(_, text)| text);
        match draft.or_else(|| turn.as_ref().map(crate::workspace::Turn::to_edit)) {
            Some(text) => self.want(Task::EditText { text, name: "turn.md", what: Editing::Turn(name) }),
            None => self.note("there is no turn here to rewrite"),
        }
    }

    /// Takes in a turn as it was edited; it is kept until it is saved.
    pub(in crate::app) fn turn_edited(&mut self, side: SideName, text: String) {
        self.pairs.draft = Some((side.clone(), text.clone()));
        self.want(Task::RewriteTurn(side, text));
    }

    /// Takes in that a rewrite was saved, or why not.
    pub(in crate::app) fn rewritten(&mut self, result: Result<String, String>) {
        match result {
            Ok(id) => {
                (self.pairs.draft, self.pairs.asked, self.pairs.wanted) = (None, None, Some(id));
                self.tell(Told::good("the rewrite is saved, and makes a pair with what was recorded"));
            }
            Err(why) => self.tell(Told::bad(format!("not saved: {why}\nwhat was written is kept; e opens it again"))),
        }
    }

    /// Makes a pair of the two trajectories that are compared.
    pub(in crate::app) fn make_pair(&mut self) {
        let Some(comparison) = &self.comparison else { return };
        let [left, right] = [0, 1].map(|side: usize| comparison.sides.get(side).map_or(String::new(), |side| side.opened.trajectory.id.clone()));
        self.want(Task::NamePair(left, right));
    }

    /// Takes in a pair that was made, and shows it.
    pub(in crate::app) fn pair_named(&mut self, result: Result<Box<Pair>, String>) {
        match result {
            Err(why) => self.tell(Told::bad(why)),
            Ok(pair) => {
                self.pairs.wanted = Some(pair.id.clone());
                self.pairs.made.push(*pair);
                self.pairs.asked = None;
                self.arrive(Screen::Pairs);
            }
        }
    }

    fn other_pair(&mut self, forwards: bool) {
        let now = self.now_ms;
        let view = &mut self.pairs;
        let count = view.counted().0;
        let next = if forwards { view.at + 1 } else { view.at.wrapping_sub(1) };
        if next < count {
            view.go(next, now);
        } else {
            self.note(if forwards { "this is the last pair" } else { "this is the first pair" });
        }
    }

    fn next_open_pair(&mut self) {
        let now = self.now_ms;
        let view = &mut self.pairs;
        let count = view.counted().0;
        let open = |at: &usize| view.board.as_ref().and_then(|board| board.pairs.get(*at)).is_some_and(|pair| view.is_open(pair));
        match (view.at + 1..count).chain(0..view.at).find(open) {
            Some(at) => view.go(at, now),
            None => self.note("nothing else is open"),
        }
    }

    /// Opens the trajectory of the side that has the keys, at its turn; where it comes from is then seen.
    pub(in crate::app) fn open_pair(&mut self) {
        let view = &mut self.pairs;
        let Some(pair) = view.board.as_ref().and_then(|board| board.pairs.get(view.at)) else { return };
        let right = (view.side == 1) != view.is_flipped(pair);
        let name = &pair.names[usize::from(right)];
        let id = crate::judging::name_of(&name.trajectory, &name.target);
        view.opened.insert(pair.id.clone());
        self.open_trajectory(Wanted::Id(id));
    }
}
