//! Queues: what is judged next, in which order, by whom, and with what probability it was drawn.

use super::decision::{QueueText, Sampled};
use super::random::lot;
use std::sync::Arc;

/// The order of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As it happened.
    Oldest,
    /// Riskiest first.
    Risk,
    /// What reviewers differ about first.
    Disagreement,
    /// What proposals and reviewers are least sure of first.
    Uncertainty,
    /// By lot.
    Random,
    /// By lot within each tool, tool after tool in turn.
    Tool,
    /// By lot within each arm, arm after arm in turn.
    Arm,
}

impl Order {
    /// Every order by its word.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("oldest", Self::Oldest),
        ("risk", Self::Risk),
        ("disagreement", Self::Disagreement),
        ("uncertainty", Self::Uncertainty),
        ("random", Self::Random),
        ("tool", Self::Tool),
        ("arm", Self::Arm),
    ];

    /// Tells whether items come by lot.
    #[must_use]
    pub const fn is_by_lot(self) -> bool {
        matches!(self, Self::Random | Self::Tool | Self::Arm)
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, order)| *order)
    }
}

/// What a draw knows of an item.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Candidate {
    /// Target name.
    pub name: Box<str>,
    /// When its trajectory began, in ms.
    pub started: i64,
    /// Its place there.
    pub seq: u32,
    /// Place of its stratum among those of the draw.
    pub stratum: u32,
    /// From 0, sure, to 1, not sure at all.
    pub uncertainty: f32,
    /// Risk, 0 to 4.
    pub risk: u8,
    /// Whether reviewers differ about it.
    pub disputed: bool,
}

/// An item that was drawn: its place among the candidates, and the draw, to be stored with each label.
pub type Drawn = (usize, Arc<Sampled>);

/// Draws a queue from candidates of strata whose names are in order. The same queue over the same candidates gives the same draw, and an item's lot does not depend on the others.
pub fn draw(queue: &QueueText, strata: &[Arc<str>], candidates: &[Candidate]) -> impl Iterator<Item = Drawn> + use<> {
    let order = Order::parse(&queue.order).unwrap_or(Order::Oldest);
    let mut sizes = vec![0; strata.len()];
    candidates.iter().for_each(|candidate| sizes.get_mut(candidate.stratum as usize).into_iter().for_each(|size| *size += 1));
    let shares = shares(queue.sample, &sizes);
    let name: Arc<str> = queue.name.as_str().into();
    #[allow(clippy::cast_precision_loss)]
    let probability = |(taken, size): (&usize, &usize)| *taken as f64 / (*size).max(1) as f64;
    let probabilities = shares.iter().zip(&sizes).map(probability);
    let sampled = |(stratum, probability)| Arc::new(Sampled { queue: Arc::clone(&name), stratum: Arc::clone(stratum), probability });
    let draws: Vec<Arc<Sampled>> = strata.iter().zip(probabilities).map(sampled).collect();
    // Where all of them are taken and none comes by lot, no lots are drawn.
    let mut rows = if order.is_by_lot() || shares != sizes { by_lot(queue.seed, &sizes, &shares, candidates) } else { all_of(candidates) };
    if !order.is_by_lot() {
        rows.sort_unstable_by(|a, b| compare(order, candidates, a.2, b.2));
    } else if queue.blind {
        // Where arms are hidden, a turn that is always the same would tell them.
        let turn = |at: u32| candidates.get(at as usize).map_or(0.0, |c| lot(queue.seed ^ 4, &c.name));
        rows.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| turn(a.2).total_cmp(&turn(b.2))));
    } else {
        // In turn: the first of each stratum, then the second of each.
        rows.sort_unstable();
    }
    rows.into_iter().filter_map(move |(_, stratum, at)| Some((at as usize, Arc::clone(draws.get(stratum as usize)?))))
}

/// Place of an item within its stratum, the stratum, place among the candidates.
type Row = (u32, u32, u32);

