//! The datasets on the screen: which there are, what would leave of one and what keeps it back, its rows, and its export.

pub(super) mod kept;
pub(super) mod page;

use super::Input;
use super::datasets::page::{row_page, sheet_page};
use super::list::{List, Move};
use super::message::{Editing, Told};
use super::overlay::{Overlay, Prompt, Question};
use super::page::{Block, Page};
use super::state::{Screen, State};
use super::task::Task;
use super::tone::Tone;
use crate::text::{Clean, clean};
use crate::workspace::{DatasetBoard, DatasetRow};

/// The rows of a dataset, one shape at a time.
#[derive(Debug, Default)]
pub struct RowsView {
    /// Shape that is shown, by its place among those of the dataset.
    pub shape: usize,
    /// Where one is.
    pub list: List,
}

/// What the page was built for: the row that is looked at, the width in columns, and whether it is drawn in ASCII.
type Built = (Option<(usize, usize)>, u16, bool);

/// The state of the screen.
#[derive(Debug, Default)]
pub struct DatasetsView {
    /// Number of the last question; 0 where none is open.
    pub ticket: u64,
    /// Dataset that is wanted, and the mark of the store's state when it was asked for.
    asked: Option<(Option<String>, String)>,
    wanted: Option<String>,
    /// What there is.
    pub board: Option<Box<DatasetBoard>>,
    /// Why it could not be worked out.
    pub failed: Option<Clean>,
    /// Where one is among the datasets.
    pub list: List,
    /// What the chosen one is.
    pub page: Page,
    /// Whether the page has the keys.
    pub in_page: bool,
    /// Its rows, while they are shown.
    pub rows: Option<RowsView>,
    built: Option<Built>,
    /// A definition that was edited and could not be saved.
    draft: Option<String>,
}

impl DatasetsView {
    /// Gives the shapes that have rows.
    #[must_use]
    pub fn shapes(&self) -> Vec<&str> {
        let sheet = self.board.as_ref().and_then(|board| board.sheet.as_ref());
        let mut shapes: Vec<&str> = sheet.into_iter().flat_map(|sheet| &sheet.rows).map(|row| row.shape.as_str()).collect();
        shapes.dedup();
        shapes
    }

    /// Gives the rows of the shape that is shown.
    #[must_use]
    pub fn shown_rows(&self) -> Vec<&DatasetRow> {
        let shape = self.rows.as_ref().and_then(|rows| self.shapes().get(rows.shape).copied());
        let sheet = self.board.as_ref().and_then(|board| board.sheet.as_ref());
        sheet.into_iter().flat_map(|sheet| &sheet.rows).filter(|row| Some(row.shape.as_str()) == shape).collect()
    }

    /// Gives the dataset that was chosen while what is shown is still another.
    #[must_use]
    pub fn pending(&self) -> Option<&str> {
        let shown = self.board.as_ref().map(|board| board.name.as_str());
        self.wanted.as_deref().filter(|wanted| self.ticket != 0 && Some(*wanted) != shown)
    }

    fn name(&self) -> Option<String> {
        let shown = self.board.as_ref().filter(|board| board.sheet.is_some() && self.pending().is_none());
        shown.map(|board| board.name.clone())
    }
}

impl State {
    pub(super) fn renew_datasets(&mut self) {
        self.datasets.asked = None;
    }

    /// Takes in what would leave.
    pub(super) fn dataset_board(&mut self, ticket: u64, result: Result<Box<DatasetBoard>, String>) {
        let view = &mut self.datasets;
        if ticket != view.ticket {
            return;
        }
        (view.ticket, view.built) = (0, None);
        match result {
            Ok(board) => {
                view.list.chosen = board.known.iter().position(|line| line.name == board.name).unwrap_or(0);
                (view.board, view.failed) = (Some(board), None);
            }
            Err(why) => view.failed = Some(clean(&why)),
        }
    }

