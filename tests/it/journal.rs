//! The journal through the real program: reasons, undo across restarts, exchange, files that were cut or changed.

use crate::workspace::Bench;
use std::fs;

/// A workspace in which a decision was recorded: a forgotten source leaves its reason.
fn with_decisions(count: usize) -> Bench {
    let bench = Bench::new();
    for n in 0..count {
        let file = bench.path(&format!("{n}.jsonl"));
        fs::write(&file, format!("{{\"type\":\"x{n}\"}}\n")).unwrap();
        bench.json(&["import", file.to_str().unwrap()]);
        bench.json(&["forget", file.to_str().unwrap(), "--reason", &format!("why {n}"), "--reviewer", "ana"]);
    }
    bench
}

#[test]
fn a_journal_goes_to_another_workspace_and_back() {
    let (one, two) = (with_decisions(2), with_decisions(1));
    let file = one.path("one.journal");
    let written = one.json(&["journal", "export", file.to_str().unwrap()]);
    assert_eq!(written["entries"], 2);
    for known in [0, 2] {
        let taken = two.json(&["journal", "import", file.to_str().unwrap()]);
        assert_eq!((&taken["files"][0]["known"], &taken["entries"]), (&known.into(), &3.into()));
    }
    let proof = two.json(&["journal", "verify"]);
    assert_eq!((&proof["ok"], proof["heads"].as_array().unwrap().len()), (&true.into(), 2));
    // Two reviewers of one name are told apart wherever they are listed.
    for args in [&["journal", "log", "--all"][..], &["journal", "verify"]] {
        let told = String::from_utf8(two.run(args).stdout).unwrap();
        let names: std::collections::BTreeSet<&str> = told.split_whitespace().filter(|word| word.starts_with("ana")).collect();
        assert!(names.len() == 2 && names.iter().all(|name| name.starts_with("ana@")), "{told}");
    }
    let log = two.json(&["journal", "log", "--all"]);
    assert!(log["entries"].as_array().unwrap().iter().any(|e| e["body"]["reason"] == "why 1" && e["reviewer"] == "ana"));
}

#[test]
fn a_cut_or_changed_file_is_refused_whole() {
    let one = with_decisions(3);
    let file = one.path("one.journal");
    one.json(&["journal", "export", file.to_str().unwrap()]);
    let whole = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let cases = [
        (lines[..3].join("\n"), "was cut"),
        (whole[..whole.len() - 40].to_owned(), "it comes after entry 2 of ana"),
        (whole.replace("why 1", "why 7"), "entry 2 of ana"),
        ([lines[0], lines[1], lines[3], lines[3]].join("\n"), "entry before entry 3 of ana"),
        (whole.replace("journal.v1", "journal.v9"), "newer ossia"),
        (lines[1..].join("\n"), "no exported journal"),
    ];
    let two = with_decisions(1);
    for (text, said) in cases {
        let wrong = two.path("wrong.journal");
        fs::write(&wrong, text).unwrap();
        let out = two.run(&["journal", "import", wrong.to_str().unwrap()]);
        let stderr = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(3), "{stderr}");
        assert!(stderr.contains(said), "{said}: {stderr}");
        assert_eq!(two.json(&["journal", "verify"])["entries"], 1);
    }
}

#[test]
fn what_happened_cannot_be_undone_and_names_must_be_names() {
    let bench = with_decisions(1);
    assert_eq!(bench.run(&["undo", "--reviewer", "ana"]).status.code(), Some(1));
    let out = bench.run(&["forget", "x", "--reason", " ", "--reviewer", "ana"]);
    assert_eq!(out.status.code(), Some(2));
}
