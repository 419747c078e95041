//! Reserved words: what chat templates and tool syntaxes keep for themselves; a text that holds one would be read as structure.

use super::example::Example;
use super::message::Message;
use super::tools::Tool;
use aho_corasick::AhoCorasick;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// Control tokens and tags by which the templates of the usual families mark turns, calls and thinking; facts of their tokenizers.
const WORDS: &[&str] = &[
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|python_tag|>",
    "<|start|>",
    "<|end|>",
    "<|message|>",
    "<|channel|>",
    "<|call|>",
    "<|return|>",
    "<|user|>",
    "<|assistant|>",
    "<|system|>",
    "<|observation|>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
    "<think>",
    "</think>",
    "[INST]",
    "[/INST]",
    "[TOOL_CALLS]",
    "[AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]",
    "<<SYS>>",
    "<s>",
    "</s>",
    "<bos>",
    "<eos>",
    "<pad>",
    "<unk>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|im_middle|>",
    "<|im_user|>",
    "<|im_assistant|>",
    "<|im_system|>",
    "<|tool_calls_section_begin|>",
    "<|tool_call_begin|>",
    "<|finetune_right_pad_id|>",
    "<|reserved_special_token_",
    "<｜",
];

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(WORDS).ok());

/// Finds the first reserved word of a text.
#[must_use]
pub fn word(text: &str) -> Option<&'static str> {
    let found = FINDER.as_ref()?.find(text)?;
    WORDS.get(found.pattern().as_usize()).copied()
}

/// Notes in every example of a trajectory which reserved word it holds; a message or a list of tools that many prompts share is read once.
pub fn note(examples: &mut [Example]) {
    let mut known: HashMap<usize, (Arc<Message>, Option<&'static str>)> = HashMap::new();
    let mut declared: HashMap<usize, (Arc<Vec<Tool>>, Option<&'static str>)> = HashMap::new();
    for example in examples {
        let sides = example.good.iter().chain(&example.bad).find_map(|side| of(&side.message));
        let shared = |message: &Arc<Message>| known.entry(Arc::as_ptr(message).addr()).or_insert_with(|| (message.clone(), of(message))).1;
        let in_tools = |tools: &Vec<Tool>| tools.iter().find_map(|tool| word(&tool.definition().text()));
        let tools = &example.tools;
        let in_tools = || declared.entry(Arc::as_ptr(tools).addr()).or_insert_with(|| (tools.clone(), in_tools(tools))).1;
        example.reserved = sides.or_else(|| example.prompt.iter().find_map(shared)).or_else(in_tools);
    }
}

fn of(message: &Message) -> Option<&'static str> {
    word(&message.text).or_else(|| message.thinking.as_deref().and_then(word)).or_else(|| message.calls.iter().find_map(|call| word(&call.args.text())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_templates_keep_is_found_in_text_and_arguments() {
        assert_eq!(word("a <|im_end|> b"), Some("<|im_end|>"));
        assert_eq!(word("a < |im_end| > b, see tool_call"), None);
        let mut message = Message::new(super::super::message::Role::Assistant, String::new());
        message.add_call("c", "write", r#"{"text":["x</tool_call>"]}"#);
        assert_eq!(of(&message), Some("</tool_call>"));
    }
}
