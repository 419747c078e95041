//! Tests of the journal: append-only, all or nothing, united in any order.

use super::journal::{Journal, JournalError};
use super::journal_hold::Hold;
use crate::model::{Draft, Entry, Timestamp};
use proptest::prelude::*;

fn note(text: &str) -> Draft {
    Draft { kind: "note", version: 1, body: serde_json::json!({ "text": text }).to_string() }
}

fn at() -> Timestamp {
    Timestamp::parse("2026-05-01T10:00:00.000Z").unwrap()
}

fn open(dir: &tempfile::TempDir, id: &str) -> Journal {
    Journal::open(dir.path(), id).unwrap()
}

fn entries(journal: &Journal) -> Vec<Entry> {
    let mut all = Vec::new();
    journal.each(None, |entry| all.push(entry)).unwrap();
    all
}

#[test]
fn nothing_can_be_changed_or_removed() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(&dir, "a");
    let first = journal.append("ana", at(), &[note("one"), note("two")]).unwrap();
    for sql in ["UPDATE entry SET body = '{}'", "DELETE FROM entry", "INSERT OR REPLACE INTO entry SELECT * FROM entry LIMIT 1"] {
        let refused = journal.db.execute(sql, []).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
    drop(journal);
    let journal = open(&dir, "a");
    assert_eq!(entries(&journal), first);
    let third = &journal.append("ana", at(), &[note("three")]).unwrap()[0];
    assert_eq!((third.seq, third.clock, third.prev), (3, 3, Some(first[1].id)));
    let other = &journal.append("bob", at(), &[note("four")]).unwrap()[0];
    assert_eq!((other.seq, other.clock, other.prev), (1, 4, None));
    assert!(journal.verify().unwrap().broken.is_empty());
}

#[test]
fn a_full_disk_refuses_and_leaves_nothing_half_written() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(&dir, "a");
    journal.append("ana", at(), &[note("kept")]).unwrap();
    let pages: i64 = journal.db.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    journal.db.query_row(&format!("PRAGMA max_page_count = {}", pages + 1), [], |row| row.get::<_, i64>(0)).unwrap();
    let many: Vec<Draft> = (0..50).map(|n| note(&format!("{n} {}", "x".repeat(1000)))).collect();
    let refused = journal.append("ana", at(), &many).unwrap_err();
    assert!(matches!(refused, JournalError::NotSaved { .. }) && refused.to_string().starts_with("NOT SAVED"), "{refused}");
    assert_eq!(journal.count().unwrap(), 1);
    journal.db.query_row("PRAGMA max_page_count = 100000", [], |row| row.get::<_, i64>(0)).unwrap();
    journal.append("ana", at(), &many).unwrap();
    assert_eq!((journal.count().unwrap(), journal.verify().unwrap().broken.len()), (51, 0));
}

#[test]
fn a_tampered_database_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(&dir, "a");
    journal.append("ana", at(), &[note("one"), note("two"), note("three")]).unwrap();
    journal.db.execute_batch("DROP TRIGGER entry_is_not_changed; DROP TRIGGER entry_is_not_deleted").unwrap();
    journal.db.execute("UPDATE entry SET body = '{\"text\":\"none\"}' WHERE seq = 1", []).unwrap();
    journal.db.execute("DELETE FROM entry WHERE seq = 2", []).unwrap();
    let broken = journal.verify().unwrap().broken.join("\n");
    assert!(broken.contains("entry 1 of ana") && broken.contains("before entry 3 of ana"), "{broken}");
}

#[test]
fn a_newer_journal_is_refused_and_a_clock_that_goes_back_does_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(&dir, "a");
    journal.append("ana", at(), &[note("first")]).unwrap();
    journal.append("ana", Timestamp::EPOCH, &[note("second")]).unwrap();
    let bodies: Vec<String> = entries(&journal).into_iter().map(|entry| entry.body.to_string()).collect();
    assert!(bodies[0].contains("first") && bodies[1].contains("second") && journal.verify().unwrap().broken.is_empty());
    journal.db.pragma_update(None, "user_version", 9).unwrap();
    drop(journal);
    let refused = Journal::open(dir.path(), "a").err().unwrap().to_string();
    assert!(refused.contains("use the newer ossia") && refused.contains("nothing was changed"), "{refused}");
}

