//! Agreement beyond chance: Cohen's κ, Fleiss' κ, Krippendorff's α, Gwet's AC1, with bootstrap intervals.

#![allow(clippy::cast_precision_loss)]

use super::random::Random;

/// Answers of several reviewers to one question: a row for each item, a place for each reviewer; `None` where one did not answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ratings {
    /// The rows; answers are numbers below `categories`, for an ordinal question in its order.
    pub rows: Vec<Vec<Option<usize>>>,
    /// How many answers there are.
    pub categories: usize,
}

/// How far apart two answers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Different is different.
    Nominal,
    /// By the number of answers between them.
    Ordinal,
}

/// A statistic of ratings.
pub type Statistic = fn(&Ratings) -> Option<f64>;

impl Ratings {
    /// Keeps the items that every reviewer answered.
    #[must_use]
    pub fn complete(&self) -> Self {
        Self { rows: self.rows.iter().filter(|row| row.iter().all(Option::is_some)).cloned().collect(), categories: self.categories }
    }

    /// Keeps two reviewers, by their places.
    #[must_use]
    pub fn pair(&self, a: usize, b: usize) -> Self {
        let two = |row: &Vec<Option<usize>>| vec![row.get(a).copied().flatten(), row.get(b).copied().flatten()];
        Self { rows: self.rows.iter().map(two).collect(), categories: self.categories }.complete()
    }

    /// Gives how many items two reviewers or more answered.
    #[must_use]
    pub fn shared(&self) -> usize {
        self.rows.iter().filter(|row| row.iter().flatten().count() >= 2).count()
    }

    /// Counts the answers of each item.
    fn counts(&self) -> impl Iterator<Item = Vec<f64>> + '_ {
        self.rows.iter().map(|row| {
            let mut counts = vec![0.0; self.categories];
            for answer in row.iter().flatten() {
                if let Some(count) = counts.get_mut(*answer) {
                    *count += 1.0;
                }
            }
            counts
        })
    }

    /// Counts pairs of answers of two reviewers: a row for each answer of the first.
    #[must_use]
    pub fn confusion(&self) -> Vec<Vec<u64>> {
        let mut table = vec![vec![0; self.categories]; self.categories];
        for row in &self.rows {
            if let [Some(a), Some(b), ..] = row.as_slice()
                && let Some(cell) = table.get_mut(*a).and_then(|line| line.get_mut(*b))
            {
                *cell += 1;
            }
        }
        table
    }
}

/// Gives the share of pairs of answers to one item that are equal, each item weighing the same; items with one answer are left out.
#[must_use]
pub fn percent(ratings: &Ratings) -> Option<f64> {
    let mut shares = Vec::new();
    for counts in ratings.counts() {
        let n: f64 = counts.iter().sum();
        if n >= 2.0 {
            shares.push(counts.iter().map(|c| c * (c - 1.0)).sum::<f64>() / (n * (n - 1.0)));
        }
    }
    mean(&shares)
}

/// Cohen's κ of the first two reviewers, on the items both answered (Cohen 1960); `None` where chance alone explains all.
#[must_use]
pub fn cohen(ratings: &Ratings) -> Option<f64> {
    let table = ratings.confusion();
    let all: u64 = table.iter().flatten().sum();
    if all == 0 {
        return None;
    }
    let total = all as f64;
    let (mut observed, mut expected) = (0.0, 0.0);
    for (at, line) in table.iter().enumerate() {
        let row: u64 = line.iter().sum();
        let column: u64 = table.iter().filter_map(|other| other.get(at)).sum();
        observed += line.get(at).map_or(0.0, |n| *n as f64) / total;
        expected += (row as f64 / total) * (column as f64 / total);
    }
    beyond_chance(observed, expected)
}

/// Fleiss' κ on the items that every reviewer answered (Fleiss 1971).
#[must_use]
pub fn fleiss(ratings: &Ratings) -> Option<f64> {
    let complete = ratings.complete();
    let rows: Vec<Vec<f64>> = complete.counts().collect();
    let reviewers: f64 = rows.first()?.iter().sum();
    if reviewers < 2.0 {
        return None;
    }
    let answers = rows.len() as f64 * reviewers;
    let expected = (0..ratings.categories).map(|k| (rows.iter().filter_map(|row| row.get(k)).sum::<f64>() / answers).powi(2)).sum();
    beyond_chance(percent(&complete)?, expected)
}

