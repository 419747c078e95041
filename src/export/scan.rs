//! The second look: what is to be replaced in everything that leaves, and the written bytes read once more for what must not be there.

use rayon::prelude::*;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Lines that are looked at together, on every core.
const AT_ONCE: usize = 512;
/// Bytes of lines that are looked at together, at most.
const BYTES_AT_ONCE: usize = 8 << 20;

/// Writes a text without what must not leave.
pub type Replace = Box<dyn Fn(&str) -> String + Send + Sync>;
/// Names what a line still holds.
pub type Find = Box<dyn Fn(&str) -> Vec<Met> + Send + Sync>;

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
    /// Names what a line still holds.
    pub scan: Find,
}

/// A second look at a bundle that is there already.
pub struct Rescan {
    /// Hash of the rules it looks with.
    pub rules_sha256: String,
    /// Names what a line holds.
    pub find: Find,
}

/// Looks at every line of a file, on all cores; hands out what was met with its line from 1, and gives the number of lines.
pub fn file(path: &Path, find: &Find, take: &mut dyn FnMut(usize, Met) -> Result<(), String>) -> Result<usize, String> {
    let mut file = BufReader::with_capacity(1 << 18, File::open(path).map_err(|e| e.to_string())?);
    let (mut done, mut lines): (usize, Vec<Vec<u8>>) = (0, Vec::new());
    loop {
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
        let met: Vec<Vec<Met>> = lines.par_iter().map(|line| find(String::from_utf8_lossy(line).trim_end_matches('\n'))).collect();
        for (i, met) in met.into_iter().enumerate() {
            met.into_iter().try_for_each(|met| take(done + i + 1, met))?;
        }
        done += lines.len();
        lines.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_looked_at_under_its_number() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let text: String = (1..=1200).map(|n| if n % 500 == 0 { "bad\n".to_owned() } else { format!("{n}\n") }).collect();
        std::fs::write(&path, text).unwrap();
        let find: Find = Box::new(|line| {
            let met = Met { what: line.to_owned(), sha256: String::new(), kept: false };
            if line == "bad" { vec![met] } else { Vec::new() }
        });
        let mut found = Vec::new();
        let count = file(&path, &find, &mut |n, _| {
            found.push(n);
            Ok(())
        });
        assert_eq!((count, found), (Ok(1200), vec![500, 1000]));
        let stopped = file(&path, &find, &mut |n, met| Err(format!("{n} {}", met.what)));
        assert_eq!(stopped, Err("500 bad".to_owned()));
    }
}
