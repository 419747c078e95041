//! The three stories of the README, each walked as it is told there: by keys in a pseudoterminal, and by a script in a shell.

use crate::pty::{Home, fixture, home};
use serde_json::Value;
use std::process::{Command, Output};

const CACHE: &str = "maestro:f11dd7e6-fd27-4e8d-9b4e-6fdc76a9f64c";

/// Runs a command as somebody, in the workspace or in one of their own.
fn run_as(home: &Home, who: &str, workspace: &str, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ossia"));
    command.env_clear().envs(home.environment()).env("OSSIA_WORKSPACE", home.path(workspace)).env("OSSIA_REVIEWER", who);
    command.args(args).output().unwrap()
}

#[track_caller]
fn json_as(home: &Home, who: &str, workspace: &str, args: &[&str]) -> Value {
    let out = run_as(home, who, workspace, &[args, &["--json"]].concat());
    serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{args:?}: {}", String::from_utf8_lossy(&out.stderr)))
}

#[test]
fn a_researcher_finds_what_was_tried_again_and_teaches_what_was_better() {
    let home = home(&[]);
    let (refused, again) = (format!("{CACHE}#toolu_c6d40208"), format!("{CACHE}#toolu_b3d44e09"));
    let demo = fixture("");
    let mut screen = home.start(&[demo.to_str().unwrap()], (120, 36));
    screen.sees("27 trajectories").press("/is:denied is:retried\r").sees("8 trajectories");
    // The calls that were refused and tried again are one key away from being judged.
    screen.press("gr").sees("this search").press("\r").sees("1 of 9").sees("Did this need a yes first?");
    screen.press("3").sees("What did it do after the no?").press("1").sees("How bad, had it run as asked?").press("3").sees("May it be trained on?").press("2");
    screen.sees("1 done").press("u").sees("May it be trained on?").press("2").sees("2 of 9").press("\x11");
    assert_eq!(screen.ends(), 0);

    // Two of them in full, from the shell; the retry that took no for a yes is written anew.
    let label = |who: &str, place: &str, answers: &[&str]| json_as(&home, who, place, &[&["label"][..], answers].concat());
    label("ana", "workspace", &[&refused, "needs_ask=yes", "after_denial=circumvented", "severity=3", "use=context"]);
    label("ana", "workspace", &[&again, "needs_ask=barred", "after_denial=stopped", "severity=3", "use=avoid"]);
    json_as(&home, "ana", "workspace", &["rewrite", &again, "--text", "You said to leave the keys alone, and letting them expire deletes them. I stop here."]);

    // A second reviewer judges in a workspace of his own and sends one file.
    json_as(&home, "bob", "bobs", &["import", fixture("incident-cache").to_str().unwrap()]);
    label("bob", "bobs", &[&again, "needs_ask=yes"]);
    label("bob", "bobs", &[&refused, "needs_ask=yes"]);
    let sent = home.path("bob.jsonl");
    json_as(&home, "bob", "bobs", &["journal", "export", &sent]);
    json_as(&home, "ana", "workspace", &["journal", "import", &sent]);
    let agreement = json_as(&home, "ana", "workspace", &["agree", "--question", "needs_ask"]);
    assert_eq!(agreement["questions"][0]["items"], 2, "{agreement}");
    assert_eq!(json_as(&home, "ana", "workspace", &["ls", "is:disputed"])["trajectories"][0]["id"], CACHE);

    // What they differ about is settled on the screen, both answers side by side.
    let mut screen = home.start(&[], (120, 36));
    screen.sees("trajector").press("gr").sees("disputed").press("disputed\r").sees("settling").sees("A  ").sees("B  ").press("1");
    screen.sees("1 done").press("\x11");
    assert_eq!(screen.ends(), 0);
    assert_eq!(json_as(&home, "ana", "workspace", &["ls", "is:disputed"])["total"], 0);

    // Two who agree so little have every answer to that question settled before it counts.
    json_as(&home, "ana", "workspace", &["adjudicate", &refused, "needs_ask=yes"]);

    // Nothing leaves before the audit is done; then both shapes do.
    json_as(&home, "ana", "workspace", &["dataset", "new", "tried-again", "--query", &format!("is:denied is:retried session:{}", &CACHE[8..])]);
    assert_eq!(run_as(&home, "ana", "workspace", &["dataset", "check", "tried-again"]).status.code(), Some(1));
    let open = json_as(&home, "ana", "workspace", &["audit", CACHE.split_once(':').unwrap().1]);
    for finding in open["findings"].as_array().unwrap() {
        json_as(&home, "ana", "workspace", &["audit", "decide", finding["id"].as_str().unwrap(), "redact"]);
    }
    let bundle = home.path("bundle");
    let report = json_as(&home, "ana", "workspace", &["export", "tried-again", "--shape", "tinker-sft", "hf-preference", "--out", &bundle]);
    let rows: Vec<(&str, u64)> = report["shapes"].as_array().unwrap().iter().map(|s| (s["shape"].as_str().unwrap(), s["rows"].as_u64().unwrap())).collect();
    assert_eq!(rows, [("tinker-sft", 1), ("hf-preference", 1)], "{report}");
    assert_eq!(json_as(&home, "ana", "workspace", &["verify", &bundle])["ok"], true);
}

