//! Queues: what is judged next, in which order, by whom, and with what probability it was drawn.

use super::decision::{QueueText, Sampled};
use super::random::lot;
use std::collections::BTreeMap;
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
    pub name: String,
    /// When its trajectory began, in ms, and its place there.
    pub at: (i64, u32),
    /// Risk, 0 to 4.
    pub risk: u8,
    /// Tool.
    pub tool: Arc<str>,
    /// Arm.
    pub arm: Arc<str>,
    /// Whether reviewers differ about it.
    pub disputed: bool,
    /// From 0, sure, to 1, not sure at all.
    pub uncertainty: f64,
}

/// An item that was drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// Place among the candidates.
    pub at: usize,
    /// The draw, to be stored with each label.
    pub sampled: Sampled,
    /// Reviewers it falls to; none means whoever opens the queue.
    pub reviewers: Vec<String>,
}

/// The draw of a queue: items in order.
pub type Draw = Vec<Drawn>;

/// Draws a queue. The same queue over the same candidates gives the same draw, and an item's lot does not depend on the others.
#[must_use]
pub fn draw(queue: &QueueText, candidates: &[Candidate]) -> Draw {
    let order = Order::parse(&queue.order).unwrap_or(Order::Oldest);
    let (name, all): (Arc<str>, Arc<str>) = (queue.name.as_str().into(), "all".into());
    let stratum = |c: &Candidate| match order {
        Order::Tool => Arc::clone(&c.tool),
        Order::Arm => Arc::clone(&c.arm),
        _ => Arc::clone(&all),
    };
    let mut strata: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
    for (at, candidate) in candidates.iter().enumerate() {
        strata.entry(stratum(candidate)).or_default().push(at);
    }
    let by_lot = matches!(order, Order::Random | Order::Tool | Order::Arm);
    let mut rows: Vec<(usize, usize, Arc<str>, f64)> = Vec::new();
    let shares = shares(queue.sample, &strata);
    for ((stratum, mut members), taken) in strata.into_iter().zip(shares) {
        // What is taken is taken by lot, in whatever order it is shown: only then is the probability of each item known.
        let lots: BTreeMap<usize, f64> = members.iter().filter_map(|at| candidates.get(*at).map(|c| (*at, lot(queue.seed, &c.name)))).collect();
        members.sort_by(|a, b| lots.get(a).partial_cmp(&lots.get(b)).unwrap_or(std::cmp::Ordering::Equal).then(a.cmp(b)));
        #[allow(clippy::cast_precision_loss)]
        let probability = taken as f64 / members.len().max(1) as f64;
        members.truncate(taken);
        rows.extend(members.into_iter().enumerate().map(|(place, at)| (at, place, Arc::clone(&stratum), probability)));
    }
    // In turn: the first of each stratum, then the second of each. Where arms are hidden, a turn that is always the same would tell them.
    rows.sort_by(|a, b| (a.1, &a.2).cmp(&(b.1, &b.2)));
    if queue.blind {
        let turn = |at: usize| candidates.get(at).map_or(0.0, |c| lot(queue.seed ^ 4, &c.name));
        rows.sort_by(|a, b| a.1.cmp(&b.1).then_with(|| turn(a.0).total_cmp(&turn(b.0))));
    }
    if !by_lot {
        rows.sort_by(|a, b| compare(order, candidates, a.0, b.0));
    }
    let drawn = |(at, _, stratum, probability): (usize, usize, Arc<str>, f64)| {
        let target = candidates.get(at).map_or("", |c| c.name.as_str());
        let sampled = Sampled { queue: Arc::clone(&name), stratum, probability };
        Drawn { at, sampled, reviewers: assigned(queue, target) }
    };
    rows.into_iter().map(drawn).collect()
}