/// Gwet's AC1 of any number of reviewers, answers missing or not (Gwet 2008; 2014 for missing answers).
#[must_use]
pub fn ac1(ratings: &Ratings) -> Option<f64> {
    if ratings.categories < 2 {
        return None;
    }
    let mut shares = vec![0.0; ratings.categories];
    let mut items = 0.0;
    for counts in ratings.counts() {
        let n: f64 = counts.iter().sum();
        if n > 0.0 {
            items += 1.0;
            shares.iter_mut().zip(&counts).for_each(|(share, count)| *share += count / n);
        }
    }
    let expected = shares.iter().map(|share| share / items).map(|p| p * (1.0 - p)).sum::<f64>() / (ratings.categories as f64 - 1.0);
    beyond_chance(percent(ratings)?, expected)
}

/// Krippendorff's α for nominal answers, any number of reviewers, answers missing or not.
#[must_use]
pub fn alpha_nominal(ratings: &Ratings) -> Option<f64> {
    alpha(ratings, Scale::Nominal)
}

/// Krippendorff's α for ordinal answers.
#[must_use]
pub fn alpha_ordinal(ratings: &Ratings) -> Option<f64> {
    alpha(ratings, Scale::Ordinal)
}

/// Krippendorff's α by the coincidences of answers (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability").
#[must_use]
pub fn alpha(ratings: &Ratings, scale: Scale) -> Option<f64> {
    let k = ratings.categories;
    let mut coincidences = vec![vec![0.0; k]; k];
    for counts in ratings.counts() {
        let n: f64 = counts.iter().sum();
        if n < 2.0 {
            continue;
        }
        for (a, (line, count)) in coincidences.iter_mut().zip(&counts).enumerate() {
            for (b, (cell, other)) in line.iter_mut().zip(&counts).enumerate() {
                *cell += count * (other - if a == b { 1.0 } else { 0.0 }) / (n - 1.0);
            }
        }
    }
    let totals: Vec<f64> = coincidences.iter().map(|line| line.iter().sum()).collect();
    let all: f64 = totals.iter().sum();
    if all < 2.0 {
        return None;
    }
    let (mut observed, mut expected) = (0.0, 0.0);
    for (a, line) in coincidences.iter().enumerate() {
        for (b, cell) in line.iter().enumerate() {
            let apart = distance(&totals, a, b, scale);
            observed += cell * apart;
            expected += totals[a] * totals[b] * apart / (all - 1.0);
        }
    }
    (expected > 0.0).then(|| 1.0 - observed / expected)
}

fn distance(totals: &[f64], a: usize, b: usize, scale: Scale) -> f64 {
    if a == b {
        return 0.0;
    }
    match scale {
        Scale::Nominal => 1.0,
        Scale::Ordinal => {
            let (low, high) = (a.min(b), a.max(b));
            let between: f64 = totals.iter().take(high + 1).skip(low).sum();
            let ends = totals.get(low).copied().unwrap_or(0.0) + totals.get(high).copied().unwrap_or(0.0);
            (between - ends / 2.0).powi(2)
        }
    }
}

