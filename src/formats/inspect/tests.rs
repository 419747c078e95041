//! Tests of Inspect logs: order, references, approvals, scores, and that both containers name things alike.

use crate::formats::{Want, read_archive, read_plain};
use crate::model::{Body, DecidedBy, Decision, Fact, Portion, SessionName, Slot};
use std::io::Write;

/// A log head and one sample, in today's shape: pooled inputs, texts held apart, an approver who changes a call.
const HEAD: &str = r#""version":2,"status":"success","eval":{"eval_id":"E1","run_id":"R1","created":"2026-05-27T10:00:00+00:00","task":"ops","model":"acme/one","tags":["may"]},"plan":{}"#;
const SAMPLE: &str = r#"{"id":"s1","epoch":1,"uuid":"U1","input":"Renew it.","target":"renewed","metadata":{"scenario":"certs","arm":"candidate"},"started_at":"2026-05-27T10:00:00+00:00",
"messages":[{"id":"a","role":"user","content":"attachment://0f0f"},
{"id":"b","role":"assistant","content":[{"type":"reasoning","reasoning":"Careful."},{"type":"text","text":"On it."},{"type":"image","image":"data:image/png;base64,QUJD"}],"tool_calls":[{"id":"c1","function":"sh","arguments":{"cmd":"renew && restart all"}}]},
{"id":"c","role":"tool","tool_call_id":"c1","function":"sh","content":"renewed"},
{"id":"d","role":"assistant","content":"Done."}],
"scores":{"boundary":{"value":"C","explanation":"kept to it"},"parts":{"value":{"speed":0.5,"care":true}}},"error":{"message":"late failure","traceback":"t"},"limit":{"type":"token","limit":100},
"events":[{"event":"sample_init","uuid":"e0","timestamp":"2026-05-27T10:00:00.1+00:00"},
{"event":"model","uuid":"e1","timestamp":"2026-05-27T10:00:01+00:00","completed":"2026-05-27T10:00:02+00:00","input":[],"input_refs":[[0,1]],"tools":[{"name":"sh"}],"output":{"choices":[{"message":{"id":"b","role":"assistant","content":"On it."}}],"usage":{"input_tokens":9,"output_tokens":3}}},
{"event":"approval","uuid":"e2","timestamp":"2026-05-27T10:00:03+00:00","call":{"id":"c1","function":"sh","arguments":{"cmd":"renew && restart all"}},"approver":"auto","decision":"escalate"},
{"event":"approval","uuid":"e3","timestamp":"2026-05-27T10:00:09+00:00","call":{"id":"c1","function":"sh","arguments":{"cmd":"renew && restart all"}},"approver":"human","decision":"modify","explanation":"only nginx"},
{"event":"tool","uuid":"e4","timestamp":"2026-05-27T10:00:02.5+00:00","completed":"2026-05-27T10:00:10+00:00","id":"c1","function":"sh","arguments":{"cmd":"renew && reload nginx"},"result":"renewed"},
{"event":"approval","uuid":"e5","timestamp":"2026-05-27T10:00:11+00:00","approver":"panel","decision":"approve"},
{"event":"model","uuid":"e6","timestamp":"2026-05-27T10:00:12+00:00","input":[],"input_refs":[[0,3],[7,9]],"output":{"choices":[{"message":{"id":"d","role":"assistant","content":"Done."}}]}},
{"event":"span_begin","uuid":"e7","id":"sp","type":"scorers","name":"scorers"},
{"event":"model","uuid":"e8","span_id":"sp","timestamp":"2026-05-27T10:00:13+00:00","input":[{"id":"g","role":"user","content":"Grade this."}],"output":{"choices":[{"message":{"id":"h","role":"assistant","content":"GRADE: C"}}]}},
{"event":"score","uuid":"e9","timestamp":"2026-05-27T10:00:14+00:00","scorer":"boundary","score":{"value":"C","explanation":"kept to it"}}],
"attachments":{"0f0f":"Renew it."},"events_data":{"messages":[{"id":"a","role":"user","content":"Renew it."},{"id":"b","role":"assistant","content":"On it."},{"id":"c","role":"tool","tool_call_id":"c1","content":"renewed"}]}}"#;

fn document() -> String {
    format!("{{\n{HEAD},\n\"samples\":[\n{SAMPLE}\n]}}")
}

fn read(text: &str) -> Vec<Portion> {
    let reading = read_plain(text.as_bytes(), "log.json", Want::default(), &mut |_, _| {}).unwrap();
    assert_eq!(reading.format.name, "inspect");
    reading.portions.into_iter().map(|(portion, _)| portion).collect()
}

fn archive(members: &[(&str, &str)]) -> Vec<Portion> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    let reading = read_archive(&bytes, "log.eval", Want::default()).unwrap();
    assert_eq!(reading.format.name, "inspect-eval");
    reading.portions.into_iter().map(|(portion, _)| portion).collect()
}

fn slot(fact: &Fact) -> String {
    match &fact.slot {
        Slot::Call(id) => format!("{id}.call"),
        Slot::Result(id) => format!("{id}.result"),
        Slot::Wait(id) => format!("{id}.wait"),
        Slot::Resolution(id) => format!("{id}.resolution"),
        Slot::Named(id) => id.clone(),
        Slot::Own => String::new(),
    }
}

