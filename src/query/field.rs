//! The fields of the filter language: one table, from which parsing, completion and help are made.

use crate::model::{Actor, AuditState, DecidedBy, Decision, GovernanceMode, Kind, Relation, Risk, Sanction, Status, StopClass, Verb};
use std::fmt::Write;

/// What values a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// A word, compared whole and without regard to case, or by its start (`tool:read*`).
    Keyword,
    /// A number, alone, compared or as a range; `k`, `M` and `G` multiply.
    Number,
    /// A duration in `ms`, `s`, `min`, `h` or `d`; its values are numbers of ms.
    Duration,
    /// A date or an instant, as precise as it is written.
    Date,
}

/// What a field is a fact of, and so what `-field:` leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A fact of the step: its negation leaves out that step.
    Step,
    /// A fact that holds on every step of an execution: its negation leaves out those steps.
    Execution,
    /// A fact of the trajectory: its negation leaves out the whole trajectory.
    Trajectory,
}

/// Spells the values of vocabularies of the model, then further words.
macro_rules! spell {
    ($words:ident $(, $more:literal)*) => {{
        const MORE: &[&str] = &[$($more),*];
        const COUNT: usize = $words::ALL.len() + MORE.len();
        const SPELLED: [&str; COUNT] = {
            let mut spelled = [""; COUNT];
            let mut at = 0;
            while at < COUNT {
                spelled[at] = if at < $words::ALL.len() { $words::ALL[at].as_str() } else { MORE[at - $words::ALL.len()] };
                at += 1;
            }
            spelled
        };
        &SPELLED
    }};
}

macro_rules! fields {
    ($($field:ident $name:literal $kind:ident $level:ident $values:expr, $doc:literal;)+) => {
        /// A field of the filter language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field { $(#[doc = $doc] $field),+ }

        impl Field {
            /// Every field, in the order of help.
            pub const ALL: &'static [Self] = &[$(Self::$field),+];

            /// Gives the name as written before the colon.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$field => $name),+ }
            }

            /// Gives the kind of its values.
            #[must_use]
            pub const fn kind(self) -> FieldKind {
                match self { $(Self::$field => FieldKind::$kind),+ }
            }

            /// Gives every value it may have; empty where any is possible.
            #[must_use]
            pub const fn values(self) -> &'static [&'static str] {
                match self { $(Self::$field => $values),+ }
            }

            /// Says in a few words what it is.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$field => $doc),+ }
            }

            const fn table_level(self) -> Level {
                match self { $(Self::$field => Level::$level),+ }
            }
        }
    };
}

fields! {
    Kind "kind" Keyword Step spell!(Kind), "what the step is";
    Role "role" Keyword Step spell!(Actor), "who the step comes from";
    Tool "tool" Keyword Execution &[], "name of the tool called";
    Effect "effect" Keyword Execution spell!(Verb, "unknown"), "what the call does";
    Risk "risk" Keyword Execution spell!(Risk), "risk of the call: risk:>=medium";
    Status "status" Keyword Execution spell!(Status), "how the execution ended";
    Decision "decision" Keyword Execution spell!(Decision), "how a wait was decided";
    By "by" Keyword Execution spell!(DecidedBy), "who decided a wait";
    Reviewer "reviewer" Keyword Step &[], "who judged it";
    Agent "agent" Keyword Trajectory &[], "product that wrote the session";
    Model "model" Keyword Step &[], "model that answered";
    Provider "provider" Keyword Step &[], "provider of the model";
    Cohort "cohort" Keyword Trajectory &[], "experiment and arm the trajectory belongs to";
    Arm "arm" Keyword Trajectory &[], "arm of the experiment";
    Experiment "experiment" Keyword Trajectory &[], "experiment";
    Scenario "scenario" Keyword Trajectory &[], "scenario that was played";
    Mode "mode" Keyword Execution spell!(GovernanceMode), "whether policy bound the agent";
    Stop "stop" Keyword Execution spell!(StopClass), "why the execution was stopped";
    Relation "relation" Keyword Execution spell!(Relation), "how a retry relates to what was stopped";
    Sanction "sanction" Keyword Execution spell!(Sanction), "whether the stop still stood";
    Boundary "boundary" Keyword Step &[], "derived judgement of the approval boundary";
    Label "label" Keyword Trajectory &[], "answer given: label:needs_ask=yes";
    Finding "finding" Keyword Step &[], "rule that found something, or `hidden_text`";
    Audit "audit" Keyword Trajectory spell!(AuditState), "where the redaction audit stands";
    Redaction "redaction" Keyword Step &[], "class of a redaction finding or marker";
    Id "id" Keyword Step &[], "id of a step, an execution or a trajectory";
    Session "session" Keyword Trajectory &[], "session id";
    Source "source" Keyword Step &[], "SHA-256 or path of the imported file";
    Path "path" Keyword Step &[], "path a call touches";
    Cwd "cwd" Keyword Step &[], "working directory";
    Repo "repo" Keyword Step &[], "repository";
    Branch "branch" Keyword Step &[], "branch or git ref";
    Prompt "prompt" Keyword Trajectory &[], "prompt, by name, label or version";
    Wait "wait" Duration Execution &[], "how long a wait took: wait:>30s";
    Steps "steps" Number Trajectory &[], "steps of the trajectory: steps:>100";
    Retries "retries" Number Trajectory &[], "retries in the trajectory: retries:>=2";
    Cost "cost" Number Trajectory &[], "cost of the trajectory in USD: cost:>0.5";
    Tokens "tokens" Number Trajectory &[], "tokens of the trajectory: tokens:>50k";
    Errors "errors" Number Trajectory &[], "errors of the trajectory: errors:>0";
    At "at" Date Step &[], "when: at:2026-05-01..2026-05-31";
    Is "is" Keyword Step &["retry", "retried", "denied", "unlabelled", "flagged", "disputed", "stale", "gold", "possible"], "a state; is:denied is:retried is a refused call that was tried again";
    Has "has" Keyword Trajectory &["thinking", "branch"], "what the trajectory has";
}