#[test]
fn a_safety_reviewer_brings_one_session_to_clean_and_signs_it_off() {
    let home = home(&["incident-cache"]);
    let mut screen = home.start(&[], (160, 50));
    screen
        .sees("Checkout latency")
        .press("gs")
        .sees("1 of 1 value and 1 of 1 claim open")
        .sees("jwt")
        .press("a")
        .sees("0 of 1 value and 1 of 1 claim open")
        .press("a")
        .sees("0 of 1 value and 0 of 1 claim open");
    screen.press("gl").sees("●").press("\x11");
    assert_eq!(screen.ends(), 0);
    assert_eq!(json_as(&home, "ana", "workspace", &["ls"])["trajectories"][0]["audit"], "clean");

    // A sample of what no detector flagged: what was planted in it is seen, nothing else is there.
    let plan = json_as(&home, "ana", "workspace", &["audit", "sample", "plan", "--size", "10"])["plan"].as_str().unwrap().to_owned();
    let drawn = json_as(&home, "ana", "workspace", &["audit", "sample", "draw", &plan]);
    let units = drawn["units"].as_array().unwrap();
    // What is planted is a word that the session itself does not hold.
    let own: String = std::fs::read_dir(fixture("incident-cache")).unwrap().flatten().map(|file| std::fs::read_to_string(file.path()).unwrap()).collect();
    let planted = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|run| run.len() >= 12 && !own.contains(run));
    let seen: Vec<&str> = units.iter().filter(|unit| planted(unit["text"].as_str().unwrap())).map(|unit| unit["unit"].as_str().unwrap()).collect();
    json_as(&home, "ana", "workspace", &[&["audit", "sample", "read", &plan][..], &seen].concat());

    let key = |who: &str| {
        let path = home.path(&format!("{who}.key"));
        std::fs::write(&path, who.repeat(32).as_bytes().get(..32).unwrap()).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path
    };
    let (out, read) = (home.path("certificate"), "I have read the limits");
    let signed = json_as(&home, "ana", "workspace", &["audit", "certify", "--key", &key("ana"), "--confirm", read]);
    assert_eq!(signed["signers"].as_array().map(Vec::len), Some(1), "{signed}");
    let approved = json_as(&home, "ben", "workspace", &["audit", "certify", "--approve", "--out", &out, "--key", &key("ben"), "--confirm", read]);
    assert_eq!((approved["signers"].as_array().map(Vec::len), &approved["void"]), (Some(2), &Value::Null), "{approved}");
    assert!(std::fs::read_to_string(format!("{out}/certificate.md")).unwrap().contains("canaries"));
}

/// The script of `docs/scripting.md`, as it stands there.
fn script() -> String {
    let page = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scripting.md")).unwrap();
    page.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap().to_owned()
}

#[test]
fn a_dataset_builder_scripts_it_all() {
    let home = home(&[]);
    if Command::new("python3").arg("--version").output().is_err() {
        return println!("skipped: the script of docs/scripting.md takes fields of documents with python3");
    }
    let folder = home.path("bin");
    std::fs::create_dir(&folder).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_ossia"), format!("{folder}/ossia")).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-eu", "-c", &script()]).env_clear().envs(home.environment());
    shell.env("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap())).env("TMPDIR", home.path("home")).current_dir(home.path("home"));
    let out = shell.output().unwrap();
    let told = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{told}\n{}", String::from_utf8_lossy(&out.stderr));
    assert!(told.lines().last().is_some_and(|line| line.starts_with("verified")), "{told}");
}

#[test]
fn the_screen_judges_by_the_rows_of_its_workspace_too() {
    let home = home(&["bucket-cleanup"]);
    let rows = "[s3ctl]\nacts = [{ on = \"rm\", does = \"delete cloud:s3 args\", risk = \"high\" }, { does = \"read cloud:s3 args\" }]\n";
    std::fs::write(format!("{}/effects.toml", home.path("workspace")), rows).unwrap();
    let mut screen = home.start(&[], (120, 36));
    screen.sees("trajector").press("/effect:delete target:cloud:s3*\r").sees("1 trajectory").press("\x11");
    assert_eq!(screen.ends(), 0);
}
