//! The redactions on the screen: findings by value, trajectory, rule or class, their places, and verdicts on them.

mod anew;
mod ask;
pub(super) mod groups;
pub(super) mod page;

use super::list::{List, Move};
use super::message::{Told, Wanted};
use super::page::Page;
use super::redactions::groups::{By, Together};
use super::redactions::page::places_page;
use super::state::{Screen, State};
use super::task::Task;
use crate::query::{Field, Leaf, Query, Value};
use crate::text::{Clean, clean, human};
use crate::workspace::{AuditBoard, AuditFinding, AuditPlace, Decision, Turned, Verdict};
use rustc_hash::FxHashMap;

/// The state of the screen.
#[derive(Debug, Default)]
pub struct RedactionsView {
    /// Number of the last question; 0 where none is open.
    pub ticket: u64,
    asked: Option<(Query, String)>,
    /// The one trajectory they are of, by its id; what the library shows where it is `None`.
    pub of: Option<String>,
    /// Every finding.
    pub board: Option<Box<AuditBoard>>,
    /// Why there is none.
    pub failed: Option<Clean>,
    /// What they are put together by.
    pub by: By,
    /// The group one went into, before values were shown.
    pub within: Option<(By, String)>,
    /// The groups that are shown.
    pub groups: Vec<Together>,
    /// Whether what is decided is shown as well.
    pub all: bool,
    /// Whether a verdict holds for the chosen place alone.
    pub alone: bool,
    /// Where one is.
    pub list: List,
    /// Which place of the chosen group.
    pub place: usize,
    /// Surroundings that were read, by finding.
    pub places: FxHashMap<String, AuditPlace>,
    /// A value that is shown in the clear at the moment, by its fingerprint.
    pub revealed: Option<(String, Clean)>,
    /// The places of the chosen group.
    pub page: Page,
    /// Whether the page has the keys.
    pub in_page: bool,
    /// What was taken back or counts again, and is to be chosen when the findings come.
    sought: Option<String>,
    built: Option<(usize, bool, usize, usize, u16)>,
    /// Counts changes of what is shown.
    pub(super) version: usize,
}

impl RedactionsView {
    /// Gives the findings of the chosen group.
    #[must_use]
    pub fn chosen(&self) -> Vec<&AuditFinding> {
        let Some(board) = &self.board else { return Vec::new() };
        let group = self.groups.get(self.list.chosen);
        group.into_iter().flat_map(|group| &group.at).filter_map(|at| board.findings.get(*at)).collect()
    }
}

impl State {
    pub(super) fn renew_redactions(&mut self) {
        self.redactions.asked = None;
        self.redactions.revealed = None;
    }

    /// Takes in the findings.
    pub(super) fn audited(&mut self, ticket: u64, result: Result<Box<AuditBoard>, String>, more: bool) {
        let view = &mut self.redactions;
        if ticket != view.ticket {
            return;
        }
        view.ticket = if more { ticket } else { 0 };
        match result {
            Ok(board) => {
                // Who comes to a workspace where all is decided wants to see what was.
                let first = view.board.as_ref().is_none_or(|board| board.findings.is_empty());
                view.all |=
                    first && !board.findings.is_empty() && board.findings.iter().all(|finding| !matches!(finding.verdict, Verdict::Open | Verdict::Escalate));
                (view.board, view.failed) = (Some(board), None);
                view.group();
                view.find_turned();
            }
            Err(why) => view.failed = Some(clean(&why)),
        }
    }

    pub(super) fn go_redaction(&mut self, how: Move) {
        let (list, page) = self.board_areas();
        let view = &mut self.redactions;
        view.revealed = None;
        if view.in_page {
            return view.page.go(how, page.rows());
        }
        let before = view.list.chosen;
        view.list.go(how, view.groups.len(), list.rows());
        if view.list.chosen != before {
            view.place = 0;
            view.page.top = 0;
        }
    }

    /// Goes into a group, or to the trajectory of the chosen place.
    pub(super) fn open_redaction(&mut self) {
        let view = &mut self.redactions;
        let Some(group) = view.groups.get(view.list.chosen) else { return };
        if view.by != By::Value {
            view.within = Some((view.by, group.key.clone()));
            (view.by, view.list, view.place) = (By::Value, List::default(), 0);
            return view.group();
        }
        let Some(finding) = view.chosen().get(view.place).copied() else { return };
        let id = format!("{}#{}", finding.trajectory, finding.step);
        self.open_trajectory(Wanted::Id(id));
    }

    pub(super) fn back_from_redaction(&mut self) {
        let view = &mut self.redactions;
        view.revealed = None;
        if view.in_page {
            view.in_page = false;
        } else if let Some((by, key)) = view.within.take() {
            view.by = by;
            view.group();
            view.list.chosen = view.groups.iter().position(|group| group.key == key).unwrap_or(0);
        } else {
            self.screen = Screen::Library;
        }
    }

