//! What must hold of any bytes (`fuzz/src/lib.rs`), of every example and of what the fuzzer found before.

#[path = "../../fuzz/src/lib.rs"]
mod any;

use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).map(|entries| entries.flatten().map(|entry| entry.path()).collect()).unwrap_or_default();
    let entries: Vec<PathBuf> = entries;
    entries.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

#[test]
fn what_was_found_before_holds() {
    for (name, target) in any::TARGETS {
        for path in files(&fixtures().join("found").join(name)) {
            println!("{}", path.display());
            target(&fs::read(&path).unwrap());
        }
    }
}

/// Whatever the target asks of bytes, the examples of every format are such bytes as well: small ones, for the slow targets.
#[test]
fn the_examples_hold() {
    for path in files(&fixtures()).into_iter().filter(|path| !path.starts_with(fixtures().join("found"))) {
        let bytes = fs::read(&path).unwrap();
        println!("{}", path.display());
        any::read(&[&[u8::MAX], bytes.as_slice()].concat());
        if !bytes.starts_with(b"PK") {
            any::detect(&bytes);
        }
        any::clean(&bytes);
        any::json(&bytes);
        for target in [any::query, any::shell, any::schema, any::decode, any::diff] {
            target(&bytes[..bytes.len().min(2000)]);
        }
    }
}
