//! Fuzzy matching for the palette: letters in order, better where they begin words or stand together.

/// Says how well a text matches what was typed, higher being better, and at which bytes; `None` where it does not.
#[must_use]
pub fn fuzzy(typed: &str, text: &str) -> Option<(i32, Vec<usize>)> {
    let wanted: Vec<char> = typed.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    if wanted.is_empty() {
        return Some((0, Vec::new()));
    }
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let best = starts.iter().filter_map(|start| from(&wanted, text, *start)).max_by_key(|(score, places)| (*score, std::cmp::Reverse(places.first().copied())));
    best.map(|(score, places)| (score * 8 - i32::try_from(text.len()).unwrap_or(i32::MAX).min(80), places))
}

/// Matches greedily from a place that must hold the first letter.
fn from(wanted: &[char], text: &str, start: usize) -> Option<(i32, Vec<usize>)> {
    let mut left = wanted.iter();
    let mut next = left.next()?;
    let (mut score, mut places, mut before) = (0, Vec::new(), text.get(..start)?.chars().next_back());
    let mut joined = false;
    for (at, c) in text.get(start..)?.char_indices() {
        if c.to_lowercase().eq(std::iter::once(*next)) {
            let begins = before.is_none_or(|b| !b.is_alphanumeric());
            score += 1 + if begins { 6 } else { 0 } + if joined { 7 } else { 0 };
            places.push(start + at);
            joined = true;
            match left.next() {
                Some(wanted) => next = wanted,
                None => return Some((score, places)),
            }
        } else {
            if places.is_empty() {
                return None;
            }
            joined = false;
        }
        before = Some(c);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_of_words_win() {
        let best = |typed: &str, texts: &[&str]| texts.iter().filter_map(|t| Some((fuzzy(typed, t)?.0, (*t).to_owned()))).max().map(|(_, t)| t);
        assert_eq!(best("nd", &["scan-end", "next-denial", "and"]).as_deref(), Some("next-denial"));
        assert_eq!(best("the", &["other-end", "theme"]).as_deref(), Some("theme"));
        assert_eq!(best("theme", &["what the signs mean", "theme and more"]).as_deref(), Some("theme and more"));
        assert_eq!(fuzzy("xq", "theme"), None);
        assert_eq!(fuzzy("", "theme"), Some((0, vec![])));
        assert_eq!(fuzzy("ÄB", "xäb").map(|(_, places)| places), Some(vec![1, 3]));
    }
}
