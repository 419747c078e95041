//! The second look: what is to be replaced in everything that leaves, and the written bytes read once more for what must not be there.

use super::policy::Training;
use rayon::prelude::*;
use rustc_hash::FxHasher;
use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::File;
use std::hash::{BuildHasher, BuildHasherDefault, RandomState};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Mutex;

/// Numbers from here on are looked at as texts: cards and accounts are not shorter.
const LONG_NUMBER: u64 = 10_000_000;
/// Lines that are looked at together, on every core.
const AT_ONCE: usize = 512;
/// Bytes of lines that are looked at together, at most.
const BYTES_AT_ONCE: usize = 8 << 20;

/// Texts that are known to hold nothing, at most; from there on it begins anew.
const KNOWN: usize = 1 << 20;
/// Shelves on which they stand, so that cores seldom wait for each other.
const SHELVES: usize = 16;

/// Writes a text without what must not leave.
pub type Replace = Box<dyn Fn(&str) -> String + Send + Sync>;
/// Names what a text still holds; with it comes the name of the field that it is the value of, where it has one.
pub type Find = Box<dyn Fn(Option<&str>, &str) -> Vec<Met> + Send + Sync>;

/// A value that was met in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// What it is, in words for a person; never the value.
    pub what: String,
    /// SHA-256 of the value as it stands.
    pub sha256: String,
    /// Whether a reviewer said that it may leave.
    pub kept: bool,
}

/// What is replaced in everything that leaves, and what must not be found afterwards.
pub struct Redaction {
    /// Hash of the rules.
    pub rules_sha256: String,
    /// Replaces what was found in a text.
    pub replace: Replace,
    /// Names what a text still holds.
    pub scan: Find,
    /// What rows hold of the texts of a session.
    pub training: Training,
}

/// A second look at a bundle that is there already.
pub struct Rescan {
    /// Hash of the rules it looks with.
    pub rules_sha256: String,
    /// Names what a text holds.
    pub find: Find,
}

/// Texts that hold nothing, by hash: what many rows share is looked at once. The hash is keyed by chance anew each time, so that no text can be
/// made to look like another.
pub struct Clean {
    keys: [RandomState; 2],
    shelves: [Mutex<HashSet<[u64; 2], BuildHasherDefault<FxHasher>>>; SHELVES],
}

