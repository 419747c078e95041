//! The screen's state, and the one pure function that changes it.
//!
//! `update` takes a message and gives back tasks; it knows no clock, no file and no terminal, so that a test can press keys and read
//! what is drawn. `ui` draws the state and nothing else; `tui` runs the tasks.

mod act;
mod answers;
mod arguments;
mod boards;
mod choose;
mod columns;
mod compare;
mod datasets;
mod datasets_page;
mod detail;
mod hints;
mod input;
mod insights;
mod insights_page;
mod lanes;
mod layout;
mod library;
mod list;
mod lists;
mod look;
mod marks;
mod message;
mod mouse;
mod overlay;
mod page;
mod reading;
mod redactions;
mod redactions_ask;
mod redactions_groups;
mod redactions_page;
mod review;
mod review_answers;
mod review_page;
mod session;
mod settle;
mod state;
mod summary;
mod take;
mod timeline;
mod tone;
mod typing;
mod update;

pub use columns::{Around, COLUMNS, Column, fitting, short_duration};
pub use compare::{Comparison, Same, Side};
pub use datasets::{DatasetsView, RowsView};
pub use detail::{View, markdown, page as detail_page};
pub use input::Input;
pub use insights::{Counted, InsightsView};
pub use lanes::{Lane, Ties};
pub use layout::{Area, LEAST, too_small};
pub use library::{FacetRow, Library};
pub use list::{List, Move};
pub use marks::{ASCII, Marks, UNICODE};
pub use message::{Answer, Editing, Mouse, MouseAct, Msg, Opened, Task, Told, Wanted};
pub use overlay::{Choice, Item, Kind, Overlay, Picker, Prompt, Question, Sheet};
pub use page::{Block, Line, Page};
pub use reading::{Jump, Reading};
pub use redactions::RedactionsView;
pub use redactions_groups::{By, Together};
pub use redactions_page::verdict as verdict_sign;
pub use review::{Review, ReviewAct, Reviewed};
pub use review_page::{after as review_after, before as review_before, sentences as review_sentences};
pub use session::Session;
pub use state::{Job, Looks, Screen, State, Toast};
pub use summary::preview;
pub use timeline::{Row, Said, Shown, Tools, say};
pub use tone::Tone;
pub use update::update;

pub use crate::workspace::{Asked, Sitting, Voice};