    /// Puts the findings together by the next thing.
    pub(super) fn next_grouping(&mut self) {
        let view = &mut self.redactions;
        let at = By::ALL.iter().position(|by| *by == view.by).unwrap_or(0);
        view.by = By::ALL.get((at + 1) % By::ALL.len()).copied().unwrap_or_default();
        (view.within, view.list, view.place) = (None, List::default(), 0);
        view.group();
        let name = view.by.name();
        self.note(&format!("by {name}"));
    }

    /// Shows what is decided as well, or only what is open.
    pub(super) fn toggle_decided(&mut self) {
        self.redactions.all = !self.redactions.all;
        self.redactions.group();
    }

    /// Lets verdicts hold for the chosen place alone, or for every place of the value.
    pub(super) fn toggle_alone(&mut self) {
        self.redactions.alone = !self.redactions.alone;
        self.note(if self.redactions.alone { "a verdict holds for the chosen place alone" } else { "a verdict holds for every place of the value" });
    }

    /// Goes to the next or previous place of the group.
    pub(super) fn next_place(&mut self, forwards: bool) {
        let places = self.redactions.chosen().len();
        let view = &mut self.redactions;
        view.revealed = None;
        let next = if forwards { view.place + 1 } else { view.place.wrapping_sub(1) };
        if next < places {
            view.place = next;
        } else {
            self.note(if forwards { "no place below" } else { "no place above" });
        }
    }

    /// Goes on to what is still open.
    pub(super) fn skip_redaction(&mut self) {
        let view = &mut self.redactions;
        view.revealed = None;
        let from = view.list.chosen;
        let open = |at: &usize| view.groups.get(*at).is_some_and(|group| group.open > 0);
        match (from + 1..view.groups.len()).chain(0..from).find(open) {
            Some(at) => (view.list.chosen, view.place) = (at, 0),
            None => self.note("nothing else is open"),
        }
    }

    /// Gives a verdict on what is chosen: at once on one value, after a question on several.
    pub(super) fn give_verdict(&mut self, verdict: Verdict) {
        let view = &self.redactions;
        let chosen = view.chosen();
        if chosen.is_empty() {
            return self.note("there is nothing to decide here");
        }
        let values = {
            let mut keys: Vec<_> = chosen.iter().map(|finding| By::Value.key(finding)).collect();
            keys.sort_unstable();
            keys.dedup();
            keys.len()
        };
        let places = if view.alone && view.by == By::Value { 1 } else { chosen.len() };
        if verdict == Verdict::Keep {
            let returning = chosen.iter().all(|finding| finding.is_needed());
            return self.keep_reasons(values, places, returning);
        }
        if values > 1 {
            return self.ask_bulk(verdict, values, places);
        }
        self.settle_verdict(verdict, None);
    }

    /// Records a verdict on what is chosen.
    pub(super) fn settle_verdict(&mut self, verdict: Verdict, note: Option<String>) {
        let view = &self.redactions;
        let here = view.alone && view.by == By::Value;
        let chosen = view.chosen();
        let meant: Vec<&AuditFinding> = if here { chosen.get(view.place).copied().into_iter().collect() } else { chosen };
        // A claim is decided at its place, a value everywhere.
        let mut findings: Vec<String> = meant.iter().map(|f| if here || !f.is_value() { f.id.clone() } else { f.fingerprint.clone() }).collect();
        findings.dedup();
        let here = here || meant.iter().all(|finding| !finding.is_value());
        if !findings.is_empty() {
            self.want(Task::Verdict { findings, verdict, note, here });
        }
    }

    /// Takes in that a verdict is on disk: it is seen at once, and the next open value is chosen.
    pub(super) fn decided(&mut self, findings: &[String], decision: &Decision) {
        let view = &mut self.redactions;
        let (mut about_claims, mut sure) = (true, false);
        for finding in view.board.iter_mut().flat_map(|board| &mut board.findings) {
            if findings.contains(&finding.id) || findings.contains(&finding.fingerprint) {
                finding.verdict = decision.verdict;
                about_claims &= !finding.is_value();
                sure |= finding.is_sure();
            }
        }
        self.read_anew();
        let view = &mut self.redactions;
        // As it leaves now is not as it was to leave.
        view.places.clear();
        view.group();
        let done = view.groups.get(view.list.chosen).is_none_or(|group| group.open == 0);
        let left = view.progress().said();
        let verdict = decision.verdict.as_str().replace('_', " ");
        if done {
            self.skip_redaction();
        }
        let what = if about_claims { "claim" } else { "value" };
        let second = if sure && decision.verdict == Verdict::Keep { "; it is sure, so a second reviewer must keep it as well" } else { "" };
        let said = format!(
            "{verdict}: {} in {}{second}; {left}",
            human::plural(usize::try_from(decision.values).unwrap_or(0), what),
            human::plural(usize::try_from(decision.places).unwrap_or(0), "place")
        );
        self.tell(Told::good(said));
        // Other places of the same values may be among what is not shown.
        self.redactions.asked = None;
    }

