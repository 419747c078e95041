//! How random a text looks: Shannon entropy, and whether its letters follow each other as in words.

/// Pairs of letters that are frequent in English words and in names of programs.
const COMMON_PAIRS: &str = "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke ui ag od ck ap ep ob cr ey da do ef ff fr im ki mu nf oc oo pi pu rc rd rm rn sc sp sy uc ue um up ut va";

/// Tells for each pair of lower-case letters whether it is frequent.
static COMMON: std::sync::LazyLock<[bool; 676]> = std::sync::LazyLock::new(|| {
    let mut table = [false; 676];
    for pair in COMMON_PAIRS.split(' ').map(str::as_bytes) {
        if let Some(slot) = table.get_mut(usize::from(pair[0] - b'a') * 26 + usize::from(pair[1] - b'a')) {
            *slot = true;
        }
    }
    table
});

/// Gives the Shannon entropy of a text in bits per byte.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn entropy(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    text.bytes().for_each(|b| counts[usize::from(b)] += 1);
    let length = text.len() as f64;
    counts.iter().filter(|n| **n > 0).map(|n| f64::from(*n) / length).map(|p| -p * p.log2()).sum()
}

/// What a text is made of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Makeup {
    /// ASCII digits.
    pub digits: usize,
    /// ASCII lower-case letters.
    pub lower: usize,
    /// ASCII upper-case letters.
    pub upper: usize,
    /// Everything else.
    pub other: usize,
    /// Changes between digit and letter, and from lower to upper case.
    pub changes: usize,
    /// Neighbouring letters.
    pub pairs: usize,
    /// Neighbouring letters that words have often.
    pub common: usize,
    /// Neighbours that count up, as in `abc123`.
    pub counting: usize,
    /// Whether every letter is a hexadecimal digit.
    pub hex: bool,
}

impl Makeup {
    /// Takes a text apart.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut makeup = Self { hex: true, ..Self::default() };
        let mut last = 0u8;
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' => makeup.digits += 1,
                b'a'..=b'z' => makeup.lower += 1,
                b'A'..=b'Z' => makeup.upper += 1,
                _ => makeup.other += 1,
            }
            makeup.hex &= byte.is_ascii_hexdigit() || !byte.is_ascii_alphabetic();
            makeup.counting +=
                usize::from(byte.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() && byte.to_ascii_lowercase() == last.to_ascii_lowercase() + 1);
            let switch = (last.is_ascii_digit() && byte.is_ascii_alphabetic()) || (last.is_ascii_alphabetic() && byte.is_ascii_digit());
            makeup.changes += usize::from(switch || (last.is_ascii_lowercase() && byte.is_ascii_uppercase()));
            if last.is_ascii_alphabetic() && byte.is_ascii_alphabetic() {
                makeup.pairs += 1;
                let at = usize::from(last.to_ascii_lowercase() - b'a') * 26 + usize::from(byte.to_ascii_lowercase() - b'a');
                makeup.common += usize::from(COMMON.get(at).copied().unwrap_or(false));
            }
            last = byte;
        }
        makeup
    }

    /// Gives the letters.
    #[must_use]
    pub const fn letters(&self) -> usize {
        self.lower + self.upper
    }
}

/// Tells whether a token looks drawn by lot: not words, not a path, not a number.
#[must_use]
pub fn looks_random(token: &str) -> bool {
    let m = Makeup::of(token);
    let solid = m.digits + m.letters();
    if solid < 10 || m.other * 4 > token.len() || (m.letters() == 0 && m.other * 9 >= token.len()) {
        return false;
    }
    if m.counting * 5 >= solid * 2 || is_machine_word(token) {
        return false;
    }
    if m.hex && m.other == 0 && m.letters() > 0 && solid % 2 == 1 {
        // Hex writes bytes.
        return false;
    }
    if m.hex {
        return (solid >= 16 && m.digits > 0 && m.letters() > 0 || solid >= 24) && entropy(token) > if m.letters() > 0 { 2.2 } else { 2.6 };
    }
    let worded = m.pairs >= 4 && m.common * 20 > m.pairs * 11;
    if m.digits == 0 {
        let mixed = m.upper > 1 && m.lower > 1 && m.changes * 5 >= solid;
        return solid >= 16 && m.other == 0 && m.pairs >= 10 && m.common * 5 < m.pairs * 2 && (mixed || m.common * 10 < m.pairs * 3);
    }
    let bits = entropy(token);
    let spread = m.changes * 6 >= solid && m.changes >= 3;
    let unworded = m.pairs >= 6 && m.common * 5 < m.pairs * 2;
    bits > 2.8 && m.letters() > 0 && ((spread && !worded) || unworded || (m.changes * 3 >= solid && solid >= 16))
}

/// Tells whether a token is a number of up to 64 bits as code and logs write it: an address, a mask.
fn is_machine_word(token: &str) -> bool {
    let digits = token.strip_prefix("0x").or_else(|| token.strip_prefix("0X"));
    digits.is_some_and(|digits| digits.len() <= 16 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_told_from_words() {
        for token in [
            "4y107g0mo288619i0ow52ctit3y56fwo",
            "vgwbelvcvlcoqoxmvddoytjkxv768917",
            "xpa5hda80r8scnfhf89f",
            "QDRDCBAJFBBJWLJEDSJXENOIIP686544",
            "K5u9E9s841d3W08p8o42B4y7",
            "c939e7f48ace71f6d5200b9bd8bacf93",
        ] {
            assert!(looks_random(token), "{token}");
        }
        for word in [
            "production_service",
            "src/redaction/rules/mod.rs",
            "internationalization",
            "getElementsByTagName",
            "2026-05-01T10:00:00Z",
            "application/json",
            "com.example.project.Main",
            "version-1.20.3",
            "the-quick-brown-fox-2024",
            "0x7f3a9c1de2b4f608",
        ] {
            assert!(!looks_random(word), "{word}");
        }
        assert!(entropy("aaaa") < 0.01 && (entropy("abcd") - 2.0).abs() < 1e-9);
    }
}