#[test]
fn two_writers_at_once_keep_one_chain_each() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(&dir, "a"));
    std::thread::scope(|scope| {
        for who in ["ana", "bob", "ana"] {
            let folder = dir.path();
            scope.spawn(move || {
                let journal = Journal::open(folder, "a").unwrap();
                (0..40).for_each(|n| drop(journal.append(who, at(), &[note(&n.to_string())]).unwrap()));
            });
        }
    });
    let proof = open(&dir, "a").verify().unwrap();
    let chains: Vec<(&str, u64)> = proof.heads.iter().map(|head| (head.reviewer.as_str(), head.seq)).collect();
    assert_eq!((proof.entries, chains, proof.broken.len()), (120, vec![("ana", 80), ("bob", 40)], 0));
}

#[test]
fn another_database_is_not_taken_for_a_journal() {
    let dir = tempfile::tempdir().unwrap();
    let db = rusqlite::Connection::open(dir.path().join("journal.db")).unwrap();
    db.execute_batch("CREATE TABLE mine (x)").unwrap();
    assert!(matches!(Journal::open(dir.path(), "a"), Err(JournalError::Foreign { .. })));
}

#[test]
fn a_copied_workspace_that_was_written_on_twice_keeps_both() {
    let (left, right) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, two) = (open(&left, "a"), open(&right, "a"));
    let shared = one.append("ana", at(), &[note("shared")]).unwrap();
    two.unite(&shared).unwrap();
    let here = one.append("ana", at(), &[note("here")]).unwrap();
    two.append("ana", at(), &[note("there")]).unwrap();
    assert_eq!(two.unite(&here).unwrap().new, 1);
    let proof = two.verify().unwrap();
    assert_eq!((proof.entries, proof.heads.len(), proof.broken.len()), (3, 2, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whoever unites what with whom, in whatever order and how often: all end with the same entries.
    #[test]
    fn union_does_not_depend_on_order(writes in prop::collection::vec((0..3usize, 0..2usize), 1..20), merges in prop::collection::vec((0..3usize, 0..3usize), 0..8)) {
        let dirs: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
        let journals: Vec<_> = dirs.iter().zip(["a", "b", "c"]).map(|(dir, id)| open(dir, id)).collect();
        for (turn, &(which, who)) in writes.iter().enumerate() {
            journals[which].append(["ana", "bob"][who], at(), &[note(&turn.to_string())]).unwrap();
            if let Some(&(from, to)) = merges.get(turn) {
                journals[to].unite(&entries(&journals[from])).unwrap();
            }
        }
        let sets: Vec<_> = journals.iter().map(entries).collect();
        let mut orders: Vec<Vec<Entry>> = Vec::new();
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let dir = tempfile::tempdir().unwrap();
            let union = open(&dir, "d");
            for from in order.into_iter().chain([order[0]]) {
                let mut shuffled = sets[from].clone();
                shuffled.reverse();
                union.unite(&shuffled).unwrap();
            }
            prop_assert!(union.verify().unwrap().broken.is_empty());
            orders.push(entries(&union));
        }
        prop_assert_eq!(&orders[0], &orders[1]);
        prop_assert_eq!(&orders[0], &orders[2]);
    }
}

#[test]
fn a_held_journal_reads_no_further() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(&dir, "a");
    let first = journal.append("ana", at(), &[note("one"), note("two")]).unwrap();
    let place = (first[0].clock, first[0].id);
    assert_eq!(journal.last().unwrap(), Some((first[1].clock, first[1].id)));
    let held = Hold { decisions: Some(place), ..Hold::default() };
    assert_eq!(journal.hold(held), Hold::default());
    journal.append("bob", at(), &[note("three")]).unwrap();
    let sliced = journal.slices(None, 2).unwrap().iter().map(|slice| slice.each(&mut |_| {}).unwrap()).sum::<u64>();
    assert_eq!((entries(&journal), journal.of_kinds(&["note"]).unwrap().len(), journal.count().unwrap(), sliced), (vec![first[0].clone()], 1, 1, 1));
    assert_eq!(journal.hold(Hold::default()), held);
    assert_eq!((entries(&journal).len(), journal.count().unwrap()), (3, 3));
}
