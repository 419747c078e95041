//! Facts: what readers understood of single records, before sources are joined.

use super::about::About;
use super::issue::Issue;
use super::lineage::ExecutionContext;
use super::origin::Span;
use super::time::Timestamp;
use super::usage::Usage;
use super::words::{Actor, DecidedBy, Decision, GovernanceMode, GrantScope, Risk, Status, StopClass, WaitKind};

/// How a portion names its session.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SessionName {
    /// The records state the session's id.
    Stated(String),
    /// They state none; the fallback (`x` and 16 hex digits) names a trajectory of its own unless inner ids join it.
    Fallback(String),
    /// The portion only adds to a trajectory that is known elsewhere; it holds these ids in order of preference.
    Addition(String),
}

/// One session's share of one source.
#[derive(Debug, Clone, PartialEq)]
pub struct Portion {
    /// The product that wrote the records, such as `maestro`.
    pub agent: &'static str,
    /// The session.
    pub session: SessionName,
    /// Rank of the format among those that can describe one session; lower is fuller and speaks first.
    pub rank: u8,
    /// Statements about the whole.
    pub about: About,
    /// What the records say, in file order.
    pub facts: Vec<Fact>,
    /// What was odd.
    pub issues: Vec<Issue>,
}

/// The step a fact belongs to. Facts with equal slots are sightings of one step, in whatever stream they stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The call itself: step `<call id>.call`.
    Call(String),
    /// The call's result: step `<call id>.result`.
    Result(String),
    /// A request to wait for: step `<request id>.wait`.
    Wait(String),
    /// The end of a wait: step `<request id>.resolution`.
    Resolution(String),
    /// A step with a stable id of its own, such as `<entry id>.text` or an event id.
    Named(String),
    /// No stable id: the step is named by the hash of its raw record and its ordinal among equals.
    Own,
}

/// Ids by which a fact is tied to an execution; all that the record states.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    /// The agent's id of the call.
    pub call_id: Option<String>,
    /// The id of the request, where the record is about one.
    pub request_id: Option<String>,
    /// The platform's approval request.
    pub approval_request_id: Option<String>,
    /// The platform's tool execution.
    pub tool_execution_id: Option<String>,
    /// The tool, to tie by tool and arguments where no id does.
    pub tool: Option<String>,
    /// The arguments, raw JSON, for the same purpose.
    pub args: Option<Box<str>>,
    /// A step of the agent's run that may be named by the call: a hint that counts only where such a call is known.
    pub step: Option<String>,
}

/// The place of an entry in the session's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Entry id.
    pub id: String,
    /// Parent entry; `None` for a root.
    pub parent: Option<String>,
}

/// What an entry does to the shape of its session, beside standing in its tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// What came before was summarised here, and the model saw it no more; all from this entry on was kept.
    Compaction {
        /// The first entry that was kept; `None` where none before the mark was.
        first_kept: Option<String>,
    },
}

/// What one record, or one block of it, says.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// The step it belongs to.
    pub slot: Slot,
    /// The records it was read from; the fullest first, never empty.
    pub spans: Vec<Span>,
    /// When it happened, where stated.
    pub at: Option<Timestamp>,
    /// Who it comes from.
    pub actor: Actor,
    /// Its entry in the session's tree, for formats that have one.
    pub node: Option<Node>,
    /// What its entry does to the session's shape.
    pub mark: Option<Mark>,
    /// Other ids the same step is known by.
    pub aliases: Vec<String>,
    /// Model that produced it, where stated per record.
    pub model: Option<String>,
    /// Usage of the turn, on the turn's first fact only.
    pub usage: Option<Box<Usage>>,
    /// Free labels by which the record claims that something of it was redacted.
    pub claims: Vec<String>,
    /// What it says.
    pub body: Body,
}

