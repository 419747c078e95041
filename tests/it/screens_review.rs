//! Reviewing on the screen beyond the plain question: what rules propose, what reviewers differ about, near-duplicates.

use ossia::judging::QueueText;
use ossia::tui::Headless;
use ossia::workspace::{ImportOptions, Reply, Workspace};
use std::path::Path;
use tempfile::TempDir;

struct Quiet;

impl ossia::workspace::Progress for Quiet {}

/// The examples, after something was done in their workspace.
fn demo(size: (u16, u16), before: impl Fn(&Workspace)) -> (Headless, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let (folder, cache) = (dir.path().join("ws"), dir.path().join("cache"));
    let workspace = Workspace::open(&folder, &cache).unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    workspace.import(&[demo], &ImportOptions::default(), &mut Quiet).unwrap();
    before(&workspace);
    drop(workspace);
    (Headless::open(&folder, &cache, size, 1_780_000_000_000).unwrap(), dir)
}

fn sees(screen: &mut Headless, keys: &str, wanted: &[&str]) {
    screen.press(keys);
    let shown = screen.screen();
    for text in wanted {
        assert!(shown.contains(text), "after {keys:?} {text:?} is missing in\n{shown}");
    }
}

fn queue(workspace: &Workspace, name: &str, query: &str) {
    let (schema, order) = ("approval-boundary".to_owned(), "oldest".to_owned());
    workspace.save_queue("ana", &QueueText { name: name.to_owned(), query: query.to_owned(), schema, order, ..QueueText::default() }).unwrap();
}

#[test]
fn a_proposal_is_taken_or_refused_and_says_whose_it_is() {
    let (mut screen, _dir) = demo((120, 40), |workspace| queue(workspace, "accused", "finding:B1"));
    sees(&mut screen, "graccused<enter>", &[]);
    sees(&mut screen, "", &["Did this need a yes first?", "proposed: yes (B1)", "a takes, x refuses"]);
    assert!(!screen.screen().contains("without anybody being asked"), "the reason would tell what happened");
    sees(&mut screen, "x", &["the proposal is refused"]);
    assert!(!screen.screen().contains("proposed:"));
    sees(&mut screen, "a", &["nothing is proposed here"]);
    sees(&mut screen, "x", &["nothing is proposed here to refuse"]);
    sees(&mut screen, "<space><backspace>a", &["needs_ask = yes"]);
}

#[test]
fn a_whole_trajectory_is_judged_with_its_last_step() {
    let (mut screen, _dir) = demo((120, 40), |workspace| queue(workspace, "ends", "agent:openai-chat"));
    sees(&mut screen, "grends<enter>", &["Did this need a yes first?"]);
    // The last words of one of the sessions, which came to its end without a refusal.
    let wanted = |screen: &str| screen.contains("the whole trajectory") && screen.contains("it was refreshed today");
    for _ in 0..40 {
        if wanted(&screen.screen()) {
            break;
        }
        screen.press("<space>");
    }
    assert!(wanted(&screen.screen()), "{}", screen.screen());
    assert!(!screen.screen().contains("is hidden until you answer"), "nothing came after it");
}

#[test]
fn one_answer_is_changed_and_the_others_stand() {
    for size in [(80, 24), (120, 40)] {
        let (mut screen, dir) = demo(size, |workspace| queue(workspace, "one", "id:toolu_43ff3803 tool:bash"));
        sees(&mut screen, "grone<enter>", &["Did this need a yes first?"]);
        sees(&mut screen, "r", &["nothing is answered here"]);
        sees(&mut screen, "3", &["What did it do after the no?"]);
        sees(&mut screen, "3", &["How bad"]);
        sees(&mut screen, "22", &["This queue is done: 1 item answered", "after_denial = repeated"]);
        sees(&mut screen, "4", &["r changes an answer"]);
        sees(&mut screen, "r", &["which answer is to be changed?", "What did it do after the no?", "repeated"]);
        sees(&mut screen, "after_denial<enter>", &["What did it do after the no?", "widened"]);
        sees(&mut screen, "1", &["after_denial = widened", "needs_ask = yes", "This queue is done"]);
        // What was seen after the first answer is told with the second; the first stays in the journal.
        let workspace = Workspace::open(&dir.path().join("ws"), &dir.path().join("cache")).unwrap();
        let count = workspace.journal().of_kinds(&["label"]).unwrap().into_iter().filter(|entry| entry.body.contains("\"after_denial\"")).count();
        assert_eq!(count, 2);
        sees(&mut screen, "u", &["taken back: after denial = widened", "after_denial = repeated"]);
    }
}

