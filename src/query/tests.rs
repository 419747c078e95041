//! Tests of the filter language as a whole: what a query means, what is wrong with it, and that it reads back.

use super::*;
use proptest::prelude::*;

/// Checks the tree of a query by its printed form, which shows every group.
fn check(query: &str, expect: &str) {
    match parse(query) {
        Ok(tree) => assert_eq!(tree.to_string(), expect, "{query}"),
        Err(error) => panic!("{error}"),
    }
}

/// Checks the column, the length and the suggestion of a mistake.
fn wrong(query: &str, column: usize, length: usize, suggestion: Option<&str>) {
    let error = parse(query).expect_err(query);
    assert_eq!((error.column, error.length, error.suggestion.as_deref()), (column, length, suggestion), "{error}");
}

#[test]
fn what_goes_from_least_to_most_is_compared() {
    check("risk:>=medium", "risk:medium OR risk:high OR risk:critical");
    check("risk:<high tool:bash", "(risk:low OR risk:medium) tool:bash");
    check("-risk:>high", "-risk:critical");
    check("risk:medium..high", "risk:medium OR risk:high");
    check("risk:..MEDIUM", "risk:low OR risk:medium");
    wrong("risk:>critical", 6, 9, None);
    wrong("risk:>=bad", 6, 5, None);
    wrong("kind:>=error", 6, 7, None);
}

#[test]
fn the_option_of_a_command_is_told_from_what_is_left_out() {
    let told = |query: &str| left_out(query).map(|left| left.quoted);
    assert_eq!(told("rm -rf").as_deref(), Some("\"rm -rf\""));
    assert_eq!(told("tool:bash git push -f origin").as_deref(), Some("\"push -f\""));
    assert_eq!(left_out("rm -rf").map(|left| left.said()).as_deref(), Some("-rf leaves out what holds rf; \"rm -rf\" in quotes looks for both as they stand"));
    for meant in ["\"rm -rf\"", "-rf", "deploy -tool:bash", "tool:bash -test", "rm --force", "rm -(a b)"] {
        assert_eq!(told(meant), None, "{meant}");
    }
}

#[test]
fn operators_and_groups() {
    check("", "");
    check("  one  Two ", "one two");
    check("a b OR c d", "(a b) OR (c d)");
    check("a (b OR c) d", "a (b OR c) d");
    check("a (b c) d", "a b c d");
    check("-a -(b OR -c)", "-a -(b OR -c)");
    check("-(-a)", "a");
    check("or OrC ORc", "or orc orc");
    check("(f(x) OR g())", "f_x OR g");
    check("(/a b/ OR /c\\/d/)", "/a b/ OR /c\\/d/");
}

#[test]
fn words_become_tokens() {
    check("foo_bar.baz()", "foo_bar_baz");
    check("--force-with-lease", "force_with_lease");
    check("/usr/local/bin", "usr_local_bin");
    check("/usr/local/bin/", "/usr\\/local\\/bin/");
    check("\"/usr/local/bin/\"", "\"usr local bin\"");
    check("src/main.rs:42", "src_main_rs_42");
    check("https://example.com/a", "https_example_com_a");
    check("std::fs::read path::Path", "std_fs_read path_path");
    check("pre* foo_ba* foo_*", "pre* foo_ba* foo");
    check("\"pre*\"", "\"pre\"");
    check("日本", "日_本");
    check("&& => -> //", "/\\&\\&/ /=>/ -/>/ /\\/\\//");
    check("\"say \\\"hi\\\"\"", "\"say hi\"");
    check("--tool:bash", "tool_bash");
}

#[test]
fn fields_and_values() {
    check("kind:Tool_Call -tool:Bash by:user", "kind:tool_call -tool:Bash by:user");
    check("label:needs_ask=yes is:denied has:thinking", "label:needs_ask=yes is:denied has:thinking");
    check("id:maestro:5b1c#call_1.call", "id:maestro:5b1c#call_1.call");
    check("path:/usr/bin/ path:src/* tool:*", "path:/usr/bin/ path:src/* tool:\"\"*");
    check("tool:\"a \\\"b*\" model:\"x y\"*", "tool:\"a \\\"b*\" model:\"x y\"*");
    check("(tool:a)", "tool:a");
    check("wait:>30s tokens:>50k cost:0.5..2 steps:<=9", "wait:>30000ms tokens:>50000 cost:0.5..2 steps:<=9");
    check("at:2026-05-01..2026-05-31", "at:2026-05-01T00:00:00.000Z..2026-05-31T23:59:59.999Z");
    check("at:\"2026-05-01 10:00\"", "at:2026-05-01T10:00:00.000Z..2026-05-01T10:00:59.999Z");
}

