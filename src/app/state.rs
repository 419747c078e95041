//! The whole state of the screen, as one value.

use super::ahead::Ahead;
use super::compare::Comparison;
use super::datasets::DatasetsView;
use super::insights::InsightsView;
use super::library::Library;
use super::marks::{ASCII, Marks, UNICODE};
use super::message::Told;
use super::overlay::Overlay;
use super::pairs::PairsView;
use super::reading::Reading;
use super::redactions::RedactionsView;
use super::review::Review;
use super::rules::RulesView;
use super::tally::Tally;
use super::task::Task;
use super::tour::Tour;
use crate::command::{Config, Key, Keymap, place};
use crate::text::{Clean, clean};

/// How long a toast is seen, in ms.
const TOAST_MS: i64 = 6_000;
/// Messages that are kept to be read again.
const KEPT: usize = 200;

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// The library.
    Library,
    /// A trajectory.
    Trajectory,
    /// Two trajectories beside each other.
    Compare,
    /// A decision point of a queue.
    Review,
    /// What must not leave, and claims that do not hold.
    Redactions,
    /// Two continuations of one prefix.
    Pairs,
    /// The datasets, and what would leave of them.
    Dataset,
    /// What was counted over the query.
    Insights,
    /// The rules, and what each found.
    Rules,
}

impl Screen {
    /// Every screen, in the order of the top line.
    pub const ALL: &'static [Self] =
        &[Self::Library, Self::Trajectory, Self::Compare, Self::Review, Self::Redactions, Self::Pairs, Self::Dataset, Self::Insights, Self::Rules];

    /// Gives the screen's title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Library => "Library",
            Self::Trajectory => "Trajectory",
            Self::Compare => "Compare",
            Self::Review => "Review",
            Self::Redactions => "Redactions",
            Self::Pairs => "Pairs",
            Self::Dataset => "Dataset",
            Self::Insights => "Insights",
            Self::Rules => "Rules",
        }
    }

    /// Gives its place in the table of commands.
    #[must_use]
    pub const fn place(self) -> u16 {
        match self {
            Self::Library => place::LIBRARY,
            Self::Trajectory => place::TRAJECTORY,
            Self::Compare => place::COMPARE,
            Self::Review => place::REVIEW,
            Self::Redactions => place::REDACTIONS,
            Self::Pairs => place::PAIRS,
            Self::Dataset => place::DATASET,
            Self::Insights => place::INSIGHTS,
            Self::Rules => place::RULES,
        }
    }
}

/// How things look.
#[derive(Debug, Clone, PartialEq)]
pub struct Looks {
    /// Name of the theme.
    pub theme: String,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// Whether the mouse is read.
    pub mouse: bool,
    /// Whether long lines are wrapped.
    pub wrap: bool,
    /// Whether the library shows a preview.
    pub preview: bool,
    /// Whether panes stand beside each other; `None` leaves it to the width.
    pub beside: Option<bool>,
    /// Share of the left pane in per cent.
    pub split: u16,
    /// Share of the upper pane in per cent, where one stands over the other.
    pub upper: u16,
    /// What is added to UTC to show times, in ms.
    pub zone_ms: i64,
}

/// Something told for a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// What.
    pub told: Told,
    /// Until when it is seen, in ms since the epoch.
    pub until: i64,
}

/// A long job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// What it does.
    pub name: Clean,
    /// How much is done.
    pub done: u64,
    /// Of how much; 0 where that is not known.
    pub total: u64,
}

/// The state.
#[derive(Debug)]
pub struct State {
    /// Columns and rows of the terminal.
    pub terminal: (u16, u16),
    /// Columns and rows of the screen: those of the terminal without what the tour takes.
    pub size: (u16, u16),
    /// The tour.
    pub tour: Tour,
    /// Now, in ms since the epoch.
    pub now_ms: i64,
    /// Name of the workspace and of the reviewer, for the top line.
    pub place: Clean,
    /// The keys.
    pub keymap: Keymap,
    /// How things look.
    pub looks: Looks,
    /// Names of all themes.
    pub themes: Vec<String>,
    /// The screen one is on.
    pub screen: Screen,
    /// The screen from which the trajectory was opened, to go back to.
    pub(super) from: Screen,
    /// The library.
    pub library: Library,
    /// The trajectory that is open.
    pub reading: Option<Reading>,
    /// The name of the trajectory that is being opened.
    pub opening: Option<u64>,
    /// The question by which the open trajectory is read again.
    pub(super) rereading: Option<u64>,
    /// What is sought in the trajectory that is being opened.
    pub(super) sought: Option<super::Sought>,
    /// The comparison.
    pub comparison: Option<Comparison>,
    /// The redactions.
    pub redactions: RedactionsView,
    /// The pairs.
    pub pairs: PairsView,
    /// The datasets.
    pub datasets: DatasetsView,
    /// What was counted.
    pub insights: InsightsView,
    /// What the rules said.
    pub rules: RulesView,
    /// The review.
    pub review: Option<Review>,
    /// Keys typed ahead.
    pub(super) ahead: Ahead,
    /// Whether a queue was chosen whose item is still to come.
    pub(super) begins: bool,
    /// Whether the review goes on by itself once the item is done.
    pub(super) advance: bool,
    /// A correction that waits for its reason: the fact, and its value, `None` where it is rejected.
    pub(super) amending: Option<(&'static str, Option<&'static str>)>,
    /// What lies over the screen, the last on top.
    pub overlays: Vec<Overlay>,
    /// Whether the border between the panes is held by the mouse.
    pub(super) dragging: bool,
    /// Keys of a command that is not whole yet.
    pub pending: Vec<Key>,
    /// What is told at the moment.
    pub toast: Option<Toast>,
    /// What was told, the latest last.
    pub messages: Vec<Told>,
    /// The long job that runs.
    pub job: Option<Job>,
    /// Mark of the store's state that is shown.
    pub generation: String,
    /// What waits.
    pub tally: Tally,
    /// Mark of the store's state in which it was counted.
    pub(super) tallied: String,
    /// Kept queries: name and query.
    pub queries: Vec<(String, String)>,
    /// The number of the last question.
    ticket: u64,
    /// What the state asks for, not yet taken.
    tasks: Vec<Task>,
}

