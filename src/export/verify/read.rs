//! Reading a bundle that is verified: its manifest, in whichever layout, its files whole and line by line.

use crate::export::bundle::manifest::{LAYOUT, Manifest};
use crate::export::json::Json;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Reads the manifest of a bundle.
pub fn manifest(folder: &Path) -> Result<Manifest, String> {
    let told = text(folder, "manifest.json")?;
    serde_json::from_str(&told).map_err(|e| match foreign(&told) {
        Some(by) => format!("manifest.json is {by}, which this program cannot read ({e}); what is said of the seals holds: verify the rest with that version"),
        None => format!("manifest.json: {e}"),
    })
}

/// Says of a manifest in another layout than this program writes in which one it is, and by which version.
pub fn foreign(manifest: &str) -> Option<String> {
    let json = Json::parse(manifest).ok()?;
    let layout: u32 = json.get("layout").map_or(Some(1), |layout| layout.text().parse().ok())?;
    let version = json.get("tool")?.get("version")?.as_str()?;
    (layout != LAYOUT).then(|| format!("in layout {layout}, by ossia {version}"))
}

/// Reads a file of a bundle whole.
pub fn text(folder: &Path, name: &str) -> Result<String, String> {
    std::fs::read_to_string(folder.join(name)).map_err(|e| format!("{name}: {e}"))
}

/// Visits the lines of a file; each with its number from 1. Every line must end.
pub fn lines(folder: &Path, name: &str, mut visit: impl FnMut(usize, &str) -> Result<(), String>) -> Result<usize, String> {
    let mut file = BufReader::with_capacity(1 << 18, File::open(folder.join(name)).map_err(|e| format!("{name}: {e}"))?);
    let (mut line, mut n) = (String::new(), 0);
    while file.read_line(&mut line).map_err(|e| format!("{name}, line {}: {e}", n + 1))? > 0 {
        n += 1;
        let text = line.strip_suffix('\n').ok_or_else(|| format!("{name}, line {n}: it does not end"))?;
        visit(n, text).map_err(|why| format!("{name}, line {n}: {why}"))?;
        line.clear();
    }
    Ok(n)
}