    pub(super) fn go_dataset(&mut self, how: Move) {
        let page = self.board_areas().0.rows();
        let height = self.board_areas().1.rows();
        let view = &mut self.datasets;
        let rows = view.shown_rows().len();
        if let (Some(shown), false) = (&mut view.rows, view.in_page) {
            return shown.list.go(how, rows, page);
        }
        let datasets = view.board.as_ref().map_or(0, |board| board.known.len());
        // A half page always scrolls what is read; a single row goes to the next dataset.
        if view.in_page || datasets < 2 || matches!(how, Move::Halves(_)) {
            return view.page.go(how, height);
        }
        view.list.go(how, datasets, page);
        view.wanted = view.board.as_ref().and_then(|board| board.known.get(view.list.chosen)).map(|line| line.name.clone());
    }

    /// Shows the rows that would leave.
    pub(super) fn open_dataset(&mut self) {
        if self.datasets.shapes().is_empty() {
            return self.list_kept_back();
        }
        let view = &mut self.datasets;
        match view.rows {
            Some(_) => view.in_page = !view.in_page,
            None => (view.rows, view.in_page) = (Some(RowsView::default()), false),
        }
    }

    pub(super) fn back_from_dataset(&mut self) {
        let view = &mut self.datasets;
        if view.in_page {
            view.in_page = false;
        } else if view.rows.take().is_none() {
            self.screen = Screen::Library;
        }
    }

    /// Shows the rows of the next shape.
    pub(super) fn next_shape(&mut self) {
        let shapes = self.datasets.shapes().len();
        match &mut self.datasets.rows {
            Some(rows) if shapes > 0 => *rows = RowsView { shape: (rows.shape + 1) % shapes, list: List::default() },
            _ => self.open_dataset(),
        }
    }

    /// Asks for the name of a new dataset.
    pub(super) fn ask_dataset_name(&mut self) {
        self.overlays.push(Overlay::Prompt(Prompt { question: Question::DatasetName, input: Input::default() }));
    }

    /// Opens the definition in the editor.
    pub(super) fn edit_dataset(&mut self) {
        let sheet = self.datasets.board.as_ref().and_then(|board| board.sheet.as_ref()).filter(|_| self.datasets.pending().is_none());
        let text = self.datasets.draft.take().or_else(|| sheet.map(|sheet| sheet.definition.clone()));
        match text {
            Some(text) => self.want(Task::EditText { text, name: "dataset.toml", what: Editing::Dataset }),
            None => self.note("there is no dataset yet; c makes one of the library's query"),
        }
    }

    /// Takes in a definition as it was edited; it is kept until it is saved.
    pub(super) fn dataset_edited(&mut self, text: String) {
        self.datasets.draft = Some(text.clone());
        self.want(Task::SaveDataset(text));
    }

    /// Takes in that a definition was saved, or why not.
    pub(super) fn dataset_saved(&mut self, result: Result<String, String>) {
        match result {
            Ok(name) => {
                self.datasets.draft = None;
                (self.datasets.wanted, self.datasets.asked) = (Some(name.clone()), None);
                self.tell(Told::good(format!("saved the dataset {name}")));
            }
            Err(why) => self.tell(Told::bad(format!("not saved: {why}\nwhat was written is kept; e opens it again"))),
        }
    }

    /// Names the gate that keeps the dataset from leaving.
    pub(super) fn broken_gate(&self) -> Option<&str> {
        let sheet = self.datasets.board.as_ref().and_then(|board| board.sheet.as_ref())?;
        sheet.report.gates.iter().find(|gate| !gate.ok).map(|gate| gate.gate)
    }

    /// Asks which gate is let be, and why.
    pub(super) fn ask_override(&mut self) {
        if self.datasets.name().is_none() {
            return self.note("there is no dataset here yet; c makes one");
        }
        let input = Input::of(&self.broken_gate().map_or_else(String::new, |gate| format!("{gate} ")));
        self.overlays.push(Overlay::Prompt(Prompt { question: Question::Override, input }));
    }