impl Default for Clean {
    fn default() -> Self {
        Self { keys: std::array::from_fn(|_| RandomState::new()), shelves: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl Clean {
    /// Looks at a text of a field, unless it is known to hold nothing.
    fn look(&self, find: &Find, key: Option<&str>, text: &str, met: &mut Vec<Met>) {
        let name = [0, 1].map(|i: usize| self.keys.get(i).map_or(0, |keyed| keyed.hash_one((key, text))));
        let shelf = usize::try_from(name[0] % SHELVES as u64).ok().and_then(|at| self.shelves.get(at));
        if shelf.is_some_and(|shelf| shelf.lock().is_ok_and(|clean| clean.contains(&name))) {
            return;
        }
        let found = find(key, text);
        if let Some(Ok(mut clean)) = shelf.filter(|_| found.is_empty()).map(Mutex::lock) {
            if clean.len() >= KNOWN / SHELVES {
                clean.clear();
            }
            clean.insert(name);
        }
        met.extend(found);
    }

    /// Looks at every text of a line of JSON and at the names of its fields; at a line that is none, as a whole.
    fn line(&self, find: &Find, line: &str, kind: Lines) -> Vec<Met> {
        let mut met = Vec::new();
        let mut reader = serde_json::Deserializer::from_str(line);
        let ours = |key: Option<&str>, text: &str| {
            let hash = matches!(text.len(), 24 | 64) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            kind == Lines::Ours && hash && key.is_some_and(|key| HASHES.contains(&key))
        };
        let mut take = |key: Option<&str>, text: &str| {
            if !ours(key, text) {
                self.look(find, key, text, &mut met);
            }
        };
        if kind == Lines::Text || (Leaves { key: None, take: &mut take }).deserialize(&mut reader).is_err() {
            met.clear();
            self.look(find, None, line, &mut met);
        }
        met
    }
}

/// What the lines of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lines {
    /// Text.
    Text,
    /// Rows.
    Rows,
    /// What the program writes of rows; its hashes differ from line to line and are no finding.
    Ours,
}

/// Fields of such lines that hold hashes.
const HASHES: &[&str] = &["row", "rows", "sha256", "group", "example", "entry"];

/// Takes what was met in a line, from 1; an error ends the look.
pub type Take<'t> = &'t mut dyn FnMut(usize, Met) -> Result<(), String>;

/// Looks at every line of a file, on all cores; hands out what was met with its line from 1, and gives the number of lines.
pub fn file(path: &Path, find: &Find, clean: &Clean, take: Take<'_>, go: &mut dyn FnMut(u64) -> Result<(), String>) -> Result<usize, String> {
    let kind = match (path.extension().and_then(|e| e.to_str()), path.file_stem().and_then(|stem| stem.to_str())) {
        (Some("jsonl"), Some("lineage" | "cards")) => Lines::Ours,
        (Some("jsonl"), _) => Lines::Rows,
        _ => Lines::Text,
    };
    let mut file = BufReader::with_capacity(1 << 18, File::open(path).map_err(|e| e.to_string())?);
    let (mut done, mut read, mut lines): (usize, u64, Vec<Vec<u8>>) = (0, 0, Vec::new());
    loop {
        go(read)?;
        let mut bytes = 0;
        while lines.len() < AT_ONCE && bytes < BYTES_AT_ONCE {
            let mut line = Vec::new();
            if file.read_until(b'\n', &mut line).map_err(|e| e.to_string())? == 0 {
                break;
            }
            bytes += line.len();
            lines.push(line);
        }
        if lines.is_empty() {
            return Ok(done);
        }
        let met: Vec<Vec<Met>> = lines.par_iter().map(|line| clean.line(find, line_of(line).trim_end_matches('\n'), kind)).collect();
        for (i, met) in met.into_iter().enumerate() {
            met.into_iter().try_for_each(|met| take(done + i + 1, met))?;
        }
        done += lines.len();
        read += bytes as u64;
        lines.clear();
    }
}

/// Gives a line as text; what is no text is marked.
fn line_of(line: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(line).map_or_else(|_| String::from_utf8_lossy(line), Cow::Borrowed)
}

/// Takes every string, every name and every long number of a JSON text, without building it.
struct Leaves<'a> {
    key: Option<&'a str>,
    take: &'a mut dyn FnMut(Option<&str>, &str),
}

impl<'de> DeserializeSeed<'de> for Leaves<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Leaves<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        (self.take)(self.key, text);
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        if number >= LONG_NUMBER {
            (self.take)(self.key, &number.to_string());
        }
        Ok(())
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        self.visit_u64(number.unsigned_abs())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Leaves { key: self.key, take: self.take })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(key) = fields.next_key::<Cow<'_, str>>()? {
            (self.take)(None, &key);
            fields.next_value_seed(Leaves { key: Some(&key), take: self.take })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad(key: Option<&str>, text: &str) -> Vec<Met> {
        let met = Met { what: format!("{}{text}", key.map_or(String::new(), |key| format!("{key}="))), sha256: String::new(), kept: false };
        if text.contains("bad") || text == "4111111111111111" { vec![met] } else { Vec::new() }
    }

    fn met(name: &str, text: &str) -> (Result<usize, String>, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        let find: Find = Box::new(bad);
        let mut found = Vec::new();
        let count = file(
            &path,
            &find,
            &Clean::default(),
            &mut |n, met| {
                found.push(format!("{n} {}", met.what));
                Ok(())
            },
            &mut |_| Ok(()),
        );
        (count, found)
    }

    #[test]
    fn each_line_is_looked_at_under_its_number() {
        let text: String = (1..=1200).map(|n| if n % 500 == 0 { "bad\n".to_owned() } else { format!("{n}\n") }).collect();
        assert_eq!(met("f.md", &text), (Ok(1200), vec!["500 bad".to_owned(), "1000 bad".to_owned()]));
    }

    #[test]
    fn texts_names_and_long_numbers_of_a_row_are_looked_at() {
        let row = r#"{"a":"b\u0061d","k":["x",{"bad":1}],"n":4111111111111111,"ok":true,"z":null}"#;
        assert_eq!(
            met("f.jsonl", &format!("{row}\n{row}\nbad {{\n")).1,
            ["1 a=bad", "1 bad", "1 n=4111111111111111", "2 a=bad", "2 bad", "2 n=4111111111111111", "3 bad {"]
        );
    }
}
