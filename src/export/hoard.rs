//! The hoard: examples on disk, trajectory by trajectory, each message once; and the briefs of them in memory.

use super::brief::{At, Brief, Read, SideBrief};
use super::definition::Definition;
use super::example::{Example, Facts, LeftOut, Side, SideOrigin};
use super::judgement::Cited;
use super::lineage::Whole;
use super::message::Message;
use super::redacted::redact;
use super::reserved;
use super::scan::Redaction;
use super::select::Selected;
use super::shapes::Memo;
use super::spool::{Place, Spool};
use super::tools::Tool;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Trajectories whose examples are kept in memory at once: both sides of a pair, on each of two cores.
const OPEN: usize = 4;

/// The body of an example, as it lies on disk.
#[derive(Serialize, Deserialize)]
struct Body {
    prompt: Vec<u32>,
    tools: u32,
    good: Option<Message>,
    bad: Option<Message>,
    facts: Facts,
    /// The fractions of the facts, by their bits, so that they come back as they were.
    fractions: [Option<u64>; 5],
    cited: Vec<Cited>,
    dissent: (u32, u32),
    families: Vec<String>,
    left_out: LeftOut,
}

/// A trajectory's examples, as they lie on disk.
#[derive(Serialize, Deserialize)]
struct Written {
    whole: Whole,
    messages: Vec<Message>,
    tools: Vec<Vec<Tool>>,
    bodies: Vec<Body>,
}

/// A trajectory's examples, read again.
pub struct Chunk {
    /// What lineage needs of the trajectory.
    pub whole: Whole,
    messages: Vec<Arc<Message>>,
    tools: Vec<Arc<Vec<Tool>>>,
    bodies: Vec<Body>,
    /// Its messages as rows hold them.
    pub memo: Memo,
}

/// What is known of a trajectory without its examples.
pub struct Member {
    /// Its id.
    pub id: Arc<str>,
    /// When it began, in ms since 1970.
    pub began: Option<i64>,
    /// Keys under which it stays together with others.
    pub keys: Vec<String>,
    place: Place,
}

/// All examples of an export.
pub struct Hoard {
    spool: Spool,
    /// Trajectories, in the order in which they were added.
    pub members: Vec<Member>,
    by_id: HashMap<Arc<str>, u32>,
    /// What is kept of the examples.
    pub briefs: Vec<Brief>,
    words: HashSet<Arc<str>>,
    entries: BTreeSet<String>,
    open: Mutex<Vec<(u32, Arc<Chunk>)>>,
}

impl Hoard {
    /// Makes an empty one that spools in a folder.
    pub fn new(folder: &Path) -> io::Result<Self> {
        let spool = Spool::new(folder)?;
        Ok(Self {
            spool,
            members: Vec::new(),
            by_id: HashMap::new(),
            briefs: Vec::new(),
            words: HashSet::new(),
            entries: BTreeSet::new(),
            open: Mutex::default(),
        })
    }

    /// Puts a trajectory and its examples on disk, without what must not leave.
    pub fn add(&mut self, whole: Whole, began: Option<i64>, mut selected: Selected, definition: &Definition, redaction: &Redaction) -> io::Result<()> {
        redact(&mut selected.examples, redaction);
        reserved::note(&mut selected.examples);
        let chunk = u32::try_from(self.members.len()).map_err(io::Error::other)?;
        let id = whole.id.clone();
        let mut written = Written { whole, messages: Vec::new(), tools: Vec::new(), bodies: Vec::new() };
        let (mut messages, mut tools): (HashMap<usize, u32>, HashMap<usize, u32>) = (HashMap::new(), HashMap::new());
        let mut read = Read::default();
        for (number, example) in selected.examples.iter().enumerate() {
            let mut message = |message: &Arc<Message>| place_of(&mut messages, message, &mut written.messages);
            let prompt = example.prompt.iter().map(&mut message).collect();
            let tools = place_of(&mut tools, &example.tools, &mut written.tools);
            let fractions = fractions(&example.facts);
            let side = |side: &Option<Side>| side.as_ref().map(|side| side.message.clone());
            written.bodies.push(Body {
                prompt,
                tools,
                good: side(&example.good),
                bad: side(&example.bad),
                facts: (*example.facts).clone(),
                fractions,
                cited: example.cited.clone(),
                dissent: example.dissent,
                families: example.families.clone(),
                left_out: example.left_out,
            });
            self.entries.extend(example.cited.iter().map(|cited| cited.entry.clone()));
            let at = At { chunk, body: u32::try_from(number).map_err(io::Error::other)? };
            let words = &mut self.words;
            let brief = Brief::of(example, at, definition, &mut read, &mut |text| intern(words, text));
            self.briefs.push(brief);
        }
        let place = self.spool.add(&serde_json::to_string(&written)?)?;
        self.by_id.insert(id.clone(), chunk);
        self.members.push(Member { id, began, keys: selected.keys, place });
        Ok(())
    }

