//! The use cases: import, list, search, show, decide, upkeep. It joins store, journal, index, formats and assembly.

mod agreeing;
mod amending;
mod arriving;
mod audit;
mod beginning;
mod beside;
mod browse;
pub mod check;
mod comparing;
mod error;
mod export;
mod folding;
mod hits;
mod import;
mod inherited;
mod insights;
mod joins;
mod journal;
mod judged;
mod label_filter;
mod labelling;
mod load;
mod open;
mod pairs;
mod parse;
mod private;
mod queues;
mod records;
mod refresh;
mod relatives;
mod remarks;
mod report;
mod review;
mod search;
mod sitting;
mod spending;
mod stored_range;
mod summary;
mod upkeep;
mod verified;
mod view;
mod walk;

pub use browse::{Facets, Found, Matches};
pub use comparing::{CompareBy, Comparison, Difference, Measure};
pub use error::{Error, Result};
pub use export::{
    Assignment, Consent, ConsentWord, DatasetBoard, DatasetLine, DatasetRow, DatasetSheet, DatasetText, ExportOptions, ExportReport, Exported, GateReport,
    Held, Overview, RewriteText, RewrittenCall, RowChange, plain_rescan,
};
pub use import::{ImportOptions, Progress};
pub use insights::{BARS_MS, Insights, Share, Waits, share};
pub use journal::{ExportedJournal, ForgetReason, JournalLine, Logged};
pub use judged::{Judgement, LabelRow, Remark};
pub use labelling::{Alone, Answers, Labelled, LabelledRow, Skip};
pub use open::Workspace;
pub use pairs::{Chosen, Pair, PairChoice, PairSide, PairSource, PairText, PairView, Pairs, Prefix, SideKind, SideName, Turn, TurnCall};
pub use private::{private_folder, write_private};
pub use records::{rule_predicts, rule_title};
pub use report::{ImportReport, SourceReport, Status};
pub use review::{OpenQueue, Progressed, QueueItem, Reply};
pub use search::{Listing, SearchReport};
pub use sitting::{Asked, Calibrated, Changed, ReviewItem, Sitting, TO_BEGIN, Voice};
pub use spending::{Scores, Spending};
pub use summary::{SORT_FIELDS, Summary, sort_field};
pub use upkeep::{Check, DoctorReport, Reindexed};
pub use {agreeing::GroupBy, audit::*, beside::Beside, beside::JudgedPoint, hits::Hit, queues::QueueProgress, walk::Skipped};