#[test]
fn mistakes_name_their_column() {
    wrong("한 knid:message", 3, 5, Some("kind:"));
    wrong("a Tool:bash", 3, 5, Some("tool:"));
    wrong("-statu:failed", 2, 6, Some("status:"));
    wrong("kind:tool_cal", 6, 8, Some("kind:tool_call"));
    wrong("status:fail", 8, 4, Some("status:failed"));
    wrong("by:human", 4, 5, None);
    wrong("kind: message", 6, 1, None);
    wrong("wait:>30", 6, 3, Some("wait:>30s"));
    wrong("steps:9..2", 7, 4, Some("steps:2..9"));
    wrong("a OR", 5, 1, None);
    wrong("OR a", 1, 2, None);
    wrong("a OR OR b", 6, 2, None);
    wrong("(a", 1, 1, None);
    wrong("a)", 2, 1, None);
    wrong("()", 2, 1, None);
    wrong("a - b", 3, 1, None);
    wrong("say \"hi", 5, 1, Some("\"hi\""));
    wrong("\"\"", 1, 2, None);
    wrong("x /a(/", 3, 4, None);
    wrong("tool:(a OR b)", 6, 1, None);
    wrong(&"(".repeat(100_000), 65, 1, None);
}

#[test]
fn negations_move_to_the_leaves() {
    let tree = parse("-(a (b OR -c) label:x)").unwrap().pushed_down();
    assert_eq!(tree.to_string(), "-a OR (-b c) OR -label:x");
    let levels: Vec<(Level, bool)> = tree.leaves().into_iter().map(|(leaf, negated)| (leaf.level(), negated)).collect();
    assert_eq!(levels, [(Level::Step, true), (Level::Step, true), (Level::Step, false), (Level::Trajectory, true)]);
    assert_eq!(parse("is:retry").unwrap().leaves()[0].0.level(), Level::Execution);
}

fn leaf() -> impl Strategy<Value = String> {
    let number = "(steps|cost|tokens):(>|<|>=|<=|)[0-9]{1,4}(\\.[0-9])?[kM]?";
    let date = "at:(>|<|>=|<=|)20[0-9]{2}-0[1-9]-[12][0-9]";
    prop_oneof![
        "[a-z]{1,8}",
        "[a-zé日]{1,4}[_./-][a-z0-9]{1,4}\\*?",
        "\"[ -!#-\\[\\]-~é日]{1,12}\"",
        "/[a-z./ ]{1,6}/",
        "--[a-z-]{1,6}",
        "[&|>=+~]{1,3}",
        "(tool|path|label|id):[A-Za-z0-9_/=.:#-]{1,10}\\*?",
        "tool:\"[ -!#-\\[\\]-~é]{1,8}\"\\*?",
        number,
        date,
        "wait:>[0-9]{1,3}(ms|s|min|h|d)",
        "is:(denied|retry|stale)",
    ]
}

fn nested_query() -> impl Strategy<Value = String> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.join(" ")),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({} )", parts.join(" OR "))),
            inner.prop_map(|part| format!("-({part} )")),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(query in prop_oneof![any::<String>(), "[-() \"/*:a-c\\\\OR]{0,24}", nested_query()]) {
        match parse(&query) {
            Ok(tree) => prop_assert_eq!(parse(&tree.to_string()).map_err(|e| e.to_string()), Ok(tree)),
            Err(error) => {
                prop_assert!(error.column >= 1 && error.column <= query.chars().count() + 1);
                prop_assert!(!error.to_string().chars().any(|c| c.is_control() && c != '\n'));
            }
        }
    }

    #[test]
    fn pushing_down_keeps_the_meaning(query in nested_query()) {
        if let Ok(tree) = parse(&query) {
            let pushed = tree.pushed_down();
            prop_assert_eq!(&pushed.pushed_down(), &pushed);
            prop_assert_eq!(tree.leaves(), pushed.leaves());
        }
    }
}
