//! The screen's state, and the one pure function that changes it.
//!
//! `update` takes a message and gives back tasks; it knows no clock, no file and no terminal, so that a test can press keys and read
//! what is drawn. `ui` draws the state and nothing else; `tui` runs the tasks.

mod act;
mod ahead;
mod answers;
mod arguments;
mod boards;
mod bulk;
mod choose;
mod columns;
mod compare;
mod datasets;
mod detail;
mod effects;
mod hints;
mod input;
mod insights;
mod judge_here;
mod lanes;
mod layout;
mod legend;
mod library;
mod list;
mod lists;
mod look;
mod margin;
mod markdown;
mod marks;
mod message;
mod mouse;
mod overlay;
mod page;
mod pairs;
mod reading;
mod redactions;
mod review;
mod rules;
mod seeking;
mod session;
mod settle;
mod span;
mod state;
mod summary;
mod tabs;
mod take;
mod tally;
mod task;
mod timeline;
mod tone;
mod tour;
mod typing;
mod update;

pub use crate::judging::{CANNOT_TELL, answer_name};
pub use columns::{Around, COLUMNS, Column, fitting, short_model};
pub use datasets::{DatasetsView, RowsView};
pub use detail::{View, page as detail_page, texts_on_page};
pub use layout::{Area, LEAST, SHORT, answer_column, answer_rows, too_small};
pub use marks::{ASCII, Marks, UNICODE};
pub use message::{Answer, Editing, Mouse, MouseAct, Msg, Opened, QueueRow, Told, Wanted};
pub use overlay::{Choice, Item, Kind, Overlay, Picker, Prompt, Question, Sheet};
pub use review::page::{after as review_after, before as review_before, sentences as review_sentences};
pub use review::{Asked, Review, ReviewAct, Reviewed, Sitting, Voice, rule_title};
pub use state::{Job, Looks, Screen, State, Toast};
pub use timeline::{Row, Said, Shown, Tools, say};
pub use {bulk::Offer, bulk::Several, compare::Comparison, compare::Side, library::FacetRow, library::Library, list::List, list::Move, span::Span};
pub use {bulk::Shared, insights::Counted, insights::InsightsView, lanes::Lane, lanes::Ties};
pub use {
    input::Input, margin::Margin, session::Session, summary::preview, take::Take, tally::Tally, task::Task, tone::Tone, tour::Guide, tour::Tour, update::update,
};
pub use {look::issue_blocks, page::Block, page::Line, page::Page, reading::Jump, reading::Reading, reading::holding, seeking::Sought, tabs::Tab};
pub use {pairs::PairsView, pairs::page::FaceRow, pairs::page::Facing};
pub use {redactions::RedactionsView, redactions::groups::By, redactions::groups::Together, redactions::page::verdict as verdict_sign};
pub use {rules::RuleRow, rules::RulesView, rules::page::LISTED, rules::page::severity as severity_tone};
