//! `ossia audit rules`: the rules of the audit, listed, or tried on texts.

use super::fail::Fail;
use super::output::{Ink, Output};
use crate::redaction::{Engine, Hit, Lists, Refused, Subject, Tier, Trigger};
use crate::text::{clean, fit};
use serde::Serialize;
use std::io::Read;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// A rule file in the vocabulary of gitleaks, beside our own
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
    /// Try the rules on each line of a file (- for standard input); a line that is a JSON string is read as one
    #[arg(long, value_name = "FILE")]
    test: Option<PathBuf>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    class: &'a str,
    tier: Tier,
    description: &'a str,
    keywords: &'a [String],
    entropy: f64,
    trigger: &'static str,
    built_in: bool,
}

#[derive(Serialize)]
struct Listing<'a> {
    rules_hash: &'a str,
    rules: Vec<Row<'a>>,
    refused: &'a [Refused],
}

#[derive(Serialize)]
struct Found<'a> {
    line: usize,
    detector: &'a str,
    class: &'a str,
    tier: Tier,
    start: usize,
    end: usize,
    decoding: &'a [&'static str],
}

/// Makes an engine of our own rules and a file's.
pub fn engine(file: Option<&PathBuf>, lists: &Lists) -> Result<(Engine, Vec<Refused>), Fail> {
    let text = file.map(|path| std::fs::read_to_string(path).map_err(|e| Fail::usage(format!("cannot read the rules {}: {e}", path.display())))).transpose()?;
    Ok(Engine::new(&text.as_deref().into_iter().collect::<Vec<_>>(), lists))
}

pub fn run(args: &Args, out: &Output) -> Result<u8, Fail> {
    let (engine, refused) = engine(args.rules.as_ref(), &Lists::default())?;
    if let Some(test) = &args.test {
        for rule in &refused {
            out.aside(&format!("line {}: the rule {} is not used: {}", rule.line, clean(&rule.id), clean(&rule.reason)));
        }
        return try_on(&engine, &read(test)?, out);
    }
    let rules = engine.rules().rules().iter().map(|rule| Row {
        id: &rule.id,
        class: &rule.class,
        tier: rule.tier,
        description: &rule.description,
        keywords: &rule.keywords,
        entropy: rule.entropy,
        trigger: match rule.trigger {
            Trigger::Near => "near",
            Trigger::Start | Trigger::Text => "text",
        },
        built_in: rule.built_in,
    });
    let listing = Listing { rules_hash: engine.hash(), rules: rules.collect(), refused: &refused };
    if out.json {
        out.document("ossia.audit-rules.v1", &listing)?;
    } else {
        for row in &listing.rules {
            out.line(&format!("{} {} {}", fit(&clean(row.id), 28), fit(row.tier.as_str(), 10), clean(row.description)))?;
        }
        out.line(&out.ink(Ink::Dim, &format!("{}, {}", crate::text::human::plural(listing.rules.len(), "rule"), listing.rules_hash)))?;
        for rule in &refused {
            out.line(&out.ink(Ink::Red, &clean(&format!("refused, line {}: {} {}", rule.line, rule.id, rule.reason))))?;
        }
    }
    Ok(u8::from(!refused.is_empty()))
}

fn read(path: &PathBuf) -> Result<String, Fail> {
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes)?;
    } else {
        bytes = std::fs::read(path).map_err(|e| Fail::usage(format!("cannot read {}: {e}", path.display())))?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn try_on(engine: &Engine, text: &str, out: &Output) -> Result<u8, Fail> {
    let mut any = false;
    for (number, line) in text.lines().enumerate() {
        let decoded = serde_json::from_str::<String>(line).unwrap_or_else(|_| line.to_owned());
        let hits = engine.scan(&Subject { text: &decoded, key: None, path: None });
        any |= !hits.is_empty();
        for hit in &hits {
            show(number + 1, hit, out)?;
        }
    }
    Ok(u8::from(!any))
}

fn show(line: usize, hit: &Hit, out: &Output) -> Result<(), Fail> {
    let found = Found { line, detector: &hit.detector, class: &hit.class, tier: hit.tier, start: hit.outer.start, end: hit.outer.end, decoding: &hit.decoding };
    if out.json {
        return out.row(&found);
    }
    let decoding = if found.decoding.is_empty() { String::new() } else { format!(" after {}", found.decoding.join(", ")) };
    out.line(&format!("line {line}: {} {} at {}..{}{decoding}", clean(found.detector), found.tier.as_str(), found.start, found.end))
}
