//! The contents of a bundle: counts, lineage, decisions, descriptions, schemas, and a second look for secrets.

use super::{Sums, lines, text};
use crate::export::bundle::manifest::{LAYOUT, Manifest};
use crate::export::bundle::{card, croissant, schemas as schema};
use crate::export::definition::Definition;
use crate::export::json::Json;
use crate::model::ids::hex;
use crate::model::{Entry, EntryId};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

/// Checks the definition's hashes and the rows of every data file.
pub fn manifest(folder: &Path, manifest: &Manifest) -> Result<String, String> {
    let definition = definition(manifest)?;
    // What a definition of another layout shapes is not worked out here; its text has its hash.
    let (written, policies) = match manifest.layout {
        LAYOUT => (definition.hash(), definition.policies_hash()),
        _ => (hex(&Sha256::digest(&manifest.dataset.definition)), manifest.policies_sha256.clone()),
    };
    if written != manifest.dataset.sha256 || policies != manifest.policies_sha256 {
        return Err("manifest.json: the definition does not have the hashes beside it".to_owned());
    }
    let mut rows = 0;
    for shape in &manifest.shapes {
        let header = usize::from(shape.file.ends_with(".csv"));
        let found = lines(folder, &shape.file, |_, _| Ok(()))?.saturating_sub(header);
        if found != shape.rows {
            return Err(format!("{} has {found} rows, manifest.json says {}", shape.file, shape.rows));
        }
        rows += found;
    }
    Ok(format!("{rows} rows in {} files", manifest.shapes.len()))
}

fn definition(manifest: &Manifest) -> Result<Definition, String> {
    Definition::parse(&manifest.dataset.definition).map_err(|e| format!("manifest.json: the definition cannot be read: {e}"))
}

fn digits(json: &Json) -> Option<u64> {
    json.text().parse().ok()
}

/// Checks that every row has its lineage, every lineage its row, and that all it cites is in the bundle.
pub fn lineage(folder: &Path, manifest: &Manifest) -> Result<String, String> {
    let mut known_sources = HashSet::new();
    let sources = Json::parse(&text(folder, "sources.json")?).map_err(|e| format!("sources.json: {e}"))?;
    known_sources.extend(sources.get("sources").map(Json::items).unwrap_or_default().iter().filter_map(|s| s.get("sha256")?.as_str().map(str::to_owned)));
    let mut entries = HashSet::new();
    if folder.join("journal.jsonl").exists() {
        lines(folder, "journal.jsonl", |_, line| {
            let entry = Json::parse(line)?;
            entries.extend(entry.get("id").and_then(Json::as_str).map(str::to_owned));
            Ok(())
        })?;
    }
    let place: HashMap<&str, usize> = manifest.shapes.iter().enumerate().map(|(i, shape)| (shape.file.as_str(), i)).collect();
    let mut expected: HashMap<(usize, usize), [u8; 32]> = HashMap::new();
    let mut ids = HashSet::new();
    let count = lines(folder, "lineage.jsonl", |_, line| {
        let row = Json::parse(line)?;
        let field = |name: &str| row.get(name).and_then(Json::as_str).map(str::to_owned).ok_or_else(|| format!("{name} is missing"));
        let number = row.get("line").map(Json::text).and_then(|digits| digits.parse::<usize>().ok()).ok_or("line is no number")?;
        if !ids.insert(field("row")?) {
            return Err(format!("the row {} stands twice", field("row")?));
        }
        let sides = ["good", "bad"].iter().filter_map(|side| row.get(side)?.get("sources"));
        for source in row.get("sources").into_iter().chain(sides).flat_map(Json::items) {
            let sha256 = source.get("sha256").and_then(Json::as_str).unwrap_or_default();
            if !known_sources.contains(sha256) {
                return Err(format!("the source {sha256} is not in sources.json"));
            }
            let ranges = source.get("ranges").map(Json::items).unwrap_or_default();
            if ranges.iter().any(|range| !matches!(range.items(), [from, to] if digits(from).zip(digits(to)).is_some_and(|(from, to)| from <= to))) {
                return Err(format!("a byte range of the source {sha256} is none"));
            }
        }
        for decision in row.get("decisions").map(Json::items).unwrap_or_default() {
            let entry = decision.get("entry").and_then(Json::as_str).unwrap_or_default();
            if !entries.contains(entry) {
                return Err(format!("the decision {entry} is not in journal.jsonl"));
            }
        }
        let file = field("file")?;
        let file = place.get(file.as_str()).ok_or_else(|| format!("{file} is no data file of manifest.json"))?;
        let sha256 = EntryId::parse(&field("sha256")?).ok_or("sha256 is none")?;
        expected.insert((*file, number), *sha256.bytes());
        Ok(())
    })?;
    for (file, shape) in manifest.shapes.iter().enumerate() {
        let header = usize::from(shape.file.ends_with(".csv"));
        lines(folder, &shape.file, |n, line| {
            if n <= header {
                let known = crate::export::shapes::shape(&shape.shape).and_then(|shape| shape.header);
                return if known == Some(line) { Ok(()) } else { Err("the names of the columns were changed".to_owned()) };
            }
            match expected.remove(&(file, n)) {
                None => Err("it has no lineage".to_owned()),
                Some(sha256) if sha256 != <[u8; 32]>::from(Sha256::digest(line.as_bytes())) => {
                    Err("the row was changed: lineage.jsonl has another hash for it".to_owned())
                }
                Some(_) => Ok(()),
            }
        })?;
    }
    match expected.keys().min() {
        Some((file, line)) => {
            let name = manifest.shapes.get(*file).map_or("a file", |shape| shape.file.as_str());
            Err(format!("lineage.jsonl names {name}, line {line}, which is not there"))
        }
        None => Ok(format!("{count} rows lead to {} sources and {} decisions", known_sources.len(), entries.len())),
    }
}