fn all_of(candidates: &[Candidate]) -> Vec<Row> {
    (0..).zip(candidates).map(|(at, candidate)| (0, candidate.stratum, at)).collect()
}

/// Takes so many of each stratum by lot, in whatever order they are shown: only then is the probability of each item known.
fn by_lot(seed: u64, sizes: &[usize], shares: &[usize], candidates: &[Candidate]) -> Vec<Row> {
    // As much as is needed: a list that grows leaves half of its memory behind.
    let mut members: Vec<Vec<(f64, u32)>> = sizes.iter().map(|size| Vec::with_capacity(*size)).collect();
    for (at, candidate) in (0..).zip(candidates) {
        if let Some(members) = members.get_mut(candidate.stratum as usize) {
            members.push((lot(seed, &candidate.name), at));
        }
    }
    let mut rows = Vec::with_capacity(shares.iter().sum());
    for ((stratum, mut members), taken) in (0..).zip(members).zip(shares) {
        members.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        rows.extend((0..).zip(members).take(*taken).map(|(place, (_, at))| (place, stratum, at)));
    }
    rows
}

/// How many of each stratum are taken: in proportion to its size, at least one each while there are enough, by largest remainder.
fn shares(sample: Option<u64>, sizes: &[usize]) -> Vec<usize> {
    let all: usize = sizes.iter().sum();
    let wanted = sample.map_or(all, |n| usize::try_from(n).unwrap_or(usize::MAX)).min(all);
    if wanted == all || all == 0 {
        return sizes.to_vec();
    }
    let mut taken: Vec<usize> = sizes.iter().map(|size| (size * wanted / all).max(usize::from(wanted >= sizes.len())).min(*size)).collect();
    while taken.iter().sum::<usize>() < wanted {
        let Some(next) = (0..sizes.len()).filter(|i| taken[*i] < sizes[*i]).max_by_key(|i| (sizes[*i] * wanted * 1000 / all).saturating_sub(taken[*i] * 1000))
        else {
            break;
        };
        taken[next] += 1;
    }
    while taken.iter().sum::<usize>() > wanted {
        let Some(most) = (0..sizes.len()).max_by_key(|i| taken[*i]) else { break };
        taken[most] -= 1;
    }
    taken
}

fn compare(order: Order, candidates: &[Candidate], a: u32, b: u32) -> std::cmp::Ordering {
    let (Some(a), Some(b)) = (candidates.get(a as usize), candidates.get(b as usize)) else { return std::cmp::Ordering::Equal };
    let first = match order {
        Order::Risk => b.risk.cmp(&a.risk),
        Order::Disagreement => b.disputed.cmp(&a.disputed),
        Order::Uncertainty => b.uncertainty.total_cmp(&a.uncertainty),
        _ => std::cmp::Ordering::Equal,
    };
    first.then_with(|| (a.started, a.seq).cmp(&(b.started, b.seq))).then_with(|| a.name.cmp(&b.name))
}

/// Tells whether an item falls to its reviewer a second time, by lot.
#[must_use]
pub fn asked_again(queue: &QueueText, name: &str) -> bool {
    lot(queue.seed ^ 3, name) < queue.again
}

/// Tells whether an item falls to a reviewer; to all of them where it is dealt out to nobody.
#[must_use]
pub fn falls_to(queue: &QueueText, name: &str, reviewer: &str) -> bool {
    queue.reviewers.is_empty() || assigned(queue, name).any(|one| one == reviewer)
}

