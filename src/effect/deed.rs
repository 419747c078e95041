//! What one call does: its effects, its risk, and marks of how it goes about it.

use super::{spelling, target};
use crate::model::{Certainty, Effect, Risk, Verb};
use std::collections::BTreeSet;

/// Effects beyond this are counted as unknown.
const MOST: usize = 1000;

/// How a call goes about what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Something runs inside `sh -c`, `env`, `xargs`, an encoding or a here-document.
    Wrapped,
    /// A script that was written before is run.
    Staged,
    /// Privileges are raised: `sudo`, `su`, `doas`.
    Privileged,
    /// Decoded or downloaded text is executed.
    Hidden,
    /// A prompt is answered by the agent itself: `yes | …`.
    AnsweredPrompt,
    /// A gate is switched off: `--dangerously-skip-permissions`, `-auto-approve`.
    DisabledGate,
    /// An allow rule is written into the settings of a harness.
    EditedPolicy,
    /// Doing it twice does it twice: a POST, an append, a payment.
    NotRepeatable,
    /// It waits or watches, so that doing it again is no stubbornness.
    Polling,
    /// It only says what it would do.
    DryRun,
}

/// Something that leaves the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// Host it goes to, lowercase; empty where unknown.
    pub host: String,
    /// Files whose content goes.
    pub files: Vec<String>,
    /// Text that goes: body, headers, URL.
    pub text: String,
}

/// What one call does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deed {
    /// The effects, sorted, each once.
    pub effects: BTreeSet<Effect>,
    /// How it goes about it.
    pub marks: BTreeSet<Mark>,
    /// Files that something was only added to.
    pub appends: BTreeSet<String>,
    /// What leaves the machine.
    pub sendings: Vec<Sending>,
    /// Whether something of it could not be told.
    pub unknown: bool,
    /// Whether anything of it was understood, even if that has no effects.
    pub told: bool,
    /// The floor that the tables set under its risk.
    floor: Option<Risk>,
    /// The folder it works in.
    pub cwd: Option<String>,
}

impl Deed {
    /// Adds an effect.
    pub fn add(&mut self, verb: Verb, target: impl Into<String>, certain: bool) {
        let target = target.into();
        let certain = certain && !target.starts_with('?');
        if self.effects.len() >= MOST {
            self.unknown = true;
            return;
        }
        let certainty = if certain { Certainty::Certain } else { Certainty::Possible };
        let surer = Effect { verb, target, certainty: Certainty::Certain };
        if self.effects.contains(&surer) {
            return;
        }
        if certain {
            self.effects.remove(&Effect { certainty: Certainty::Possible, ..surer.clone() });
        }
        self.effects.insert(Effect { certainty, ..surer });
    }

    /// Adds something whose meaning is not known, under the text that names it.
    pub fn add_unknown(&mut self, text: &str) {
        self.unknown = true;
        self.add(Verb::Execute, format!("?{}", spelling::cut(text)), false);
    }

    /// Sets a floor under the risk.
    pub fn at_least(&mut self, risk: Risk) {
        self.floor = self.floor.max(Some(risk));
    }

    /// Tells whether a mark is set.
    #[must_use]
    pub fn is(&self, mark: Mark) -> bool {
        self.marks.contains(&mark)
    }

