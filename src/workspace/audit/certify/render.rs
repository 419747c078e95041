//! The certificate for people: the same statement as Markdown.

use super::statement::{PlanRow, Statement};
use crate::text::clean;
use crate::text::human::{plural, pointer};
use std::fmt::Write as _;

/// Writes a statement as Markdown.
pub(super) fn markdown(s: &Statement, sha256: &str, signers: &[String]) -> String {
    let mut out = format!("# Certificate of redaction\n\nStatement `{sha256}`, made {}, void from {} on.\n\n", s.made_at, s.expires);
    for (role, who) in ["Reviewer", "Approver"].iter().zip(signers.iter().map(Some).chain(std::iter::repeat(None))) {
        let _ = writeln!(out, "- {role}: {}", who.map_or_else(|| "**nobody yet**".to_owned(), |key| format!("key `{key}`")));
    }
    section(&mut out, "What this does not say");
    s.limits.iter().for_each(|limit| bullet(&mut out, limit));
    scope(&mut out, s);
    verdicts(&mut out, s);
    section(&mut out, "Claims of redaction");
    let c = s.claims;
    let claims = c.holds + c.broken + c.unverifiable;
    let _ = writeln!(
        out,
        "| of {claims} marks and lists | holds | broken | cannot be verified |\n|---|--:|--:|--:|\n| | {} | {} | {} |\n",
        c.holds, c.broken, c.unverifiable
    );
    if !s.broken.is_empty() {
        // A value may stand in clear at one place and be hidden by ten marks, and the other way round.
        let _ = writeln!(out, "{} at which what is claimed does not hold, each named once:\n", plural(s.broken.len(), "place"));
    }
    s.broken.iter().for_each(|claim| bullet(&mut out, &format!("`{}` at {} ({}): {}", claim.kind, pointer(&claim.place), claim.verdict, claim.message)));
    section(&mut out, "Sampling");
    let _ = writeln!(out, "Unit: one decoded field without a finding. Each plan was in the journal before its first draw.\n");
    s.sampling.iter().for_each(|plan| sampled(&mut out, plan));
    rest(&mut out, s);
    out
}

fn scope(out: &mut String, s: &Statement) {
    section(out, "Scope");
    let p = &s.scope;
    let _ = writeln!(
        out,
        "{} (Merkle root `{}`), {}, {}, {}, {}, {}.\n",
        plural(p.sources.len(), "source"),
        p.merkle_root,
        plural(p.trajectories, "trajectory"),
        plural(p.records, "record"),
        plural(p.steps, "step"),
        plural(p.fields, "field"),
        plural(p.bytes, "byte")
    );
    let _ = writeln!(out, "| not read | how many | accepted because |\n|---|--:|---|");
    for kind in &p.not_read {
        let _ = writeln!(out, "| {} | {} | {} |", kind.what, kind.count, cell(kind.accepted.as_deref().unwrap_or("")));
    }
    let _ = writeln!(out, "\n| format and kind of step | fields | bytes |\n|---|--:|--:|");
    for (kind, fields) in &p.by_kind {
        let bytes = p.bytes_by_kind.get(kind).map(u64::to_string).unwrap_or_default();
        let _ = writeln!(out, "| {} | {fields} | {bytes} |", cell(kind));
    }
    let _ = writeln!(out, "\nBytes that are records of several trajectories are counted with each.\n");
    if p.consent.is_empty() {
        bullet(out, "no source states consent or a time limit");
    }
    p.consent.iter().for_each(|said| bullet(out, &format!("{} states `{}`: {}", said.trajectory, said.states, said.value)));
    section(out, "Instruments");
    let i = &s.instruments;
    bullet(out, &format!("program {} (`{}`)", i.version, i.program_sha256.as_deref().unwrap_or("not read")));
    bullet(out, &format!("{} rules, with lists and decoders `{}`", i.rules, i.rules_sha256));
    bullet(out, &format!("{} listed names and words (keyed fingerprint `{}`)", i.listed, i.lists_fingerprint));
    bullet(out, &format!("decoders {} (`{}`)", i.decoders.join(", "), i.decoders_sha256));
    bullet(out, &format!("{} known values (`{}`)", i.known_values, i.known_sha256));
    bullet(out, &format!("self-test: {} of {} canaries found", i.canaries.found, i.canaries.planted));
}