impl Field {
    /// Finds a field by its exact name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }

    /// Finds the field nearest to a mistyped name, at most one edit away, a swap of neighbours counting as one.
    #[must_use]
    pub fn near(name: &str) -> Option<Self> {
        let nearest =
            Self::ALL.iter().map(|field| (strsim::osa_distance(field.name(), &name.to_ascii_lowercase()), *field)).min_by_key(|(distance, _)| *distance);
        nearest.filter(|(distance, _)| *distance <= 1).map(|(_, field)| field)
    }

    /// Tells whether its values go from the least to the most, so that they can be compared.
    #[must_use]
    pub const fn is_ordered(self) -> bool {
        matches!(self, Self::Risk)
    }

    /// Says what a value of the field is a fact of; `is:denied`, `is:retry` and `is:retried` hold on a whole execution, other states on a step.
    #[must_use]
    pub fn level(self, value: &str) -> Level {
        if self == Self::Is && matches!(value, "denied" | "retry" | "retried") { Level::Execution } else { self.table_level() }
    }
}

/// Writes the page of the filter language, made from the table of fields.
#[must_use]
pub fn help() -> String {
    let mut page = String::from("Words are ANDed; \"a phrase\"  OR  -not  ( )  pre*  /regex/\nA leading -- is literal. Numbers: n  >n  >=n  <n  <=n  a..b\n\n");
    for field in Field::ALL {
        let what = match field.level("") {
            Level::Trajectory => " (-field: leaves out the trajectory)",
            Level::Step | Level::Execution => "",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(page, "{:>12}:  {}{what}", field.name(), field.doc());
        if !field.values().is_empty() {
            let _ = writeln!(page, "{:15}{}", "", field.values().join(" "));
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_consistent() {
        for (at, field) in Field::ALL.iter().enumerate() {
            assert_eq!(Field::find(field.name()), Some(*field));
            assert_eq!(Field::near(field.name()), Some(*field));
            assert!(Field::ALL[at + 1..].iter().all(|other| other.name() != field.name()));
            assert!(help().contains(&format!(" {}:", field.name())));
        }
    }

    #[test]
    fn closed_values_come_from_the_model() {
        assert!(Field::Effect.values().contains(&"unknown") && Field::Effect.values().contains(&"delete"));
        assert_eq!(Field::Risk.values(), ["low", "medium", "high", "critical"]);
        assert_eq!(Field::Audit.values(), ["none", "open", "clean"]);
    }

    #[test]
    fn near_names_and_levels() {
        assert_eq!(Field::near("knid"), Some(Field::Kind));
        assert_eq!(Field::near("tol"), Some(Field::Tool));
        assert_eq!(Field::near("KIND"), Some(Field::Kind));
        assert_eq!(Field::near("http"), None);
        assert_eq!(Field::Is.level("denied"), Level::Execution);
        assert_eq!(Field::Is.level("stale"), Level::Step);
        assert_eq!(Field::Label.level("x"), Level::Trajectory);
    }
}
