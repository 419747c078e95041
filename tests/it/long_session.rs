//! A session too long to be read at once: its beginning is seen before the rest is there.

use ossia::query::Query;
use ossia::workspace::{ImportOptions, Progress, Workspace};

struct Quiet;
impl Progress for Quiet {}

#[test]
fn the_beginning_of_a_long_session_is_the_beginning_of_the_whole() {
    let scratch = tempfile::tempdir().unwrap();
    let output = "0123456789 abcdef\\n".repeat(3_000);
    let mut session = String::new();
    for at in 0..200 {
        session.extend([format!(
            "{{\"type\":\"assistant\",\"sessionId\":\"s\",\"uuid\":\"a{at}\",\"timestamp\":\"2026-05-01T00:00:00.000Z\",\"message\":{{\"role\":\"assistant\",\"content\":\
             [{{\"type\":\"tool_use\",\"id\":\"toolu_{at}\",\"name\":\"Bash\",\"input\":{{\"command\":\"cat {at}\"}}}}]}}}}\n\
             {{\"type\":\"user\",\"sessionId\":\"s\",\"uuid\":\"b{at}\",\"timestamp\":\"2026-05-01T00:00:00.000Z\",\"message\":{{\"role\":\"user\",\"content\":\
             [{{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_{at}\",\"content\":\"{output}\"}}]}}}}\n"
        )]);
    }
    let path = scratch.path().join("s.jsonl");
    std::fs::write(&path, session).unwrap();
    let workspace = Workspace::open(&scratch.path().join("workspace"), &scratch.path().join("cache")).unwrap();
    workspace.import(&[path], &ImportOptions::default(), &mut Quiet).unwrap();
    let listing = workspace.ls(&Query::All, None, 9).unwrap();
    assert_eq!(listing.total, 1);
    let number = workspace.number_of(&listing.trajectories[0].id).unwrap().unwrap();
    let (part, whole) = (workspace.beginning(number).unwrap().unwrap(), workspace.load(number).unwrap().unwrap());
    assert!(part.steps.len() > 10 && part.steps.len() < whole.steps.len() / 2, "{} of {}", part.steps.len(), whole.steps.len());
    for (part, whole) in part.steps.iter().zip(&whole.steps) {
        assert_eq!((&part.id, &part.text, &part.origins), (&whole.id, &whole.text, &whole.origins));
    }
}

#[test]
fn long_texts_lie_on_disk_and_come_back_to_the_letter() {
    let scratch = tempfile::tempdir().unwrap();
    let mut session = String::new();
    for at in 0..160 {
        let output = format!("é{at} 0123456789 abcdef\\n").repeat(if at % 4 == 0 { 3 } else { 4_000 });
        session.extend([format!(
            "{{\"type\":\"assistant\",\"sessionId\":\"s\",\"uuid\":\"a{at}\",\"message\":{{\"role\":\"assistant\",\"content\":\
             [{{\"type\":\"tool_use\",\"id\":\"toolu_{at}\",\"name\":\"Bash\",\"input\":{{\"command\":\"cat {at}\"}}}}]}}}}\n\
             {{\"type\":\"user\",\"sessionId\":\"s\",\"uuid\":\"b{at}\",\"message\":{{\"role\":\"user\",\"content\":\
             [{{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_{at}\",\"content\":\"{output}last{at}\"}}]}}}}\n"
        )]);
    }
    let path = scratch.path().join("s.jsonl");
    std::fs::write(&path, session).unwrap();
    let cache = scratch.path().join("cache");
    let workspace = Workspace::open(&scratch.path().join("workspace"), &cache).unwrap();
    workspace.import(&[path], &ImportOptions::default(), &mut Quiet).unwrap();
    let number = workspace.number_of(&workspace.ls(&Query::All, None, 9).unwrap().trajectories[0].id).unwrap().unwrap();
    let whole = workspace.load(number).unwrap().unwrap();
    let short = workspace.abridge(whole.clone());
    assert!(short.is_cut());
    let held = |steps: &[ossia::model::Step]| steps.iter().map(|step| step.text.len()).sum::<usize>();
    assert!(held(&short.steps) * 40 < held(&whole.steps), "{} of {}", held(&short.steps), held(&whole.steps));
    for (at, step) in whole.steps.iter().enumerate() {
        assert!(short.text(at).unwrap() == step.text && step.text.starts_with(&short.steps[at].text), "step {at}");
        assert!(short.cut_lines(at).is_none_or(|lines| lines == step.text.lines().count()), "step {at}");
    }
    for (sought, count) in [("last7", 1), ("0123456789", 160)] {
        let query = ossia::query::parse(sought).unwrap();
        assert_eq!(workspace.steps_that_match(&short, &query).unwrap().len(), count, "{sought}");
        assert_eq!(ossia::app::holding(&short, sought).unwrap(), ossia::app::holding(&whole.clone().into(), sought).unwrap(), "{sought}");
    }
    let files = std::fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(files.into_iter().all(|name| !name.contains("spool")), "the file has no name");
}

#[test]
fn the_first_page_of_many_trajectories_is_the_beginning_of_their_order() {
    let scratch = tempfile::tempdir().unwrap();
    for at in 0..40 {
        let line = format!(
            "{{\"type\":\"user\",\"sessionId\":\"s{at}\",\"uuid\":\"u{at}\",\"timestamp\":\"2026-05-{:02}T00:00:{:02}.000Z\",\"message\":{{\"role\":\"user\",\"content\":\"tidy {at}\"}}}}\n",
            1 + at * 7 % 28,
            at
        );
        std::fs::create_dir_all(scratch.path().join("many")).unwrap();
        std::fs::write(scratch.path().join(format!("many/s{at}.jsonl")), line).unwrap();
    }
    let workspace = Workspace::open(&scratch.path().join("workspace"), &scratch.path().join("cache")).unwrap();
    workspace.import(&[scratch.path().join("many")], &ImportOptions::default(), &mut Quiet).unwrap();
    let all = workspace.matches(&Query::All, "at", true, 0, &mut |_| true).unwrap().unwrap().trajectories;
    assert_eq!((all.len(), workspace.count_trajectories().unwrap()), (40, 40));
    assert_eq!(workspace.first_of("at", true, 12).unwrap().as_deref(), all.get(..12));
    // Where there are no more, or the order is another one, all of it is asked for.
    assert!(workspace.first_of("at", true, 41).unwrap().is_none() && workspace.first_of("steps", true, 12).unwrap().is_none());
    assert!(!workspace.is_long(all[0]).unwrap());
}

#[test]
fn a_short_session_is_read_whole_at_once() {
    let scratch = tempfile::tempdir().unwrap();
    let workspace = Workspace::open(&scratch.path().join("workspace"), &scratch.path().join("cache")).unwrap();
    let session = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/publish-docs");
    workspace.import(&[session], &ImportOptions::default(), &mut Quiet).unwrap();
    let listing = workspace.ls(&Query::All, None, 9).unwrap();
    let number = workspace.number_of(&listing.trajectories[0].id).unwrap().unwrap();
    assert!(workspace.beginning(number).unwrap().is_none());
}
