//! Insights on the screen: what was counted over the current query, laid out as one page or two.

pub(super) mod page;

use super::insights::page::sections;
use super::page::Page;
use super::state::{Screen, State};
use super::task::Task;
use super::{List, Move};
use crate::judging::agreement::Agreement;
use crate::query::Query;
use crate::text::{Clean, clean};
use crate::workspace::{Comparison, GroupBy, Insights, QueueProgress};

/// The least columns for two pages beside each other.
const TWO: u16 = 130;

/// What was counted, and what it was counted over.
#[derive(Debug)]
pub struct Counted {
    /// All of it.
    pub insights: Insights,
    /// Arms side by side, where the query finds several that played one scenario.
    pub arms: Option<Comparison>,
    /// How far the queues are.
    pub queues: Vec<QueueProgress>,
    /// What agreement is told apart for, and that of each group; without it that of all stands in `insights`.
    pub apart: Option<(GroupBy, Vec<Agreement>)>,
}

/// The state of the screen.
#[derive(Debug, Default)]
pub struct InsightsView {
    /// Number of the last question; 0 where none is open.
    pub ticket: u64,
    /// The query of the last question, and the mark of the store's state then.
    asked: Option<(Query, String)>,
    /// What agreement is told apart for.
    by: Option<GroupBy>,
    /// What was counted.
    pub counted: Option<Box<Counted>>,
    /// Why it could not be.
    pub failed: Option<Clean>,
    /// The pages, beside each other.
    pub pages: Vec<Page>,
    /// Scrolled lines.
    pub top: usize,
    built: Option<(u16, bool)>,
}

impl InsightsView {
    /// Scrolls by what moves a list; `page` is the count of rows in sight.
    pub(super) fn go(&mut self, how: Move, page: usize) {
        let longest = self.pages.iter().map(|page| page.lines().len()).max().unwrap_or(0);
        let mut list = List { chosen: self.top, top: self.top };
        list.go(how, longest.saturating_sub(page) + 1, page);
        self.top = list.chosen;
    }
}

impl State {
    /// Counts anew when one comes to the screen, as decisions may have been taken meanwhile.
    pub(super) fn renew_insights(&mut self) {
        self.insights.asked = None;
    }

    /// Tells agreement apart for the next thing, or for nothing again.
    pub(super) fn next_apart(&mut self) {
        let by = &mut self.insights.by;
        *by = match *by {
            None => Some(GroupBy::Tool),
            Some(GroupBy::Tool) => Some(GroupBy::Model),
            Some(GroupBy::Model) => Some(GroupBy::Rule),
            Some(GroupBy::Rule) => None,
        };
        let said = by.map_or("agreement of all".to_owned(), |by| format!("agreement by {}", by.name()));
        self.renew_insights();
        self.note(&said);
    }

    /// Takes in what was counted.
    pub(super) fn counted(&mut self, ticket: u64, result: Result<Box<Counted>, String>) {
        let view = &mut self.insights;
        if ticket != view.ticket {
            return;
        }
        view.ticket = 0;
        view.built = None;
        match result {
            Ok(counted) => (view.counted, view.failed) = (Some(counted), None),
            Err(why) => view.failed = Some(clean(&why)),
        }
    }

    pub(super) fn settle_insights(&mut self) {
        if self.screen != Screen::Insights {
            return;
        }
        let now = (self.library.asked.clone(), self.generation.clone());
        if self.insights.asked.as_ref() != Some(&now) {
            let ticket = self.ask();
            self.want(Task::Insights { ticket, query: now.0.clone(), by: self.insights.by });
            (self.insights.ticket, self.insights.asked) = (ticket, Some(now));
        }
        let (width, ascii) = (self.size.0, self.looks.ascii);
        let two = width >= TWO;
        let columns = if two { (width - 1) / 2 } else { width }.saturating_sub(3);
        let height = self.board_rows();
        let marks = self.marks();
        let view = &mut self.insights;
        if let Some(counted) = view.counted.as_ref().filter(|_| view.built != Some((width, ascii))) {
            let (left, right) = sections(counted, columns, marks);
            view.pages = if two { vec![Page::new(left), Page::new(right)] } else { vec![Page::new([left, right].concat())] };
            view.built = Some((width, ascii));
        }
        let mut most = 0;
        for page in &mut view.pages {
            page.top = view.top;
            page.lay(columns, u16::try_from(height).unwrap_or(u16::MAX), false);
            most = most.max(page.lines().len().saturating_sub(height));
        }
        view.top = view.top.min(most);
    }
}
