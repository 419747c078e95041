//! What records state of consent and retention: which names mean it, and what their words say.

/// The names under which it is kept among the attributes, with their spellings in lower case, letters and digits alone.
const NAMES: [(&str, &[&str]); 5] = [
    (TRAINING, &["trainingoptout", "trainingoptedout", "optoutoftraining", "optedoutoftraining", "donottrain", "notraining"]),
    (ALLOWED, &["trainingallowed", "allowtraining", "trainingoptin", "trainingconsent", "consenttotraining", "useintraining", "usefortraining"]),
    (COLLECTION, &["datacollectionoptout", "datacollectionoptedout"]),
    (RETENTION, &["retentionuntil", "retainuntil"]),
    (EXPIRY, &["expiresat"]),
];

/// That nothing of it may be trained on.
pub const TRAINING: &str = "training_opt_out";
/// That it may be trained on; said of nothing else, it is a wish to be asked, so that what is no yes is a no.
pub const ALLOWED: &str = "training_allowed";
/// That nothing of it may be collected.
pub const COLLECTION: &str = "data_collection_opt_out";
/// Until when it may be kept.
pub const RETENTION: &str = "retention_until";
/// The same, where a free attribute says it; of a record it is the end of something else.
pub const EXPIRY: &str = "expires_at";

/// Gives the name under which what a field says of consent or retention is kept; `None` for any other field.
#[must_use]
pub fn name_of(field: &str) -> Option<&'static str> {
    let plain: String = field.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let bare = ["maestro", "eventbusattr", "x"].iter().fold(plain.as_str(), |rest, prefix| rest.strip_prefix(prefix).unwrap_or(rest));
    NAMES.iter().find(|(_, spellings)| spellings.contains(&bare)).map(|(name, _)| *name)
}

/// What the word of an opt-out says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptOut {
    /// Nobody opted out.
    No,
    /// Somebody did.
    Yes,
    /// It cannot be told.
    Unclear,
}

/// Reads the word of an opt-out.
#[must_use]
pub fn opt_out(word: &str) -> OptOut {
    match word.trim().to_lowercase().replace([' ', '-'], "_").as_str() {
        "" | "0" | "false" | "no" | "off" | "n" | "f" | "null" | "none" | "opted_in" | "opt_in" => OptOut::No,
        "1" | "true" | "yes" | "on" | "y" | "t" | "opted_out" | "opt_out" => OptOut::Yes,
        _ => OptOut::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_meaning_have_one_name() {
        for field in ["training_opt_out", "trainingOptOut", "MAESTRO_TRAINING_OPT_OUT", "maestro_event_bus_attr_training_opt_out", "Training-Opted-Out"] {
            assert_eq!(name_of(field), Some(TRAINING), "{field}");
        }
        assert_eq!(name_of("X-Data-Collection-Opt-Out"), Some(COLLECTION));
        assert_eq!(["retainUntil", "expires_at", "x", "opt", "retention_policy_version"].map(name_of), [Some(RETENTION), Some(EXPIRY), None, None, None]);
    }

    #[test]
    fn a_word_that_is_not_known_is_no_consent() {
        assert_eq!(["FALSE", " 0", "null"].map(opt_out), [OptOut::No; 3]);
        assert_eq!(["True", "1", "opted out"].map(opt_out), [OptOut::Yes; 3]);
        assert_eq!(["2", "maybe", "{\"value\":false}"].map(opt_out), [OptOut::Unclear; 3]);
    }
}