    /// Takes in that a verdict was taken back, or counts again, and says which.
    pub(super) fn turned_back(&mut self, again: bool, turned: Option<Turned>) {
        let of = turned.as_ref().and_then(|turned| turned.of.clone());
        // One sees what was taken back.
        if self.screen == Screen::Pairs {
            self.pairs.wanted = of;
            self.come_to_board();
        } else {
            self.come_to_board();
            self.redactions.sought = of;
            self.read_anew();
        }
        let nothing = if again { "nothing that you decided here is left to make count again" } else { "nothing that you decided here is left to take back" };
        let said = turned.map(|Turned { said, .. }| format!("{}: {said}; the history keeps both", if again { "counts again" } else { "taken back" }));
        self.note(said.as_deref().unwrap_or(nothing));
    }

    /// Takes in that a value was marked: it is looked for everywhere already, and what was read is read again.
    pub(super) fn marked(&mut self, decision: &Decision) {
        let places = human::plural(usize::try_from(decision.places).unwrap_or(0), "place");
        self.tell(Told::good(format!("marked, and masked in {places}; undo takes it back")));
        self.redactions.asked = None;
        self.redactions.places.clear();
        self.read_anew();
        self.want(Task::Look);
    }

    /// Shows the chosen value in the clear until a key is pressed; the journal says so.
    pub(super) fn reveal(&mut self) {
        let place = self.redactions.place;
        let finding = self.redactions.chosen().get(place).filter(|finding| finding.is_value()).map(|finding| Box::new((*finding).clone()));
        match finding {
            Some(finding) => self.want(Task::Reveal(finding)),
            None => self.note("there is no value to reveal here"),
        }
    }

    /// Shows a value that was revealed.
    pub(super) fn revealed(&mut self, fingerprint: String, value: Option<&str>) {
        match value {
            Some(value) => self.redactions.revealed = Some((fingerprint, clean(value))),
            None => self.tell(Told::bad("the source does not hold this value any more; f5 looks again")),
        }
    }

    /// Takes in what stands around findings.
    pub(super) fn places(&mut self, places: Vec<AuditPlace>) {
        let view = &mut self.redactions;
        view.places.extend(places.into_iter().map(|place| (place.finding.clone(), place)));
        view.version += 1;
    }

    pub(super) fn settle_redactions(&mut self) {
        let session = self.redactions.of.clone().map(|id| Query::Leaf(Leaf::Field { field: Field::Id, value: Value::Text(id) }));
        let now = (session.unwrap_or_else(|| self.library.asked.clone()), self.generation.clone());
        if self.redactions.asked.as_ref() != Some(&now) {
            let ticket = self.ask();
            // What is new is looked at when one comes; after a verdict nothing is new.
            let fresh = self.redactions.board.is_none() || self.redactions.asked.is_some();
            self.want(Task::Audit { ticket, query: now.0.clone(), fresh });
            (self.redactions.ticket, self.redactions.asked) = (ticket, Some(now));
        }
        let (list, page) = self.board_areas();
        let (marks, wrap) = (self.marks(), self.looks.wrap);
        let view = &mut self.redactions;
        view.list.settle(view.groups.len(), list.rows());
        let chosen: Vec<AuditFinding> = view.chosen().into_iter().cloned().collect();
        view.place = view.place.min(chosen.len().saturating_sub(1));
        let key = (view.version, view.revealed.is_some(), view.list.chosen, view.place, page.width);
        if view.built != Some(key) {
            view.built = Some(key);
            let top = view.page.top;
            let (blocks, at) = places_page(&chosen, view, marks);
            view.page = Page::new(blocks);
            view.page.lay(page.width.saturating_sub(2), page.height, wrap);
            view.page.show_block(at, top, page.height);
        }
        view.page.lay(page.width.saturating_sub(2), page.height, wrap);
        // Only the places that are near are read.
        let near = chosen.iter().skip(view.place.saturating_sub(10)).take(30);
        let missing: Vec<AuditFinding> = near.filter(|finding| !view.places.contains_key(&finding.id)).cloned().collect();
        if !missing.is_empty() {
            for finding in &missing {
                view.places.insert(
                    finding.id.clone(),
                    AuditPlace { finding: finding.id.clone(), source: String::new(), at: String::new(), text: String::new(), mark: 0..0, after: None },
                );
            }
            self.want(Task::Places(missing));
        }
    }
}
