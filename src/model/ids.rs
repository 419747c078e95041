//! Names: trajectory ids and their encoding.

/// Makes a trajectory id of an agent and a session id; `%`, `#`, space and controls of the session id are percent-encoded.
#[must_use]
pub fn trajectory_id(agent: &str, session: &str) -> String {
    let mut id = String::with_capacity(agent.len() + 1 + session.len());
    id.push_str(agent);
    id.push(':');
    for c in session.chars() {
        if matches!(c, '%' | '#') || c.is_whitespace() || c.is_control() {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                id.push('%');
                id.push(char::from(b"0123456789ABCDEF"[usize::from(byte >> 4)]));
                id.push(char::from(b"0123456789ABCDEF"[usize::from(byte & 15)]));
            }
        } else {
            id.push(c);
        }
    }
    id
}

/// Gives the session id that a trajectory id was made of.
#[must_use]
pub fn session_of(id: &str) -> String {
    let session = id.split_once(':').map_or(id, |(_, session)| session);
    let mut bytes = Vec::with_capacity(session.len());
    let mut rest = session.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let coded = after.get(..2).filter(|_| first == b'%').and_then(|two| std::str::from_utf8(two).ok()).and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(coded.unwrap_or(first));
        rest = after.get(if coded.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Takes an id of the command line apart: trajectory, and the step or execution after `#`.
#[must_use]
pub fn split_id(id: &str) -> (&str, Option<&str>) {
    match id.split_once('#') {
        Some((trajectory, inner)) => (trajectory, Some(inner)),
        None => (id, None),
    }
}

/// Gives the number by which the index knows what a person judges, `TRAJECTORY` or `TRAJECTORY#ID`: FNV-1a, 64 bits.
#[must_use]
pub fn unit(trajectory: &str, id: &str) -> u64 {
    let joined = trajectory.bytes().chain(if id.is_empty() { "" } else { "#" }.bytes()).chain(id.bytes());
    joined.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Names a record that states no id: `h` and the first 16 hex digits of its SHA-256.
#[must_use]
pub fn record_hash(raw: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    format!("h{}", &hex(&Sha256::digest(raw))[..16])
}

/// Tells whether a step id was made by `record_hash`.
#[must_use]
pub fn is_record_hash(id: &str) -> bool {
    id.len() == 17 && id.starts_with('h') && id.bytes().skip(1).all(|b| b.is_ascii_hexdigit())
}

/// Writes bytes as lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_encode_what_would_split_them() {
        assert_eq!(trajectory_id("maestro", "5b1c-2"), "maestro:5b1c-2");
        assert_eq!(trajectory_id("otel", "a b#c%\u{7}é"), "otel:a%20b%23c%25%07é");
        assert_eq!(split_id("maestro:s#toolu_01.call"), ("maestro:s", Some("toolu_01.call")));
    }

    #[test]
    fn hex_is_lower_case() {
        assert_eq!(hex(&[0, 0xab, 0xff]), "00abff");
    }
}
