//! Properties of every reader, tried on JSON made of its format's own words, and on its examples broken at random.

use super::{FORMATS, Format, Shape, Want, format, read_archive, read_plain};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A format's examples, and the JSON strings that stand in them: its keys and the words of its fields.
struct Examples {
    format: &'static Format,
    files: Vec<Vec<u8>>,
    words: Vec<String>,
}

/// Gathers the examples that are well formed, by the format that they are told as: folders of a format's name, and those that hold a family.
fn examples() -> Vec<Examples> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut by_format: BTreeMap<&'static str, Vec<Vec<u8>>> = BTreeMap::new();
    for path in ["", "maestro/ok", "maestro/odd", "assembled/*"].iter().flat_map(|folder| files(&root.join(folder))) {
        let bytes = fs::read(&path).unwrap();
        if bytes.starts_with(b"PK") {
            continue;
        }
        let reading = read_plain(bytes.as_slice(), "any", Want::default(), &mut |_, _| {}).unwrap();
        by_format.entry(reading.format.name).or_default().push(bytes);
    }
    let quoted = regex::Regex::new(r#""(?:[^"\\\n]|\\.){1,40}""#).unwrap();
    let examples = by_format.into_iter().map(|(name, files)| {
        let text: String = files.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
        let words: BTreeSet<String> = quoted.find_iter(&text).map(|found| found.as_str().to_owned()).collect();
        Examples { format: format(name).unwrap(), files, words: words.into_iter().collect() }
    });
    examples.collect()
}

#[test]
fn every_format_has_an_example() {
    let known: BTreeSet<&str> = examples().into_iter().map(|example| example.format.name).collect();
    let missing: Vec<&str> = FORMATS.iter().filter(|format| format.shape != Shape::Archive && !known.contains(format.name)).map(|format| format.name).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Gives the files of a folder, or of each folder in it where the name ends in `*`; in the root, those of the folders that are named by a format.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<PathBuf>>();
    let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let mut found: Vec<PathBuf> = match folder.to_str().unwrap() {
        all if all.ends_with('*') => entries(folder.parent().unwrap()).iter().flat_map(|folder| entries(folder)).collect(),
        root if root.ends_with("fixtures/") => {
            let known = entries(folder).into_iter().filter(|path| format(&name(path)).is_some());
            known.flat_map(|folder| entries(&folder)).filter(|path| name(path).starts_with('o')).collect()
        }
        _ => entries(folder),
    };
    found.retain(|path| path.is_file());
    found.sort();
    found
}

/// Makes a runner that tries the same cases each time: 24 for each format, or as many as `PROPTEST_CASES` says.
fn runner() -> TestRunner {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(24);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Reads bytes as every shape of a format and as whatever they look like; checks what must hold of any reading.
fn check(bytes: &[u8], forced: &'static Format) {
    for (format, ranges_only) in [(Some(forced), false), (Some(forced), true), (None, false)] {
        let reading = read_plain(bytes, "any", Want { format, ranges_only }, &mut |_, _| {}).unwrap();
        if ranges_only {
            continue;
        }
        let spans: Vec<(u64, u64)> = reading.portions.iter().flat_map(|(p, _)| &p.facts).flat_map(|f| &f.spans).map(|s| (s.start, s.end)).collect();
        assert!(reading.portions.iter().flat_map(|(p, _)| &p.facts).all(|fact| !fact.spans.is_empty()));
        assert!(spans.iter().all(|(start, end)| start <= end && *end <= bytes.len() as u64), "a place outside of the file");
        // What no fact holds may only be what stands between records.
        let mut held = vec![false; bytes.len()];
        spans.iter().for_each(|&(start, end)| held[start as usize..end as usize].fill(true));
        let lost = bytes.iter().zip(&held).position(|(byte, held)| !held && !byte.is_ascii_whitespace() && !b"[],\xef\xbb\xbf".contains(byte));
        if let Some(at) = lost {
            let shown = String::from_utf8_lossy(&bytes[at.saturating_sub(40)..(at + 200).min(bytes.len())]);
            panic!("{} as {:?}: byte {at} is of no fact: {shown}", reading.format.name, reading.shape);
        }
    }
}

/// JSON text whose keys and strings are `words`, with what a strict reader would refuse.
fn json(words: Vec<String>) -> impl Strategy<Value = String> {
    let word = prop::sample::select(words);
    let odd = prop::sample::select(vec![
        "null",
        "true",
        "0",
        "-1",
        "1.5e3",
        "1e999999",
        "123456789012345678901234567890",
        "NaN",
        "\"\"",
        "\"\\ud800\"",
        "\"\\u0000\\u001b[2J\"",
        "{}",
        "[]",
    ]);
    let deep = (100..200usize).prop_map(|n| "[".repeat(n) + &"]".repeat(n));
    let leaf = prop_oneof![6 => word.clone(), 3 => odd.prop_map(str::to_owned), 1 => deep];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(",")));
        let fields = prop::collection::vec((word.clone(), inner), 0..9);
        // Keys may come twice: nothing keeps them apart.
        let object = fields.prop_map(|fields| format!("{{{}}}", fields.into_iter().map(|(key, value)| format!("{key}:{value}")).collect::<Vec<_>>().join(",")));
        prop_oneof![1 => list, 3 => object]
    })
}

