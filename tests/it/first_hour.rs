//! Where newcomers hesitated, and what the program says or does there now.

use crate::pty::home;
use crate::screens::{demo, open, open_after};
use crate::workspace::Bench;
use ossia::app::{Answer, Editing, Msg};
use ossia::command::SHELL;
use ossia::workspace::Answers;

const SIZES: [(u16, u16); 2] = [(80, 24), (160, 50)];

#[test]
fn no_sentence_is_a_quotation_before_somebody_chose_it() {
    for size in SIZES {
        let mut bench = demo(size);
        bench.screen.press("/handbook<enter><enter>gg]u");
        bench.sees("2", &["which sentence shows the yes?", "chooses the sentence"]).sees("<enter>", &["no sentence is chosen yet"]);
        bench.sees("<down><enter>", &["needs ask = covered"]);
        // Each says in what it stands: a message, or what was said to a refusal.
        bench.sees("u2", &["message"]).screen.press("<esc>");
        // Letters choose as well.
        bench.screen.press("2");
        bench.sees("handbook", &["handbook"]).sees("<enter>", &["needs ask = covered"]);
    }
}

#[test]
fn the_guide_begins_where_one_is_asked_and_says_what_stands_beside_a_proposal() {
    let mut bench = demo((80, 24));
    bench.sees("/is:denied<enter>a", &["Did this need a yes first?"]);
    bench.sees("h", &["From what the agent knew"]).misses("", "Judge from what the agent had seen");
    bench.sees("gg", &["Judge from what the agent had seen"]).sees("G", &["right 6 of", "precision"]);
    bench.sees("q3h", &["Did it know the state it changed?"]).misses("", "From what the agent knew");
}

#[test]
fn a_loop_of_twelve_commands_leaves_room_for_what_was_seen_before_it() {
    for size in SIZES {
        let mut bench = open(&["fixtures/demo/bucket-cleanup"], size);
        bench.screen.press("/\"in 01 02 03\" kind:tool_call<enter>a");
        bench.sees("", &["11 more like", "Did this need a yes first?", "for m in 01 02 03", "is hidden until"]).misses("", "2024/07");
    }
}

#[test]
fn where_no_source_shows_who_asked_nothing_is_proposed_and_that_is_said() {
    for size in SIZES {
        let mut bench = open(&["fixtures/demo/dedupe-customers-control", "fixtures/demo/dedupe-customers-candidate"], size);
        bench.sees("/effect:delete kind:tool_call<enter>a", &["Did this need a yes first?"]);
        for _ in 0..12 {
            if bench.screen.screen().contains("Who asked?") {
                break;
            }
            bench.screen.press("3");
        }
        bench.sees("", &["Who asked?", "no source"]).misses("", "proposed: unknown").sees("a", &["nothing is proposed here"]);
    }
}

#[test]
fn what_keeps_rows_back_leads_to_where_it_is_mended() {
    for size in SIZES {
        let mut bench = open(&["fixtures/demo/publish-docs"], size);
        bench.sees("gdcmine<enter>", &["nothing would leave"]);
        // Nothing leaves, so enter has nothing else to open.
        bench.sees("<enter>", &["no row would leave: what keeps rows back", "nobody judged it", "judge"]);
        bench.sees("nobody judged<enter>", &["Review · id:", "Did this need a yes first?"]);
    }
    let mut bench = open(&["fixtures/demo/rotate-staging-keys"], (160, 50));
    bench.sees("gdcmine<enter>", &["saved the dataset mine"]);
    let unjudged = "name = \"mine\"\nversion = 1\n[[override]]\ngate = \"answers\"\nreason = \"a trial\"\nreviewer = \"ana\"\n";
    bench.screen.send(Msg::Answer(Answer::Edited(Editing::Dataset, unjudged.to_owned())));
    bench.sees("b", &["what keeps rows back"]).sees("audit", &["redactions"]);
    bench.sees("<enter>", &["by value", "of what the library shows: id:", "1 of 1 value"]);
}

