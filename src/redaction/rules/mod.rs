//! Rules as data: the vocabulary of gitleaks' TOML (`id`, `description`, `regex`, `secretGroup`, `entropy`, `keywords`, `allowlists`,
//! `stopwords`, `path`), and four words of our own: `token` (a pattern that stands for itself, with its ends), `near` (a pattern that
//! begins where a keyword ends), `class`, `tier` and `checks`.

mod allow;
mod around;
mod keywords;
mod load;
mod rule;
mod set;
mod starts;
mod stretch;
mod trying;

pub use load::{Refused, refused_of};
pub use rule::Trigger;
pub use set::{Match, RuleSet, Subject};
