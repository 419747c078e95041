//! Decisions under `kill -9`: what was acknowledged is there afterwards, and the chain is whole.
//!
//! `OSSIA_DECISIONS=10000 cargo test --test it journal_kill` makes as many decisions as it says; the default is short.

use ossia::model::{Draft, Recorded, Timestamp};
use ossia::store::Journal;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Tells the test that it is the process to be killed; names its folder.
const FOLDER: &str = "OSSIA_KILLED_FOLDER";

#[derive(Serialize, Deserialize)]
struct Said {
    n: u64,
    text: String,
}

impl Recorded for Said {
    const KIND: &'static str = "note";
}

fn open(folder: &std::path::Path) -> Journal {
    Journal::open(folder, "00112233445566778899aabbccddeeff").unwrap()
}

/// Decides until it is killed, and acknowledges each decision when the call has returned.
#[test]
fn decide_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let journal = open(folder.as_ref());
    let mut n = journal.count().unwrap();
    loop {
        let drafts: Vec<Draft> = (0..1 + n % 3).map(|more| Draft::of(&Said { n: n + more, text: "x".repeat((n as usize * 37) % 3000) })).collect();
        journal.append("ana", Timestamp::EPOCH, &drafts).unwrap();
        n += drafts.len() as u64;
        println!("\nacknowledged {n}");
    }
}

#[test]
fn what_was_acknowledged_survives() {
    let wanted: u64 = std::env::var("OSSIA_DECISIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
    let dir = tempfile::tempdir().unwrap();
    let (mut kills, mut acknowledged) = (0u64, 0u64);
    while acknowledged < wanted || kills < 8 {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "journal_kill::decide_until_killed", "--nocapture"]).env(FOLDER, dir.path());
        let mut child = child.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Somewhere within the decisions of this round, at a moment that the scheduler chooses.
        let enough = acknowledged + 1 + (kills * 13) % (wanted / 5);
        for line in lines {
            let line = line.unwrap();
            if let Some(n) = line.strip_prefix("acknowledged ") {
                acknowledged = n.parse().unwrap();
                if acknowledged >= enough {
                    let _ = child.kill();
                }
            }
        }
        child.wait().unwrap();
        kills += 1;
        let journal = open(dir.path());
        let proof = journal.verify().unwrap();
        assert!(proof.broken.is_empty(), "after {kills} kills: {:?}", proof.broken);
        assert!(proof.entries >= acknowledged, "acknowledged {acknowledged}, found {}", proof.entries);
        let mut next = 0;
        journal
            .each(None, |entry| {
                assert_eq!(entry.decision::<Said>().unwrap().unwrap().n, next);
                next += 1;
            })
            .unwrap();
    }
}
