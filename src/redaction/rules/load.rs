//! Reading rule files: each rule by itself, so that one that is wrong is named with its line and the rest loads.

use super::allow::{Allow, Target};
use super::rule::{Pattern, Rule, Trigger, compile};
use crate::redaction::Tier;
use crate::redaction::checks;
use regex::bytes::Regex;
use serde::Deserialize;
use toml::Spanned;

/// Our own rules, by file.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("tokens.toml", include_str!("builtin/tokens.toml")),
    ("credentials.toml", include_str!("builtin/credentials.toml")),
    ("people.toml", include_str!("builtin/people.toml")),
];

/// A rule that was refused.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Refused {
    /// 1-based line of the file on which the rule begins.
    pub line: usize,
    /// Its id, where it has one.
    pub id: String,
    /// Why.
    pub reason: String,
}

/// What a rule file held.
#[derive(Default)]
pub struct LoadReport {
    /// The rules.
    pub rules: Vec<Rule>,
    /// Allow lists that hold for all rules.
    pub allow: Vec<Allow>,
    /// Ids of other rules that the file turns off.
    pub disabled: Vec<String>,
    /// What was refused.
    pub refused: Vec<Refused>,
}

#[derive(Deserialize, Default)]
struct File {
    #[serde(default)]
    rules: Vec<Spanned<toml::Table>>,
    #[serde(default)]
    allowlist: Option<RawAllow>,
    #[serde(default)]
    allowlists: Vec<RawAllow>,
    #[serde(default)]
    extend: Extend,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Extend {
    disabled_rules: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RawAllow {
    condition: String,
    regex_target: String,
    regexes: Vec<String>,
    paths: Vec<String>,
    #[serde(alias = "stopwords")]
    stop_words: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RawRule {
    id: String,
    description: String,
    regex: Option<String>,
    token: Option<String>,
    near: Option<String>,
    secret_group: usize,
    entropy: f64,
    keywords: Vec<String>,
    path: Option<String>,
    class: Option<String>,
    tier: Option<String>,
    checks: Vec<String>,
    outside: Vec<String>,
    unprefixed: bool,
    whole_word: bool,
    allowlist: Option<RawAllow>,
    allowlists: Vec<RawAllow>,
}

/// Reads a rule file.
pub fn load(text: &str, built_in: bool) -> Result<LoadReport, Refused> {
    let file: File = toml::from_str(text).map_err(|e| {
        let line = e.span().map_or(1, |span| line_of(text, span.start));
        Refused { line, id: String::new(), reason: e.message().to_owned() }
    })?;
    let mut report = LoadReport { disabled: file.extend.disabled_rules, ..LoadReport::default() };
    for raw in file.allowlist.into_iter().chain(file.allowlists) {
        match allow(raw) {
            Ok(list) => report.allow.push(list),
            Err(reason) => report.refused.push(Refused { line: 1, id: "allowlist".to_owned(), reason }),
        }
    }
    for spanned in file.rules {
        let line = line_of(text, spanned.span().start);
        let raw = spanned.into_inner().try_into::<RawRule>();
        let id = raw.as_ref().map(|r| r.id.clone()).unwrap_or_default();
        match raw.map_err(|e| e.message().to_owned()).and_then(|raw| rule(raw, built_in)) {
            Ok(rule) => report.rules.push(rule),
            Err(reason) => report.refused.push(Refused { line, id, reason }),
        }
    }
    Ok(report)
}

/// Names the rules of a user's file that are not used.
#[must_use]
pub fn refused_of(text: &str) -> Vec<Refused> {
    load(text, false).map_or_else(|whole| vec![whole], |report| report.refused)
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.as_bytes().iter().take(at).filter(|b| **b == b'\n').count()
}

fn rule(raw: RawRule, built_in: bool) -> Result<Rule, String> {
    if raw.id.is_empty() {
        return Err("it has no id".to_owned());
    }
    let (pattern, trigger) = match (&raw.regex, &raw.token, &raw.near) {
        (Some(regex), None, None) => (Some(regex.clone()), Trigger::Text),
        (None, Some(token), None) => (Some(format!(r"\b{{start-half}}({token})\b{{end-half}}")), Trigger::Text),
        (None, None, Some(near)) => (Some(format!("^(?:{near})")), Trigger::Near),
        (None, None, None) if raw.path.is_some() => (None, Trigger::Text),
        _ => return Err("it needs exactly one of `regex`, `token` and `near`".to_owned()),
    };
    let keywords: Vec<String> = raw.keywords.iter().filter(|k| !k.is_empty()).map(|k| k.to_lowercase()).collect();
    if trigger == Trigger::Near && keywords.is_empty() {
        return Err("`near` needs `keywords`".to_owned());
    }
    // Our own rules are compiled by a test; those of a user here, so that what is wrong with them is said at once.
    if let (Some(pattern), false) = (&pattern, built_in) {
        let compiled = compile(pattern).map_err(|e| format!("its pattern does not compile: {}", e.to_string().lines().last().unwrap_or_default()))?;
        if compiled.is_match(b"") {
            return Err("its pattern matches the empty text".to_owned());
        }
        if raw.secret_group >= compiled.captures_len() {
            return Err(format!("secretGroup is {}, but the pattern has {} groups", raw.secret_group, compiled.captures_len() - 1));
        }
    }
    let checks = raw.checks.iter().map(|name| checks::check(name).ok_or_else(|| format!("no check is named {name}"))).collect::<Result<_, _>>()?;
    let tier = match raw.tier.as_deref() {
        None => Tier::Candidate,
        Some(name) => Tier::parse(name).ok_or_else(|| format!("no tier is named {name}"))?,
    };
    let lists = raw.allowlist.into_iter().chain(raw.allowlists).map(allow).collect::<Result<_, _>>()?;
    let path = raw.path.as_deref().map(compile).transpose().map_err(|e| e.to_string())?;
    let class = raw.class.unwrap_or_else(|| raw.id.replace('-', "_"));
    Ok(Rule {
        id: raw.id.into(),
        description: raw.description,
        class: class.into(),
        tier,
        trigger,
        pattern: pattern.map(Pattern::new),
        secret_group: raw.secret_group,
        entropy: raw.entropy,
        keywords,
        checks,
        path,
        allow: lists,
        outside: raw.outside,
        unprefixed: raw.unprefixed,
        whole_word: raw.whole_word,
        is_token: raw.token.is_some(),
        own_signs: raw.token.as_deref().map(super::around::own_signs).unwrap_or_default(),
        built_in,
    })
}

fn allow(raw: RawAllow) -> Result<Allow, String> {
    let patterns = |texts: &[String]| texts.iter().map(|t| compile(t).map_err(|e| e.to_string())).collect::<Result<Vec<Regex>, String>>();
    let target = match raw.regex_target.as_str() {
        "match" => Target::Match,
        "line" => Target::Line,
        _ => Target::Secret,
    };
    let all = raw.condition.eq_ignore_ascii_case("and");
    let stop_words = raw.stop_words.iter().map(|w| w.to_lowercase()).collect();
    Ok(Allow { all, target, regexes: patterns(&raw.regexes)?, paths: patterns(&raw.paths)?, stop_words })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_rules_are_sound() {
        for (name, text) in BUILT_IN {
            let report = load(text, true).unwrap_or_else(|e| panic!("{name}: {e:?}"));
            assert_eq!(report.refused, [], "{name}");
            for rule in &report.rules {
                let pattern = rule.pattern.as_ref().unwrap();
                let compiled = compile(pattern.text()).unwrap_or_else(|e| panic!("{}: {e}", rule.id));
                assert!(!compiled.is_match(b""), "{} matches nothing", rule.id);
                assert!(rule.secret_group < compiled.captures_len(), "{}", rule.id);
            }
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_and_the_rest_loads() {
        let text = "[[rules]]\nid = \"a\"\nregex = '''a(b'''\n\n[[rules]]\nid = \"b\"\nregex = '''x*'''\n\n[[rules]]\nid = \"c\"\nregex = '''k_([0-9]{4})'''\nkeywords = [\"K_\"]\nentropy = 1\n";
        let report = load(text, false).unwrap();
        let refused: Vec<_> = report.refused.iter().map(|r| (r.line, r.id.as_str())).collect();
        assert_eq!(refused, [(1, "a"), (5, "b")]);
        assert_eq!((report.rules.len(), report.rules[0].keywords[0].as_str()), (1, "k_"));
        assert_eq!(load("rules = 3", false).err().map(|e| e.line), Some(1));
    }
}
