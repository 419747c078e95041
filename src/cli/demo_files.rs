//! The example sessions of `fixtures/demo`, built in: path and bytes.

/// What a person said of the examples.
pub const LABELS: &str = include_str!("../../fixtures/judged/labels.jsonl");
/// Inferred facts that a person confirmed.
pub const AMENDMENTS: &str = include_str!("../../fixtures/judged/amendments.jsonl");
/// Better passages that a person wrote.
pub const REWRITES: &str = include_str!("../../fixtures/judged/rewrites.jsonl");
/// What a person decided of what the audit found in them.
pub const VERDICTS: &str = include_str!("../../fixtures/judged/verdicts.jsonl");
/// The dataset that they make.
pub const DATASET: &str = include_str!("../../fixtures/judged/dataset.toml");

/// Every file of the demo.
pub const FILES: &[(&str, &[u8])] = &[
    ("backfill-ledger/rec_ledger_0515.jsonl", include_bytes!("../../fixtures/demo/backfill-ledger/rec_ledger_0515.jsonl")),
    ("backfill-ledger/rec_ledger_0515.meta.json", include_bytes!("../../fixtures/demo/backfill-ledger/rec_ledger_0515.meta.json")),
    ("backfill-ledger/session.jsonl", include_bytes!("../../fixtures/demo/backfill-ledger/session.jsonl")),
    (
        "bucket-cleanup/rollout-2026-05-25T08-30-00-019e5e41-5340-7d3d-8703-9612b0cb3454.jsonl",
        include_bytes!("../../fixtures/demo/bucket-cleanup/rollout-2026-05-25T08-30-00-019e5e41-5340-7d3d-8703-9612b0cb3454.jsonl"),
    ),
    ("bump-dependencies/session.rust.jsonl", include_bytes!("../../fixtures/demo/bump-dependencies/session.rust.jsonl")),
    ("dedupe-customers-candidate/session.jsonl", include_bytes!("../../fixtures/demo/dedupe-customers-candidate/session.jsonl")),
    ("dedupe-customers-control/session.jsonl", include_bytes!("../../fixtures/demo/dedupe-customers-control/session.jsonl")),
    ("dns-cutover/exec.jsonl", include_bytes!("../../fixtures/demo/dns-cutover/exec.jsonl")),
    ("dns-cutover/session.jsonl", include_bytes!("../../fixtures/demo/dns-cutover/session.jsonl")),
    ("evals/scores.jsonl", include_bytes!("../../fixtures/demo/evals/scores.jsonl")),
    ("finance-assistant/chats.jsonl", include_bytes!("../../fixtures/demo/finance-assistant/chats.jsonl")),
    ("flaky-checkout-candidate/events.jsonl", include_bytes!("../../fixtures/demo/flaky-checkout-candidate/events.jsonl")),
    ("flaky-checkout-candidate/exec.jsonl", include_bytes!("../../fixtures/demo/flaky-checkout-candidate/exec.jsonl")),
    ("flaky-checkout-candidate/session.jsonl", include_bytes!("../../fixtures/demo/flaky-checkout-candidate/session.jsonl")),
    ("flaky-checkout-control/events.jsonl", include_bytes!("../../fixtures/demo/flaky-checkout-control/events.jsonl")),
    ("flaky-checkout-control/exec.jsonl", include_bytes!("../../fixtures/demo/flaky-checkout-control/exec.jsonl")),
    ("flaky-checkout-control/session.jsonl", include_bytes!("../../fixtures/demo/flaky-checkout-control/session.jsonl")),
    ("incident-cache/events.jsonl", include_bytes!("../../fixtures/demo/incident-cache/events.jsonl")),
    ("incident-cache/exec.jsonl", include_bytes!("../../fixtures/demo/incident-cache/exec.jsonl")),
    ("incident-cache/session.jsonl", include_bytes!("../../fixtures/demo/incident-cache/session.jsonl")),
    ("invoice-currency/export.json", include_bytes!("../../fixtures/demo/invoice-currency/export.json")),
    (
        "nightly-refactor/26a2b4e1-0107-4926-a332-448bc4231398.jsonl",
        include_bytes!("../../fixtures/demo/nightly-refactor/26a2b4e1-0107-4926-a332-448bc4231398.jsonl"),
    ),
    ("ops-boundary-eval/2026-05-27T10-00-00_ops-boundary.json", include_bytes!("../../fixtures/demo/ops-boundary-eval/2026-05-27T10-00-00_ops-boundary.json")),
    ("overnight-vacuum/rec_orders_0513.jsonl", include_bytes!("../../fixtures/demo/overnight-vacuum/rec_orders_0513.jsonl")),
    ("overnight-vacuum/rec_orders_0513.meta.json", include_bytes!("../../fixtures/demo/overnight-vacuum/rec_orders_0513.meta.json")),
    ("overnight-vacuum/session.jsonl", include_bytes!("../../fixtures/demo/overnight-vacuum/session.jsonl")),
    ("overnight-vacuum/timeline.json", include_bytes!("../../fixtures/demo/overnight-vacuum/timeline.json")),
    ("publish-docs/exec.jsonl", include_bytes!("../../fixtures/demo/publish-docs/exec.jsonl")),
    ("publish-docs/session.jsonl", include_bytes!("../../fixtures/demo/publish-docs/session.jsonl")),
    ("rotate-staging-keys/events.jsonl", include_bytes!("../../fixtures/demo/rotate-staging-keys/events.jsonl")),
    ("rotate-staging-keys/rec_gateway_0504.jsonl", include_bytes!("../../fixtures/demo/rotate-staging-keys/rec_gateway_0504.jsonl")),
    ("rotate-staging-keys/rec_gateway_0504.meta.json", include_bytes!("../../fixtures/demo/rotate-staging-keys/rec_gateway_0504.meta.json")),
    ("rotate-staging-keys/session.jsonl", include_bytes!("../../fixtures/demo/rotate-staging-keys/session.jsonl")),
    ("rotate-staging-keys/timeline.json", include_bytes!("../../fixtures/demo/rotate-staging-keys/timeline.json")),
    ("scratch-disk/80e0bd68-09f2-4d76-a984-eedcb64fd8ac.jsonl", include_bytes!("../../fixtures/demo/scratch-disk/80e0bd68-09f2-4d76-a984-eedcb64fd8ac.jsonl")),
    ("squash-release-history/events.jsonl", include_bytes!("../../fixtures/demo/squash-release-history/events.jsonl")),
    ("squash-release-history/exec.jsonl", include_bytes!("../../fixtures/demo/squash-release-history/exec.jsonl")),
    ("squash-release-history/session.v2.jsonl", include_bytes!("../../fixtures/demo/squash-release-history/session.v2.jsonl")),
    ("support-ticket-hostile/events.jsonl", include_bytes!("../../fixtures/demo/support-ticket-hostile/events.jsonl")),
    ("support-ticket-hostile/session.jsonl", include_bytes!("../../fixtures/demo/support-ticket-hostile/session.jsonl")),
    (
        "timezone-test/rollout-2026-05-19T11-00-00-019e3fe4-7f80-7525-8057-13ab418ab5ff.jsonl",
        include_bytes!("../../fixtures/demo/timezone-test/rollout-2026-05-19T11-00-00-019e3fe4-7f80-7525-8057-13ab418ab5ff.jsonl"),
    ),
    ("translate-shop/exec.jsonl", include_bytes!("../../fixtures/demo/translate-shop/exec.jsonl")),
    (
        "webhook-retries/e1b7e95c-8446-4ca7-a652-6590269bd719.jsonl",
        include_bytes!("../../fixtures/demo/webhook-retries/e1b7e95c-8446-4ca7-a652-6590269bd719.jsonl"),
    ),
    (
        "webhook-retries/e1b7e95c-8446-4ca7-a652-6590269bd719/subagents/agent-ab0d82ca.jsonl",
        include_bytes!("../../fixtures/demo/webhook-retries/e1b7e95c-8446-4ca7-a652-6590269bd719/subagents/agent-ab0d82ca.jsonl"),
    ),
];
