//! Export: judged trajectories become rows that trainers load, behind gates, in bundles that a stranger can check.
//!
//! A trajectory's branches are read as conversations; their decision points become examples by what people said of them; a shape
//! writes examples as rows; the bundle holds the rows, their lineage and the evidence. All of it is a pure function of
//! trajectories, decisions and definition: the same state gives the same bytes.

mod balance;
mod brief;
mod bundle;
pub mod certificate;
mod choices;
mod compare;
mod context;
mod conversation;
mod definition;
mod example;
mod facts;
mod gates;
mod grade;
mod hoard;
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
mod plan;
mod points;
mod policy;
mod prepare;
mod redacted;
mod reserved;
mod reward;
mod rows;
mod scan;
mod select;
mod shapes;
mod situations;
mod splits;
mod spool;
mod ssh_key;
mod tools;
mod trace;
mod verify;
mod write;

pub use brief::Brief;
pub use bundle::manifest::Manifest;
pub use bundle::{Certificate, Evidence, Finding, PublicKey, Signing, Source};
pub use choices::{Choice, Choosing, Verdict};
pub use compare::{RowChange, changes, compare, compare_rows, known_rows};
pub use conversation::{Conversation, prompt_flaw, target_flaw};
pub use definition::{AskStyle, Definition, Family, Override};
pub use example::{Example, Facts, Side, SideOrigin, Stands, digest};
pub use gates::{GATES, GateReport};
pub use grade::{Completion, Does, Grade, Prompts, Reader};
pub use hoard::Hoard;
pub use json::Json;
pub use judgement::{Cited, Judgement, Judgements, Rewrite};
pub use key::{KeyError, personal_key, rotate as rotate_signing_key, signing_key};
pub use lineage::Whole;
pub use maestro::{agent_trajectory, timeline};
pub use message::{Call, Message, Role};
pub use near::{Near, Signature, pairs as near_pairs};
pub use overview::Overview;
pub use pairs::{prefix_hash, written};
pub use plan::{ExportError, ExportReport, Input, Plan, plan};
pub use points::{Branches, Point};
pub use policy::{Policy, Treatment};
pub use rows::Row;
pub use scan::{Met, Redaction, Rescan};
pub use select::{Blocked, Selected, select};
pub use shapes::{SHAPES, shape};
pub use trace::{TraceError, reverse as trace_reverse, trace};
pub use verify::{VerifyReport, manifest as manifest_of, verify};
