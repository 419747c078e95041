//! Values that stand for a value: examples in documents, references to variables, masks.

/// So many that count up in a row were typed, not drawn; of the alphabet fewer are enough.
const COUNTED: usize = 10;
const SPELLED: usize = 8;

/// A value up to this length that ends in two dots was cut off.
const SHORT: usize = 12;

/// Words that say a value is none, wherever they stand in it (lower case).
const WORDS: &[&str] = &[
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "replace",
    "redacted",
    "yourkey",
    "your-",
    "your_",
    "yourtoken",
    "insert",
    "dummy",
    "<",
    "${",
    "{{",
    "$(",
    "%s",
    "%(",
    "...",
    "\u{2026}",
    "put_your",
    "todo",
    "fixme",
    "masked",
    "enter_",
    "my_secret",
    "mysecret",
    "not_set",
    "notset",
    "fake_",
];

/// Values that are no secret though they stand where one is expected (lower case).
const WHOLE: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "apikey",
    "api_key",
    "none",
    "null",
    "nil",
    "true",
    "false",
    "undefined",
    "unknown",
    "string",
    "test",
    "test123",
    "username",
    "user",
    "empty",
    "default",
    "value",
    "bearer",
    "basic",
    "required",
    "optional",
    "str",
    "int",
    "bool",
    "text",
    "hidden",
    "abc",
    "abc123",
    "xxx",
    "yyy",
    "...",
    "forgot",
    "reset",
    "incorrect",
    "invalid",
    "missing",
    "auth",
    "object",
    "function",
    "self",
    "this",
    "admin",
    "prompt",
    "disabled",
    "enabled",
];

/// Tells whether a value only stands for one.
#[must_use]
pub fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    if WHOLE.contains(&lower.as_str()) || WORDS.iter().any(|word| lower.contains(word)) {
        return true;
    }
    // A short value that somebody cut off ends in dots; a long one may end so by itself, and one with an ellipsis is among the words.
    is_reference(value) || is_filler(value) || value.len() <= SHORT && value.ends_with("..")
}

/// Tells whether a token of a published form only shows the form: filled up, or with words of advice in it.
#[must_use]
pub fn is_sample(token: &str) -> bool {
    let lower = token.to_ascii_lowercase();
    let said = ["your", "placeholder", "redacted", "changeme", "<", "...", "put_", "_here"].iter().any(|word| lower.contains(word));
    said || is_filler(token) || token.ends_with("EXAMPLE") && token.len() <= 24
}

/// Tells whether a value names another value: a variable, a call, a path of a template.
#[must_use]
pub fn is_reference(value: &str) -> bool {
    let first = value.bytes().next().unwrap_or(b' ');
    let named = |rest: &str| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.' | b'[' | b']' | b'\'' | b'"' | b'>' | b'-' | b'/'))
    };
    match first {
        b'$' => value.get(1..).is_some_and(|rest| {
            named(rest) && rest.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_') && !rest.bytes().any(|b| b.is_ascii_digit())
        }),
        b'%' => value.len() > 2 && value.ends_with('%'),
        b'<' | b'{' | b'[' => matches!(value.bytes().last(), Some(b'>' | b'}' | b']')),
        _ => ["process.env", "os.environ", "getenv", "System.get", "secrets.", "vars.", "env.", "config.", "self.", "this.", "data.", "var."]
            .iter()
            .any(|start| value.starts_with(start)),
    }
}

/// Tells whether so many letters or digits count up in a row, in any case, as `aBcDeF` and `7890` do, that somebody typed them.
fn counts_up(solid: &[u8]) -> bool {
    let (mut run, mut letters) = (1, 1);
    solid.windows(2).any(|pair| {
        let [before, after] = [pair[0].to_ascii_lowercase(), pair[1].to_ascii_lowercase()];
        let next = before.checked_add(1) == Some(after) || (before == b'9' && matches!(after, b'0' | b'a'));
        run = if next { run + 1 } else { 1 };
        letters = if next && before.is_ascii_alphabetic() { letters + 1 } else { 1 };
        run >= COUNTED || letters >= SPELLED
    })
}

/// Tells whether most of a value is one piece of up to four letters again and again, as `123123123` is.
fn repeats(solid: &[u8]) -> bool {
    (1..=4).any(|length| {
        let (mut run, mut longest) = (0, 0);
        for pair in solid.iter().zip(solid.iter().skip(length)) {
            run = if pair.0 == pair.1 { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        longest >= 12 && (longest + length) * 3 > solid.len() * 2
    })
}

/// Tells whether a value is filled up: a run of one letter, a count, the alphabet.
fn is_filler(value: &str) -> bool {
    let solid: Vec<u8> = value.bytes().filter(u8::is_ascii_alphanumeric).collect();
    let (mut run, mut longest, mut mask) = (1, 1, 1);
    for pair in solid.windows(2) {
        run = if pair[0] == pair[1] { run + 1 } else { 1 };
        longest = longest.max(run);
        if matches!(pair[1], b'x' | b'X') {
            mask = mask.max(run);
        }
    }
    let mut kinds = solid.clone();
    kinds.sort_unstable();
    kinds.dedup();
    let stars = value.bytes().filter(|b| matches!(b, b'*' | b'#' | b'\x07')).count();
    mask >= 5
        || repeats(&solid)
        || stars >= 4 && stars * 2 > value.len()
        || counts_up(&solid)
        || (value.len() >= 8 && (kinds.len() <= 3 || longest * 3 > solid.len() * 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_value_is_none() {
        for value in [
            "<your-api-key>",
            "${TOKEN}",
            "$GITHUB_TOKEN",
            "xxxxxxxxxxxx",
            "********",
            "changeme",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxx",
            "AKIAIOSFODNN7EXAMPLE",
            "os.environ['X']",
            "0000000000000000",
            "{{ vault }}",
            "tok-12312312312312312312312",
            "sk-proj-f5UKZNw8rTz-abcdefghBYX7",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in [
            "hunter22",
            "sk-proj-f5UKZNw8rTz-abcdefgBYX7",
            "q7Rz2mXv9Lp4..",
            "Prl23Db#@",
            "ghp_n6ihux6iebo01r0kpmnq8n6414cfrm60xbuu",
            "$1$06757712$iRuWWkZgnmD9",
        ] {
            assert!(!is_placeholder(value), "{value}");
        }
    }
}
