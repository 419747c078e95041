//! Exports, tried on the example sessions through the real program.

use super::workspace::Bench;
use std::fs;
use std::path::Path;

fn demo(folder: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo").join(folder).to_str().unwrap().to_owned()
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