    /// Gives the entries of the journal that any example cites.
    #[must_use]
    pub const fn entries(&self) -> &BTreeSet<String> {
        &self.entries
    }

    /// Gives the trajectories of which an example leaves.
    #[must_use]
    pub fn leaving(&self) -> BTreeSet<&str> {
        self.briefs.iter().map(|brief| &*brief.trajectory).collect()
    }

    /// Gives the place of a trajectory.
    #[must_use]
    pub fn chunk_of(&self, trajectory: &str) -> Option<u32> {
        self.by_id.get(trajectory).copied()
    }

    /// Gives a trajectory's examples, which are read again unless they were among the last.
    pub fn chunk(&self, chunk: u32) -> io::Result<Arc<Chunk>> {
        let known = self.open.lock().ok().and_then(|open| open.iter().find(|(number, _)| *number == chunk).map(|(_, chunk)| chunk.clone()));
        if let Some(known) = known {
            return Ok(known);
        }
        let read = Arc::new(self.read(chunk)?);
        if let Ok(mut open) = self.open.lock() {
            open.retain(|(number, _)| *number != chunk);
            open.truncate(OPEN - 1);
            open.insert(0, (chunk, read.clone()));
        }
        Ok(read)
    }

    fn read(&self, chunk: u32) -> io::Result<Chunk> {
        let member = self.members.get(chunk as usize).ok_or_else(|| io::Error::other("no trajectory has that place"))?;
        let read: Written = serde_json::from_str(&self.spool.read(member.place)?)?;
        let mut bodies = read.bodies;
        bodies.iter_mut().for_each(|body| restore(&mut body.facts, body.fractions));
        let (messages, tools) = (read.messages.into_iter().map(Arc::new).collect(), read.tools.into_iter().map(Arc::new).collect());
        Ok(Chunk { whole: read.whole, messages, tools, bodies, memo: Memo::default() })
    }

