//! Messages that two streams show without a common id: tied by equal role and text, in order.

use super::sightings::Sighting;
use crate::model::Actor;
use crate::model::fact::Body;
use rustc_hash::{FxHashMap, FxHashSet};

/// What makes two sightings of a message equal.
#[derive(PartialEq, Eq, Hash, Clone)]
struct Look {
    actor: Actor,
    thinking: bool,
    text: String,
}

/// Gives later sightings of a message the step id of the first source that shows it.
pub fn tie_messages(list: &mut [Sighting]) {
    let mut known: FxHashMap<Look, Vec<(usize, String)>> = FxHashMap::default();
    let mut ids: FxHashSet<String> = FxHashSet::default();
    let mut next_place = 0;
    let mut from = 0;
    while from < list.len() {
        let source = list[from].source;
        let to = from + list[from..].iter().take_while(|s| s.source == source).count();
        let mut passed: Option<usize> = None;
        let mut fresh = Vec::new();
        // A message that a source shows twice under one id of its own is tied once.
        let mut tied_ids: FxHashMap<String, String> = FxHashMap::default();
        for sighting in &mut list[from..to] {
            let Some(look) = look(sighting) else { continue };
            if let Some(id) = tied_ids.get(&sighting.step_id) {
                let own = std::mem::replace(&mut sighting.step_id, id.clone());
                sighting.fact.aliases.push(own);
                continue;
            }
            let places = known.get(&look);
            if ids.contains(&sighting.step_id) {
                let place = places.and_then(|p| p.iter().find(|(_, id)| *id == sighting.step_id)).map(|(place, _)| *place);
                passed = place.or(passed);
                continue;
            }
            let tied = places.and_then(|p| p.iter().find(|(place, _)| passed.is_none_or(|passed| *place > passed)));
            if let Some((place, id)) = tied {
                passed = Some(*place);
                let own = std::mem::replace(&mut sighting.step_id, id.clone());
                tied_ids.insert(own.clone(), id.clone());
                sighting.fact.aliases.push(own);
            } else {
                fresh.push((look, sighting.step_id.clone()));
            }
        }
        for (look, id) in fresh {
            ids.insert(id.clone());
            known.entry(look).or_default().push((next_place, id));
            next_place += 1;
        }
        from = to;
    }
}

fn look(sighting: &Sighting) -> Option<Look> {
    let (text, thinking) = match &sighting.fact.body {
        Body::Text { text, .. } => (text, false),
        Body::Thinking(text) => (text, true),
        _ => return None,
    };
    let text = text.trim();
    (!text.is_empty()).then(|| Look { actor: sighting.fact.actor, thinking, text: text.to_owned() })
}
