//! After every message: what moved is brought into sight, pages are laid out, and what is seen but not known is asked for.

use super::detail::{View, page};
use super::overlay::Overlay;
use super::page::Page;
use super::state::{Screen, State};
use super::task::Task;
use rustc_hash::FxHashMap;

/// Rows above and below the seen ones that are asked for as well.
const AHEAD: usize = 40;

impl State {
    pub(super) fn settle(&mut self) {
        match self.screen {
            Screen::Library => self.settle_library(),
            Screen::Trajectory => self.settle_reading(),
            Screen::Review => self.settle_review(),
            Screen::Compare => {
                let page = self.page_rows();
                if let Some(comparison) = &mut self.comparison {
                    comparison.list.settle(comparison.pairs.len(), page);
                }
            }
            _ => self.settle_board(),
        }
        self.settle_tally();
        let (width, height) = (self.size.0.saturating_sub(4), self.size.1.saturating_sub(3));
        let wrap = self.looks.wrap;
        for overlay in &mut self.overlays {
            if let Overlay::Page(sheet) = overlay {
                sheet.page.lay(width, height, wrap);
            }
        }
    }

    fn settle_library(&mut self) {
        let areas = self.library_areas();
        let page = areas.rows.rows();
        let library = &mut self.library;
        let len = library.len();
        library.list.settle(len, page);
        let facets = library.facet_rows().len();
        library.facet_list.settle(facets, areas.facets.rows());
        // Whoever types waits for what is seen, and the next letter changes all of it.
        let ahead = if library.typing { 0 } else { AHEAD };
        let (from, to) = (library.list.top.saturating_sub(ahead), (library.list.top + page + ahead).min(len));
        library.forget_far_rows(from, to);
        if library.shows_steps() {
            let missing: Vec<usize> = (from..to).filter(|at| !library.lines.contains_key(at) && !library.awaited_lines.contains(at)).collect();
            library.awaited_lines.extend(&missing);
            let found: Vec<_> = missing.into_iter().filter_map(|at| library.steps.get(at).map(|found| (at, found.clone()))).collect();
            if !found.is_empty() {
                let (ticket, query) = (library.answered, library.asked.clone());
                self.want(Task::Lines { ticket, query, found });
            }
        }
        let library = &mut self.library;
        let missing: Vec<i64> =
            (from..to).filter_map(|at| library.number(at)).filter(|number| !library.rows.contains_key(number) && !library.awaited.contains(number)).collect();
        library.awaited.extend(&missing);
        if !missing.is_empty() {
            self.want(Task::Rows(missing));
        }
        self.settle_preview(areas.preview);
    }

    fn settle_preview(&mut self, area: super::Area) {
        if area.width == 0 {
            return;
        }
        let ascii = self.looks.ascii;
        let library = &mut self.library;
        if let Some((_, page)) = &mut library.preview {
            page.lay(area.width.saturating_sub(2), area.height, true);
        }
        if let Some(number) = library.chosen().filter(|number| library.previewing != Some(*number)) {
            library.previewing = Some(number);
            self.want(Task::Preview { number, ascii });
        }
    }

    fn settle_reading(&mut self) {
        let areas = self.reading_areas();
        let (ascii, zone_ms, wrap) = (self.looks.ascii, self.looks.zone_ms, self.looks.wrap);
        let ticket = self.ask();
        let Some(reading) = &mut self.reading else {
            self.screen = Screen::Library;
            return;
        };
        reading.list.settle(reading.rows.len(), areas.steps.rows());
        let view = View { step: reading.at(), shown: reading.shown, ascii, zone_ms, edition: reading.edition };
        let mut tasks = Vec::new();
        if !reading.partial && reading.margin_of.as_ref() != Some(&self.generation) {
            reading.margin_of = Some(self.generation.clone());
            tasks.push(Task::Beside { number: reading.number, trajectory: reading.trajectory.clone() });
        }
        if reading.detail_of != Some(view) && !reading.rows.is_empty() {
            // What was unfolded of the same step keeps its place on the page.
            let same = reading.detail_of.is_some_and(|before| before.step == view.step);
            reading.detail_of = Some(view);
            let (long, cut) = (reading.is_long(), reading.is_cut_here());
            reading.preparing = (long || cut).then_some(ticket);
            if long || cut {
                let (trajectory, margin) = (reading.trajectory.clone(), reading.ties.margin.clone());
                tasks.push(Task::Prepare { ticket, trajectory, margin, view });
            }
            if long && !same {
                reading.detail = Page::default();
            } else if !(long || cut && same) {
                // Of what is cut the beginning is seen at once.
                let top = if same { reading.detail.top } else { 0 };
                reading.detail = Page::new(page(&reading.trajectory, &FxHashMap::default(), &reading.ties.margin, view));
                reading.detail.top = top;
            }
            reading.detail.lay(areas.detail.width.saturating_sub(2), areas.detail.height, wrap);
            reading.mark_page();
        }
        if std::mem::take(&mut reading.unasked) {
            tasks.push(Task::Hold { number: reading.number, trajectory: reading.trajectory.clone(), needle: reading.needle.clone() });
        }
        reading.detail.lay(areas.detail.width.saturating_sub(2), areas.detail.height, wrap);
        tasks.into_iter().for_each(|task| self.want(task));
    }
}
