//! An index of targets: of many calls, those with a target that holds another, found without comparing it with each.

use super::target::contains;
use rustc_hash::FxHashMap;

/// Targets of numbered calls.
#[derive(Default)]
pub struct Reach {
    plain: FxHashMap<String, Vec<usize>>,
    /// Patterns, roots and what has no certain name: they hold what no beginning of it shows.
    odd: FxHashMap<String, Vec<usize>>,
}

impl Reach {
    /// Puts in a target of a call; calls come in the order of their numbers.
    pub fn put(&mut self, target: &str, call: usize) {
        let odd = target.contains('*') || target.starts_with('?') || matches!(target, "/" | "." | "secret:env");
        let known = if odd { &mut self.odd } else { &mut self.plain };
        match known.get_mut(target) {
            Some(calls) if calls.last() == Some(&call) => {}
            Some(calls) => calls.push(call),
            None => {
                known.insert(target.to_owned(), vec![call]);
            }
        }
    }

    /// Gives the calls with a target that holds `inner`, by target in the order of their numbers.
    pub fn holding<'r>(&'r self, inner: &'r str) -> impl Iterator<Item = &'r [usize]> + 'r {
        let above = inner.match_indices('/').filter_map(move |(at, _)| inner.get(..at)).chain(std::iter::once(inner));
        let plain = above.filter_map(|target| self.plain.get(target));
        plain.chain(self.odd.iter().filter(move |(outer, _)| contains(outer, inner)).map(|(_, calls)| calls)).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_index_finds_is_what_comparing_finds() {
        let targets =
            ["/w", "/w/app", "/w/app/*.log", ".", "/", "src/a", "git:origin/main", "git:origin/*", "?deploy prod in /w", "secret:env", "secret:A", "db:-/x"];
        let mut reach = Reach::default();
        targets.iter().enumerate().for_each(|(n, target)| reach.put(target, n));
        for inner in ["/w/app/x.log", "/w", "/wx", "src/a/b", "git:origin/main", "?deploy prod in /w", "secret:A", "db:-/x/y", "host/a", "/"] {
            let mut found: Vec<usize> = reach.holding(inner).flatten().copied().collect();
            found.sort_unstable();
            let compared: Vec<usize> = (0..targets.len()).filter(|n| contains(targets[*n], inner)).collect();
            assert_eq!(found, compared, "{inner}");
        }
    }
}