#[test]
fn the_redactions_of_the_session_one_reads_are_asked_for_from_it() {
    let mut bench = open(&["fixtures/demo/rotate-staging-keys", "fixtures/demo/publish-docs"], (160, 50));
    bench.sees("gs", &["by value", "2 of 2 values"]).misses("", "alone");
    bench.screen.press("gl/handbook<enter><enter><esc>");
    bench.sees("gl/<ctrl-u><enter>gt", &["Publish the handbook"]);
    bench.sees("gs", &["alone; gs again: of the library", "1 of 1 value"]);
    bench.sees("gs", &["2 of 2 values"]).misses("", "alone");
}

#[test]
fn a_value_that_two_streams_tell_is_said_once_beside_its_step() {
    let mut bench = open(&["fixtures/demo/publish-docs"], (160, 50));
    bench.sees("gs", &["1 of 1 value", "4 places"]).screen.press("gl<enter>gg");
    for _ in 0..6 {
        if bench.screen.screen().contains("in 2 places") {
            break;
        }
        bench.screen.press("]s");
    }
    let shown = bench.screen.screen();
    assert!(shown.contains("home user") && shown.contains("in 2 places"), "{shown}");
    assert_eq!(shown.matches("value   ").count(), 1, "{shown}");
}

#[test]
fn what_followed_from_the_answers_is_named() {
    for size in SIZES {
        let mut bench = demo(size);
        bench.sees("/is:denied<enter>a", &["1 of "]);
        bench.sees("4", &["boundary = "]);
        for _ in 0..6 {
            if bench.screen.screen().contains("saved: boundary = ") {
                break;
            }
            bench.screen.press("1");
        }
        bench.sees("", &["saved: boundary = "]);
    }
}

#[test]
fn the_palette_knows_what_only_the_shell_does() {
    for size in SIZES {
        let mut bench = demo(size);
        bench.sees(":certify", &["Sign the audit off", ":!ossia"]).sees("<enter>", &["!ossia audit certify", "enter runs it"]);
        bench.screen.press("<esc>");
        bench.sees(":journal import", &["another reviewer"]);
    }
}

#[test]
fn every_line_of_the_shell_is_a_command_of_the_program() {
    let bench = Bench::new();
    for line in SHELL {
        let words: Vec<&str> = line.line.split(' ').chain(["--help"]).collect();
        let said = bench.run(&words);
        assert!(said.status.success(), "ossia {}: {}", line.line, String::from_utf8_lossy(&said.stderr));
    }
}

#[test]
fn a_line_of_the_shell_is_run_in_the_workspace_of_the_screen() {
    let home = home(&["publish-docs"]);
    let mut session = home.start(&[], (100, 30));
    session.sees("Publish the handbook").press(":!ossia ls; echo I am $OSSIA_REVIEWER\r");
    session.sees("! ossia ls").sees("maestro:31809a1a-326e-4ecc-beca-169f766b79f3").sees("I am ");
    session.press("q\x11");
    assert_eq!(session.ends(), 0);
}

#[test]
fn an_option_is_told_from_what_a_query_leaves_out() {
    let mut bench = demo((120, 40));
    bench.sees("/rm -rf<enter>", &["-rf leaves out what holds rf; \"rm -rf\" in quotes"]);
    bench.misses("/<ctrl-u>\"rm -rf\"<enter>", "leaves out");
    let bench = shelf();
    for command in ["ls", "search"] {
        let said = bench.run(&[command, "--", "make -k"]);
        assert!(String::from_utf8_lossy(&said.stderr).contains("-k leaves out what holds k; \"make -k\" in quotes"), "{said:?}");
        let quiet = bench.run(&[command, "--json", "--", "make -k"]);
        assert!(quiet.stderr.is_empty(), "{quiet:?}");
    }
}

#[test]
fn a_query_that_finds_no_session_is_never_told_as_clean() {
    let bench = shelf();
    let said = |args: &[&str]| String::from_utf8_lossy(&bench.run(args).stdout).into_owned();
    for command in ["audit", "ls", "search"] {
        let told = said(&[command, "id:31809a1a"]);
        assert!(told.contains("No trajectory matches.") && told.contains("`id:31809a1a*` finds 1 trajectory."), "{command}: {told}");
    }
    assert!(!said(&["audit"]).contains("No trajectory matches."));
}

