//! `openai-chat`: chat messages as fine-tuning files and exports write them: a row is a conversation, or one with two ends.

use super::chat_messages::Conversation;
use super::json::Node;
use super::{Format, Output, Reader, Record, Shape};
use crate::model::{Actor, Body, Fact, Slot, Span};

/// One row a line.
pub const FORMAT: Format = Format {
    name: "openai-chat",
    agent: "openai-chat",
    rank: 10,
    shape: Shape::Lines,
    detect: |probe| probe.first().is_some_and(is_rows),
    reader: || Box::new(Chat),
    doc: "Chat messages: a row with `messages` (or `prompt` and `completion`, `chosen` and `rejected`, and their like) is a conversation.",
};

/// One row, or an array of rows, over several lines.
pub const DOCUMENT: Format = Format { shape: Shape::Document, detect: |probe| probe.document.is_some_and(is_rows), ..FORMAT };

/// Where the messages stand that every end of a row shares; all that are there, in this order.
const TRUNK: &[&[&str]] = &[&["messages"], &["input", "messages"], &["comparison", "prompt_conversation"], &["prompt"], &["completion"]];

/// Where the ends of a preference row stand: the better, then the worse.
const ENDS: &[[&[&str]; 2]] =
    &[[&["chosen"], &["rejected"]], [&["preferred_output"], &["non_preferred_output"]], [&["comparison", "completion_A"], &["comparison", "completion_B"]]];

/// Fields of a row that are read elsewhere.
const READ: &[&str] = &[
    "messages",
    "input",
    "comparison",
    "prompt",
    "completion",
    "chosen",
    "rejected",
    "preferred_output",
    "non_preferred_output",
    "tools",
    "functions",
    "model",
];

fn is_message(node: &Node<'_>) -> bool {
    node.str("role").is_some() && ["content", "tool_calls", "function_call"].iter().any(|key| node.get(key).is_some())
}

fn is_messages(node: &Node<'_>) -> bool {
    node.items().first().is_some_and(is_message)
}

fn is_row(node: &Node<'_>) -> bool {
    let lists = TRUNK.iter().chain(ENDS.iter().flatten()).any(|path| node.path(path).is_some_and(is_messages));
    // Plain texts are told by two fields together; one alone may be anything.
    lists || (node.str("prompt").is_some() && (node.str("completion").is_some() || (node.str("chosen").is_some() && node.str("rejected").is_some())))
}

fn is_rows(node: &Node<'_>) -> bool {
    is_row(node) || is_messages(node) || node.items().first().is_some_and(is_row)
}

struct Chat;

impl Reader for Chat {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        // A line is one record already; the rows of a document are counted one by one.
        let document = record.document;
        if !node.is_array() || is_messages(node) || node.items().is_empty() {
            out.count_records(u64::from(document));
            return row(record, node, out);
        }
        if document {
            out.count_records(node.items().len() as u64);
        }
        node.items().iter().for_each(|item| row(record, item, out));
    }
}

/// A turn of a row: a message, or a plain text.
type Turns<'n> = Vec<&'n Node<'n>>;

fn turns<'n>(node: &'n Node<'n>, path: &[&str]) -> Turns<'n> {
    match node.path(path) {
        Some(list) if list.is_array() => list.items().iter().collect(),
        Some(text) if text.as_str().is_some() => vec![text],
        _ => Vec::new(),
    }
}

/// Gives the turns that every end of a row shares, and those of its two ends where it has two; the better first.
fn paths<'n>(node: &'n Node<'n>) -> (Turns<'n>, Option<[Turns<'n>; 2]>) {
    if node.is_array() {
        return (node.items().iter().collect(), None);
    }
    let mut trunk: Turns<'n> = TRUNK.iter().flat_map(|path| turns(node, path)).collect();
    let Some(mut ends) = ENDS.iter().map(|pair| pair.map(|path| turns(node, path))).find(|pair| pair.iter().any(|end| !end.is_empty())) else {
        return (trunk, None);
    };
    if node.str("label") == Some("B") {
        ends.reverse();
    }
    // Where no prompt is stated, the two ends begin with it.
    if trunk.is_empty() {
        let shared = ends[0].iter().zip(&ends[1]).take_while(|(a, b)| a.value == b.value).count();
        trunk = ends[0].drain(..shared).collect();
        ends[1].drain(..shared);
    }
    (trunk, Some(ends))
}

