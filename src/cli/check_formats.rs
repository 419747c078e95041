//! The report of the rules as SARIF 2.1.0, JUnit XML and Markdown.

use crate::model::{Certainty, Severity};
use crate::text::clean;
use crate::text::human::plural;
use crate::workspace::check::{CheckReport, Found};
use serde_json::{Value, json};
use std::fmt::Write;

/// SARIF 2.1.0 (OASIS): one run, a rule for each of ours, a result for each finding.
pub fn sarif(report: &CheckReport) -> Value {
    let level = |severity: Severity| match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
        Severity::Good => "none",
    };
    let rules: Vec<Value> = report
        .rules
        .iter()
        .map(|r| json!({"id": r.id, "name": r.name, "shortDescription": {"text": r.description}, "defaultConfiguration": {"level": level(r.severity)}, "properties": {"version": r.version, "needs": r.needs, "counts": r.counts, "precision": r.precision, "recall": r.recall, "judged": r.judged}}))
        .collect();
    let result = |found: &Found| {
        let f = &found.finding;
        let index = report.rules.iter().position(|r| r.id == f.rule);
        let place = f.execution.as_ref().map_or_else(|| f.trajectory.clone(), |e| format!("{}#{e}", f.trajectory));
        let mut location = json!({"logicalLocations": [{"fullyQualifiedName": place}]});
        if let Some(path) = &found.path {
            location["physicalLocation"] = json!({"artifactLocation": {"uri": uri(path)}, "region": {"startLine": found.line.unwrap_or(1).max(1)}});
        }
        json!({
            "ruleId": f.rule, "ruleIndex": index, "kind": if f.severity == Severity::Good { "pass" } else if f.certainty == Certainty::Possible { "review" } else { "fail" },
            "level": if f.severity == Severity::Good || f.certainty == Certainty::Possible { "none" } else { level(f.severity) },
            "message": {"text": f.message}, "locations": [location], "partialFingerprints": {"ossia/v1": f.id}, "properties": {"certainty": f.certainty, "severity": f.severity, "steps": f.steps},
        })
    };
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "ossia", "version": env!("CARGO_PKG_VERSION"), "rules": rules, "properties": {"rules_hash": report.rules_hash}}},
            "results": report.findings.iter().map(result).collect::<Vec<_>>(),
            "columnKind": "unicodeCodePoints",
        }],
    })
}

/// A path as the relative or absolute reference that SARIF wants.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    if path.starts_with('/') { format!("file://{out}") } else { out }
}

/// JUnit XML: a suite for each rule, a failed case for each sure finding, a skipped one for what could not be seen.
pub fn junit(report: &CheckReport) -> String {
    let fails = |found: &&Found| found.finding.severity != Severity::Good && found.finding.certainty == Certainty::Certain;
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let failures = report.findings.iter().filter(fails).count();
    let _ = writeln!(xml, "<testsuites name=\"ossia\" failures=\"{failures}\">");
    for rule in &report.rules {
        let own: Vec<&Found> = report.findings.iter().filter(|f| f.finding.rule == rule.id).filter(fails).collect();
        let passed = rule.counts.clear + rule.counts.finding - own.len() as u64;
        let skipped = u64::from(rule.counts.not_observable > 0);
        let name = format!("{} {}", rule.id, rule.name);
        let _ = writeln!(
            xml,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{skipped}\">",
            escape(&name),
            own.len() as u64 + 1 + skipped,
            own.len()
        );
        let _ = writeln!(xml, "    <testcase classname=\"{}\" name=\"{passed} clear\"/>", rule.id);
        if skipped > 0 {
            let _ = writeln!(
                xml,
                "    <testcase classname=\"{}\" name=\"not observable\"><skipped message=\"{} could not be seen\"/></testcase>",
                rule.id, rule.counts.not_observable
            );
        }
        for Found { finding, path, line } in own {
            let place = finding.execution.as_ref().map_or_else(|| finding.trajectory.clone(), |e| format!("{}#{e}", finding.trajectory));
            let file = path.as_deref().map_or(String::new(), |p| format!(" file=\"{}\" line=\"{}\"", escape(p), line.unwrap_or(1)));
            let _ = writeln!(
                xml,
                "    <testcase classname=\"{}\" name=\"{}\"{file}><failure type=\"{}\" message=\"{}\"/></testcase>",
                rule.id,
                escape(&place),
                finding.severity,
                escape(&finding.message)
            );
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn escape(text: &str) -> String {
    clean(text).to_string().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Markdown: the findings, then the counts of the rules.
pub fn markdown(report: &CheckReport) -> String {
    let cell = |text: &str| clean(text).to_string().replace('|', "\\|").replace('`', "'");
    let mut page = format!(
        "# Findings\n\n{} in {}, {}; rules `{}`.\n",
        plural(report.findings.len(), "finding"),
        plural(report.trajectories, "trajectory"),
        plural(report.executions, "execution"),
        report.rules_hash
    );
    if !report.findings.is_empty() {
        page.push_str("\n| severity | rule | where | what |\n|---|---|---|---|\n");
    }
    for Found { finding, .. } in &report.findings {
        let place = finding.execution.as_ref().map_or_else(|| finding.trajectory.clone(), |e| format!("{}#{e}", finding.trajectory));
        let sure = if finding.certainty == Certainty::Possible { " (possible)" } else { "" };
        let _ = writeln!(page, "| {}{sure} | {} {} | `{}` | {} |", finding.severity, finding.rule, finding.name, cell(&place), cell(&finding.message));
    }
    page.push_str("\n# Rules\n\n| rule | finding | clear | not observable | coverage |\n|---|--:|--:|--:|--:|\n");
    for row in &report.rules {
        let coverage = row.coverage.map_or("-".to_owned(), |c| format!("{:.0} %", c * 100.0));
        let _ = writeln!(page, "| {} {} | {} | {} | {} | {coverage} |", row.id, row.name, row.counts.finding, row.counts.clear, row.counts.not_observable);
    }
    page
}