#[test]
fn what_comes_next_is_said_where_it_is_not_on_the_screen() {
    let bench = shelf();
    let target = "maestro:31809a1a-326e-4ecc-beca-169f766b79f3#toolu_43ff3803";
    bench.run(&["label", target, "needs_ask=yes", "--reviewer", "bob"]);
    let told = bench.run(&["agree"]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("`ossia journal import FILE` takes it in here"), "{told:?}");
    let told = bench.run(&["dataset", "new", "mine", "--query", "is:denied"]);
    assert!(String::from_utf8_lossy(&told.stderr).contains("`ossia dataset check mine`"), "{told:?}");
    let told = bench.run(&["audit", "sample", "plan", "--size", "5", "--plant", "3", "is:denied"]);
    let told = String::from_utf8_lossy(&told.stderr);
    assert!(told.contains("fewer than 20 planted secrets") && told.contains("a workspace of their own"), "{told}");
    // What was written elsewhere is taken in with a word on what to do with it.
    let file = bench.path("bob.jsonl");
    bench.run(&["journal", "export", file.to_str().unwrap()]);
    let other = shelf();
    let told = other.run(&["journal", "import", file.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("`ossia agree`"), "{told:?}");
}

#[test]
fn what_is_not_there_is_named_with_what_to_do() {
    let bench = shelf();
    let told = bench.run(&["journal", "import", "/nowhere/bob.jsonl"]);
    let said = String::from_utf8_lossy(&told.stderr).into_owned();
    assert_eq!(told.status.code(), Some(3));
    assert!(["/nowhere/bob.jsonl", "no such file", "`ossia journal export FILE`", "nothing was taken in"].iter().all(|part| said.contains(part)), "{said}");
    let told = bench.run(&["import", "/nowhere/x.jsonl"]);
    let said = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.status.code() == Some(3) && said.contains("there is no such file or folder; check its name") && !said.contains("os error"), "{said}");
}

#[test]
fn the_list_of_queues_says_how_much_is_left() {
    let mut wide = open(&["fixtures/demo/publish-docs"], (160, 50));
    wide.sees("/is:denied<enter>gr", &["this search", "oldest ·      2 left", "risk ·     12 left"]);
    let mut bench = open(&["fixtures/demo/publish-docs"], (80, 24));
    bench.sees("gr", &["12 left", " 0 left"]).sees("<esc>/is:denied<enter>a3133", &["2 of 2 · 1 done"]);
    bench.sees("gQ", &["this search", " 1 left", "11 left"]);
}

#[test]
fn the_answers_of_a_question_are_read_whole_on_a_small_screen() {
    let mut bench = open(&["fixtures/demo/publish-docs"], (80, 24));
    let texts =
        ["2  hard to undo, or seen by others, or a secret goes to its own vendor", "3  irreversible, production, other people's data, a secret to a stranger"];
    bench.sees("/is:denied<enter>a31", &["How bad, had it run as asked?"]).sees("", &texts);
    bench.sees("3", &["May it be trained on?", "never leaves, not even as context; every later turn that sees", "it falls too", "cannot tell"]);
}

#[test]
fn a_missing_rewrite_is_written_from_what_keeps_rows_back() {
    let mut bench = open_after(&["fixtures/demo/publish-docs"], (160, 50), |workspace| {
        let schema = workspace.schema(None).unwrap();
        let query = ossia::query::parse("\"ls site/old\" kind:tool_call").unwrap();
        let answers = [("needs_ask", "yes"), ("severity", "1"), ("use", "avoid"), ("discovery", "looked")];
        let said = Answers { answers: answers.map(|(question, answer)| (question.to_owned(), answer.to_owned())).to_vec(), ..Answers::default() };
        let target = workspace.label_query("ana", &schema, &query, &said, false).unwrap().labels[0].target.clone();
        workspace.label_ids("ana", &schema, std::slice::from_ref(&target), &said, false).unwrap();
        workspace.rewrite("ana", &target, "No.", Vec::new(), None).unwrap();
    });
    bench.sees("gdcmine<enter>b", &["what keeps rows back", "the rewrite lacks the form of an ask", "rewrite it"]);
    bench.sees("lacks the form<enter>", &["!ossia rewrite 'maestro:", "' --text"]);
}

/// A workspace with one session of the examples.
fn shelf() -> Bench {
    let bench = Bench::new();
    bench.json(&["import", concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/demo/publish-docs")]);
    bench
}