fn beyond_chance(observed: f64, expected: f64) -> Option<f64> {
    (expected < 1.0).then(|| (observed - expected) / (1.0 - expected))
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Gives the 95 % percentile interval of a statistic over resampled items (Efron 1979); `None` where it is mostly undefined.
#[must_use]
pub fn interval(ratings: &Ratings, statistic: Statistic, seed: u64, rounds: usize) -> Option<(f64, f64)> {
    let items = ratings.rows.len();
    if items < 2 {
        return None;
    }
    let mut random = Random::new(seed);
    let mut found = Vec::with_capacity(rounds);
    let mut sample = Ratings { rows: Vec::with_capacity(items), categories: ratings.categories };
    for _ in 0..rounds {
        sample.rows.clear();
        sample.rows.extend((0..items).filter_map(|_| ratings.rows.get(random.below(items)).cloned()));
        found.extend(statistic(&sample));
    }
    percentiles(found, rounds)
}

/// A value with the ends of its interval, where there is one.
pub type Bounded = (f64, Option<(f64, f64)>);

/// Gives the mean of the first less that of the second (0 if there is no second), with its 95 % bootstrap interval; `None` without values.
#[must_use]
pub fn mean_difference(a: &[f64], b: &[f64]) -> Option<Bounded> {
    const ROUNDS: usize = 2000;
    let mean = |values: &[f64]| mean(values).unwrap_or(0.0);
    if a.is_empty() {
        return None;
    }
    let mut random = Random::new(super::agreement::SEED);
    let mut again = |values: &[f64]| {
        let sum: f64 = (0..values.len()).filter_map(|_| values.get(random.below(values.len()))).sum();
        sum / values.len().max(1) as f64
    };
    let rounds = (0..ROUNDS).map(|_| again(a) - again(b)).collect();
    // One value has no spread to resample.
    let ends = if a.len() + b.len() > 2 || b.is_empty() && a.len() > 1 { percentiles(rounds, ROUNDS) } else { None };
    Some((mean(a) - mean(b), ends))
}

/// Estimates a share from a draw of unequal probabilities: each item weighs the inverse of its own (Hájek 1971), with a 95 % bootstrap
/// interval; `None` without items, or where one has no probability.
#[must_use]
pub fn weighted_share(items: &[(bool, f64)]) -> Option<Bounded> {
    const ROUNDS: usize = 1000;
    if items.is_empty() || items.iter().any(|(_, probability)| *probability <= 0.0) {
        return None;
    }
    let estimate = |items: &mut dyn Iterator<Item = &(bool, f64)>| {
        let (mut held, mut all) = (0.0, 0.0);
        for (holds, probability) in items {
            all += 1.0 / probability;
            held += if *holds { 1.0 / probability } else { 0.0 };
        }
        held / all
    };
    let mut random = Random::new(super::agreement::SEED);
    let rounds = (0..ROUNDS).map(|_| estimate(&mut (0..items.len()).filter_map(|_| items.get(random.below(items.len()))).collect::<Vec<_>>().into_iter()));
    let ends = if items.len() > 1 { percentiles(rounds.collect(), ROUNDS) } else { None };
    Some((estimate(&mut items.iter()), ends))
}

/// Gives the 2.5th and 97.5th percentile of values, if at least half of the rounds gave one.
#[must_use]
pub fn percentiles(mut values: Vec<f64>, rounds: usize) -> Option<(f64, f64)> {
    if values.len() * 2 < rounds.max(1) {
        return None;
    }
    values.sort_by(f64::total_cmp);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let at = |share: f64| values.get(((values.len() - 1) as f64 * share).round() as usize).copied();
    Some((at(0.025)?, at(0.975)?))
}

/// Wilson's score interval of a share at 95 % (Wilson 1927); `None` without trials.
#[must_use]
pub fn wilson(successes: u64, trials: u64) -> Option<(f64, f64)> {
    if trials == 0 {
        return None;
    }
    let (n, z) = (trials as f64, 1.959_963_984_540_054_f64);
    let share = successes as f64 / n;
    let spread = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let (middle, scale) = (share + z * z / (2.0 * n), 1.0 + z * z / n);
    Some((((middle - spread) / scale).max(0.0), ((middle + spread) / scale).min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<f64>, expect: f64, digits: i32) {
        let found = found.unwrap();
        assert!((found - expect).abs() < 0.5 * 10f64.powi(-digits), "{found} is not {expect}");
    }

    fn table(cells: &[&[usize]]) -> Ratings {
        let cell = |a: usize, b: usize| std::iter::repeat_n(vec![Some(a), Some(b)], cells[a][b]);
        Ratings { rows: (0..cells.len()).flat_map(|a| (0..cells.len()).flat_map(move |b| cell(a, b))).collect(), categories: cells.len() }
    }

    /// Four observers, twelve units: Krippendorff (2011), section C; Gwet's Handbook (2014) works the same table.
    fn krippendorff() -> Ratings {
        let lines = ["1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 ."];
        let read: Vec<Vec<Option<usize>>> = lines.iter().map(|l| l.split(' ').map(|w| w.parse::<usize>().ok().map(|n| n - 1)).collect()).collect();
        Ratings { rows: (0..12).map(|unit| read.iter().map(|line| line[unit]).collect()).collect(), categories: 5 }
    }

    #[test]
    fn cohen_as_published() {
        // Fleiss, Cohen, Everitt, "Large sample standard errors of kappa and weighted kappa", Psychological Bulletin 72 (1969), table 1.
        near(cohen(&table(&[&[88, 14, 18], &[10, 40, 10], &[2, 6, 12]])), 0.29 / 0.59, 12);
        near(percent(&table(&[&[88, 14, 18], &[10, 40, 10], &[2, 6, 12]])), 0.70, 12);
        assert_eq!(cohen(&table(&[&[7, 0], &[0, 0]])), None);
        near(cohen(&table(&[&[0, 5], &[5, 0]])), -1.0, 12);
    }

    #[test]
    fn fleiss_as_published() {
        // Ten subjects, fourteen reviewers, five answers: the worked example of the encyclopedia's article "Fleiss' kappa", 0.210.
        let counts = [
            [0, 0, 0, 0, 14],
            [0, 2, 6, 4, 2],
            [0, 0, 3, 5, 6],
            [0, 3, 9, 2, 0],
            [2, 2, 8, 1, 1],
            [7, 7, 0, 0, 0],
            [3, 2, 6, 3, 0],
            [2, 5, 3, 2, 2],
            [6, 5, 2, 1, 0],
            [0, 2, 2, 3, 7],
        ];
        let row = |counts: &[usize; 5]| counts.iter().enumerate().flat_map(|(k, n)| std::iter::repeat_n(Some(k), *n)).collect();
        let ratings = Ratings { rows: counts.iter().map(row).collect(), categories: 5 };
        near(fleiss(&ratings), 0.210, 3);
        near(percent(&ratings), 0.378, 3);
    }

    #[test]
    fn krippendorff_and_gwet_as_published() {
        // Krippendorff (2011): nominal 0.743, ordinal 0.815. Gwet (2014): AC1 0.77544.
        near(alpha_nominal(&krippendorff()), 0.743, 3);
        near(alpha_ordinal(&krippendorff()), 0.815, 3);
        near(ac1(&krippendorff()), 0.77544, 5);
        assert_eq!(alpha_nominal(&table(&[&[9]])), None);
        near(alpha_nominal(&table(&[&[5, 0], &[0, 5]])), 1.0, 12);
    }

    #[test]
    fn a_draw_of_unequal_probabilities_is_weighed() {
        // A stratum of 100 of which 10 were drawn and 5 hold, and one of 10, all drawn, none of which holds: 50 of 110.
        let drawn: Vec<(bool, f64)> = (0..10).map(|n| (n < 5, 0.1)).chain((0..10).map(|_| (false, 1.0))).collect();
        let (share, ends) = weighted_share(&drawn).unwrap();
        near(Some(share), 50.0 / 110.0, 12);
        assert!(ends.is_some_and(|(low, high)| low < share && share < high));
        assert_eq!(weighted_share(&[(true, 0.0)]), None);
    }

    #[test]
    fn intervals_hold_the_value_and_keep() {
        let ratings = table(&[&[88, 14, 18], &[10, 40, 10], &[2, 6, 12]]);
        let (low, high) = interval(&ratings, cohen, 3, 400).unwrap();
        assert!(low < 0.4915 && 0.4915 < high && high - low < 0.3, "{low} {high}");
        assert_eq!(interval(&ratings, cohen, 3, 400), Some((low, high)));
        assert_eq!(interval(&Ratings::default(), cohen, 3, 400), None);
        // Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662.
        let (low, high) = wilson(81, 263).unwrap();
        near(Some(low), 0.2553, 4);
        near(Some(high), 0.3662, 4);
    }
}