impl State {
    /// Makes the state at the start.
    #[must_use]
    pub fn new(size: (u16, u16), config: Config, themes: Vec<String>) -> Self {
        let looks = Looks {
            theme: config.theme.clone().unwrap_or_else(|| "dark".to_owned()),
            ascii: config.ascii.unwrap_or(false),
            mouse: config.mouse,
            wrap: true,
            preview: true,
            beside: None,
            split: 46,
            upper: 53,
            zone_ms: 0,
        };
        Self {
            terminal: size,
            size,
            tour: Tour::default(),
            now_ms: 0,
            place: Clean::default(),
            library: Library::new(&config.columns),
            keymap: config.keymap,
            looks,
            themes,
            screen: Screen::Library,
            from: Screen::Library,
            reading: None,
            opening: None,
            rereading: None,
            sought: None,
            comparison: None,
            review: None,
            ahead: Ahead::default(),
            begins: false,
            advance: false,
            amending: None,
            redactions: RedactionsView::default(),
            pairs: PairsView::default(),
            datasets: DatasetsView::default(),
            insights: InsightsView::default(),
            rules: RulesView::default(),
            overlays: Vec::new(),
            dragging: false,
            pending: Vec::new(),
            toast: None,
            messages: Vec::new(),
            job: None,
            generation: String::new(),
            tally: Tally::default(),
            tallied: String::new(),
            queries: Vec::new(),
            ticket: 0,
            tasks: Vec::new(),
        }
    }

    /// Tells whether there is anything on a screen.
    #[must_use]
    pub const fn has(&self, screen: Screen) -> bool {
        match screen {
            Screen::Trajectory => self.reading.is_some(),
            Screen::Compare => self.comparison.is_some(),
            Screen::Review | Screen::Library | Screen::Redactions | Screen::Pairs | Screen::Dataset | Screen::Insights | Screen::Rules => true,
        }
    }

    /// Gives the signs to draw with.
    #[must_use]
    pub const fn marks(&self) -> &'static Marks {
        if self.looks.ascii { &ASCII } else { &UNICODE }
    }

    /// Gives the number of a new question.
    pub(super) const fn ask(&mut self) -> u64 {
        self.ticket += 1;
        self.ticket
    }

    /// Asks for something.
    pub(super) fn want(&mut self, task: Task) {
        self.tasks.push(task);
    }

    /// Takes what is asked for.
    pub(super) fn take_tasks(&mut self) -> Vec<Task> {
        std::mem::take(&mut self.tasks)
    }

    /// Tells something: for a moment on the screen, and to be read again.
    pub fn tell(&mut self, told: Told) {
        // What is bad takes longer to read.
        let until = self.now_ms + if told.bad { 2 * TOAST_MS } else { TOAST_MS };
        self.toast = Some(Toast { told: told.clone(), until });
        self.messages.push(told);
        let surplus = self.messages.len().saturating_sub(KEPT);
        self.messages.drain(..surplus);
    }

    /// Gives when the screen changes though nothing happens, in ms since the epoch.
    #[must_use]
    pub fn deadline(&self) -> Option<i64> {
        self.toast.as_ref().map(|toast| toast.until)
    }

    /// Gives where one is, as the table of commands names it.
    #[must_use]
    pub fn place_bits(&self) -> u16 {
        match self.overlays.last() {
            Some(Overlay::Page(_)) => place::PAGE,
            Some(_) => 0,
            None => self.screen.place(),
        }
    }

    /// Writes a time of the day, in the zone that is shown.
    #[must_use]
    pub fn clock(&self, at: crate::model::Timestamp) -> Clean {
        let shown = crate::model::Timestamp::from_ms(at.ms().saturating_add(self.looks.zone_ms)).unwrap_or(at);
        clean(shown.to_string().get(11..19).unwrap_or_default())
    }
}
