//! What texts say of an act: that it be done, that it be left, or only that it was spoken of.

use crate::model::{Effect, Verb};

/// Words of a command that name no act of their own.
pub(super) const GENERIC: &[&str] = &["run", "the", "and", "use", "exec", "bash", "sh", "command", "true", "false", "cwd", "workdir", "cmd"];
/// Words that turn a sentence into a prohibition.
const NOT: &[&str] =
    &["don't", "dont", "do not", "never", "not ", " no ", "stop ", "without", "instead of", "rather than", "must not", "shouldn't", "avoid", "hands off"];
/// What begins like a prohibition and is none.
const NO_PROHIBITION: &[&str] =
    &["never mind", "nevermind", "no problem", "no worries", "no need", "don't worry", "do not worry", "why not", "without asking", "not a problem"];
/// Words of sentences that speak of an act that was refused, and do not ask for it.
const SPOKEN_OF: &str = "refus denied deny denies denial forbid forbad block reject disallow prohibit why explain danger risky wipe wiping destroy tried attempt \
     declin veto unacceptable wrong";
/// What may stand before a command that is asked for.
const LEADS: &str = "run execute do try use retry rerun please yes yep ok okay sure now then just and so command following again with allow allowed approve \
     approved may can should must to this ahead only instead call";
/// How machines begin to say what they refused.
const MACHINE_HEADS: &[&str] = &["action blocked by firewall:", "blocked by hook:", "blocked by safety check:", "platform toolexecution denied the action:"];
/// How machines name what they refused.
const MACHINE_NAMES: &[&str] = &["detected ", "exec_command failed for", "command failed for", "action denied", "risk level:", "policy block:"];
/// Words by which people lift a refusal.
const LIFTS: &[&str] = &[
    "go ahead",
    "you may",
    "you can now",
    "you can do",
    "feel free",
    "changed my mind",
    "i take it back",
    "never mind",
    "nevermind",
    "it's fine now",
    "it is fine now",
    "allowed now",
    "have my permission",
    "permission granted",
    "please do it",
    "proceed",
    "do it",
    "approved",
    "ok, do",
    "okay, do",
    "yes, do",
    "yes do",
    "yes, go",
    "sure, go",
    "misclick",
    "by mistake",
    "by accident",
    "accidentally",
    "wrong button",
    "try again",
    "try it again",
    "try that again",
    "run it again",
];
/// Words that name no thing.
const FILLERS: &str = "an the it its this that these those and or but so then now just please ok okay yes yep yeah sure fine good great alright right go ahead \
     do does did done proceed with to of for on in at by from as is are was be been we you me my your our us can may could will would should \
     have has had feel free changed mind take back never nevermind permission granted approved allowed approve allow again try retry run \
     rerun execute command commands action call step operation request same everything all any anything both too also after really actually \
     sorry oops thanks thank misclick misclicked clicked wrong button mistake accident accidentally meant mean said asked discussed planned \
     plan original think thought about let lets want wanted need needed not no nope don dont stop touch up refused denied rejected first if \
     safe ll ve re";

/// What was refused, as texts may name it.
pub(super) struct Refused {
    /// The command, or the values of the arguments.
    pub act: String,
    /// Its words.
    pub words: Vec<String>,
    /// Words by which its targets are named.
    objects: Vec<String>,
    /// Words and beginnings of words by which the doing of it is named.
    doing: Vec<String>,
}

impl Refused {
    pub fn new(act: &str, tool: &str, is_command: bool, acting: &[&Effect]) -> Self {
        let own = words(act);
        let in_targets: Vec<String> = acting.iter().flat_map(|e| words(&e.target)).collect();
        let last = acting.iter().flat_map(|e| words(e.target.trim_end_matches(['/', '*']).rsplit(['/', ':']).next().unwrap_or_default()));
        let objects: Vec<String> = own.iter().filter(|w| in_targets.contains(w)).cloned().chain(last).collect();
        let named = if is_command { own.clone() } else { words(tool) };
        let doing = named.into_iter().filter(|w| !objects.contains(w)).chain(acting.iter().flat_map(|e| stems(e.verb)).map(|s| (*s).to_owned())).collect();
        Self { act: act.trim().to_owned(), words: own, objects, doing }
    }

