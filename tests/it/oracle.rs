//! The index against the meaning of the language: what it finds is what looking at every step finds.

use crate::workspace::Bench;
use ossia::index::keywords;
use ossia::query::parse;
use ossia::text::tokens::words;
use ossia::workspace::Workspace;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Numbers that look random and are the same on every run (a linear congruential generator, Knuth's MMIX constants).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<'a>(&mut self, from: &'a [String]) -> &'a str {
        &from[self.roll(from.len())]
    }
}

/// What stands in the example sessions, to make queries of.
#[derive(Default)]
struct Material {
    words: Vec<String>,
    phrases: Vec<String>,
    fields: Vec<String>,
    ids: Vec<String>,
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

fn material(workspace: &Workspace) -> Material {
    let mut all = Material::default();
    for row in workspace.ls(&ossia::query::Query::All, None, 1000).unwrap().trajectories {
        let (trajectory, _) = workspace.resolve(&row.id).unwrap();
        all.ids.push(row.id.clone());
        for step in trajectory.steps.iter().step_by(3) {
            let execution = step.execution.as_deref().and_then(|id| trajectory.execution(id));
            let tokens: Vec<String> = step.text.split_whitespace().map(str::to_owned).collect();
            all.words.extend(words(&step.text).into_iter().filter(|w| w.chars().all(char::is_alphanumeric)).take(12));
            all.phrases.extend(tokens.windows(3).take(4).map(|three| quoted(&three.join(" "))));
            all.ids.extend(std::iter::once(step.id.clone()).chain(step.aliases.clone()));
            for term in keywords(&trajectory, step, execution) {
                let (field, value) = term.split_once('=').unwrap();
                all.fields.push(format!("{field}:{}", quoted(value)));
            }
        }
    }
    for list in [&mut all.words, &mut all.phrases, &mut all.fields, &mut all.ids] {
        list.sort();
        list.dedup();
    }
    all
}

const NUMBERS: &[&str] =
    &["wait:>1s", "wait:<=30s", "steps:>20", "steps:5..30", "retries:>=1", "cost:>0.01", "tokens:>1k", "errors:>0", "at:>2026-01-01", "is:denied", "is:retry"];

fn condition(dice: &mut Dice, all: &Material) -> String {
    match dice.roll(10) {
        0..=2 => dice.pick(&all.words).to_owned(),
        3 => dice.pick(&all.phrases).to_owned(),
        4 | 5 => dice.pick(&all.fields).to_owned(),
        6 => format!("{}*", dice.pick(&all.words).chars().take(3).collect::<String>()),
        7 => quoted(dice.pick(&all.ids)),
        8 => {
            let id = dice.pick(&all.ids);
            let start: String = id.chars().take(1 + id.chars().count() / 2).filter(|c| c.is_alphanumeric() || *c == '_').collect();
            if start.is_empty() { format!("id:{}", quoted(id)) } else { format!("id:{start}*") }
        }
        _ => NUMBERS[dice.roll(NUMBERS.len())].to_owned(),
    }
}

fn query(dice: &mut Dice, all: &Material) -> String {
    let parts: Vec<String> = (0..=dice.roll(3)).map(|_| format!("{}{}", if dice.roll(4) == 0 { "-" } else { "" }, condition(dice, all))).collect();
    parts.join(if dice.roll(3) == 0 { " OR " } else { " " })
}

#[test]
fn the_index_finds_what_looking_finds() {
    let bench = Bench::new();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    bench.json(&["import", demo.to_str().unwrap()]);
    let workspace = Workspace::open(&bench.path("ws"), &bench.path("cache/ossia")).unwrap();
    let all = material(&workspace);
    for row in workspace.ls(&ossia::query::Query::All, None, 1000).unwrap().trajectories {
        let hits = workspace.search(&parse(&quoted(&row.id)).unwrap(), 5, false).unwrap().hits;
        assert!(hits.iter().any(|hit| hit.trajectory == row.id), "{} is found by its id", row.id);
    }
    let mut dice = Dice(2026);
    let mut found = 0;
    for _ in 0..30 {
        let text = query(&mut dice, &all);
        let by_index = workspace.search(&parse(&text).unwrap_or_else(|e| panic!("{text}: {e:?}")), 1, false).unwrap().total;
        // Every text has a beginning: the second half holds nowhere, and no index can tell, so that every step is looked at.
        let by_looking = workspace.search(&parse(&format!("({text}) OR -/^/")).unwrap(), 1, false).unwrap().total;
        assert_eq!(by_index, by_looking, "{text}");
        found += usize::from(by_index > 0);
    }
    assert!(found > 10, "{found} queries found something");
}

/// Counts what a query finds by the index, and by looking at every step.
fn both_ways(workspace: &Workspace, query: &str) -> [usize; 2] {
    [query.to_owned(), format!("({query}) OR -/^/")].map(|query| workspace.search(&parse(&query).unwrap(), 1, false).unwrap().total)
}

/// The words that a regular expression needs narrow what is looked at, and leave out nothing that it matches.
#[test]
fn a_regex_finds_what_looking_finds() {
    let bench = Bench::new();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    let mut dice = Dice(1122);
    // Words are cut after 64 characters: this run is in four of them.
    let long: String = (0..224).map(|_| char::from(b"abcdefghijklmnopqrstuvwxyzABCDEFGH0123456789"[dice.roll(44)])).collect();
    let said = ["plain words before it", &long, "a \u{212A}elvin, a vi\u{17F}a, an \u{130}stanbul", "resetter and reset-by-peer"];
    let lines = said.map(|text| serde_json::json!({"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": "yes"}]}).to_string());
    std::fs::write(bench.path("chats.jsonl"), lines.join("\n")).unwrap();
    bench.json(&["import", demo.to_str().unwrap(), bench.path("chats.jsonl").to_str().unwrap()]);
    let workspace = Workspace::open(&bench.path("ws"), &bench.path("cache/ossia")).unwrap();
    for start in 40..170 {
        let part = &long[start..start + 24];
        assert_eq!(both_ways(&workspace, &format!("/{part}/")), [1, 1], "{start}");
    }
    for (query, found) in
        [("/(?i)kelvin/", 1), ("/(?i)visa/", 1), ("/(?i)VISA,/", 1), ("/stanbul/", 1), ("/eset(ter)? and/", 1), ("/er and reset|elvin, a/", 2)]
    {
        assert_eq!(both_ways(&workspace, query), [found, found], "{query}");
    }
    let mut found = 0;
    let words = material(&workspace).words;
    for _ in 0..25 {
        let [one, other] = [(); 2].map(|()| dice.pick(&words).chars().skip(1).collect::<String>());
        let query = match dice.roll(4) {
            0 => format!("/{one}/"),
            1 => format!("/(?i){}.*{other}/", one.to_uppercase()),
            2 => format!("/({one}|{other})[a-z]?\\b/"),
            _ => format!("/{one}/ -/{other}/"),
        };
        let [by_index, by_looking] = both_ways(&workspace, &query);
        assert_eq!(by_index, by_looking, "{query}");
        found += usize::from(by_index > 0);
    }
    assert!(found > 10, "{found} expressions found something");
}