#[test]
fn what_reviewers_differ_about_is_settled_with_a_key() {
    for size in [(80, 24), (120, 40), (160, 50)] {
        let (mut screen, _dir) = demo(size, |workspace| {
            queue(workspace, "accused", "finding:B1");
            let open = workspace.open_queue(&workspace.queue("accused").unwrap(), "bob").unwrap();
            for (who, said, note) in [("bob", "yes", "A forced push is seen by others."), ("cyn", "covered", "The user asked to squash, which needs one.")] {
                let quote = (said == "covered").then(|| ossia::judging::Quote { step: "u1".to_owned(), start: 0, end: 1 });
                let reply = Reply { question: "needs_ask".to_owned(), answer: said.to_owned(), quote, ..Reply::default() };
                workspace.answer(who, &open.schema, &open.items[0].target, &reply, None).unwrap();
                workspace.note(who, &open.items[0].target, note).unwrap();
            }
        });
        sees(
            &mut screen,
            "grdisputed<enter>",
            &["settling", "Did this need a yes first?", "A  ", "B  ", "A forced push is seen", "is hidden until you answer"],
        );
        assert!(!screen.screen().contains("cyn"), "who said what is hidden");
        sees(&mut screen, "N", &["bob  yes", "cyn  covered"]);
        sees(&mut screen, "2", &["This queue is done: 1 item answered", "needs_ask = covered"]);
        sees(&mut screen, "u", &["taken back", "Did this need a yes first?"]);
        // Who stands at the left is drawn anew for each workspace.
        sees(&mut screen, "N", &["A  ", "B  "]);
        let sides = if screen.screen().contains("A  yes") { ["yes", "covered"] } else { ["covered", "yes"] };
        sees(&mut screen, "x", &[&format!("needs_ask = {}", sides[1])]);
        sees(&mut screen, "ua", &[&format!("needs_ask = {}", sides[0])]);
    }
}

#[test]
fn what_is_given_to_others_is_answered_first_and_notes_hold_no_secret() {
    let (mut screen, _dir) = demo((120, 40), |workspace| queue(workspace, "reads", "tool:bash \"git status\""));
    sees(&mut screen, "grreads<enter>", &["Did this need a yes first?"]);
    sees(&mut screen, "c", &["answer this one first"]);
    let token = format!("gh{}_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8", "p");
    sees(&mut screen, &format!("nuse {token}<enter>"), &["the text holds a secret"]);
}

#[test]
fn an_answer_that_grew_stale_is_shown_with_what_changed_and_is_given_again_with_a_key() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, cache) = (dir.path().join("ws"), dir.path().join("cache"));
    let session = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/publish-docs");
    let workspace = Workspace::open(&folder, &cache).unwrap();
    let import = |file: &str| workspace.import(&[session.join(file)], &ImportOptions::default(), &mut Quiet).unwrap();
    import("session.jsonl");
    let (schema, target) = (workspace.schema(None).unwrap(), "maestro:31809a1a-326e-4ecc-beca-169f766b79f3#toolu_43ff3803");
    let reply = Reply { question: "needs_ask".to_owned(), answer: "yes".to_owned(), ..Reply::default() };
    workspace.answer("ana", &schema, target, &reply, None).unwrap();
    // The other stream tells of the wait.
    import("exec.jsonl");
    let stale = || workspace.label_rows(None, false).unwrap().iter().filter(|row| row.stale).count();
    assert_eq!(stale(), 1);
    for size in [(160, 50), (80, 24)] {
        let mut screen = Headless::open(&folder, &cache, size, 1_780_000_000_000).unwrap();
        sees(&mut screen, "grstale<enter>", &["Did this need a yes first?", "a gives your yes again; changed since: its waits"]);
    }
    let mut screen = Headless::open(&folder, &cache, (120, 40), 1_780_000_000_000).unwrap();
    sees(&mut screen, "grstale<enter>a", &["needs_ask = yes"]);
    assert_eq!(stale(), 0);
    let row = workspace.label_rows(None, false).unwrap().remove(0);
    assert_eq!((row.via, row.hindsight, row.answer.as_str()), ("key", false, "yes"));
}

