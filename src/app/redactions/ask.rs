//! The questions before a verdict: the reason to keep a value, and whether several values are meant at once.

use crate::app::overlay::{Choice, Item, Kind, Overlay, Picker};
use crate::app::state::State;
use crate::app::tone::Tone;
use crate::text::{Clean, clean, human};
use crate::workspace::{REASONS, RETURN_REASONS, Verdict};

fn item(text: &str, choice: Choice) -> Item {
    Item { text: vec![(clean(text), Tone::Text)], aside: Clean::default(), choice: Some(choice) }
}

fn counted(values: usize, places: usize) -> String {
    format!("{} in {}", human::plural(values, "value"), human::plural(places, "place"))
}

impl State {
    /// Asks for the reason to keep what is chosen: one of a list, or one in a person's own words; of what was taken out and is needed, why it may be seen.
    pub(in crate::app) fn keep_reasons(&mut self, values: usize, places: usize, returning: bool) {
        let reasons = if returning { &RETURN_REASONS[..] } else { &REASONS };
        let items = reasons.iter().map(|reason| item(reason, Choice::Verdict(Verdict::Keep, Some((*reason).to_owned())))).collect();
        let title = if returning {
            format!("why what was taken out in {} may be seen: choose, or write", human::plural(places, "place"))
        } else {
            format!("why {} may leave: choose, or write", counted(values, places))
        };
        self.overlays.push(Overlay::Picker(Picker::new(Kind::Reasons, clean(&title), items)));
    }

    /// Asks whether several values are meant at once.
    pub(in crate::app) fn ask_bulk(&mut self, verdict: Verdict, values: usize, places: usize) {
        let name = verdict.as_str().replace('_', " ");
        let items = vec![item(&format!("{name}: all {}; one undo takes it back", counted(values, places)), Choice::Verdict(verdict, None))];
        self.overlays.push(Overlay::Picker(Picker::new(Kind::Bulk, clean(&format!("{name} several at once; esc leaves")), items)));
    }
}
