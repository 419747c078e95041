//! The use cases: import, list, search, show, decide, upkeep. It joins store, journal, index, formats and assembly.

mod abridged;
mod agreeing;
mod amending;
mod arriving;
mod audit;
mod beginning;
mod beside;
mod browse;
mod carried;
pub mod check;
mod comparing;
mod error;
mod export;
mod folders;
mod folding;
mod forgetting;
mod gauge;
mod hits;
mod import;
mod inherited;
mod insights;
mod joins;
mod journal;
mod judged;
mod label_facts;
mod label_filter;
mod labelling;
mod load;
mod open;
mod pairs;
mod parse;
mod private;
mod progress;
mod queues;
mod records;
mod refresh;
mod relatives;
mod remarks;
mod report;
mod reported;
mod review;
mod search;
mod sitting;
mod spending;
mod standing;
mod stored_range;
mod summary;
mod upkeep;
mod verified;
mod view;
mod walk;

pub use browse::{Facets, Found, Matches, Places, Telling};
pub use comparing::{CompareBy, Comparison, Difference, Measure};
pub use error::{Error, Result};
pub use export::{
    Assignment, Consent, ConsentWord, DatasetBoard, DatasetLine, DatasetRow, DatasetSheet, DatasetText, ExportOptions, ExportReport, Exported, GateReport,
    Held, Overview, RewriteText, RewrittenCall, RowChange, plain_rescan,
};
pub use import::{ImportOptions, Progress};
pub use insights::{BARS_MS, Insights, Share, Waits, share};
pub use journal::{ExportedJournal, ForgetReason, JournalLine, Logged, now};
pub use judged::{Judgement, LabelRow, Remark};
pub use labelling::{Alone, Answers, Labelled, LabelledRow, Skip};
pub use open::Workspace;
pub use pairs::{Chosen, Pair, PairChoice, PairSide, PairSource, PairText, PairView, Pairs, Prefix, SideKind, SideName, Turn, TurnCall};
pub use private::{private_folder, write_private};
pub use report::{ImportReport, SourceReport, Status};
pub use review::{OpenQueue, QueueItem, Reply};
pub use search::{Listing, SearchReport};
pub use sitting::{Asked, Calibrated, Changed, ReviewItem, Sitting, TO_BEGIN, Voice};
pub use summary::{SORT_FIELDS, Summary, sort_field};
pub use upkeep::{Check, DoctorReport, Reindexed};
pub use {
    abridged::Abridged, agreeing::GroupBy, audit::*, beside::Beside, beside::JudgedPoint, forgetting::Forgotten, forgetting::Remaining, hits::Hit,
    progress::Progressed, progress::QueueProgress, records::rule_predicts, records::rule_title, spending::Scores, spending::Spending, standing::Standing,
    walk::Skipped, walk::is_journal,
};
