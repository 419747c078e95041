//! How a token begins, where its pattern tells: if every way begins with a keyword, the pattern is tried there alone.

/// A pattern that begins in more ways is tried everywhere.
const MAX_WAYS: usize = 64;

/// Tells whether every match of a pattern begins with one of some keywords, in any case.
pub fn with_keyword(pattern: &str, keywords: &[String]) -> bool {
    let ways = ways(pattern.as_bytes());
    let called = |way: &String| keywords.iter().any(|keyword| way.to_ascii_lowercase().starts_with(keyword.as_str()));
    !ways.is_empty() && ways.iter().all(called)
}

/// Gives the texts with which a match can begin, as far as they are plain; none where the pattern does not say.
fn ways(mut rest: &[u8]) -> Vec<String> {
    let mut ways = vec![String::new()];
    while let Some((piece, after)) = piece(rest) {
        // What may be missing or comes again ends what is plain.
        let counted = matches!(after.first(), Some(b'?' | b'*' | b'+' | b'{' | b'|'));
        if counted || ways.len() * piece.len() > MAX_WAYS {
            break;
        }
        ways = ways.iter().flat_map(|way| piece.iter().map(move |end| format!("{way}{end}"))).collect();
        rest = after;
    }
    if rest.contains(&b'|') && top_level_choice(rest) {
        return Vec::new();
    }
    ways
}

/// Tells whether a `|` outside of groups and classes gives the whole pattern another beginning.
fn top_level_choice(pattern: &[u8]) -> bool {
    let (mut depth, mut class, mut escaped) = (0, false, false);
    pattern.iter().any(|byte| {
        if escaped {
            escaped = false;
            return false;
        }
        match byte {
            b'\\' => escaped = true,
            b'[' => class = true,
            b']' => class = false,
            b'(' if !class => depth += 1,
            b')' if !class => depth -= 1,
            b'|' => return depth <= 0 && !class,
            _ => {}
        }
        false
    })
}

/// Takes the first piece of a pattern that stands for a few plain texts: a letter, a small class, a group of plain texts.
fn piece(pattern: &[u8]) -> Option<(Vec<String>, &[u8])> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/' | b':' | b'%' | b'~' | b'=' | b'@');
    match pattern {
        [b'\\', sign, rest @ ..] if sign.is_ascii_punctuation() => Some((vec![char::from(*sign).to_string()], rest)),
        [b'[', inner @ ..] => {
            let end = inner.iter().position(|byte| *byte == b']')?;
            let (class, rest) = (inner.get(..end)?, inner.get(end + 1..)?);
            let letters: Vec<u8> = match class {
                [from, b'-', to] if from.is_ascii_digit() && to.is_ascii_digit() => (*from..=*to).collect(),
                _ if class.iter().all(u8::is_ascii_alphanumeric) => class.to_vec(),
                _ => return None,
            };
            Some((letters.into_iter().map(|letter| char::from(letter).to_string()).collect(), rest))
        }
        [b'(', b'?', b':', inner @ ..] => {
            let end = inner.iter().position(|byte| *byte == b')')?;
            let (group, rest) = (inner.get(..end)?, inner.get(end + 1..)?);
            let texts = group.split(|byte| *byte == b'|').map(|text| String::from_utf8(text.to_vec()).ok().filter(|text| text.bytes().all(plain)));
            Some((texts.collect::<Option<_>>()?, rest))
        }
        [byte, rest @ ..] if plain(*byte) => Some((vec![char::from(*byte).to_string()], rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_are_told_where_they_are_plain() {
        assert_eq!(ways(br"(?:AC|SK)[0-9a-f]{32}"), ["AC", "SK"]);
        assert_eq!(ways(br"gh[po]_[0-9A-Za-z]{36}"), ["ghp_", "gho_"]);
        assert_eq!(ways(br"[0-2]/[0-9a-f]{32}"), ["0/", "1/", "2/"]);
        assert_eq!(ways(br"ya29\.[0-9]+"), ["ya29."]);
        assert_eq!(ways(br"(?:a|b)?c"), [""]);
        assert_eq!(ways(br"ab?c"), ["a"]);
        assert!(ways(br"ab[0-9]{3}|cd").is_empty());
        let words = ["ghp_".to_owned(), "gho_".to_owned()];
        assert!(with_keyword(r"gh[po]_[a-z]+", &words) && !with_keyword(r"gh[pox]_[a-z]+", &words) && !with_keyword("[a-z]{3}", &words));
    }
}