    /// Tells whether a sentence that lifts or forbids without naming another thing speaks of this act.
    fn is_meant(&self, sentence: &str) -> bool {
        let done = |w: &String| self.doing.iter().any(|stem| if stem.len() > 2 { w.starts_with(stem.as_str()) } else { w == stem });
        let things: Vec<String> = words(sentence).into_iter().filter(|w| !is_filler(w)).collect();
        things.iter().any(|w| self.objects.contains(w)) || things.iter().all(done)
    }

    /// Tells whether a message lifts the refusal or says it again; `None` where it does neither.
    pub fn lifted_by(&self, text: &str) -> Option<bool> {
        let text = text.get(..text.len().min(4000)).unwrap_or(text);
        let lower = text.to_lowercase();
        if !LIFTS.iter().chain(NOT).any(|word| lower.contains(word.trim())) && !lower.contains('’') {
            return None;
        }
        let all = sentences(text);
        if all.iter().any(|s| (forbids(&without(&s.text, &self.act)) || says_no(&s.text)) && self.is_meant(&s.text)) {
            return Some(false);
        }
        let lifts = |s: &Sentence| {
            let lower = s.text.to_lowercase();
            LIFTS.iter().any(|lift| lower.contains(lift)) && !forbids(&lower) && self.is_meant(&s.text)
        };
        all.iter().any(lifts).then_some(true)
    }
}

/// Tells whether a word names no thing.
fn is_filler(word: &str) -> bool {
    FILLERS.split_whitespace().any(|filler| filler == word)
}

/// Beginnings of the words by which people name what is done.
const fn stems(verb: Verb) -> &'static [&'static str] {
    match verb {
        Verb::Delete => &["delet", "remov", "clear", "clean", "wip", "drop", "purg", "eras", "kill", "stop", "uninstall", "overwrit", "forc"],
        Verb::Send => &["push", "send", "publish", "post", "deploy", "upload", "releas", "merg", "submit"],
        Verb::Create | Verb::Modify => &["writ", "edit", "chang", "updat", "creat", "add", "appl", "install", "sav", "fix", "set"],
        Verb::Execute => &["start", "launch", "execut"],
        Verb::Grant => &["grant", "giv"],
        Verb::Spend => &["pay", "buy", "charg"],
        Verb::Read | Verb::Fetch => &["read", "look", "open", "fetch", "download", "show", "print"],
    }
}

/// A sentence, without the mark at its end.
pub(super) struct Sentence {
    pub text: String,
    question: bool,
}

impl Sentence {
    /// Tells whether it only asks about something; what begins as a request asks for it.
    pub fn only_asks(&self) -> bool {
        let lower = self.text.trim().trim_start_matches(|c: char| !c.is_alphabetic()).to_lowercase();
        let requests = ["can you", "could you", "would you", "will you", "please", "why not", "how about", "what about", "can we", "could we", "ok", "yes"];
        self.question && !requests.iter().any(|head| lower.starts_with(head))
    }
}

/// Cuts a text into sentences; what stands in backticks is not cut.
pub(super) fn sentences(text: &str) -> Vec<Sentence> {
    let mut all: Vec<Sentence> = Vec::new();
    let mut current = String::new();
    let mut chars = text.char_indices().peekable();
    let mut quoted = false;
    while let Some((at, c)) = chars.next() {
        if c == '`' {
            // A mark without its fellow on the line quotes nothing.
            let rest = text.get(at + 1..).unwrap_or_default();
            quoted = !quoted && rest.find('`').is_some_and(|end| !rest.get(..end).unwrap_or_default().contains('\n'));
        }
        let ends = !quoted && (c == '\n' || c == ';' || (matches!(c, '.' | '!' | '?') && chars.peek().is_none_or(|(_, n)| n.is_whitespace())));
        if ends {
            all.push(Sentence { text: std::mem::take(&mut current), question: c == '?' });
        } else {
            current.push(c);
        }
    }
    all.push(Sentence { text: current, question: false });
    all.retain(|s| !s.text.trim().is_empty());
    all
}

/// Gives what a machine says beyond naming what it refused; `None` where it says no more.
pub(super) fn beyond_naming(sentence: &str) -> Option<&str> {
    let lower = sentence.to_ascii_lowercase();
    let bare = lower.trim_start();
    let from = lower.len() - bare.len() + MACHINE_HEADS.iter().find(|head| bare.starts_with(**head)).map_or(0, |head| head.len());
    let rest = sentence.get(from..).unwrap_or_default().trim_start();
    let lower = rest.to_ascii_lowercase();
    (!rest.is_empty() && !MACHINE_NAMES.iter().any(|head| lower.starts_with(head))).then_some(rest)
}

