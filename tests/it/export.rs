//! Exports, tried on the example sessions through the real program.

use super::workspace::Bench;
use std::fs;
use std::path::Path;

fn demo(folder: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo").join(folder).to_str().unwrap().to_owned()
}

/// Random bytes to change; a long run for whoever asks: OSSIA_FLIPS=1000.
fn flips() -> u64 {
    std::env::var("OSSIA_FLIPS").ok().and_then(|n| n.parse().ok()).unwrap_or(120)
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn any_changed_byte_is_found() {
    let bench = Bench::new();
    bench.json(&["import", &demo("flaky-checkout-candidate")]);
    let out = bench.path("bundle");
    let overrides = ["--override", "answers=a trial", "--override", "audit=a trial"];
    bench.json(&[&["export", "", "--shape", "all", "--out", out.to_str().unwrap()][..], &overrides].concat());
    let whole = ossia::export::verify(&out, None, None);
    assert!(whole.ok, "{whole:?}");
    assert_eq!(bench.json(&["verify", out.to_str().unwrap(), "--workspace", bench.path("ws").to_str().unwrap()])["ok"], true);
    let mut places = files(&out);
    places.sort();
    let total: u64 = places.iter().map(|f| fs::metadata(f).unwrap().len()).sum();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for n in 0..flips() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        // Small files are as likely as large ones every other time.
        let (file, at) = if n % 2 == 0 {
            let mut at = random % total;
            let file = places.iter().find(|f| {
                let length = fs::metadata(f).unwrap().len();
                let here = at < length;
                at -= if here { 0 } else { length };
                here
            });
            (file.unwrap(), at)
        } else {
            let file = &places[usize::try_from(random % places.len() as u64).unwrap()];
            (file, (random >> 32) % fs::metadata(file).unwrap().len())
        };
        let good = fs::read(file).unwrap();
        let mut bad = good.clone();
        bad[usize::try_from(at).unwrap()] ^= 1 << (random % 7);
        fs::write(file, &bad).unwrap();
        let report = ossia::export::verify(&out, None, None);
        assert!(!report.ok, "byte {at} of {} was changed and nobody saw it", file.display());
        let line = 1 + good[..usize::try_from(at).unwrap()].iter().filter(|byte| **byte == b'\n').count();
        let place = format!("{}, line {line}", file.strip_prefix(&out).unwrap().display());
        let named = |check: &ossia::export::Check| !check.ok && check.detail.starts_with(&place) && !check.detail[place.len()..].starts_with(char::is_numeric);
        assert!(report.checks.iter().any(named), "byte {at} of {place}: {report:?}");
        fs::write(file, &good).unwrap();
    }
    fs::write(out.join("extra"), "x").unwrap();
    assert!(!ossia::export::verify(&out, None, None).ok);
}

#[test]
fn a_row_is_traced_to_its_bytes_and_back() {
    let bench = Bench::new();
    bench.json(&["import", &demo("publish-docs")]);
    let out = bench.path("bundle");
    let (bundle, overrides) = (out.to_str().unwrap(), ["--override", "answers=a trial", "--override", "audit=a trial"]);
    bench.json(&[&["export", "", "--shape", "hf-sft", "--out", bundle][..], &overrides].concat());
    let first = bench.json(&["trace", bundle, "hf-sft.jsonl:1"]);
    let id = first["lineage"]["row"].as_str().unwrap();
    assert_eq!(bench.json(&["trace", bundle, id]), first);
    let source = &first["lineage"]["sources"][0];
    let (from, to) = (source["ranges"][0][0].as_u64().unwrap(), source["ranges"][0][1].as_u64().unwrap());
    let named = |f: &std::path::PathBuf| {
        ossia::model::ids::hex(&sha2::Digest::finalize(sha2::Digest::chain_update(<sha2::Sha256 as sha2::Digest>::new(), fs::read(f).unwrap())))
            == source["sha256"]
    };
    let file = files(Path::new(&demo("publish-docs"))).into_iter().find(|f| named(f)).unwrap();
    let bytes = fs::read(file).unwrap();
    let record = &bytes[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()];
    assert!(serde_json::from_slice::<serde_json::Value>(record).is_ok());
    let trajectory = first["lineage"]["trajectory"].as_str().unwrap();
    let rows = bench.json(&["trace", bundle, "--reverse", trajectory]);
    assert!(rows["rows"].as_array().unwrap().len() > 3);
    assert_eq!(bench.run(&["trace", bundle, "no-such-row"]).status.code(), Some(2));
}

