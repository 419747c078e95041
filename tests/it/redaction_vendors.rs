//! Credentials in the forms that vendors publish are found, and what work is full of is left alone: values are drawn here, so that no file holds one.

use crate::lot::Lot;
use ossia::redaction::{Engine, Hit, Lists, Subject, Tier};
use std::collections::BTreeMap;

/// How often each line is drawn.
const DRAWN: u32 = 8;

/// The signs that a class stands for.
fn signs(class: &str) -> String {
    let (small, large, digits) = (('a'..='z').collect::<String>(), ('A'..='Z').collect::<String>(), "0123456789");
    match class {
        "d" => digits.to_owned(),
        "h" => "0123456789abcdef".to_owned(),
        "H" => "0123456789ABCDEF".to_owned(),
        "l" => small,
        "u" => large,
        "n" => small + digits,
        "N" => large + digits,
        "w" => small + &large + digits,
        "b" => small + &large + digits + "+/",
        "s" => small + &large + digits + "-_",
        "i" => large + "234567",
        "bech" => "qpzry9x8gf2tvdw0s3jn54khce6mua7l".to_owned(),
        "b58" => "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".to_owned(),
        "age" => "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".to_owned(),
        other => panic!("no class {other}"),
    }
}

/// Draws what stands for `{N:class}`.
fn draw(text: &str, lot: &mut Lot) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(open) = rest.find('{') {
        let inner = rest[open + 1..].split('}').next().unwrap();
        let Some((count, class)) = inner.split_once(':').and_then(|(count, class)| Some((count.parse::<usize>().ok()?, class))) else {
            out.push_str(&rest[..=open]);
            rest = &rest[open + 1..];
            continue;
        };
        out.push_str(&rest[..open]);
        let signs: Vec<char> = signs(class).chars().collect();
        out.extend((0..count).map(|_| signs[lot.below(signs.len())]));
        rest = &rest[open + inner.len() + 2..];
    }
    (out + rest).replace("\\n", "\n")
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Scans as the text of a field.
fn scan(engine: &Engine, text: &str) -> Vec<Hit> {
    engine.scan(&Subject { text, key: Some("text"), path: None })
}

#[test]
fn what_vendors_publish_is_found() {
    let (engine, mut lot) = (Engine::new(&[], &Lists::default()).0, Lot(11));
    let (mut seen, mut all, mut missed) = (0, 0, BTreeMap::new());
    for line in lines(include_str!("../../fixtures/redaction/vendors.tsv")) {
        let (sure, shape) = line.split_once('\t').unwrap();
        for _ in 0..DRAWN {
            let text = draw(shape, &mut lot);
            let (before, rest) = text.split_once('«').unwrap();
            let (value, after) = rest.split_once('»').unwrap();
            let (start, end, whole) = (before.len(), before.len() + value.len(), format!("{before}{value}{after}"));
            let covers = |hit: &Hit| hit.outer.end.min(end).saturating_sub(hit.outer.start.max(start)) * 2 >= value.len();
            let found = scan(&engine, &whole).iter().any(|hit| covers(hit) && (sure == "found" || hit.tier == Tier::Certain));
            (seen, all) = (seen + u32::from(found), all + 1);
            *missed.entry(line).or_insert(0) += u32::from(!found);
        }
    }
    missed.retain(|_, count| *count > 0);
    assert!(missed.values().all(|count| *count * 2 < DRAWN), "{missed:#?}");
    // What was drawn may look like a sample now and then.
    assert!(seen * 100 >= all * 99, "{seen} of {all}: {missed:#?}");
}

#[test]
fn what_work_is_full_of_is_left_alone() {
    let (engine, mut lot) = (Engine::new(&[], &Lists::default()).0, Lot(13));
    let (mut flagged, mut all) = (BTreeMap::new(), 0);
    for line in lines(include_str!("../../fixtures/redaction/innocent.tsv")) {
        for _ in 0..DRAWN {
            let hits = scan(&engine, &draw(line, &mut lot));
            all += 1;
            if let Some(hit) = hits.iter().find(|hit| matches!(hit.tier, Tier::Certain | Tier::Candidate)) {
                flagged.entry(line).or_insert_with(Vec::new).push(hit.detector.to_string());
            }
        }
    }
    assert!(flagged.values().map(Vec::len).sum::<usize>() * 200 <= all, "{flagged:#?}");
}
