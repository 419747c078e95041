//! Pairs: two continuations of one shared prefix, suggested from what was recorded, and what people decided between them.

mod decide;
mod edit;
mod named;
mod pair;
mod side;
mod suggest;
mod talk;
mod view;

pub use decide::{Chosen, PairChoice, PairText};
pub use pair::{Pair, PairSource, Pairs, Prefix};
pub use side::{PairSide, SideKind, SideName, Turn, TurnCall};
pub use view::PairView;

pub(super) use talk::{Talk, is_own, pair};