/// Gives a sentence up to where it names what something is to stand in place of.
pub(super) fn before_contrast(sentence: &str) -> &str {
    let lower = sentence.to_ascii_lowercase();
    let cut = ["instead of", "rather than"].iter().filter_map(|c| lower.find(c)).min().filter(|at| *at > 0);
    cut.and_then(|at| sentence.get(..at)).unwrap_or(sentence)
}

/// Tells whether a sentence forbids.
pub(super) fn forbids(sentence: &str) -> bool {
    let mut lower = format!(" {} ", sentence.to_lowercase().replace('’', "'"));
    for phrase in NO_PROHIBITION {
        lower = lower.replace(phrase, " ");
    }
    NOT.iter().any(|word| lower.contains(word))
}

/// Tells whether a sentence begins by saying no.
fn says_no(sentence: &str) -> bool {
    let lower = sentence.trim().to_lowercase();
    !NO_PROHIBITION.iter().any(|p| lower.starts_with(p)) && matches!(words(&lower).first().map(String::as_str), Some("no" | "nope"))
}

/// Tells whether a sentence speaks of an act, that stands in it as `mention`, without asking for it.
pub(super) fn only_speaks_of(sentence: &str, mention: &str) -> bool {
    let lower = without(sentence, mention).to_lowercase();
    let told = words(&lower);
    let would =
        told.iter().any(|w| w == "would") && !["would like", "would you", "would be fine", "would be ok", "would be good"].iter().any(|w| lower.contains(w));
    if would || told.iter().any(|w| SPOKEN_OF.split_whitespace().any(|stem| w.starts_with(stem))) {
        return true;
    }
    // What is named in the middle of a sentence is asked for where a word before it says so.
    let before = sentence.find(mention).and_then(|at| sentence.get(..at)).unwrap_or_default();
    words(before).last().is_some_and(|last| !LEADS.split_whitespace().any(|lead| lead == last))
}

/// Takes a text out of a sentence.
pub(super) fn without(sentence: &str, text: &str) -> String {
    if text.is_empty() { sentence.to_owned() } else { sentence.replace(text, " ") }
}

/// Commands in backticks or quotation marks.
pub(super) fn quoted(sentence: &str) -> impl Iterator<Item = String> {
    ['`', '"', '\'', '“']
        .into_iter()
        .flat_map(move |mark| sentence.split(mark).skip(1).step_by(2).map(|s| s.trim_end_matches('”').to_owned()))
        .filter(|c| c.len() > 2)
}

/// Gives the words of a text, lowercase, of two letters and more.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 1).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Certainty;

    fn refused() -> Refused {
        let effect = Effect { verb: Verb::Delete, target: "/srv/data".to_owned(), certainty: Certainty::Certain };
        Refused::new("rm -rf /srv/data", "bash", true, &[&effect])
    }

    #[test]
    fn a_word_of_another_thing_lifts_nothing() {
        for text in [
            "go ahead",
            "Please proceed.",
            "ok, you may delete it now",
            "Go ahead with the rm",
            "sorry, misclicked. try again",
            "never mind, go ahead and clear everything",
            "Proceed with cleaning up data",
        ] {
            assert_eq!(refused().lifted_by(text), Some(true), "{text}");
        }
        for text in [
            "Please proceed with the README.",
            "Proceed with the tests",
            "Do it with the temp dir",
            "Go ahead with `rm -rf ./tmp`",
            "go ahead and commit",
            "what is next?",
        ] {
            assert_eq!(refused().lifted_by(text), None, "{text}");
        }
        for text in ["No, do not do it. Go ahead with the docs.", "go ahead. But never touch /srv/data!", "I said no. Proceed."] {
            assert_eq!(refused().lifted_by(text), Some(false), "{text}");
        }
        assert_eq!(refused().lifted_by("Go ahead. Don't change the config file."), Some(true));
    }

    #[test]
    fn machines_name_what_they_refuse() {
        assert_eq!(beyond_naming("Action blocked by firewall: Detected High-risk recursive delete: rm -rf ./dist"), None);
        assert_eq!(beyond_naming("Blocked by hook: use `make clean`"), Some("use `make clean`"));
        assert_eq!(before_contrast("use `a` instead of `b`"), "use `a` ");
    }
}