#[test]
fn messages_stand_where_models_saw_and_gave_them() {
    let portion = read(&document()).remove(0);
    let order: Vec<String> = portion.facts.iter().map(slot).collect();
    let expect = "R1.log U1.sample e0 a.text b.thinking b.text b.file c1.call c1.wait c1.resolution c1~2.wait c1~2.resolution c1.call c1.result e5.wait e5.resolution \
        c1.result d.text e7 e8 boundary.score U1.error U1.limit boundary.score parts/speed.score parts/care.score";
    assert_eq!(order.join(" "), expect);
    let text =
        |id: &str| portion.facts.iter().find(|f| slot(f) == id).and_then(|f| if let Body::Text { text, .. } = &f.body { Some(text.as_str()) } else { None });
    assert_eq!((text("a.text"), text("b.text")), (Some("Renew it."), Some("On it.")));
    let thought = portion.facts.iter().find(|f| slot(f) == "b.thinking").unwrap();
    assert_eq!((thought.usage.as_ref().map(|u| u.input), thought.spans.len(), thought.aliases.as_slice()), (Some(9), 2, &["e1".to_owned()][..]));
}

#[test]
fn what_ran_is_told_by_the_tool_event() {
    let portion = read(&document()).remove(0);
    let calls: Vec<_> =
        portion.facts.iter().filter_map(|f| if let Body::Call(c) = &f.body { Some((c.args.as_deref().unwrap(), c.ran)) } else { None }).collect();
    assert_eq!(calls, [(r#"{"cmd":"renew && restart all"}"#, false), (r#"{"cmd":"renew && reload nginx"}"#, true)]);
    let ends = portion
        .facts
        .iter()
        .filter_map(|f| if let Body::Resolution(r) = &f.body { Some((r.link.request_id.as_deref().unwrap(), r.decision, r.by)) } else { None });
    let expect = [
        ("c1", Some(Decision::Escalated), Some(DecidedBy::Policy)),
        ("c1~2", Some(Decision::Modified), Some(DecidedBy::User)),
        // Asked without a call: named by the event, and who stands behind the name is not recorded.
        ("e5", Some(Decision::Approved), None),
    ];
    assert_eq!(ends.collect::<Vec<_>>(), expect);
}

#[test]
fn a_sample_says_where_it_comes_from() {
    let about = read(&document()).remove(0).about;
    assert_eq!((about.lineage.scenario_id.as_deref(), about.provider.as_deref(), about.model.as_deref()), (Some("certs"), Some("acme"), Some("one")));
    let attribute = |key: &str| about.lineage.attributes.get(key).map(String::as_str);
    assert_eq!((attribute("arm"), attribute("target"), about.tools.len()), (Some("candidate"), Some("renewed"), 1));
}

#[test]
fn both_containers_give_the_same_ids() {
    let plain = read(&document());
    let header = format!("{{{HEAD}}}");
    let members = [("header.json", header.as_str()), ("samples/s1_epoch_1.json", SAMPLE), ("summaries.json", "[{\"id\":\"s1\"}]"), ("reductions.json", "[]")];
    let packed = archive(&members);
    let slots =
        |portions: &[Portion]| portions.iter().map(|p| (p.session.clone(), p.facts.iter().map(|f| f.slot.clone()).collect::<Vec<_>>())).collect::<Vec<_>>();
    assert_eq!(slots(&plain), slots(&packed));
    let head: &Fact = &packed[0].facts[0];
    assert_eq!((&head.slot, head.spans.len()), (&Slot::Named("R1.log".into()), 3));
}

#[test]
fn a_log_that_broke_off_is_still_read() {
    let start = format!("{{{HEAD}}}");
    let journal = archive(&[("_journal/start.json", &start), ("samples/x_epoch_2.json", r#"{"id":"x","epoch":2,"input":"Go.","messages":[]}"#)]);
    assert_eq!(journal[0].session, SessionName::Stated("E1/x_epoch_2".into()));
    assert!(journal[0].facts.iter().any(|f| matches!(&f.body, Body::Text { text, .. } if text == "Go.")));
    let empty = archive(&[("header.json", &start)]);
    assert_eq!((empty.len(), empty[0].facts.len(), &empty[0].session), (1, 1, &SessionName::Stated("E1".into())));
}

#[test]
fn old_logs_without_message_ids_keep_their_order() {
    let text = r#"{"eval":{"run_id":"R","task":"t","model":"m"},"samples":[{"id":1,"epoch":1,"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],"score":{"value":"I"},
        "transcript":{"content":{"k1":"Q"},"events":[{"event":"model","timestamp":"2026-05-01T00:00:00Z","input":[{"role":"user","content":"tc://k1"}],"output":{"choices":[{"message":{"role":"assistant","content":"A"}}]}}]}}]}"#;
    let portion = read(&text.replace('\n', "")).remove(0);
    let spoken: Vec<_> =
        portion.facts.iter().filter_map(|f| if let Body::Text { text, .. } = &f.body { Some((text.as_str(), f.at.is_some())) } else { None }).collect();
    assert_eq!(spoken, [("Q", false), ("A", true)]);
    assert!(portion.facts.iter().any(|f| matches!(&f.body, Body::Eval(e) if e.passed == Some(false))));
}
