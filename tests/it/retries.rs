//! Links between calls and the stops they try again, by the cases of `fixtures/retries`.

use crate::scripted::scripted;
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    script: String,
    links: Vec<String>,
}

#[test]
fn every_edge_has_its_link() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/retries/edges.toml");
    let cases: Cases = toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for case in &cases.case {
        let (trajectory, _) = scripted(&case.script);
        let mut links = Vec::new();
        for e in &trajectory.executions {
            if let Some(r) = &e.retry_of {
                assert!(r.inferred);
                links.push(format!("{} of {}: {} {} {} {} {}", e.id, r.execution, r.relation, r.scope, r.form, r.sanction, r.after));
            }
            links.extend(e.alternative_to.iter().map(|d| format!("{} beside {d}", e.id)));
        }
        links.sort();
        let mut expect = case.links.clone();
        expect.sort();
        if links != expect {
            wrong.push(format!("{}\n  expects {expect:?}\n  has     {links:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
