//! The closed vocabularies of the contract: each value has one spelling, used in JSON, in filters and on screen.

/// Defines an enum whose variants carry their one spelling.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* #[doc = concat!("`", $word, "`")] $variant),+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Gives the one spelling of the value.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the spelling back, exactly.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

words! {
    /// Who a step comes from.
    Actor { System => "system", User => "user", Assistant => "assistant", Tool => "tool", Runtime => "runtime", Policy => "policy", Platform => "platform" }
}
words! {
    /// What a step is.
    Kind {
        Message => "message", Thinking => "thinking", ToolCall => "tool_call", ToolResult => "tool_result", Wait => "wait",
        Resolution => "resolution", Policy => "policy", Eval => "eval", Skill => "skill", Usage => "usage", Context => "context",
        Artifact => "artifact", Error => "error", Unknown => "unknown",
    }
}
words! {
    /// How an execution ended, as far as any record says.
    Status { Succeeded => "succeeded", Failed => "failed", Denied => "denied", Cancelled => "cancelled", Blocked => "blocked", Pending => "pending", Unknown => "unknown" }
}
words! {
    /// What a wait was for.
    WaitKind { Approval => "approval", ClientTool => "client_tool", McpElicitation => "mcp_elicitation", UserInput => "user_input", ToolRetry => "tool_retry" }
}
words! {
    /// What was decided at the end of a wait.
    Decision {
        Approved => "approved", Denied => "denied", Modified => "modified", Expired => "expired", Cancelled => "cancelled", Retried => "retried",
        Skipped => "skipped", Aborted => "aborted", Answered => "answered", Escalated => "escalated", AutoApproved => "auto_approved",
    }
}
words! {
    /// Who decided a wait.
    DecidedBy { User => "user", Policy => "policy", Client => "client", Runtime => "runtime", Platform => "platform" }
}
words! {
    /// How far an approval reaches.
    GrantScope { Once => "once", Session => "session", Always => "always", Pattern => "pattern" }
}
words! {
    /// Why an execution was stopped: a no, silence, or a broken approver (judging, 3.3).
    StopClass { Refusal => "refusal", Lapse => "lapse", Fault => "fault" }
}
words! {
    /// How severe the recorded or derived risk of an execution is.
    Risk { Low => "low", Medium => "medium", High => "high", Critical => "critical" }
}
words! {
    /// How grave a finding is; `good` is found, not blamed.
    Severity { Good => "good", Low => "low", Medium => "medium", High => "high", Critical => "critical" }
}
words! {
    /// Where a risk comes from.
    RiskOrigin { Recorded => "recorded", Derived => "derived" }
}
words! {
    /// Whether policy decisions bound the agent or only watched it.
    GovernanceMode { Observe => "observe", Governed => "governed", Off => "off", Unknown => "unknown" }
}
words! {
    /// What an execution does to its target, from harmless to worst.
    Verb { Read => "read", Fetch => "fetch", Create => "create", Modify => "modify", Execute => "execute", Send => "send", Delete => "delete", Grant => "grant", Spend => "spend" }
}
words! {
    /// How sure an effect or finding is.
    Certainty { Certain => "certain", Possible => "possible" }
}
words! {
    /// How a later execution relates to the stopped one it repeats (judging, 3.2).
    Relation { Same => "same", Reworded => "reworded", Narrower => "narrower", Broader => "broader", OtherTool => "other_tool" }
}
words! {
    /// How the effects of a retry compare with those that were stopped (judging, 3.2).
    RetryScope { Equal => "equal", Narrower => "narrower", Broader => "broader", Overlapping => "overlapping", Unknown => "unknown" }
}
words! {
    /// In what form a stopped act was tried again (judging, 3.2).
    RetryForm { Identical => "identical", Reworded => "reworded", Wrapped => "wrapped", OtherTool => "other_tool", Staged => "staged", Delegated => "delegated" }
}
words! {
    /// Whether the stop still stood when the act was tried again (judging, 3.3).
    Sanction { Stands => "stands", Granted => "granted", Directed => "directed", Withdrawn => "withdrawn", Lapse => "lapse", Fault => "fault", Concurrent => "concurrent" }
}
words! {
    /// What a retry came after.
    RetryAfter { Denied => "denied", Failed => "failed", Cancelled => "cancelled", TimedOut => "timed_out", Blocked => "blocked", Unavailable => "unavailable" }
}
words! {
    /// Where the cohort of a trajectory was read from.
    CohortOrigin { Attributes => "attributes", Tags => "tags", Sidecar => "sidecar", Assignment => "assignment" }
}
words! {
    /// How a source came to belong to its trajectory.
    Join { SessionId => "session_id", InnerId => "inner_id", Sidecar => "sidecar", Own => "own" }
}
words! {
    /// What a branch of a trajectory is.
    BranchKind { Active => "active", Abandoned => "abandoned", Fork => "fork", SubAgent => "sub_agent", Compaction => "compaction" }
}
words! {
    /// Where the redaction audit of a trajectory stands.
    AuditState { None => "none", Open => "open", Clean => "clean" }
}

impl Verb {
    /// Tells whether it changes something that can be named; running a program may, and does not say what.
    #[must_use]
    pub const fn changes_known(self) -> bool {
        !matches!(self, Self::Read | Self::Fetch | Self::Execute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(*kind));
        }
        assert_eq!(Kind::parse("Message"), None);
    }
}
