//! What a long day does to a workspace: processes that die at any moment, a full disk, a folder that may only be read, a clock that jumps.
//!
//! The soak is long and left out as a rule: `OSSIA_ROUNDS=1000 cargo test --test it hardships::soak -- --ignored`.

use crate::lot::Lot;
use crate::workspace::Bench;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo")
}

/// Writes the sessions of an example under many ids, others in every folder; gives the folder.
fn copies(folder: &Path, count: usize) -> PathBuf {
    let text = fs::read_to_string(demo().join("backfill-ledger/session.jsonl")).unwrap();
    let head: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let id = head["id"].as_str().or(head["sessionId"].as_str()).unwrap();
    fs::create_dir_all(folder).unwrap();
    let place = std::hash::BuildHasher::hash_one(&std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default(), folder);
    for n in 0..count {
        fs::write(folder.join(format!("{n}.jsonl")), text.replace(id, &format!("{place:016x}-{n}-{id}"))).unwrap();
    }
    folder.to_owned()
}

/// Starts the program in a workspace, silently.
fn start(workspace: &Path, cache: &Path, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ossia"));
    command.args(args).env("OSSIA_WORKSPACE", workspace).env("XDG_CACHE_HOME", cache).env("OSSIA_REVIEWER", "ana").env_remove("OSSIA_CONFIG");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Kills a process after a while that a seed chooses; gives whether it was still at work, and what it had said.
fn kill_after(mut child: Child, ms: u64) -> (bool, Output) {
    let end = Instant::now() + Duration::from_millis(ms);
    while Instant::now() < end && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let alive = child.try_wait().unwrap().is_none();
    // It may end between the question and the signal.
    let _ = child.kill();
    (alive, child.wait_with_output().unwrap())
}

/// Time in ms for what is not to be killed.
const PATIENCE: u64 = 60_000;

/// Kills import, judging and export at any moment, round by round; after each the workspace is whole and nothing acknowledged is lost.
fn soak_for(rounds: u64) {
    let home = tempfile::tempdir().unwrap();
    let (workspace, cache, bundles) = (home.path().join("ws"), home.path().join("cache"), home.path().join("bundles"));
    fs::create_dir(&bundles).unwrap();
    let run = |args: &[&str]| start(&workspace, &cache, args).wait_with_output().unwrap();
    let json = |args: &[&str]| -> Value {
        let out = run(&[args, &["--json"]].concat());
        serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{args:?} said {:?}", String::from_utf8_lossy(&out.stdout)))
    };
    json(&["import", demo().join("publish-docs").to_str().unwrap()]);
    let call = "maestro:31809a1a-326e-4ecc-beca-169f766b79f3#toolu_43ff3803";
    let (mut lot, mut kills, mut acknowledged) = (Lot(0x9e37_79b9_7f4a_7c15), [0_u64; 3], 0_u64);
    for round in 0..rounds {
        let kind = lot.below(3);
        let wait = [400, 120, 250][kind];
        // The first label and some others have the time they need, however slow the machine is: only what is acknowledged can be lost.
        let moment = if kind == 1 && (acknowledged == 0 || lot.below(3) == 0) { PATIENCE } else { 2 + lot.below(wait) as u64 };
        let child = match kind {
            0 => {
                let folder = copies(&home.path().join("in").join(round.to_string()), 1 + lot.below(12));
                start(&workspace, &cache, &["import", folder.to_str().unwrap(), "--json"])
            }
            1 => start(&workspace, &cache, &["label", call, &format!("needs_ask={}", ["yes", "no"][lot.below(2)]), "--json"]),
            _ => {
                let out = bundles.join(round.to_string());
                start(
                    &workspace,
                    &cache,
                    &["export", "", "--shape", "hf-sft", "--override", "answers=soak", "--override", "audit=soak", "--out", out.to_str().unwrap()],
                )
            }
        };
        let (alive, out) = kill_after(child, moment);
        kills[kind] += u64::from(alive);
        acknowledged += u64::from(kind == 1 && serde_json::from_slice::<Value>(&out.stdout).is_ok());
        let folder = bundles.join(round.to_string());
        assert!(!folder.exists() || json(&["verify", folder.to_str().unwrap()])["ok"] == true, "round {round}: half a bundle stands where a whole one should");
        if round % 20 == 19 || round + 1 == rounds {
            let proof = json(&["journal", "verify"]);
            assert_eq!(proof["ok"], true, "round {round}: {proof}");
            let checked = json(&["doctor", "--repair"]);
            assert_eq!(checked["ok"], true, "round {round}: {checked}");
            let labels = json(&["labels", "--history"])["labels"].as_array().map_or(0, Vec::len) as u64;
            assert!(labels >= acknowledged, "round {round}: {acknowledged} labels were acknowledged, {labels} are there");
        }
    }
    assert!(acknowledged > 0, "nothing was acknowledged that could be lost");
    println!("{rounds} rounds; killed at work: {} imports, {} labels, {} exports; {acknowledged} labels acknowledged", kills[0], kills[1], kills[2]);
    // What was killed is done again, and nothing stands twice.
    json(&["import", home.path().join("in").to_str().unwrap()]);
    let listed = json(&["ls", "--limit", "100000"]);
    let ids: std::collections::BTreeSet<&str> = listed["trajectories"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len() as u64, listed["total"].as_u64().unwrap());
}

#[test]
fn what_dies_at_any_moment_leaves_a_whole_workspace() {
    soak_for(12);
}

#[test]
#[ignore = "minutes to an hour: OSSIA_ROUNDS says how many rounds"]
fn soak() {
    soak_for(std::env::var("OSSIA_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1000));
}

/// Runs a script as root of a namespace of its own with a small disk at `disk`; `None` where the system allows none.
fn on_a_small_disk(disk: &Path, megabytes: u32, script: &str) -> Option<String> {
    let mount = format!("mount -t tmpfs -o size={megabytes}m tmpfs '{}' || exit 99\n{script}", disk.display());
    let out = Command::new("unshare").args(["-rm", "sh", "-c", &mount]).output().ok()?;
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    if out.status.code() == Some(99) || said.contains("unshare:") {
        return None;
    }
    assert!(out.status.success(), "{said}");
    Some(said)
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let home = tempfile::tempdir().unwrap();
    let disk = home.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let folder = copies(&home.path().join("in"), 400);
    let (ossia, demo) = (env!("CARGO_BIN_EXE_ossia"), demo());
    let call = "maestro:31809a1a-326e-4ecc-beca-169f766b79f3#toolu_43ff3803";
    let script = format!(
        "export OSSIA_WORKSPACE={disk}/ws XDG_CACHE_HOME={disk}/cache OSSIA_REVIEWER=ana
        '{ossia}' import '{demo}/publish-docs' --quiet >/dev/null || exit 1
        '{ossia}' label '{call}' needs_ask=yes --json >/dev/null || exit 2
        dd if=/dev/zero of={disk}/filler bs=1k count=100000 2>/dev/null
        '{ossia}' import '{folder}' --quiet >/dev/null; echo \"import ended with $?\"
        '{ossia}' label '{call}' needs_ask=no; echo \"label ended with $?\"
        '{ossia}' export '' --shape hf-sft --override answers=a --override audit=a --out {disk}/bundle; echo \"export ended with $?\"
        test ! -e {disk}/bundle || '{ossia}' verify {disk}/bundle || exit 3
        rm {disk}/filler
        '{ossia}' journal verify --json || exit 4
        '{ossia}' doctor --repair --json || exit 5
        '{ossia}' labels --json | grep -q '\"answer\":\"yes\"' || '{ossia}' labels --json | grep -q '\"answer\":\"no\"' || exit 6
        '{ossia}' label '{call}' needs_ask=no --json >/dev/null || exit 7",
        disk = disk.display(),
        demo = demo.display(),
        folder = folder.display(),
    );
    let Some(said) = on_a_small_disk(&disk, 24, &script) else {
        return println!("skipped: this system lets nobody mount a small disk (unshare -rm)");
    };
    assert!(!said.contains("ended with 70") && !said.contains("panicked"), "a full disk is no bug: {said}");
    assert!(said.contains("import ended with 3") || said.contains("label ended with 3"), "{said}");
    assert!(said.contains("full"), "it says what is the matter: {said}");
}

#[test]
fn a_folder_that_may_only_be_read_is_said_to_be_so() {
    let home = tempfile::tempdir().unwrap();
    let (workspace, cache) = (home.path().join("ws"), home.path().join("cache"));
    let run = |args: &[&str]| start(&workspace, &cache, args).wait_with_output().unwrap();
    assert!(run(&["import", demo().join("publish-docs").to_str().unwrap(), "--json"]).status.success());
    let bind = format!(
        "mount --bind '{0}' '{0}' && mount -o remount,bind,ro '{0}' || exit 99
        export OSSIA_WORKSPACE='{0}' XDG_CACHE_HOME='{1}' OSSIA_REVIEWER=ana
        '{2}' ls --json; echo \"ls ended with $?\"; '{2}' search make --json; echo \"search ended with $?\"
        '{2}' label maestro:31809a1a-326e-4ecc-beca-169f766b79f3#toolu_43ff3803 needs_ask=yes; echo \"label ended with $?\"
        '{2}' import '{3}'; echo \"import ended with $?\"",
        workspace.display(),
        cache.display(),
        env!("CARGO_BIN_EXE_ossia"),
        demo().join("incident-cache").display(),
    );
    let Ok(out) = Command::new("unshare").args(["-rm", "sh", "-c", &bind]).output() else { return println!("skipped: there is no unshare") };
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    if out.status.code() == Some(99) || said.contains("unshare:") {
        return println!("skipped: this system lets nobody mount a folder for reading alone");
    }
    // What only reads is done; what would write is refused, with what to do, and nothing is changed.
    for (command, exit) in [("ls", 0), ("search", 0), ("label", 3), ("import", 3)] {
        assert!(said.contains(&format!("{command} ended with {exit}")), "{command}: {said}");
    }
    assert_eq!(said.matches("copy it there, and name that copy with --workspace").count(), 2, "{said}");
    assert!(said.contains("NOT SAVED") && !said.contains("panicked"), "{said}");
    assert!(run(&["doctor", "--json"]).status.success());
}

#[test]
fn a_file_that_may_not_be_read_is_named() {
    let bench = Bench::new();
    let folder = copies(&bench.path("in"), 2);
    fs::set_permissions(folder.join("0.jsonl"), fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(folder.join("0.jsonl")).is_ok() {
        return println!("skipped: this account may read everything");
    }
    let report = bench.json(&["import", folder.to_str().unwrap()]);
    let failed: Vec<&str> = report["sources"].as_array().unwrap().iter().filter(|s| s["status"] == "failed").map(|s| s["path"].as_str().unwrap()).collect();
    assert_eq!(failed.len(), 1, "{report}");
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Said {
    n: u64,
}

impl ossia::model::Recorded for Said {
    const KIND: &'static str = "note";
}

#[test]
fn decisions_keep_their_order_when_the_clock_jumps() {
    let home = tempfile::tempdir().unwrap();
    let journal = ossia::store::Journal::open(home.path(), "00112233445566778899aabbccddeeff").unwrap();
    let note = |n: u64| ossia::model::Draft::of(&Said { n });
    // Noon, a year later, the beginning of time, noon again: what was said last counts last.
    let moments = [1_780_000_000_000, 1_811_536_000_000, 0, 1_780_000_000_001];
    for (n, at) in moments.iter().enumerate() {
        journal.append("ana", ossia::model::Timestamp::from_ms(*at).unwrap(), &[note(n as u64)]).unwrap();
    }
    let mut seen = Vec::new();
    journal.each(None, |entry| seen.push((entry.seq, entry.at.ms()))).unwrap();
    assert_eq!(seen.iter().map(|(_, at)| *at).collect::<Vec<_>>(), moments);
    assert!(seen.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert!(journal.verify().unwrap().broken.is_empty());
}

#[test]
fn an_answer_before_its_question_has_no_length() {
    let bench = Bench::new();
    let file = bench.path("exec.jsonl");
    let text = fs::read_to_string(demo().join("publish-docs/exec.jsonl")).unwrap();
    // The clock of that machine was set back by a day while it waited.
    fs::write(&file, text.replace("2026-05-29T10:21:08", "2026-05-28T10:21:08")).unwrap();
    bench.json(&["import", file.to_str().unwrap()]);
    let call = bench.json(&["show", "toolu_43ff3803"]);
    let wait = &call["waits"][0];
    assert_eq!((&wait["decision"], &wait["wait_ms"]), (&"denied".into(), &Value::Null), "{wait}");
    assert_eq!(call["steps"], serde_json::json!(["toolu_43ff3803.call", "toolu_43ff3803.wait", "toolu_43ff3803.resolution", "toolu_43ff3803.result"]));
    assert_eq!(bench.json(&["search", "wait:<0s"]).get("total"), Some(&0.into()));
}

/// Two that import, one that judges and one that reads, in one workspace, for as long as `OSSIA_SECONDS` says.
#[test]
fn several_at_once_do_not_get_in_each_others_way() {
    let home = tempfile::tempdir().unwrap();
    let (workspace, cache) = (home.path().join("ws"), home.path().join("cache"));
    let run = |args: &[&str]| start(&workspace, &cache, args).wait_with_output().unwrap();
    assert!(run(&["import", demo().join("publish-docs").to_str().unwrap(), "--json"]).status.success());
    let seconds = std::env::var("OSSIA_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(4);
    let end = Instant::now() + Duration::from_secs(seconds);
    let until_end = |job: &(dyn Fn(u64) + Sync)| (0..).take_while(|_| Instant::now() < end).inspect(|n| job(*n)).count();
    let import = |who: &'static str| {
        let (home, run) = (home.path(), &run);
        move |n: u64| {
            let folder = copies(&home.join(who).join(n.to_string()), 3);
            let out = run(&["import", folder.to_str().unwrap(), "--json"]);
            assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
        }
    };
    let judge = |n: u64| {
        let out = run(&["label", "maestro:31809a1a-326e-4ecc-beca-169f766b79f3#toolu_43ff3803", ["needs_ask=yes", "needs_ask=no"][(n % 2) as usize], "--json"]);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
    };
    let read = |_: u64| {
        let out = run(&["search", "kind:tool_call", "--json"]);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
    };
    let (first, second) = (import("a"), import("b"));
    let counts = std::thread::scope(|scope| {
        let jobs: [&(dyn Fn(u64) + Sync); 4] = [&first, &second, &judge, &read];
        let jobs = jobs.map(|job| scope.spawn(move || until_end(job)));
        jobs.map(|job| job.join().unwrap())
    });
    println!("{counts:?} imports, imports, labels and searches in {seconds} s");
    let json = |args: &[&str]| -> Value { serde_json::from_slice(&run(&[args, &["--json"]].concat()).stdout).unwrap() };
    assert_eq!(json(&["doctor"])["ok"], true);
    assert_eq!(json(&["labels", "--history"])["labels"].as_array().unwrap().len(), counts[2]);
    assert_eq!(json(&["ls"])["total"].as_u64(), Some(1 + 3 * (counts[0] + counts[1]) as u64));
}