    /// Gives the places of the briefs in the order in which their bodies lie on disk.
    #[must_use]
    pub fn in_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.briefs.len()).collect();
        order.sort_by_key(|i| self.briefs[*i].at);
        order
    }

    /// Visits examples, body by body in the order on disk; each with the place of its brief.
    pub fn each(&self, wanted: &dyn Fn(&Brief) -> bool, mut visit: impl FnMut(usize, &Example)) -> io::Result<()> {
        let mut open: Option<(u32, Arc<Chunk>)> = None;
        for i in self.in_order() {
            let brief = &self.briefs[i];
            if !wanted(brief) {
                continue;
            }
            if open.as_ref().is_none_or(|(number, _)| *number != brief.at.chunk) {
                open = Some((brief.at.chunk, self.chunk(brief.at.chunk)?));
            }
            if let Some((_, chunk)) = &open {
                visit(i, &self.example(brief, chunk)?);
            }
        }
        Ok(())
    }

    /// Makes an example whole again; `chunk` is that of its trajectory.
    pub fn example(&self, brief: &Brief, chunk: &Chunk) -> io::Result<Example> {
        let missing = || io::Error::other("the spool does not hold that example");
        let body = chunk.bodies.get(brief.at.body as usize).ok_or_else(missing)?;
        let prompt = body.prompt.iter().map(|at| chunk.messages.get(*at as usize).cloned()).collect::<Option<Vec<_>>>().ok_or_else(missing)?;
        let mut cited = body.cited.clone();
        for at in &brief.also {
            let read = |chunk: &Chunk| chunk.bodies.get(at.body as usize).map(|body| body.cited.clone()).ok_or_else(missing);
            cited.extend(if at.chunk == brief.at.chunk { read(chunk)? } else { read(&*self.chunk(at.chunk)?)? });
        }
        cited.sort();
        cited.dedup();
        let of = |brief: &SideBrief, message: Message| Side { message, origin: brief.origin, elsewhere: brief.elsewhere.clone() };
        let good = brief.good.as_ref().map(|side| body.good.clone().map(|message| of(side, message)).ok_or_else(missing)).transpose()?;
        let bad = match &brief.bad {
            None => None,
            Some(side) => Some(of(side, self.bad(side, body, chunk, brief.at.chunk)?.ok_or_else(missing)?)),
        };
        Ok(Example {
            stands: brief.stands,
            target: brief.target.to_string(),
            judged: brief.judged.to_string(),
            situation: brief.situation,
            prompt,
            tools: chunk.tools.get(body.tools as usize).cloned().ok_or_else(missing)?,
            good,
            bad,
            sft: brief.sft,
            strength: brief.strength,
            decided: brief.decided.as_deref().cloned(),
            facts: Arc::new(body.facts.clone()),
            cited,
            dissent: body.dissent,
            group: brief.group.clone(),
            split: brief.split,
            trajectory: brief.trajectory.clone(),
            left_out: body.left_out,
            reserved: brief.reserved,
            families: body.families.clone(),
        })
    }

    /// Finds the turn to avoid: its own, one of another example, or a question that nobody needs.
    fn bad(&self, side: &SideBrief, body: &Body, chunk: &Chunk, number: u32) -> io::Result<Option<Message>> {
        let own = |chunk: &Chunk, at: At| chunk.bodies.get(at.body as usize).and_then(|body| body.bad.clone());
        Ok(match side.from {
            Some(at) if at.chunk == number => own(chunk, at),
            Some(at) => own(&*self.chunk(at.chunk)?, at),
            None if side.origin == SideOrigin::Constructed(super::balance::NEEDLESS) => body.good.as_ref().map(super::balance::needless),
            None => body.bad.clone(),
        })
    }
}

/// Gives the place of something shared, which is written once.
fn place_of<T: Clone>(known: &mut HashMap<usize, u32>, shared: &Arc<T>, written: &mut Vec<T>) -> u32 {
    *known.entry(Arc::as_ptr(shared).addr()).or_insert_with(|| {
        written.push((**shared).clone());
        u32::try_from(written.len() - 1).unwrap_or(u32::MAX)
    })
}

fn intern(words: &mut HashSet<Arc<str>>, text: &str) -> Arc<str> {
    if let Some(known) = words.get(text) {
        return known.clone();
    }
    let new: Arc<str> = text.into();
    words.insert(new.clone());
    new
}

/// The fractions of facts by their bits: a decimal that is read again may be off by the last one.
fn fractions(facts: &Facts) -> [Option<u64>; 5] {
    let (score, threshold) = facts.eval.unzip();
    [score, threshold, facts.cost_usd, facts.cost_budget_usd, facts.trajectory_reward].map(|value| value.map(f64::to_bits))
}

fn restore(facts: &mut Facts, bits: [Option<u64>; 5]) {
    let [score, threshold, cost, budget, reward] = bits.map(|bits| bits.map(f64::from_bits));
    facts.eval = score.zip(threshold);
    (facts.cost_usd, facts.cost_budget_usd, facts.trajectory_reward) = (cost, budget, reward);
}