/// The content of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// Text of a message; `partial` if the record holds only a summary or a beginning.
    Text {
        /// The text.
        text: String,
        /// Whether it is only a part.
        partial: bool,
    },
    /// Thinking.
    Thinking(String),
    /// An image or other attachment, named but not decoded.
    Attachment {
        /// File name or description.
        name: String,
        /// Media type, such as `image/png`.
        media_type: String,
        /// Size in bytes, encoded as recorded.
        bytes: u64,
        /// Extracted text.
        text: String,
    },
    /// A tool call was asked for.
    Call(Box<CallFact>),
    /// A sign of life of a call that is neither its request nor its end (`tool_start`, progress): part of the call's step.
    Progress(Link),
    /// A call goes on after its wait.
    Resumed {
        /// The call, or the request that it waited for.
        link: Link,
        /// One line for a person.
        text: String,
    },
    /// A tool call ended, or its result is reported.
    Result(Box<ResultFact>),
    /// Somebody was asked.
    Wait(Box<WaitFact>),
    /// The question was settled.
    Resolution(Box<ResolutionFact>),
    /// A policy decided about a call.
    Policy(Box<PolicyFact>),
    /// An evaluation scored a call or a session.
    Eval(Box<EvalFact>),
    /// A skill was used or its outcome recorded.
    Skill {
        /// The call it belongs to.
        link: Link,
        /// One line for a person.
        text: String,
        /// Whether it failed.
        failed: bool,
    },
    /// Usage alone.
    Usage(Usage),
    /// Session state: header, model change, compaction, label, metadata, lifecycle.
    Context(String),
    /// A file or other artifact came to be.
    Artifact {
        /// The call it belongs to.
        link: Link,
        /// One line for a person.
        text: String,
    },
    /// The agent or its runtime reports an error.
    Error(String),
    /// The record adds nothing of its own: it belongs to the step of its slot, or stands as context.
    Part,
    /// A record that no reader knows; its text is what of it can be searched.
    Unknown(String),
}

/// A requested tool call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallFact {
    /// Ids.
    pub link: Link,
    /// Tool name.
    pub tool: String,
    /// Arguments as raw JSON; `None` where the record does not hold them.
    pub args: Option<Box<str>>,
    /// Whether the arguments are the source's redacted or shortened form.
    pub args_partial: bool,
    /// Whether the arguments are those that ran, which an approver may have changed: they win over those that were asked for.
    pub ran: bool,
    /// The shell command, where the format states one apart from the arguments.
    pub command: Option<String>,
    /// Recorded risk.
    pub risk: Option<Risk>,
    /// Surroundings.
    pub context: Option<Box<ExecutionContext>>,
    /// Observe or governed.
    pub mode: Option<GovernanceMode>,
    /// The justification by which the agent itself asks for leave inside the call.
    pub justification: Option<String>,
    /// Whether the record says that the call changes anything.
    pub mutates: Option<bool>,
    /// The earlier call that the record says is tried again.
    pub retry_of: Option<String>,
}

/// The end of a tool call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResultFact {
    /// Ids.
    pub link: Link,
    /// Output as text.
    pub text: String,
    /// Whether `text` is only a summary or a beginning.
    pub partial: bool,
    /// Status, where the record states one.
    pub status: Option<Status>,
    /// Error flag, where the record has one and nothing better.
    pub is_error: Option<bool>,
    /// Machine-readable error.
    pub error_code: Option<String>,
    /// Error text, where apart from the output.
    pub error: Option<String>,
    /// Classification of the governed outcome, such as `denied` or `approval_required`.
    pub governed_outcome: Option<String>,
    /// A stop that the record shows.
    pub stop: Option<Stop>,
    /// Whether the record proves that the body of the call ran (`Some(true)`) or did not (`Some(false)`).
    pub ran: Option<bool>,
    /// Further attempts beyond the first.
    pub retries: u32,
    /// Whether it is the end of an attempt that was followed by another, and not the end of the call.
    pub superseded: bool,
    /// Start of the execution, where stated.
    pub started_at: Option<Timestamp>,
    /// Surroundings.
    pub context: Option<Box<ExecutionContext>>,
    /// Observe or governed.
    pub mode: Option<GovernanceMode>,
}

