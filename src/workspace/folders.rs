//! Sub-agents whose format names the one that dispatched them by the folder it keeps them in, and nowhere in the file.

/// Gives the session that dispatched another, where the place of its file states it: `…/chats/PARENT/SESSION.jsonl` of Gemini CLI, and
/// `…/PARENT/subagents/SESSION/…` of the OpenHands SDK.
#[must_use]
pub fn dispatcher(format: &str, path: &str, session: &str) -> Option<String> {
    match format {
        "gemini-cli" => {
            let mut parts = path.rsplit('/');
            let (name, parent, above) = (parts.next()?, parts.next()?, parts.next()?);
            // The chat of a person is named by its time, that of a sub-agent by its own id.
            let own = name.split('.').next() == Some(session.trim_start_matches(['=', '?']));
            (above == "chats" && own).then(|| parent.to_owned())
        }
        "openhands" => {
            let (before, _) = path.rsplit_once("/subagents/")?;
            let parent = before.rsplit('/').next().filter(|parent| !parent.is_empty())?;
            Some(uuid(parent).unwrap_or_else(|| parent.to_owned()))
        }
        _ => None,
    }
}

/// Writes an id of 32 hexadecimal digits as the state of a conversation does.
fn uuid(text: &str) -> Option<String> {
    let whole = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
    whole.then(|| [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)].map(|(from, to)| text.get(from..to).unwrap_or_default()).join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_names_who_dispatched() {
        let chats = "/home/kim/.gemini/tmp/shop/chats";
        assert_eq!(dispatcher("gemini-cli", &format!("{chats}/p-1/k3j9x2.jsonl"), "=k3j9x2").as_deref(), Some("p-1"));
        assert_eq!(dispatcher("gemini-cli", &format!("{chats}/session-2026-05-10T11-00-9d1c7a52.jsonl"), "=9d1c7a52-66b0"), None);
        assert_eq!(dispatcher("gemini-cli", "moved/p-1/k3j9x2.jsonl", "=k3j9x2"), None);
        let state = "/c/0196c0de000070008000000000000001/subagents/0196c0de000070008000000000000002/base_state.json";
        assert_eq!(dispatcher("openhands", state, "=x").as_deref(), Some("0196c0de-0000-7000-8000-000000000001"));
        assert_eq!(dispatcher("openhands", "/c/0196c0de000070008000000000000001/base_state.json", "=x"), None);
        assert_eq!(dispatcher("goose", state, "=x"), None);
    }
}
