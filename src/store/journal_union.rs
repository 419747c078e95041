//! Uniting journals and proving one: every entry sealed, every chain unbroken, nothing taken unless all of it holds.

use super::journal::{Journal, JournalError, Result};
use crate::model::{Entry, EntryId};
use rusqlite::params;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The last entry of one chain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Head {
    /// The journal it was written in.
    pub journal: String,
    /// Who decided.
    pub reviewer: String,
    /// Entries in the chain.
    pub seq: u64,
    /// Id of the last one.
    pub id: EntryId,
}

/// What a union did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct United {
    /// Entries that were new.
    pub new: u64,
    /// Entries that were there already.
    pub known: u64,
}

/// What a proof found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// Entries that were checked.
    pub entries: u64,
    /// The chains and their heads. A chain that was written on in two copies of a workspace has two.
    pub heads: Vec<Head>,
    /// What does not hold, naming the entry.
    pub broken: Vec<String>,
}

impl Journal {
    /// Takes in entries of other journals. The order does not matter and the same entry twice is one entry; an entry that is
    /// not sealed, or whose predecessor is neither here nor among them, refuses the whole.
    pub fn unite(&self, entries: &[Entry]) -> Result<United> {
        let mut sorted: Vec<&Entry> = entries.iter().collect();
        sorted.sort_by_key(|entry| (entry.clock, entry.id));
        self.atomically(|| {
            let mut united = United::default();
            for entry in sorted {
                if self.holds(entry.clock, entry.id)? {
                    united.known += 1;
                    continue;
                }
                if !entry.is_sealed() {
                    return Err(JournalError::Broken(format!("{} was changed after it was written; nothing was taken in", entry.name())));
                }
                self.follows(entry)?;
                self.insert(entry)?;
                united.new += 1;
            }
            Ok(united)
        })
    }

    fn holds(&self, clock: u64, id: EntryId) -> Result<bool> {
        let mut select = self.read(self.db.prepare_cached("SELECT 1 FROM entry WHERE clock = ?1 AND id = ?2"))?;
        self.read(select.exists(params![clock.cast_signed(), id.bytes().as_slice()]))
    }

    /// Checks that the entry's predecessor is there, in the same chain, one place and at least one tick before it.
    fn follows(&self, entry: &Entry) -> Result<()> {
        let Some(prev) = entry.prev else { return Ok(()) };
        let query = "SELECT 1 FROM entry WHERE journal = ?1 AND reviewer = ?2 AND seq = ?3 AND id = ?4 AND clock < ?5";
        let mut select = self.read(self.db.prepare_cached(query))?;
        let place = params![&*entry.journal, &*entry.reviewer, (entry.seq - 1).cast_signed(), prev.bytes().as_slice(), entry.clock.cast_signed()];
        if self.read(select.exists(place))? {
            return Ok(());
        }
        let wrong = format!("the entry before {} is missing (it should be {}); nothing was taken in; export the journal again", entry.name(), prev.short());
        Err(JournalError::Broken(wrong))
    }

    /// Gives the head of every chain, in order.
    pub fn heads(&self) -> Result<Vec<Head>> {
        Ok(self.verify_entries(false)?.heads)
    }

    /// Checks every seal, every chain and SQLite's own file.
    pub fn verify(&self) -> Result<Proof> {
        let mut proof = self.verify_entries(true)?;
        let mut check = self.read(self.db.prepare("PRAGMA integrity_check"))?;
        let rows = self.read(check.query_map([], |row| row.get::<_, String>(0)))?;
        proof.broken.extend(self.read(rows.collect::<rusqlite::Result<Vec<_>>>())?.into_iter().filter(|line| line != "ok"));
        Ok(proof)
    }

    fn verify_entries(&self, seals: bool) -> Result<Proof> {
        let mut walk = Walk::default();
        self.each(None, |entry| walk.step(&entry, seals))?;
        Ok(walk.close())
    }
}

/// Follows all chains at once, in the order of folding.
#[derive(Default)]
struct Walk {
    proof: Proof,
    chains: Vec<(String, String)>,
    seen: FxHashMap<EntryId, (usize, u64)>,
    followed: FxHashSet<EntryId>,
}

impl Walk {
    fn step(&mut self, entry: &Entry, seals: bool) {
        self.proof.entries += 1;
        if seals && !entry.is_sealed() {
            self.proof.broken.push(format!("{} was changed after it was written: its content does not have its id", entry.name()));
        }
        let known = self.chains.iter().position(|(journal, reviewer)| **journal == *entry.journal && **reviewer == *entry.reviewer);
        let chain = known.unwrap_or_else(|| {
            self.chains.push((entry.journal.to_string(), entry.reviewer.to_string()));
            self.chains.len() - 1
        });
        let fits = match entry.prev {
            None => entry.seq == 1,
            Some(prev) => {
                self.followed.insert(prev);
                self.seen.get(&prev).is_some_and(|&(of, seq)| of == chain && seq + 1 == entry.seq)
            }
        };
        if !fits {
            self.proof.broken.push(format!("the entry before {} is missing: the chain was cut", entry.name()));
        }
        self.seen.insert(entry.id, (chain, entry.seq));
    }

    fn close(mut self) -> Proof {
        let mut heads: BTreeMap<Head, ()> = BTreeMap::new();
        for (id, (chain, seq)) in self.seen.iter().filter(|(id, _)| !self.followed.contains(id)) {
            if let Some((journal, reviewer)) = self.chains.get(*chain) {
                heads.insert(Head { journal: journal.clone(), reviewer: reviewer.clone(), seq: *seq, id: *id }, ());
            }
        }
        self.proof.heads = heads.into_keys().collect();
        self.proof
    }
}
