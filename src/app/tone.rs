//! Tones: what a piece of text means, which themes turn into colours.

use crate::text::Style;

macro_rules! tones {
    ($($variant:ident $role:literal $parent:literal),+ $(,)?) => {
        /// What a piece of text means.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub enum Tone {
            /// The root: plain text.
            #[default]
            Text,
            $(#[doc = concat!("The role `", $role, "` of a theme.")] $variant,)+
            /// Colours that a program printed.
            Printed(Style),
        }

        impl Tone {
            /// Every role with its name and the role that it looks like where a theme does not say; `text` is the root.
            pub const ROLES: &'static [(Self, &'static str, &'static str)] = &[(Self::Text, "text", "text"), $((Self::$variant, $role, $parent)),+];
        }
    };
}

tones! {
    Dim "dim" "text",
    Strong "strong" "text",
    Accent "accent" "strong",
    Border "border" "dim",
    Bar "bar" "text",
    Tab "tab" "accent",
    Chosen "chosen" "strong",
    ChosenAside "chosen.aside" "chosen",
    Match "match" "accent",
    Key "key" "accent",
    User "user" "strong",
    Agent "agent" "text",
    Thought "thought" "dim",
    Tool "tool" "strong",
    Wait "wait" "text",
    Denied "denied" "text",
    Ran "ran" "text",
    Failed "failed" "denied",
    Retry "retry" "wait",
    Finding "finding" "text",
    Redaction "redaction" "text",
    Label "label" "accent",
    Name "json.name" "text",
    Quoted "json.string" "text",
    Number "json.number" "text",
    Added "diff.added" "ran",
    Removed "diff.removed" "denied",
    Hunk "diff.hunk" "dim",
    Notice "notice" "bar",
    Alarm "alarm" "denied",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_leads_to_text() {
        for (_, name, _) in Tone::ROLES {
            let mut at = *name;
            for _ in 0..Tone::ROLES.len() {
                at = Tone::ROLES.iter().find(|(_, role, _)| *role == at).expect("a role").2;
            }
            assert_eq!(at, "text", "{name}");
        }
    }
}
