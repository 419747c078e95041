//! Classes of characters that a reader cannot see or that change how other characters are shown.

/// Says whether the character steers the direction of text (Unicode Standard Annex 9, explicit and implicit marks).
#[must_use]
pub const fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Says whether the character is a tag, an invisible copy of ASCII.
#[must_use]
pub const fn is_tag(c: char) -> bool {
    matches!(c, '\u{E0000}'..='\u{E007F}')
}

/// Says whether the character takes no ink: bidi controls, tags, zero-width characters, fillers, variation selectors, line separators.
#[must_use]
pub const fn is_invisible(c: char) -> bool {
    // Most characters are letters of some alphabet below the first of them.
    if (c as u32) < 0xAD {
        return false;
    }
    is_bidi_control(c)
        || is_tag(c)
        || is_variation_selector(c)
        || matches!(
            c,
            '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}' | '\u{200B}'..='\u{200D}'
                | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
                | '\u{FFF9}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        )
}

const fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Says whether the character may carry an emoji selector or stand in a sequence joined by U+200D.
pub(super) const fn is_pictograph(c: char) -> bool {
    matches!(
        c,
        '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{27E5}' | '\u{27F0}'..='\u{2BFF}'
            | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{1F000}'..='\u{1FAFF}'
    )
}