    /// Gives the worst verb, or `unknown` where nothing worse than reading is known and something is not.
    #[must_use]
    pub fn worst(&self) -> &'static str {
        let known = self
            .effects
            .iter()
            .filter(|e| !(self.unknown && e.verb == Verb::Execute && (e.target.starts_with('?') || e.target.starts_with("mcp:"))))
            .map(|e| e.verb)
            .max();
        match known {
            None if self.unknown || !self.told => "unknown",
            Some(Verb::Read | Verb::Fetch) if self.unknown => "unknown",
            Some(verb) => verb.as_str(),
            None => "read",
        }
    }

    /// Derives the risk; `None` where nothing of it is known.
    #[must_use]
    pub fn risk(&self) -> Option<Risk> {
        self.risk_by(|_| true)
    }

    /// Derives the risk of what it surely does.
    #[must_use]
    pub fn sure_risk(&self) -> Option<Risk> {
        self.risk_by(|e| e.certainty == Certainty::Certain)
    }

    fn risk_by(&self, counts: impl Fn(&Effect) -> bool) -> Option<Risk> {
        // Of an act that no table knows nothing is told; of a known act on something unknown it is.
        let known =
            self.effects.iter().filter(|e| counts(e) && (!e.target.starts_with('?') || e.verb == Verb::Delete)).map(|e| risk_of(e, self.cwd.as_deref())).max();
        let sent = self.sendings.iter().any(|s| s.files.iter().any(|f| target::secret(f).is_some())).then_some(Risk::Critical);
        let raised = self.is(Mark::Privileged).then_some(Risk::High);
        let hidden = (self.is(Mark::Hidden) || self.is(Mark::DisabledGate) || self.is(Mark::EditedPolicy)).then_some(Risk::High);
        let harmless = self.told.then_some(Risk::Low);
        let all = known.max(harmless).max(self.floor).max(sent).max(raised).max(hidden);
        if self.unknown && all.is_none_or(|risk| risk == Risk::Low) { None } else { all }
    }

    /// Gives the effects that change something; where nothing does, all of them.
    pub fn acting(&self) -> impl Iterator<Item = &Effect> {
        let any = self.effects.iter().any(mutates);
        self.effects.iter().filter(move |e| !any || mutates(e) || e.target.starts_with("secret:"))
    }
}

/// Tells whether an effect changes something.
#[must_use]
pub const fn mutates(effect: &Effect) -> bool {
    !matches!(effect.verb, Verb::Read | Verb::Fetch)
}

fn risk_of(effect: &Effect, cwd: Option<&str>) -> Risk {
    let place = target::place(&effect.target, cwd);
    match (effect.verb, place) {
        (Verb::Grant | Verb::Spend, _) => Risk::High,
        (Verb::Read, _) => {
            if effect.target.starts_with("secret:") {
                Risk::Medium
            } else {
                Risk::Low
            }
        }
        (Verb::Fetch | Verb::Execute, _) => Risk::Low,
        (_, target::Place::Scratch) => Risk::Low,
        (Verb::Delete, target::Place::Root) => Risk::Critical,
        (Verb::Delete, target::Place::System | target::Place::Outside) => Risk::High,
        (Verb::Delete, target::Place::Remote) => Risk::High,
        (Verb::Delete, _) => Risk::Medium,
        (Verb::Create | Verb::Modify, target::Place::Workspace | target::Place::Package) => Risk::Low,
        (Verb::Create | Verb::Modify, target::Place::System | target::Place::Root) => Risk::High,
        (Verb::Create | Verb::Modify | Verb::Send, _) => Risk::Medium,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surer_effect_takes_the_place_of_a_possible_one() {
        let mut deed = Deed::default();
        deed.add(Verb::Delete, "/a", false);
        deed.add(Verb::Delete, "/a", true);
        deed.add(Verb::Delete, "/a", false);
        assert_eq!(deed.effects.len(), 1);
        assert!(deed.effects.iter().all(|e| e.certainty == Certainty::Certain));
    }

    #[test]
    fn what_is_not_known_is_neither_read_nor_low() {
        let mut deed = Deed::default();
        assert_eq!(deed.worst(), "unknown");
        deed.add(Verb::Read, "/a", true);
        assert_eq!((deed.worst(), deed.risk()), ("read", Some(Risk::Low)));
        deed.add_unknown("frobnicate --all");
        assert_eq!((deed.worst(), deed.risk()), ("unknown", None));
        deed.add(Verb::Delete, "/etc/passwd", true);
        assert_eq!((deed.worst(), deed.risk()), ("delete", Some(Risk::High)));
    }
}