/// Invented secrets that stand in the example sessions.
const SECRETS: [&str; 4] = ["AKIA6GIGWRVQQHELECTB", "eyJzdWIiOiJjYWNoZS1hZG1pbiIs", "vb3E1EBRlEJJg2MiKC", "sk-WgnJkRXpbrLgANHrQVmh8GvVPeIQOPbNuUyUBCEe"];

#[test]
fn the_demo_brings_a_row_of_every_shape() {
    let bench = Bench::new();
    let demo = bench.json(&["demo", "--no-tui"]);
    let workspace = demo["workspace"].as_str().unwrap();
    let out = bench.path("bundle");
    let report = bench.json(&["export", demo["datasets"][0].as_str().unwrap(), "--workspace", workspace, "--out", out.to_str().unwrap()]);
    let rows = |shape: &str| report["shapes"].as_array().unwrap().iter().find(|s| s["shape"] == shape).map_or(0, |s| s["rows"].as_u64().unwrap());
    for shape in ossia::export::SHAPES {
        assert!(rows(shape.name) >= shape.least as u64, "{} has {} rows: {report}", shape.name, rows(shape.name));
    }
    assert_eq!(bench.json(&["verify", out.to_str().unwrap(), "--workspace", workspace])["ok"], true);
    let traced = bench.json(&["trace", out.to_str().unwrap(), "hf-preference.jsonl:1"]);
    assert!(!traced["decisions"].as_array().unwrap().is_empty() && traced["card"]["labels"].is_object(), "{traced}");
    let manifest: serde_json::Value = serde_json::from_str(&fs::read_to_string(out.join("manifest.json")).unwrap()).unwrap();
    assert!(manifest["overridden"].as_array().unwrap().iter().all(|o| o["gate"] != "audit"), "nobody overrides the audit of the demo");
    let told = bench.run(&["trace", out.to_str().unwrap(), "hf-preference.jsonl:1"]);
    let told = String::from_utf8(told.stdout).unwrap();
    for part in ["\nwhy: ", "\naudit: clean, by the rules ", "needs_ask = ", "decided by p-", "  entry ", " bytes, read by ossia", "\nto avoid ("] {
        assert!(told.contains(part) && !told.contains("question_hash"), "{part}: {told}");
    }
    let mut redacted = 0;
    for path in files(&out) {
        let text = fs::read_to_string(path).unwrap();
        redacted += text.matches("[REDACTED:").count();
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} leaves");
        }
    }
    assert!(redacted > 0);
    let listed = bench.json(&["dataset", "ls", "--workspace", workspace]);
    assert_eq!(listed["datasets"][0]["ready"], true);
    fs::remove_dir_all(Path::new(workspace).parent().unwrap()).unwrap();
}

#[test]
fn nothing_leaves_unjudged() {
    let bench = Bench::new();
    bench.json(&["import", &demo("flaky-checkout-candidate")]);
    let out = bench.path("bundle");
    let report = bench.json(&["export", "arm:candidate", "--out", out.to_str().unwrap()]);
    assert_eq!(report["shapes"].as_array().unwrap().len(), 0);
    assert!(report["blocked"].as_array().unwrap().iter().all(|b| b["gate"] == "answers"));
    assert_eq!(bench.run(&["export", "arm:candidate", "--strict", "--out", bench.path("b").to_str().unwrap()]).status.code(), Some(1));
    assert!(!bench.path("b").exists());
}

#[test]
fn the_same_export_twice_is_the_same_to_the_byte() {
    let bench = Bench::new();
    bench.json(&["import", &demo("flaky-checkout-candidate"), &demo("rotate-staging-keys")]);
    let export = |name: &str| {
        let out = bench.path(name);
        let overrides = ["--override", "answers=a trial", "--override", "audit=a trial"];
        let report = bench.json(&[&["export", "", "--shape", "tinker-sft", "--out", out.to_str().unwrap()][..], &overrides].concat());
        assert!(report["shapes"][0]["rows"].as_u64().unwrap() > 15, "{report}");
        let read = |file: &str| fs::read(out.join(file)).unwrap();
        [read("data/tinker-sft.jsonl"), read("lineage.jsonl"), read("manifest.json"), read("SHA256SUMS")]
    };
    assert_eq!(export("one"), export("two"));
}