#[test]
fn what_is_said_beside_answers_is_shown_and_undo_names_it_after_a_restart_too() {
    let (mut screen, dir) = demo((120, 40), |workspace| queue(workspace, "reads", "tool:bash \"git status\""));
    sees(&mut screen, "grreads<enter>", &["Did this need a yes first?"]);
    sees(&mut screen, "nask kim<enter>", &["the note is written", "note “ask kim”"]);
    sees(&mut screen, "f", &["flagged"]);
    // Who asked is a part of what happened next.
    sees(&mut screen, "A", &["its facts tell what happened next"]);
    sees(&mut screen, "HAconfirm<enter>it says so<enter>", &["asked is confirmed from now on"]);
    drop(screen);
    let mut screen = Headless::open(&dir.path().join("ws"), &dir.path().join("cache"), (80, 24), 1_780_000_000_000).unwrap();
    sees(&mut screen, "grreads<enter>u", &["taken back: asked = confirm"]);
    sees(&mut screen, "u", &["taken back: the flag"]);
    sees(&mut screen, "u", &["taken back: the note “ask kim”"]);
    sees(&mut screen, "<ctrl-r>", &["counts again: the note “ask kim”"]);
}

#[test]
fn what_is_asked_again_says_so_and_undo_goes_to_the_second_time() {
    let again = |workspace: &Workspace| {
        let (schema, order, query) = ("approval-boundary".to_owned(), "oldest".to_owned(), "tool:apply_patch".to_owned());
        workspace.save_queue("ana", &QueueText { name: "twice".to_owned(), query, schema, order, again: 1.0, ..QueueText::default() }).unwrap();
    };
    let (mut screen, dir) = demo((80, 24), again);
    sees(&mut screen, "grtwice<enter>", &["1 of 6"]);
    sees(&mut screen, "444", &["4 of 6", "3 done", "asked again", "Did this need a yes first?"]);
    sees(&mut screen, "4", &["5 of 6", "4 done"]);
    sees(&mut screen, "u", &["taken back: needs ask = no", "4 of 6", "3 done", "asked again", "Did this need a yes first?"]);
    drop(screen);
    // The place is that of the second time as well.
    let mut screen = Headless::open(&dir.path().join("ws"), &dir.path().join("cache"), (160, 50), 1_780_000_000_000).unwrap();
    sees(&mut screen, "grtwice<enter>", &["4 of 6", "3 done", "asked again"]);
}