/// Checks that every decision has the hash it is known by, and that the head is the last of them.
pub fn journal(folder: &Path, manifest: &Manifest) -> Result<String, String> {
    let (mut last, mut veiled): (Option<(u64, String)>, usize) = (None, 0);
    let count = if folder.join("journal.jsonl").exists() {
        lines(folder, "journal.jsonl", |_, line| {
            let (entry, under_pseudonym) = Entry::from_copy(line)?;
            veiled += usize::from(under_pseudonym);
            last = last.take().max(Some((entry.clock, entry.id.to_string())));
            Ok(())
        })?
    } else {
        0
    };
    let head = last.map(|(_, id)| id);
    if head != manifest.journal_head {
        return Err("manifest.json: journal_head is not the last decision of journal.jsonl".to_owned());
    }
    let told = if veiled == 0 { String::new() } else { format!(", {veiled} of them under pseudonyms: their hashes are proven by the journal (--workspace)") };
    Ok(format!("{count} decisions{told}"))
}

/// Checks the card and the Croissant metadata, which follow from the manifest.
pub fn descriptions(folder: &Path, manifest: &Manifest, sums: &Sums) -> Result<String, String> {
    let license = definition(manifest)?.license;
    if text(folder, "README.md")? != card::card(manifest, &license) {
        return Err("README.md does not say what manifest.json says".to_owned());
    }
    let lineage = sums.get("lineage.jsonl").map_or("", String::as_str);
    if text(folder, "croissant.json")? != croissant::croissant(manifest, lineage, &license).text() + "\n" {
        return Err("croissant.json does not say what manifest.json says".to_owned());
    }
    Ok("README.md, croissant.json".to_owned())
}

/// Checks what the manifest says of the audit: the certificate that it names is there, and the findings are those that are listed.
pub fn audit(folder: &Path, manifest: &Manifest, sums: &Sums) -> Result<String, String> {
    if sums.get("certificate.json") != manifest.audit.certificate.as_ref() {
        return Err("certificate.json is not the one that manifest.json names".to_owned());
    }
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    if sums.contains_key("redactions.jsonl") {
        lines(folder, "redactions.jsonl", |_, line| {
            let verdict = Json::parse(line)?.get("verdict").and_then(Json::as_str).unwrap_or_default().to_owned();
            *found.entry(verdict).or_default() += 1;
            Ok(())
        })?;
    }
    if found != manifest.audit.findings {
        return Err("redactions.jsonl does not hold the findings that manifest.json counts".to_owned());
    }
    let signed = if manifest.audit.certificate.is_some() { "with a certificate" } else { "without a certificate" };
    Ok(format!("{}, {} findings, {signed}", manifest.audit.state, found.values().sum::<usize>()))
}

/// Checks every file against its schema, and the schemas against those of this program; in a bundle of another layout, against those sealed with it.
pub fn schemas(folder: &Path, sums: &Sums, own: bool) -> Result<String, String> {
    let mut checked = 0;
    for name in sums.keys() {
        let file = schema::file_name(name);
        let known = if own {
            let Some(known) = schema::of_file(name) else { continue };
            if text(folder, &file)? != known.text() + "\n" {
                return Err(format!("{file} is not the schema of {name}"));
            }
            known
        } else {
            if name.starts_with("schemas/") || !sums.contains_key(&file) || !name.contains(".json") {
                continue;
            }
            Json::parse(&text(folder, &file)?).map_err(|e| format!("{file}: {e}"))?
        };
        if name.ends_with(".jsonl") {
            lines(folder, name, |_, line| schema::check(&known, &Json::parse(line)?, "row"))?;
        } else {
            let json = Json::parse(&text(folder, name)?).map_err(|e| format!("{name}: {e}"))?;
            schema::check(&known, &json, name)?;
        }
        checked += 1;
    }
    Ok(format!("{checked} files{}", if own { "" } else { ", by the schemas of their own layout" }))
}
