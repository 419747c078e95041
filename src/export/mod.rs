//! Export: judged trajectories become rows that trainers load, behind gates, in bundles that a stranger can check.
//!
//! A trajectory's branches are read as conversations; their decision points become examples by what people said of them; a shape
//! writes examples as rows; the bundle holds the rows, their lineage and the evidence. All of it is a pure function of
//! trajectories, decisions and definition: the same state gives the same bytes.

mod balance;
mod bundle;
mod choices;
mod compare;
mod context;
mod conversation;
mod definition;
mod example;
mod facts;
mod gates;
mod grade;
mod json;
mod judgement;
mod key;
mod lineage;
mod maestro;
mod message;
mod near;
mod overview;
mod pairs;
mod path;
mod points;
mod prepare;
mod reward;
mod rows;
mod select;
mod shapes;
mod situations;
mod splits;
mod tools;
mod trace;
mod verify;
mod write;

pub use bundle::{Evidence, PublicKey, Signing, Source};
pub use choices::{Choice, Choosing, Verdict};
pub use compare::{RowChange, changes, compare};
pub use conversation::{Conversation, prompt_flaw, target_flaw};
pub use definition::{AskStyle, Definition, Family, Override};
pub use example::{Example, Facts, Side, SideOrigin, Stands, digest};
pub use gates::{GATES, GateReport};
pub use grade::{Completion, Grade, Prompts};
pub use json::Json;
pub use judgement::{Cited, Judgement, Judgements, Rewrite};
pub use key::{KeyError, rotate as rotate_signing_key, signing_key};
pub use lineage::Whole;
pub use maestro::{agent_trajectory, timeline};
pub use message::{Call, Message, Role};
pub use overview::Overview;
pub use pairs::{prefix_hash, written};
pub use points::{Branches, Point};
pub use prepare::Redaction;
pub use select::{Blocked, Selected, select};
pub use shapes::{SHAPES, shape};
pub use trace::{TraceError, reverse as trace_reverse, trace};
pub use verify::{VerifyReport, manifest as manifest_of, verify};
pub use write::{ExportError, ExportReport, Input, Plan, plan};
