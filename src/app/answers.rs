//! What becomes of answers: each is taken in only if it is still wanted.

use super::message::{Answer, Editing, Opened, Told};
use super::page::{Block, Page};
use super::reading::Reading;
use super::state::{Job, Screen, State};
use super::task::Task;
use super::{Comparison, Wanted};
use crate::text::clean;
use crate::workspace::{Error, Found, Standing};
use rustc_hash::FxHashSet;

impl State {
    pub(super) fn answer(&mut self, answer: Answer) {
        match answer {
            Answer::Found(ticket, result, took_ms) => self.found(ticket, result, took_ms),
            Answer::Counted(ticket, facets) if ticket == self.library.ticket => {
                if !self.library.asks() {
                    self.library.known.clone_from(&facets);
                }
                self.library.facets = facets;
                if self.library.typing {
                    self.library.complete();
                }
            }
            Answer::Rows(rows) => {
                for (number, row) in rows {
                    self.library.awaited.remove(&number);
                    self.library.rows.insert(number, row);
                }
            }
            Answer::Seen(seen) => self.library.seen.extend(seen),
            Answer::Lines(ticket, lines) if ticket == self.library.answered => {
                for (at, hit) in lines {
                    self.library.awaited_lines.remove(&at);
                    self.library.lines.insert(at, hit);
                }
            }
            Answer::Preview(number, blocks) => self.library.preview = Some((number, Page::new(blocks))),
            Answer::Opened(ticket, result, partial) => self.opened(ticket, result, partial),
            Answer::Hits(number, sought, from, steps) => self.hits_found(number, &sought, from, &steps),
            Answer::Both(Ok(both)) => {
                let (left, right) = *both;
                // Asked for anew while one is shown, it goes back to where that one was asked for.
                let from = self.comparison.as_ref().filter(|_| self.screen == Screen::Compare).map_or(self.screen, |shown| shown.from);
                self.comparison = Some(Comparison::new(left, right, from));
                self.arrive(Screen::Compare);
            }
            Answer::Both(Err(why)) => self.tell(Told::bad(why)),
            Answer::Prepared(ticket, blocks) => self.prepared(ticket, blocks),
            Answer::Held(number, needle, hits) => self.held(number, &needle, hits),
            Answer::Texts(number, texts, take) => self.texts_read(number, texts, take),
            Answer::Beside(number, beside) => {
                if let Some(reading) = self.reading.as_mut().filter(|reading| reading.number == number) {
                    reading.take_beside(beside);
                }
            }
            Answer::Judged(result) => self.judged_here(result),
            Answer::Raw(title, blocks) => self.sheet(&title, blocks),
            Answer::Issues(blocks) => self.issue_sheet(blocks),
            Answer::Insights(ticket, result) => self.counted(ticket, result),
            Answer::Checked(ticket, result) => self.checked(ticket, result),
            Answer::Audited(ticket, result, more) => self.audited(ticket, result, more),
            Answer::Places(places) => self.places(places),
            Answer::Decided(findings, decision) => self.decided(&findings, &decision),
            Answer::Revealed(fingerprint, value) => self.revealed(fingerprint, value.as_deref()),
            Answer::TurnedBack(again, turned) => self.turned_back(again, turned),
            Answer::Dataset(ticket, result) => self.dataset_board(ticket, result),
            Answer::DatasetSaved(result) => self.dataset_saved(result),
            Answer::Edited(what, text) => self.edited(what, text),
            Answer::Pairs(ticket, result, reviewer) => self.paired(ticket, result, reviewer),
            Answer::PairView(view) => self.pairs.viewed(view),
            Answer::NamedPair(result) => self.pair_named(result),
            Answer::Chose(result) => self.chose(result),
            Answer::PairsAgain(board) => self.pairs.again(board, self.now_ms),
            Answer::Rewritten(result) => self.rewritten(result),
            Answer::Offered(ticket, several, offers) => self.offered(ticket, several, offers),
            Answer::Labelled(result) => self.labelled(result),
            Answer::Tally(tally) => self.tallied(tally),
            Answer::Queues(queues) => self.queues_listed(queues),
            Answer::QueuesLeft(left) => self.queues_counted(&left),
            Answer::Reviewed(result) => self.reviewed(result),
            Answer::Marked(decision) => self.marked(&decision),
            Answer::Told(told) => self.tell(told),
            Answer::Job(name, done, total) => self.job = Some(Job { name: clean(&name), done, total }),
            Answer::Progressed => self.job = None,
            Answer::Broke(why) => self.broke_down(&why),
            Answer::JobDone(told, number) => self.job_done(told, number),
            Answer::Looked(generation, standing) => self.looked(generation, standing),
            // An answer to a question that was asked anew since.
            Answer::Counted(..) | Answer::Lines(..) => {}
        }
    }