fn verdicts(out: &mut String, s: &Statement) {
    section(out, "Verdicts");
    let v = &s.verdicts;
    let _ = writeln!(out, "open {}, escalated {}, already redacted {} (proven)\n", v.open, v.escalated, v.already_verified);
    let _ = writeln!(out, "| class | tier | verdict | values | places | in bulk |\n|---|---|---|--:|--:|--:|");
    for row in &v.table {
        let _ = writeln!(out, "| {} | {} | {} | {} | {} | {} |", row.class, row.tier, row.verdict, row.values, row.places, row.bulk);
    }
    if !v.kept.is_empty() {
        let _ = writeln!(out, "\n| kept | class | tier | because | by | places |\n|---|---|---|---|---|--:|");
        for row in &v.kept {
            let _ = writeln!(out, "| {} | {} | {} | {} | {} | {} |", cell(&row.masked), row.class, row.tier, cell(&row.reason), row.by.join(", "), row.places);
        }
    }
}

fn sampled(out: &mut String, p: &PlanRow) {
    let outcome = match (p.sampled, p.missed, p.upper_95, p.upper_95_for_reader) {
        (Some(sampled), Some(missed), Some(upper), Some(reader)) => format!(
            "{missed} of {sampled} missed: at most {:.3} % (95 %); {} of {} planted seen, for this reader at most {:.3} %",
            upper * 100.0,
            p.found.unwrap_or(0),
            p.planted,
            reader * 100.0
        ),
        _ => "not read".to_owned(),
    };
    let stands = if p.certifies { " **This plan certifies.**" } else { "" };
    let of = p.query.as_deref().map(|query| format!(" of what `{query}` finds")).unwrap_or_default();
    bullet(out, &format!("plan `{}` (seed {}, {} of {} fields{of}, accepted up to {}): {outcome}.{stands}", p.plan, p.seed, p.size, p.frame, p.accept));
    for (stratum, fields, read, missed, upper) in p.strata.iter().filter(|_| p.certifies) {
        let _ = writeln!(out, "  - {stratum}: {missed} of {read} missed, {fields} fields: at most {:.2} % (all strata together 95 %)", upper * 100.0);
    }
}

fn rest(out: &mut String, s: &Statement) {
    section(out, "Over-redaction");
    let o = &s.over_redaction;
    let _ = writeln!(out, "{} ids, links and signatures checked, {} changed. {} restored.\n", o.ids_checked, o.ids_changed, o.restored);
    o.by_class.iter().for_each(|(class, count)| bullet(out, &format!("{class}: {count}")));
    for diff in &o.diffs {
        let _ = writeln!(out, "\n    - {}\n    + {}", line(&diff.before), line(&diff.after));
    }
    section(out, "What leaves beside the rows");
    let _ = writeln!(
        out,
        "Enforced by every export (`{}`); {} notes of reviewers hold a value and leave redacted.\n\n```toml\n{}```",
        s.leaves.policy_sha256, s.leaves.notes_with_values, s.leaves.policy
    );
    section(out, "Reveals");
    if s.reveals.is_empty() {
        bullet(out, "nobody saw a value in the clear");
    }
    for row in &s.reveals {
        bullet(out, &format!("{}: {} values ({}), {} to {}", row.who, row.values, row.classes.join(", "), row.first, row.last));
    }
    let _ = writeln!(out, "\nCounted is what the program showed on a person's word; whoever has the files of the workspace can read them.");
    section(out, "Validity");
    bullet(out, &format!("void on: {}", s.void_on.join("; ")));
}

fn section(out: &mut String, title: &str) {
    let _ = writeln!(out, "\n## {title}\n");
}

fn bullet(out: &mut String, text: &str) {
    let _ = writeln!(out, "- {}", line(text));
}

/// Keeps a text on one line.
fn line(text: &str) -> String {
    clean(&text.split_whitespace().collect::<Vec<_>>().join(" ")).to_string()
}

fn cell(text: &str) -> String {
    line(text).replace('|', "\\|")
}
