//! The rules on the screen: what each found over the query of the library, what it could not see, and its record against people.

pub(super) mod page;

use super::list::{List, Move};
use super::message::Wanted;
use super::page::Page;
use super::rules::page::rule_page;
use super::state::{Screen, State};
use super::task::Task;
use crate::query::Query;
use crate::text::{Clean, clean};
use crate::workspace::check::{CheckReport, Found};

pub use crate::workspace::check::RuleRow;

/// The state of the screen.
#[derive(Debug, Default)]
pub struct RulesView {
    /// Number of the last question; 0 where none is open.
    pub ticket: u64,
    asked: Option<(Query, String)>,
    /// What the rules said.
    pub report: Option<Box<CheckReport>>,
    /// Why they said nothing.
    pub failed: Option<Clean>,
    /// Which rule.
    pub list: List,
    /// Which of its findings.
    pub finding: usize,
    /// The rule and its findings.
    pub page: Page,
    /// Whether the page has the keys.
    pub in_page: bool,
    built: Option<(usize, usize, u16)>,
}

impl RulesView {
    /// Gives the findings of the chosen rule, worst first.
    #[must_use]
    pub fn findings(&self) -> Vec<&Found> {
        let Some(report) = &self.report else { return Vec::new() };
        let id = report.rules.get(self.list.chosen).map_or("", |row| row.rule.id);
        report.findings.iter().filter(|found| found.finding.rule == id).collect()
    }
}

impl State {
    pub(super) fn renew_rules(&mut self) {
        self.rules.asked = None;
    }

    /// Takes in what the rules said; the first time it goes to the first rule that found something.
    pub(super) fn checked(&mut self, ticket: u64, result: Result<Box<CheckReport>, String>) {
        let view = &mut self.rules;
        if ticket != view.ticket {
            return;
        }
        (view.ticket, view.built) = (0, None);
        match result {
            Ok(report) => {
                if view.report.is_none() {
                    view.list.chosen = report.rules.iter().position(|rule| rule.counts.finding > 0).unwrap_or(0);
                }
                (view.report, view.failed) = (Some(report), None);
            }
            Err(why) => view.failed = Some(clean(&why)),
        }
    }

    pub(super) fn go_rule(&mut self, how: Move) {
        let rows = self.board_areas().0.rows();
        let view = &mut self.rules;
        if view.in_page {
            let mut list = List { chosen: view.finding, top: 0 };
            list.go(how, view.findings().len(), rows / 3);
            view.finding = list.chosen;
            return;
        }
        let before = view.list.chosen;
        view.list.go(how, view.report.as_ref().map_or(0, |report| report.rules.len()), rows);
        if view.list.chosen != before {
            view.finding = 0;
        }
    }

    /// Goes to the findings of the rule, or to where the chosen one was made.
    pub(super) fn open_rule(&mut self) {
        let view = &mut self.rules;
        if !view.in_page {
            view.in_page = !view.findings().is_empty();
            return;
        }
        let Some(found) = view.findings().get(view.finding).map(|found| &found.finding) else { return };
        let inner = found.evidence.first().map(|shown| &shown.step).or_else(|| found.steps.first()).or(found.execution.as_ref());
        let id = inner.map_or_else(|| found.trajectory.clone(), |inner| format!("{}#{inner}", found.trajectory));
        self.open_trajectory(Wanted::Id(id));
    }

    pub(super) fn back_from_rule(&mut self) {
        if self.rules.in_page {
            self.rules.in_page = false;
        } else {
            self.screen = Screen::Library;
        }
    }

    /// Shows what the chosen rule found in the library.
    pub(super) fn filter_by_rule(&mut self) {
        let Some(id) = self.rules.report.as_ref().and_then(|report| report.rules.get(self.rules.list.chosen)).map(|row| row.rule.id) else { return };
        self.screen = Screen::Library;
        self.library.query = super::Input::of(&format!("finding:{id}"));
        self.query_changed();
    }

    pub(super) fn settle_rules(&mut self) {
        let now = (self.library.asked.clone(), self.generation.clone());
        if self.rules.asked.as_ref() != Some(&now) {
            let ticket = self.ask();
            self.want(Task::Rules { ticket, query: now.0.clone() });
            (self.rules.ticket, self.rules.asked) = (ticket, Some(now));
        }
        let (list, page) = self.board_areas();
        let (marks, wrap) = (self.marks(), self.looks.wrap);
        let view = &mut self.rules;
        let count = view.report.as_ref().map_or(0, |report| report.rules.len());
        view.list.settle(count, list.rows());
        view.finding = view.finding.min(view.findings().len().saturating_sub(1));
        let key = (view.list.chosen, if view.in_page { view.finding } else { usize::MAX }, page.width);
        if view.built != Some(key) {
            view.built = Some(key);
            let top = if view.in_page { view.page.top } else { 0 };
            let (blocks, at) = rule_page(view, marks);
            view.page = Page::new(blocks);
            view.page.lay(page.width.saturating_sub(2), page.height, wrap);
            view.page.show_block(at, top, page.height);
        }
        view.page.lay(page.width.saturating_sub(2), page.height, wrap);
    }
}