    /// Asks where the bundle is to go.
    pub(super) fn ask_export_folder(&mut self) {
        let Some(name) = self.datasets.name() else {
            let working = self.datasets.ticket != 0;
            return self.note(if working { "what would leave is being worked out; a moment" } else { "there is no dataset to export yet; c makes one" });
        };
        let sheet = self.datasets.board.as_ref().and_then(|board| board.sheet.as_ref());
        if let Some(gate) = sheet.and_then(|sheet| sheet.report.gates.iter().find(|gate| !gate.ok)) {
            let why = gate.detail.as_deref().unwrap_or(gate.holds);
            return self.tell(Told::bad(format!("the gate {} does not hold: {why}; ! overrides it, with a reason", gate.gate)));
        }
        if sheet.is_none_or(|sheet| sheet.report.examples == 0) {
            return self.tell(Told::bad("no row would leave; the gates say what keeps them back"));
        }
        let last = sheet.and_then(|sheet| sheet.last.as_ref()).map(|(place, _)| place.clone());
        let input = Input::of(&last.unwrap_or_else(|| format!("{name}-bundle")));
        self.overlays.push(Overlay::Prompt(Prompt { question: Question::ExportFolder, input }));
    }

    /// Takes an answer to one of the questions of this screen.
    pub(super) fn answered_dataset(&mut self, question: Question, text: &str) {
        let text = text.trim().to_owned();
        if text.is_empty() {
            return;
        }
        match (question, self.datasets.name()) {
            (Question::DatasetName, _) => {
                let query = self.library.query.text().to_owned();
                self.want(Task::BeginDataset { name: text, query });
            }
            (Question::Override, Some(name)) => match text.split_once(char::is_whitespace) {
                Some((gate, reason)) => self.want(Task::Override { name, gate: gate.to_owned(), reason: reason.trim().to_owned() }),
                None => self.tell(Told::bad("nothing is overridden without a reason: the gate, a space, and why")),
            },
            (Question::ExportFolder, Some(name)) => self.want(Task::Export { name, out: text.into() }),
            _ => {}
        }
    }

    pub(super) fn settle_dataset(&mut self) {
        let generation = self.generation.clone();
        let now = (self.datasets.wanted.clone(), generation);
        if self.datasets.asked.as_ref() != Some(&now) {
            let ticket = self.ask();
            self.want(Task::Dataset { ticket, name: now.0.clone() });
            (self.datasets.ticket, self.datasets.asked) = (ticket, Some(now));
        }
        let (list, detail) = self.board_areas();
        let marks = self.marks();
        let (ascii, wrap) = (self.looks.ascii, self.looks.wrap);
        let view = &mut self.datasets;
        let rows = view.shown_rows().len();
        let datasets = view.board.as_ref().map_or(0, |board| board.known.len());
        view.list.settle(datasets, list.rows());
        if let Some(shown) = &mut view.rows {
            shown.list.settle(rows, list.rows());
        }
        let columns = detail.width.saturating_sub(2);
        if let Some(name) = view.pending() {
            let said = format!("Working out what would leave of {}.", clean(name));
            (view.page, view.built) = (Page::new(vec![Block::text(Tone::Dim, &said)]), None);
            return view.page.lay(columns, detail.height, wrap);
        }
        let key = (view.rows.as_ref().map(|rows| (rows.shape, rows.list.chosen)), columns, ascii);
        if view.built != Some(key) {
            let sheet = view.board.as_ref().and_then(|board| board.sheet.as_ref());
            let blocks = match (&view.rows, sheet) {
                (Some(shown), _) => view.shown_rows().get(shown.list.chosen).map(|row| row_page(row)).unwrap_or_default(),
                (None, Some(sheet)) => sheet_page(sheet, columns.into(), marks),
                (None, None) => Vec::new(),
            };
            (view.page, view.built) = (Page::new(blocks), Some(key));
        }
        view.page.lay(columns, detail.height, wrap);
    }
}