#[test]
fn json_of_a_formats_own_words_is_read() {
    for example in examples() {
        let mut runner = runner();
        let records = prop::collection::vec(json(example.words.clone()), 1..5);
        runner
            .run(&records, |records| {
                check(records.join("\n").as_bytes(), example.format);
                check(format!("[{}]", records.join(",\n")).as_bytes(), example.format);
                Ok(())
            })
            .unwrap();
    }
}

/// A way to break a file, at a place that is a share of its length.
#[derive(Debug, Clone)]
enum Harm {
    Cut(f64),
    Insert(f64, &'static [u8]),
    Remove(f64, usize),
    Repeat(f64, usize),
    Returns,
    Mark,
}

impl Harm {
    fn apply(&self, bytes: &mut Vec<u8>) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let place = |share: f64| (share * bytes.len() as f64) as usize;
        match *self {
            Self::Cut(at) => bytes.truncate(place(at)),
            Self::Insert(at, what) => {
                let at = place(at);
                bytes.splice(at..at, what.iter().copied());
            }
            Self::Remove(at, length) => {
                let at = place(at);
                bytes.drain(at..(at + length).min(bytes.len()));
            }
            Self::Repeat(at, length) => {
                let at = place(at);
                let piece = bytes[at..(at + length).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            Self::Returns => *bytes = bytes.iter().flat_map(|b| if *b == b'\n' { vec![b'\r', b'\n'] } else { vec![*b] }).collect(),
            Self::Mark => {
                bytes.splice(0..0, *b"\xef\xbb\xbf");
            }
        }
    }
}

fn harm() -> impl Strategy<Value = Harm> {
    let pieces: Vec<&'static [u8]> =
        vec![b"\0", b"\xff\xfe", b"\"", b"\\", b"{", b"}", b"[", b"]", b",", b"\n", b"null", b"\xe2\x80", b"\\ud83d", b"1e9999", b"\"a\":1,\"a\":"];
    prop_oneof![
        (0.0..1.0).prop_map(Harm::Cut),
        (0.0..1.0, prop::sample::select(pieces)).prop_map(|(at, what)| Harm::Insert(at, what)),
        (0.0..1.0, 1..40usize).prop_map(|(at, length)| Harm::Remove(at, length)),
        (0.0..1.0, 1..200usize).prop_map(|(at, length)| Harm::Repeat(at, length)),
        Just(Harm::Returns),
        Just(Harm::Mark),
    ]
}

#[test]
fn broken_examples_are_read() {
    for example in examples() {
        let mut runner = runner();
        let broken = (prop::sample::select(example.files.clone()), prop::collection::vec(harm(), 1..4));
        runner
            .run(&broken, |(mut bytes, harms)| {
                harms.iter().for_each(|harm| harm.apply(&mut bytes));
                check(&bytes, example.format);
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn any_bytes_are_read() {
    let bytes = prop::collection::vec(prop_oneof![3 => any::<u8>(), 2 => prop::sample::select(b"{}[]\":,\\\n\r\0 tfn0-9e.".to_vec())], 0..400);
    for format in FORMATS.iter().filter(|format| format.shape != Shape::Archive) {
        runner()
            .run(&bytes, |bytes| {
                check(&bytes, format);
                Ok(())
            })
            .unwrap();
    }
}

/// Packs members into an archive.
fn archive(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        if zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).is_ok() {
            std::io::Write::write_all(&mut zip, bytes).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn archives_of_anything_are_read_or_refused() {
    let log = examples().into_iter().find(|example| example.format.name == "inspect").unwrap();
    let names =
        prop::sample::select(vec!["header.json", "samples/1_epoch_1.json", "samples/a/b.json", "summaries.json", "reductions.json", "_journal/start.json"]);
    let value = prop_oneof![2 => json(log.words).prop_map(String::into_bytes), 1 => prop::collection::vec(any::<u8>(), 0..80)];
    let members = prop::collection::vec((names.prop_map(str::to_owned), value), 0..5);
    runner()
        .run(&(members, prop::collection::vec(harm(), 0..3)), |(mut members, harms)| {
            members.push(("header.json".to_owned(), b"{\"version\":2}".to_vec()));
            let mut bytes = archive(&members);
            harms.iter().for_each(|harm| harm.apply(&mut bytes));
            let want = Want { format: format("inspect-eval"), ranges_only: false };
            // It may be refused, by its archive or by what is in it; whatever is read has a place in a member.
            if let Ok(reading) = read_archive(&bytes, "any.eval", want) {
                let spans = reading.portions.iter().flat_map(|(portion, _)| &portion.facts).flat_map(|fact| &fact.spans);
                assert!(spans.into_iter().all(|span| span.member.is_some() && span.start <= span.end));
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn nesting_of_any_depth_is_read() {
    let depth = 100_000;
    for text in [
        format!("{}{}", "[".repeat(depth), "]".repeat(depth)),
        format!("{}1{}", "{\"messages\":".repeat(depth), "}".repeat(depth)),
        "{\"payload\":[".repeat(depth),
        format!("{{\"type\":\"user\",\"sessionId\":\"s\",\"uuid\":\"u\",\"message\":{{\"content\":{}{}}}}}", "[".repeat(depth), "]".repeat(depth)),
    ] {
        check(text.as_bytes(), super::table::GENERIC);
        for format in FORMATS.iter().filter(|format| format.shape != Shape::Archive) {
            let reading = read_plain(text.as_bytes(), "any", Want { format: Some(format), ranges_only: false }, &mut |_, _| {}).unwrap();
            assert!(reading.records > 0 || reading.portions.iter().any(|(portion, _)| !portion.facts.is_empty()), "{}", format.name);
        }
    }
}
