//! Export: judged trajectories become rows that trainers load, behind gates, in bundles that a stranger can check.
//!
//! A trajectory's branches are read as conversations; their decision points become examples by what people said of them; a shape
//! writes examples as rows; the bundle holds the rows, their lineage and the evidence. All of it is a pure function of
//! trajectories, decisions and definition: the same state gives the same bytes.

mod bundle;
mod context;
mod conversation;
mod definition;
mod example;
mod facts;
mod json;
mod judgement;
mod lineage;
mod message;
mod path;
mod points;
mod reward;
mod rows;
mod select;
mod shapes;
mod situations;
mod splits;
mod tools;
mod write;

pub use definition::{AskStyle, Definition, Family, Override};
pub use example::{Example, Facts, Side, SideOrigin, Stands};
pub use judgement::{Cited, Judgement, Judgements, Rewrite};
pub use lineage::Whole;
pub use message::{Message, Role};
pub use select::{Blocked, Selected, select};
pub use shapes::{SHAPES, shape};
pub use write::{ExportError, ExportReport, Input, export};
