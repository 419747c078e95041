//! Secrets in arguments: what the redaction's detectors are certain of, whose it is, and the marks that redaction leaves.

use crate::redaction::sure;
use regex::Regex;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

static MARKER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\[redacted[^\]]*\]|<redacted[^>]*>|\*{4,}|\[secret[^\]]*\]|\[masked[^\]]*\]|x{8,}").ok());

/// Ends of the hosts of vendors, by how the class of their secrets begins. A secret of any other class has no host that may see it.
const VENDORS: &[(&str, &[&str])] = &[
    ("github_", &["github.com", "githubusercontent.com", "ghcr.io"]),
    ("gitlab_", &["gitlab.com"]),
    ("aws_", &["amazonaws.com", "aws.amazon.com"]),
    ("anthropic_", &["anthropic.com"]),
    ("openai_", &["openai.com", "azure.com"]),
    ("openrouter_", &["openrouter.ai"]),
    ("groq_", &["groq.com"]),
    ("xai_", &["x.ai"]),
    ("perplexity_", &["perplexity.ai"]),
    ("replicate_", &["replicate.com"]),
    ("together_", &["together.xyz", "together.ai"]),
    ("nvidia_", &["nvidia.com"]),
    ("huggingface_", &["huggingface.co"]),
    ("google_", &["googleapis.com", "google.com"]),
    ("firebase_", &["googleapis.com", "firebaseio.com"]),
    ("slack_", &["slack.com"]),
    ("teams_", &["office.com", "powerplatform.com"]),
    ("discord_", &["discord.com", "discordapp.com"]),
    ("telegram_", &["telegram.org"]),
    ("zapier_", &["zapier.com"]),
    ("stripe_", &["stripe.com"]),
    ("square_", &["squareup.com"]),
    ("shopify_", &["shopify.com", "myshopify.com"]),
    ("twilio_", &["twilio.com"]),
    ("sendgrid_", &["sendgrid.com"]),
    ("mailgun_", &["mailgun.net"]),
    ("mailchimp_", &["mailchimp.com"]),
    ("npm_", &["npmjs.org", "npmjs.com"]),
    ("rubygems_", &["rubygems.org"]),
    ("nuget_", &["nuget.org"]),
    ("docker_", &["docker.com", "docker.io"]),
    ("digitalocean_", &["digitalocean.com"]),
    ("heroku_", &["heroku.com"]),
    ("vercel_", &["vercel.com"]),
    ("netlify_", &["netlify.com"]),
    ("cloudflare_", &["cloudflare.com"]),
    ("doppler_", &["doppler.com"]),
    ("terraform_", &["terraform.io"]),
    ("pulumi_", &["pulumi.com"]),
    ("sentry_", &["sentry.io"]),
    ("newrelic_", &["newrelic.com", "nr-data.net"]),
    ("grafana_", &["grafana.net", "grafana.com"]),
    ("atlassian_", &["atlassian.com", "atlassian.net"]),
    ("linear_", &["linear.app"]),
    ("notion_", &["notion.com", "notion.so"]),
    ("airtable_", &["airtable.com"]),
    ("figma_", &["figma.com"]),
    ("asana_", &["asana.com"]),
    ("clickup_", &["clickup.com"]),
    ("databricks_", &["databricks.com"]),
    ("buildkite_", &["buildkite.com"]),
    ("circleci_", &["circleci.com"]),
];

/// A secret in a text.
pub struct Secret {
    /// The bytes of the text in which it stands, as it is written there.
    pub range: Range<usize>,
    /// The value itself.
    pub value: String,
    /// What it is, such as `github_token`.
    class: Arc<str>,
}

/// Finds the secrets of a text that the detectors of the audit are certain of.
pub fn find(text: &str) -> Vec<Secret> {
    sure(text).into_iter().map(|hit| Secret { range: hit.outer, value: hit.value, class: hit.class }).collect()
}

/// Tells whether a text holds the mark of a redaction, so that what stood there cannot be told.
#[must_use]
pub fn is_marker(text: &str) -> bool {
    MARKER.as_ref().is_some_and(|m| m.is_match(text))
}

/// Puts one sign in place of every mark, so that texts can be compared that differ by redaction alone.
pub fn split_at_markers(text: &str) -> Vec<&str> {
    MARKER.as_ref().map_or_else(|| vec![text], |m| m.split(text).collect())
}

/// Tells whether a host is of a secret's vendor.
pub fn is_vendor(secret: &Secret, host: &str) -> bool {
    let host = host.split(':').next().unwrap_or(host);
    let hosts = VENDORS.iter().find(|(class, _)| secret.class.starts_with(class)).map_or(&[][..], |(_, hosts)| hosts);
    hosts.iter().any(|end| host == *end || host.strip_suffix(end).is_some_and(|head| head.ends_with('.')))
}

/// Gives a form of a secret that may be shown.
pub fn masked(secret: &str) -> String {
    let head: String = secret.chars().take(4).collect();
    format!("{head}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_those_of_the_audit() {
        let token = format!("gh{}_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8", "p");
        let text = format!("{{\"command\":\"curl -H 'Authorization: Bearer {token}' https://x.io\"}}");
        let found = find(&text);
        assert_eq!(found.len(), 1);
        assert_eq!(&text[found[0].range.clone()], token);
        assert!(is_vendor(&found[0], "api.github.com") && !is_vendor(&found[0], "notgithub.com") && !is_vendor(&found[0], "example.invalid"));
        for text in ["$TOKEN", "$(pass x)", "<your-key>", "Bearer [REDACTED:api_key:620e24b6]", "sk-short"] {
            assert!(find(text).is_empty(), "{text}");
        }
        assert!(is_marker("a [REDACTED:api_key:620e24b6] b") && !is_marker("[a]"));
    }
}