fn row(record: &Record<'_>, node: &Node<'_>, out: &mut Output) {
    out.own_session(node.raw);
    let span = record.place(node);
    let about = out.about();
    // The rows of one record are conversations of their own, and each speaks for itself.
    super::consent::hear(node, &mut about.lineage);
    about.model = about.model.take().or_else(|| node.owned(&["model"]));
    if about.tools.is_empty() {
        let tools = node.any(&["tools", "functions"]).or_else(|| node.path(&["input", "tools"])).map(Node::items).unwrap_or_default();
        about.tools = tools.iter().map(|tool| tool.raw.into()).collect();
    }
    let (shared, ends) = paths(node);
    let mut trunk = Conversation::new(ends.is_some());
    let mut facts = say(&mut trunk, &shared, Actor::User, &span);
    if let Some([better, worse]) = ends {
        let mut chosen = trunk.branch("chosen.", &trunk.taken);
        let told = say(&mut chosen, &better, Actor::Assistant, &span);
        let mut rejected = trunk.branch("rejected.", &chosen.taken);
        // What was rejected stands first, so that the conversation goes on with what was chosen.
        facts.extend(say(&mut rejected, &worse, Actor::Assistant, &span));
        facts.extend(told);
    }
    if let Some(system) = trunk.system {
        out.about().system_prompt.get_or_insert(system);
    }
    if facts.is_empty() {
        return out.unknown(span, node.all_text());
    }
    facts.into_iter().for_each(|fact| out.push(fact));
    let rest: Vec<String> = node.fields().iter().filter(|(key, _)| !READ.contains(&key.as_ref())).map(|(key, value)| format!("{key}: {}", value.raw)).collect();
    if !rest.is_empty() {
        out.push(Fact::new(Slot::Named("row".to_owned()), span, Actor::System, Body::Context(rest.join("\n"))));
    }
}

/// Reads turns; of plain texts, the first is `first`'s and the next the assistant's.
fn say(conversation: &mut Conversation, turns: &[&Node<'_>], first: Actor, span: &Span) -> Vec<Fact> {
    let said = turns.iter().enumerate().flat_map(|(nth, turn)| match turn.as_str() {
        Some(text) => conversation.text(if nth == 0 { first } else { Actor::Assistant }, text, span),
        None => conversation.message(turn, span),
    });
    said.collect()
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::{Body, Fact};

    fn read(text: &str) -> Vec<Vec<Fact>> {
        let reading = read_plain(text.as_bytes(), "x", Want::default(), &mut |_, _| {}).unwrap();
        assert_eq!(reading.format.name, "openai-chat", "{text}");
        reading.portions.into_iter().map(|(portion, _)| portion.facts).collect()
    }

    fn told(facts: &[Fact]) -> Vec<String> {
        let one = |fact: &Fact| {
            let under = fact.node.as_ref().map(|n| format!("{}<{} ", n.id, n.parent.as_deref().unwrap_or("-"))).unwrap_or_default();
            match &fact.body {
                Body::Text { text, .. } | Body::Context(text) => format!("{under}{text}"),
                Body::Call(call) => format!("{under}{}()", call.link.call_id.as_deref().unwrap_or_default()),
                Body::Result(result) => format!("{under}{}={}", result.link.call_id.as_deref().unwrap_or_default(), result.text),
                other => format!("{under}{other:?}"),
            }
        };
        facts.iter().map(one).collect()
    }

    #[test]
    fn old_function_calls_are_kept_apart() {
        let call = r#"{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}}"#;
        let row = format!(
            r#"{{"messages":[{call},{{"role":"function","name":"f","content":"1"}},{call},{{"role":"function","name":"f","content":"2","weight":0}}]}}"#
        );
        assert_eq!(told(&read(&row)[0]), ["f()", "f=1", "f~2()", "f~2=2", "weight: 0"]);
    }

    #[test]
    fn preferences_are_branches_in_every_shape() {
        let (ask, good, bad) = (r#"{"role":"user","content":"q"}"#, r#"{"role":"assistant","content":"a"}"#, r#"{"role":"assistant","content":"b"}"#);
        let expected = ["m0<- q", "rejected.m0<m0 b", "chosen.m0<m0 a"];
        for row in [
            format!(r#"{{"prompt":[{ask}],"chosen":[{good}],"rejected":[{bad}]}}"#),
            format!(r#"{{"chosen":[{ask},{good}],"rejected":[{ask},{bad}]}}"#),
            format!(r#"{{"input":{{"messages":[{ask}],"tools":[]}},"preferred_output":[{good}],"non_preferred_output":[{bad}]}}"#),
            r#"{"prompt":"q","chosen":"a","rejected":"b"}"#.to_owned(),
        ] {
            assert_eq!(told(&read(&row)[0]), expected, "{row}");
        }
        let labelled = format!(r#"{{"comparison":{{"prompt_conversation":[{ask}],"completion_A":[{bad}],"completion_B":[{good}]}},"label":"B"}}"#);
        assert_eq!(told(&read(&labelled)[0])[..3], expected);
    }

    #[test]
    fn documents_and_arrays_are_rows() {
        let row = |text: &str| format!("{{\n\"messages\": [\n{{\"role\": \"user\", \"content\": \"{text}\"}}]}}");
        assert_eq!(told(&read(&row("x"))[0]), ["x"]);
        let rows = read(&format!("[\n{},\n{}]", row("x"), row("y")));
        assert_eq!(rows.iter().map(|facts| told(facts).join(" ")).collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(read("[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"assistant\",\"content\":\"y\"}]").len(), 1);
    }
}