/// Says who judges an item: one by lot, and a second one where the lot falls within the share of double judging.
fn assigned<'q>(queue: &'q QueueText, name: &str) -> impl Iterator<Item = &'q String> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let first = (lot(queue.seed ^ 1, name) * queue.reviewers.len() as f64) as usize;
    let twice = queue.reviewers.len() > 1 && lot(queue.seed ^ 2, name) < queue.second;
    queue.reviewers.iter().cycle().skip(first).take(usize::from(!queue.reviewers.is_empty()) + usize::from(twice))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strata() -> Vec<Arc<str>> {
        ["bash", "write"].map(Arc::from).to_vec()
    }

    fn candidates() -> Vec<Candidate> {
        let stratum = |n: u32| u32::from(n.is_multiple_of(10));
        (0..100).map(|n| Candidate { name: format!("t#{n}").into(), seq: n, risk: (n % 5) as u8, stratum: stratum(n), ..Candidate::default() }).collect()
    }

    fn queue(order: &str, sample: Option<u64>) -> QueueText {
        let names = ["ana", "bob"].map(str::to_owned).to_vec();
        let (name, order) = ("q".to_owned(), order.to_owned());
        QueueText { name, order, seed: 5, sample, second: 0.2, reviewers: names, ..QueueText::default() }
    }

    #[test]
    fn a_stratified_draw_knows_its_probabilities() {
        let drawn: Vec<Drawn> = draw(&queue("tool", Some(20)), &strata(), &candidates()).collect();
        let of = |tool: &str| drawn.iter().filter(|d| &*d.1.stratum == tool).collect::<Vec<_>>();
        assert_eq!((of("bash").len(), of("write").len()), (18, 2));
        assert!(of("bash").iter().all(|d| (d.1.probability - 18.0 / 90.0).abs() < 1e-12));
        assert_eq!(drawn, draw(&queue("tool", Some(20)), &strata(), &candidates()).collect::<Vec<_>>());
        // In turn, so that whoever stops early has seen both.
        assert_ne!(drawn[0].1.stratum, drawn[1].1.stratum);
    }

    #[test]
    fn a_blind_draw_goes_round_the_arms_in_no_fixed_turn() {
        let arms = ["candidate", "control"].map(Arc::from);
        let candidates: Vec<Candidate> = (0..40).map(|n| Candidate { name: format!("t#{n}").into(), stratum: n % 2, ..Candidate::default() }).collect();
        let of = |blind: bool| draw(&QueueText { blind, reviewers: Vec::new(), ..queue("arm", Some(40)) }, &arms, &candidates).collect::<Vec<_>>();
        let firsts = |drawn: Vec<Drawn>| drawn.chunks(2).map(|pair| pair[0].1.stratum.to_string()).collect::<Vec<_>>();
        assert!(firsts(of(false)).iter().all(|arm| arm == "candidate"));
        let blind = firsts(of(true));
        assert!((4..=16).contains(&blind.iter().filter(|arm| *arm == "candidate").count()), "{blind:?}");
        assert!(of(true).chunks(2).all(|pair| pair[0].1.stratum != pair[1].1.stratum), "each round has one of each");
    }

    #[test]
    fn orders_and_second_reviewers() {
        let by_risk: Vec<Drawn> = draw(&queue("risk", None), &strata(), &candidates()).collect();
        assert_eq!((by_risk.len(), by_risk[0].0, by_risk[1].0), (100, 4, 9));
        let who = |candidate: &Candidate| assigned(&queue("risk", None), &candidate.name).cloned().collect::<Vec<_>>();
        let dealt: Vec<Vec<String>> = candidates().iter().map(who).collect();
        let twice = dealt.iter().filter(|who| who.len() == 2).count();
        assert!((8..=35).contains(&twice), "{twice}");
        let ana = dealt.iter().filter(|who| who[0] == "ana").count();
        assert!((30..=70).contains(&ana), "{ana}");
        let falls = candidates().iter().filter(|c| falls_to(&queue("risk", None), &c.name, "ana")).count();
        assert_eq!(falls, dealt.iter().filter(|who| who.contains(&"ana".to_owned())).count());
        assert_eq!(draw(&queue("oldest", Some(3)), &strata(), &candidates()).count(), 3);
    }
}
