//! What stands around a match: a token that goes on, the name of a file, a key of JSON, a prefix that the match left out.

/// Endings of files whose names carry a hash of what they hold.
const FILES: &[&str] = &[".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".ico", ".css", ".js", ".mjs", ".map", ".woff", ".woff2", ".ttf", ".html"];
/// No mark of redaction is longer.
const MARK_BYTES: usize = 160;
/// No prefix of a published token is longer.
const PREFIX_BYTES: usize = 32;

/// Gives the signs that the last class of a pattern allows beside letters and digits: a token that goes on with one of them is a longer one.
pub fn own_signs(pattern: &str) -> Vec<u8> {
    let Some((open, close)) = pattern.rfind(']').and_then(|close| Some((pattern.get(..close)?.rfind('[')?, close))) else { return Vec::new() };
    let tail = pattern.get(close + 1..).unwrap_or_default();
    // What follows the class must be its count alone: else the token ends in something else.
    let counted = tail.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit() || b == b','));
    let class = pattern.get(open..close).unwrap_or_default();
    [b'-', b'~'].into_iter().filter(|sign| counted && (class.contains(&format!("\\{}", char::from(*sign))) || *sign == b'~' && class.contains('~'))).collect()
}

/// Tells whether a token goes on behind its end, with a sign of its own alphabet and a letter or digit.
pub fn goes_on(text: &[u8], end: usize, signs: &[u8]) -> bool {
    let next = text.get(end).copied().unwrap_or(b' ');
    signs.contains(&next) && text.get(end + 1).is_some_and(u8::is_ascii_alphanumeric)
}

/// Tells whether what ends here is the name of a file that a browser loads.
pub fn names_file(text: &str, end: usize) -> bool {
    let rest = text.get(end..).unwrap_or_default();
    let ending = rest.bytes().skip(1).take_while(u8::is_ascii_alphanumeric).count() + 1;
    rest.starts_with('.') && rest.get(..ending).is_some_and(|ending| FILES.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// Tells whether a match is a key of JSON: a quote and a colon follow, and a quote stands before.
pub fn is_json_key(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default().trim_end_matches('\\');
    let after = text.get(end..).unwrap_or_default().trim_start_matches('\\');
    before.ends_with('"') && after.strip_prefix('"').is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(':'))
}

/// Tells whether a match is the hash in a mark of redaction, which says of a value what it begins with and is none.
pub fn is_hash_of_mark(text: &str, start: usize, end: usize) -> bool {
    if !text.as_bytes().get(start..end).is_some_and(|secret| secret.len() >= 8 && secret.iter().all(u8::is_ascii_hexdigit)) {
        return false;
    }
    let before = text.as_bytes().get(start.saturating_sub(MARK_BYTES)..start).unwrap_or_default();
    let Some(open) = before.iter().rposition(|b| matches!(b, b'[' | b']' | b'\n')).filter(|at| before[*at] == b'[') else { return false };
    let said = before.get(open + 1..).unwrap_or_default();
    let named = [&b"REDACTED"[..], b"redacted", b"secret:"].iter().any(|word| said.starts_with(word));
    named && text.as_bytes().get(end..).unwrap_or_default().iter().take(MARK_BYTES).find(|b| matches!(b, b'[' | b']' | b'\n')) == Some(&b']')
}

/// Gives the word in which a match begins, up to the end of the match.
pub fn word_of(text: &str, start: usize, end: usize) -> &str {
    let before = text.as_bytes().get(..start).unwrap_or_default();
    let length = before.iter().rev().take(PREFIX_BYTES).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
    text.get(start - length..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_tells_a_token_from_a_part_of_one() {
        assert_eq!(own_signs(r"[0-9]{7,16}:A[0-9A-Za-z_\-]{34}"), b"-");
        assert_eq!(own_signs(r"x[0-9A-Za-z_~.\-]{31,34}"), b"-~");
        assert!(own_signs(r"ghp_[0-9A-Za-z]{36}").is_empty() && own_signs(r"a[_\-]{2}b").is_empty() && own_signs("abc").is_empty());
        assert!(goes_on(b"abc-d", 3, b"-") && !goes_on(b"abc-", 3, b"-") && !goes_on(b"abc-d", 3, b""));
        assert!(names_file("a.PNG?x", 1) && !names_file("a.b", 1) && !names_file("a", 1) && !names_file("\u{e9}.pngs", 2));
        let mark = "see [REDACTED:password:3cc366bd], not password:3cc366bd";
        assert!(is_hash_of_mark(mark, 23, 31) && !is_hash_of_mark(mark, mark.len() - 8, mark.len()) && !is_hash_of_mark("[REDACTED ghp_n6ihux6i]", 10, 22));
        assert!(is_json_key(r#"{\"k\" : 1"#, 3, 4) && !is_json_key(r#"x, "k","#, 4, 5));
        assert_eq!(word_of("a wandb_v1_ab c", 8, 13), "wandb_v1_ab");
    }
}