/// A stop of a call: a no, silence or a broken approver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Its class.
    pub class: StopClass,
    /// What was decided.
    pub decision: Decision,
    /// By whom, where known.
    pub by: Option<DecidedBy>,
    /// Whether it was read from the wording of a text alone.
    pub inferred: bool,
}

/// A request that a call waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitFact {
    /// Ids.
    pub link: Link,
    /// What it asks for.
    pub kind: WaitKind,
    /// Why it asks.
    pub reason: Option<String>,
    /// What the person was shown.
    pub shown_text: Option<String>,
    /// When it was shown.
    pub shown_at: Option<Timestamp>,
    /// When it was asked; where `None`, the fact's own time.
    pub asked_at: Option<Timestamp>,
    /// Whether the wait itself is inferred from its outcome.
    pub inferred: bool,
    /// Recorded risk.
    pub risk: Option<Risk>,
    /// Surroundings.
    pub context: Option<Box<ExecutionContext>>,
    /// The field or text that shows the wait.
    pub evidence: &'static str,
}

/// The end of a wait.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolutionFact {
    /// Ids.
    pub link: Link,
    /// What was asked for.
    pub kind: WaitKind,
    /// What was decided; `None` where the record only says that it ended.
    pub decision: Option<Decision>,
    /// By whom.
    pub by: Option<DecidedBy>,
    /// Reason given.
    pub reason: Option<String>,
    /// How far it reaches.
    pub scope: Option<GrantScope>,
    /// When it was decided, where a record states it.
    pub decided_at: Option<Timestamp>,
    /// The latest time at which it can have been decided, where only that is known.
    pub decided_before: Option<Timestamp>,
    /// Class of the stop, for a decision that stops.
    pub stop: Option<StopClass>,
    /// Whether it was inferred.
    pub inferred: bool,
    /// The field or text that shows the decision.
    pub evidence: &'static str,
}

/// A policy's decision about a call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PolicyFact {
    /// Ids.
    pub link: Link,
    /// One line for a person.
    pub text: String,
    /// Whether it stops the call.
    pub stop: Option<Stop>,
    /// Whether a sandbox or firewall stopped it, not somebody who was asked.
    pub blocked: bool,
    /// Policy.
    pub policy_id: Option<String>,
    /// Decision record of the governance service.
    pub decision_id: Option<String>,
    /// Rules that matched.
    pub matched_rules: Vec<String>,
    /// Classification of the outcome.
    pub outcome: Option<String>,
    /// Recorded risk.
    pub risk: Option<Risk>,
    /// Observe or governed.
    pub mode: Option<GovernanceMode>,
    /// Whether the decision binds.
    pub authoritative: Option<bool>,
    /// Error code.
    pub error_code: Option<String>,
}

/// A score.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EvalFact {
    /// The call it is about, if any.
    pub link: Link,
    /// Metric or evaluation tool.
    pub metric: Option<String>,
    /// Score.
    pub score: Option<f64>,
    /// Threshold.
    pub threshold: Option<f64>,
    /// Whether it passed.
    pub passed: Option<bool>,
    /// Rationale.
    pub rationale: Option<String>,
    /// Evaluation run.
    pub eval_run_id: Option<String>,
    /// Scenario.
    pub scenario_id: Option<String>,
}

impl Fact {
    /// Makes a fact of one record.
    #[must_use]
    pub fn new(slot: Slot, span: Span, actor: Actor, body: Body) -> Self {
        Self { slot, spans: vec![span], at: None, actor, node: None, mark: None, aliases: Vec::new(), model: None, usage: None, claims: Vec::new(), body }
    }

    /// Sets the time.
    #[must_use]
    pub const fn at(mut self, at: Option<Timestamp>) -> Self {
        self.at = at;
        self
    }
}

impl Link {
    /// Makes a link by call id alone.
    #[must_use]
    pub fn call(id: impl Into<String>) -> Self {
        Self { call_id: Some(id.into()), ..Self::default() }
    }
}