    /// Takes in the page of a step; what was seen of its beginning stays in its place.
    fn prepared(&mut self, ticket: u64, blocks: Vec<Block>) {
        let (area, wrap) = (self.reading_areas().detail, self.looks.wrap);
        if let Some(reading) = self.reading.as_mut().filter(|reading| reading.preparing == Some(ticket)) {
            let top = reading.detail.top;
            reading.detail = Page::new(blocks);
            reading.detail.top = top;
            reading.preparing = None;
            reading.detail.lay(area.width.saturating_sub(2), area.height, wrap);
            reading.mark_page();
        }
    }

    fn job_done(&mut self, told: Told, number: Option<i64>) {
        self.job = None;
        self.come_to_board();
        if !told.text.is_empty() {
            self.tell(told);
        }
        self.want(Task::Look);
        if let Some(number) = number {
            self.open_trajectory(Wanted::Number(number, None));
        }
    }

    fn edited(&mut self, what: Editing, text: String) {
        match what {
            Editing::Dataset => self.dataset_edited(text),
            Editing::Turn(side) => self.turn_edited(side, text),
            Editing::Note if text.trim().is_empty() => self.note("an empty note says nothing; nothing was written"),
            Editing::Note => self.review_act(super::ReviewAct::Note(text.trim().to_owned())),
        }
    }

    fn found(&mut self, ticket: u64, result: Result<crate::workspace::Matches, String>, took_ms: f64) {
        if ticket != self.library.ticket {
            return;
        }
        let before = self.library.chosen();
        match result {
            Ok(matches) => {
                let library = &mut self.library;
                let question = library.question();
                // Looked for again, as something was stored or decided: what is shown stays until there is more of it.
                let again = library.answered != ticket && library.shown.as_ref() == Some(&question);
                if again && matches.partial && matches.trajectories.len() <= library.numbers.len() {
                    return;
                }
                library.shown = Some(question);
                // More of the same: what is seen stays, and so does whoever stands somewhere in it.
                let goes_on = library.partial && library.answered == ticket && matches.looked.is_some();
                (library.partial, library.looked) = (matches.partial, matches.looked);
                library.cut = matches.steps.len() < matches.total;
                (library.numbers, library.steps, library.total_steps) = (matches.trajectories, one_a_call(matches.steps), matches.total);
                (library.answered, library.took_ms) = (ticket, took_ms);
                if goes_on {
                    return;
                }
                library.lines.clear();
                library.awaited_lines.clear();
                // What was chosen stays chosen, wherever it stands now; of several steps of it, the one nearest to where it was.
                let (at, rows) = (library.list.chosen, 0..library.len());
                let nearest = |before| rows.filter(|row| library.number(*row) == Some(before)).min_by_key(|row| row.abs_diff(at));
                library.list.chosen = before.filter(|_| at > 0).and_then(nearest).unwrap_or(at).min(library.len().saturating_sub(1));
            }
            Err(why) => {
                // What is still shown may have lost its lines to the question.
                self.library.awaited_lines.clear();
                self.tell(Told::bad(why));
            }
        }
    }

    fn opened(&mut self, ticket: u64, result: Result<Opened, String>, partial: bool) {
        if self.reread(ticket, &result, partial) || self.opening != Some(ticket) {
            return;
        }
        if !partial {
            self.opening = None;
        }
        let opened = match result {
            Ok(opened) => opened,
            Err(why) => return self.tell(Told::bad(why)),
        };
        let id = opened.trajectory.id.clone();
        if self.library.seen.insert(id.clone()) {
            self.want(Task::Seen(id, true));
        }
        let goes_on = self.reading.as_ref().is_some_and(|reading| reading.number == opened.number && reading.partial);
        match &mut self.reading {
            Some(reading) if reading.number == opened.number => {
                reading.renew(opened.trajectory, partial);
                if let Some(inner) = opened.inner {
                    reading.go_to_id(&inner);
                }
            }
            _ => {
                let before = self.reading.take().map(|reading| (reading.number, reading.trajectory.id.clone()));
                let mut reading = Reading::new(opened, partial);
                reading.before = before;
                self.reading = Some(reading);
            }
        }
        // The rest of what is read already brings nobody back, and closes nothing.
        if !goes_on && !std::mem::take(&mut self.gone_on) {
            self.arrive(Screen::Trajectory);
        }
        self.seek();
    }

    fn looked(&mut self, generation: String, standing: Standing) {
        self.library.behind = standing == Standing::Behind;
        if self.library.behind && self.job.is_none() {
            self.want(Task::CatchUp);
        }
        if standing == Standing::Overtaken && generation != self.generation {
            self.tell(Told::bad(Error::Overtaken.to_string()));
        }
        if generation != self.generation {
            self.generation = generation;
            self.library.rows.clear();
            self.library.awaited.clear();
            self.library.preview = None;
            self.library.previewing = None;
            self.ask_library();
        }
    }
}

/// Keeps one row for each call of which several steps match: the first, which ranks best.
fn one_a_call(found: Vec<Found>) -> Vec<Found> {
    let mut known = FxHashSet::default();
    found.into_iter().filter(|found| found.call().is_none_or(|call| known.insert((found.number, call.to_owned())))).collect()
}