/// What is counted beside a regular expression is what it matches, not what may match it.
#[test]
fn facets_of_a_regex_are_of_its_matches() {
    let bench = Bench::new();
    bench.json(&["import", Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo").to_str().unwrap()]);
    let workspace = Workspace::open(&bench.path("ws"), &bench.path("cache/ossia")).unwrap();
    for query in ["/-[rf]+ /", "/git push/", "/^[A-Z]/ is:denied"] {
        let query = parse(query).unwrap();
        let mut holders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for hit in workspace.search(&query, 10_000, false).unwrap().hits {
            holders.entry(hit.tool.unwrap_or_default()).or_default().insert(hit.trajectory);
        }
        holders.remove("");
        let counted: BTreeMap<String, u64> = workspace.facets(&query, None).unwrap()["tool"].iter().cloned().collect();
        assert_eq!(counted, holders.into_iter().map(|(tool, of)| (tool, of.len() as u64)).collect(), "{query}");
        assert!(!counted.is_empty());
        let denied = parse("is:denied").unwrap();
        let both = workspace.ls(&ossia::query::Query::and(vec![query.clone(), denied]), None, 1000).unwrap().total as u64;
        let states = &workspace.facets(&query, None).unwrap()["is"];
        assert_eq!(states.iter().find(|(state, _)| state == "denied").map_or(0, |(_, count)| *count), both, "{query}");
    }
}