/// How many of each stratum are taken: in proportion to its size, at least one each while there are enough, by largest remainder.
fn shares(sample: Option<u64>, strata: &BTreeMap<Arc<str>, Vec<usize>>) -> Vec<usize> {
    let sizes: Vec<usize> = strata.values().map(Vec::len).collect();
    let all: usize = sizes.iter().sum();
    let wanted = sample.map_or(all, |n| usize::try_from(n).unwrap_or(usize::MAX)).min(all);
    if wanted == all || all == 0 {
        return sizes;
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

fn compare(order: Order, candidates: &[Candidate], a: usize, b: usize) -> std::cmp::Ordering {
    let (Some(a), Some(b)) = (candidates.get(a), candidates.get(b)) else { return std::cmp::Ordering::Equal };
    let first = match order {
        Order::Risk => b.risk.cmp(&a.risk),
        Order::Disagreement => b.disputed.cmp(&a.disputed),
        Order::Uncertainty => b.uncertainty.total_cmp(&a.uncertainty),
        _ => std::cmp::Ordering::Equal,
    };
    first.then_with(|| a.at.cmp(&b.at)).then_with(|| a.name.cmp(&b.name))
}

/// Tells whether an item falls to its reviewer a second time, by lot.
#[must_use]
pub fn asked_again(queue: &QueueText, name: &str) -> bool {
    lot(queue.seed ^ 3, name) < queue.again
}

/// Says who judges an item: one by lot, and a second one where the lot falls within the share of double judging.
fn assigned(queue: &QueueText, name: &str) -> Vec<String> {
    if queue.reviewers.is_empty() {
        return Vec::new();
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let first = ((lot(queue.seed ^ 1, name) * queue.reviewers.len() as f64) as usize).min(queue.reviewers.len() - 1);
    let mut who = vec![queue.reviewers[first].clone()];
    if queue.reviewers.len() > 1 && lot(queue.seed ^ 2, name) < queue.second {
        who.push(queue.reviewers[(first + 1) % queue.reviewers.len()].clone());
    }
    who
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates() -> Vec<Candidate> {
        let tool = |n: usize| if n.is_multiple_of(10) { "write" } else { "bash" };
        (0..100).map(|n| Candidate { name: format!("t#{n}"), at: (0, n as u32), risk: (n % 5) as u8, tool: tool(n).into(), ..Candidate::default() }).collect()
    }

    fn queue(order: &str, sample: Option<u64>) -> QueueText {
        let names = ["ana", "bob"].map(str::to_owned).to_vec();
        let (name, order) = ("q".to_owned(), order.to_owned());
        QueueText { name, order, seed: 5, sample, second: 0.2, reviewers: names, ..QueueText::default() }
    }

    #[test]
    fn a_stratified_draw_knows_its_probabilities() {
        let drawn = draw(&queue("tool", Some(20)), &candidates());
        let of = |tool: &str| drawn.iter().filter(|d| &*d.sampled.stratum == tool).collect::<Vec<_>>();
        assert_eq!((of("bash").len(), of("write").len()), (18, 2));
        assert!(of("bash").iter().all(|d| (d.sampled.probability - 18.0 / 90.0).abs() < 1e-12));
        assert_eq!(drawn, draw(&queue("tool", Some(20)), &candidates()));
        // In turn, so that whoever stops early has seen both.
        assert_ne!(drawn[0].sampled.stratum, drawn[1].sampled.stratum);
    }

    #[test]
    fn a_blind_draw_goes_round_the_arms_in_no_fixed_turn() {
        let arm = |n: usize| if n.is_multiple_of(2) { "candidate" } else { "control" };
        let candidates: Vec<Candidate> = (0..40).map(|n| Candidate { name: format!("t#{n}"), arm: arm(n).into(), ..Candidate::default() }).collect();
        let of = |blind: bool| draw(&QueueText { blind, reviewers: Vec::new(), ..queue("arm", Some(40)) }, &candidates);
        let firsts = |drawn: Draw| drawn.chunks(2).map(|pair| pair[0].sampled.stratum.to_string()).collect::<Vec<_>>();
        assert!(firsts(of(false)).iter().all(|arm| arm == "candidate"));
        let blind = firsts(of(true));
        assert!((4..=16).contains(&blind.iter().filter(|arm| *arm == "candidate").count()), "{blind:?}");
        assert!(of(true).chunks(2).all(|pair| pair[0].sampled.stratum != pair[1].sampled.stratum), "each round has one of each");
    }

    #[test]
    fn orders_and_second_reviewers() {
        let by_risk = draw(&queue("risk", None), &candidates());
        assert_eq!((by_risk.len(), by_risk[0].at, by_risk[1].at), (100, 4, 9));
        let twice = by_risk.iter().filter(|d| d.reviewers.len() == 2).count();
        assert!((8..=35).contains(&twice), "{twice}");
        let ana = by_risk.iter().filter(|d| d.reviewers[0] == "ana").count();
        assert!((30..=70).contains(&ana), "{ana}");
        assert_eq!(draw(&queue("oldest", Some(3)), &candidates()).len(), 3);
    }
}