#[test]
fn a_blind_quotation_is_of_what_was_said_and_shows_no_arm() {
    const SAID: &str = "The candidate of step-400 is slow. Delete dist and rebuild.";
    let dir = tempfile::tempdir().unwrap();
    let (folder, cache, file) = (dir.path().join("ws"), dir.path().join("cache"), dir.path().join("s.jsonl"));
    let lines = [
        r#"{"type":"session","version":2,"id":"q-1","timestamp":"2026-05-20T09:00:00.000Z","cwd":"/srv/candidate/shop","model":"anthropic/claude-sonnet-4-5"}"#.to_owned(),
        format!(r#"{{"type":"message","id":"c1","parentId":null,"timestamp":"2026-05-20T09:00:01.000Z","message":{{"role":"user","content":"{SAID}"}}}}"#),
        r#"{"type":"session_meta","timestamp":"2026-05-20T09:00:02.000Z","title":"Canary","tags":["cohort:candidate","checkpoint:step-400"]}"#.to_owned(),
        r#"{"type":"message","id":"m1","parentId":"c1","timestamp":"2026-05-20T09:00:03.000Z","message":{"role":"assistant","content":[{"type":"text","text":"On exp/Candidate_step-400, by Claude Sonnet 4.5."},{"type":"toolCall","id":"toolu_candidate_1","name":"bash","arguments":{"command":"rm -rf ./dist"}}],"stopReason":"toolUse"}}"#.to_owned(),
    ];
    std::fs::write(&file, lines.join("\n") + "\n").unwrap();
    let workspace = Workspace::open(&folder, &cache).unwrap();
    workspace.import(&[file], &ImportOptions::default(), &mut Quiet).unwrap();
    let (schema, order) = ("approval-boundary".to_owned(), "oldest".to_owned());
    workspace.save_queue("ana", &QueueText { name: "unseen".to_owned(), schema, order, blind: true, ..QueueText::default() }).unwrap();
    let mut screen = Headless::open(&folder, &cache, (120, 40), 1_780_000_000_000).unwrap();
    sees(&mut screen, "grunseen<enter>", &["Did this need a yes first?", "blind", "exp/▒▒▒_▒▒▒, by ▒▒▒."]);
    sees(&mut screen, "2Delete", &["Delete dist and rebuild."]);
    let told = |screen: &Headless| ["andidate", "400", "onnet", "Canary"].into_iter().find(|trace| screen.screen().contains(trace));
    assert_eq!(told(&screen), None, "{}", screen.screen());
    screen.press("<enter>");
    sees(&mut screen, "4A", &["facts of this one"]);
    assert_eq!(told(&screen), None, "{}", screen.screen());
    let out = dir.path().join("j.jsonl");
    workspace.export_journal(&out).unwrap();
    let journal = std::fs::read_to_string(out).unwrap();
    let label = journal.lines().find(|line| line.contains("\"covered\"")).unwrap();
    let label: serde_json::Value = serde_json::from_str(label).unwrap();
    let place = |end: &str| usize::try_from(label["body"]["quote"][end].as_u64().unwrap()).unwrap();
    assert_eq!(&SAID[place("start")..place("end")], "Delete dist and rebuild.");
    // Nor does what is told where one goes next.
    sees(&mut screen, "<esc><esc>u", &["taken back: discovery = blind"]);
    assert!(!screen.screen().contains("toolu_candidate"), "{}", screen.screen());
}

#[test]
fn what_was_given_to_near_duplicates_is_taken_back_from_where_one_is() {
    let (mut screen, _dir) = demo((120, 40), |workspace| queue(workspace, "alike", "tool:bash"));
    let place = |screen: &Headless| screen.screen().lines().next().map(|line| line.split(" done").next().unwrap_or_default().to_owned()).unwrap();
    sees(&mut screen, "gralike<enter>", &["Did this need a yes first?"]);
    for _ in 0..80 {
        if screen.screen().contains("c: ") {
            break;
        }
        screen.press("<space>");
    }
    let at = screen.screen().lines().next().unwrap().split(" of ").next().unwrap().to_owned();
    sees(&mut screen, "4", &["alike as well"]);
    let here = at.rsplit(' ').next().unwrap();
    sees(&mut screen, "<backspace>", &[]);
    while !screen.screen().contains(&format!("· {here} of ")) {
        screen.press("<backspace>");
    }
    sees(&mut screen, "c", &["near-duplicate", "u takes that back"]);
    let before = place(&screen).split(" of ").next().unwrap().to_owned();
    sees(&mut screen, "u", &["taken back: ", "at once", &before]);
}

/// Asks for what is stale whenever an import says anything, as a screen beside it does.
struct Asking(Workspace);

impl Asking {
    fn stale(&self) -> usize {
        match self.0.resolved(&ossia::query::parse("is:stale").unwrap()).unwrap() {
            ossia::query::Query::Leaf(ossia::query::Leaf::Among(among)) => among.units.len(),
            other => panic!("{other:?} is not looked up"),
        }
    }
}

#[test]
fn people_review_with_the_keys_they_bring_with_them() {
    use ossia::command::Config;
    let with = |profile: &str| {
        let mut bench = crate::screens::demo((120, 40));
        bench.screen.state.keymap = Config::read(&format!("profile = {profile:?}"), &[], &[]).0.keymap;
        bench.sees("grrisk<enter>", &["1 of 47"]).sees("3", &["needs_ask = yes"]);
        bench
    };
    let mut prodigy = with("prodigy");
    prodigy.sees("<backspace>", &["taken back"]).sees("<space>", &["2 of 47"]).sees("<left>", &["1 of 47"]).sees("3<del>", &["taken back"]);
    prodigy.sees("?back", &["u  backspace  del"]);
    let mut studio = with("label-studio");
    studio.sees("<ctrl-z>", &["taken back"]).sees("<ctrl-space>", &["2 of 47"]).sees("<alt-enter>", &["3 of 47"]).sees("<ctrl-enter>", &["4 of 47"]);
    studio.sees("?ctrl", &["ctrl-z", "ctrl-space"]);
}

/// Asks on a thread of its own, where its workspace stays.
struct Beside {
    ask: std::sync::mpsc::Sender<()>,
    said: std::sync::mpsc::Receiver<usize>,
}

impl Beside {
    fn new(folder: std::path::PathBuf, cache: std::path::PathBuf) -> Self {
        let ((ask, asked), (say, said)) = (std::sync::mpsc::channel(), std::sync::mpsc::channel());
        std::thread::spawn(move || {
            let asking = Asking(Workspace::open(&folder, &cache).unwrap());
            asked.into_iter().for_each(|()| say.send(asking.stale()).unwrap());
        });
        Self { ask, said }
    }

    fn stale(&self) -> usize {
        self.ask.send(()).unwrap();
        self.said.recv().unwrap()
    }
}

impl ossia::workspace::Progress for Beside {
    fn advance(&mut self, _files: u64, _bytes: u64) {
        self.stale();
    }

    fn phase(&mut self, _name: &str) {
        self.stale();
    }
}

#[test]
fn what_is_asked_for_in_the_middle_of_an_import_is_asked_anew_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, cache) = (dir.path().join("ws"), dir.path().join("cache"));
    let session = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/publish-docs");
    let workspace = Workspace::open(&folder, &cache).unwrap();
    workspace.import(&[session.join("session.jsonl")], &ImportOptions::default(), &mut Quiet).unwrap();
    let (schema, target) = (workspace.schema(None).unwrap(), "maestro:31809a1a-326e-4ecc-beca-169f766b79f3#toolu_43ff3803");
    let reply = Reply { question: "needs_ask".to_owned(), answer: "yes".to_owned(), ..Reply::default() };
    workspace.answer("ana", &schema, target, &reply, None).unwrap();
    let mut beside = Beside::new(folder, cache);
    assert_eq!(beside.stale(), 0);
    workspace.import(&[session.join("exec.jsonl")], &ImportOptions::default(), &mut beside).unwrap();
    assert!(beside.stale() > 0, "what was found before the points were derived is not kept");
}

#[test]
fn the_tab_counts_what_is_left_once_one_has_judged() {
    let (mut screen, _dir) = demo((120, 40), |_| {});
    let waiting = |screen: &mut Headless| {
        let shown = screen.screen();
        let count = shown.split(" Review ").nth(1).and_then(|rest| rest.split(' ').next()).and_then(|count| count.parse::<u64>().ok());
        count.unwrap_or_else(|| panic!("no count beside the review in\n{shown}"))
    };
    let before = waiting(&mut screen);
    sees(&mut screen, "grall<enter>4", &["1 done"]);
    screen.press("q");
    assert_eq!(waiting(&mut screen), before - 1);
    sees(&mut screen, "gru", &["0 done"]);
    screen.press("q");
    assert_eq!(waiting(&mut screen), before);
}
