//! Numbers as people read them: durations, sizes, counts, costs and ages.

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Writes a duration given in ms in at most six columns: `850ms`, `4.2s`, `41s`, `3m08s`, `12m`, `1h05m`, `3d4h`.
#[must_use]
pub fn duration(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    let ms = ms.unsigned_abs();
    let text = match ms {
        0..SECOND => format!("{ms}ms"),
        SECOND..10_000 => format!("{}.{}s", ms / SECOND, ms % SECOND / 100),
        10_000..MINUTE => format!("{}s", ms / SECOND),
        MINUTE..600_000 => format!("{}m{:02}s", ms / MINUTE, ms % MINUTE / SECOND),
        600_000..HOUR => format!("{}m", ms / MINUTE),
        HOUR..DAY => format!("{}h{:02}m", ms / HOUR, ms % HOUR / MINUTE),
        _ => format!("{}d{}h", ms / DAY, ms % DAY / HOUR),
    };
    format!("{sign}{text}")
}

/// Writes how long ago something was, given in ms, in its largest unit alone: `3 d`; below a second and in the future it is `now`.
#[must_use]
pub fn age(ms: i64) -> String {
    let ms = u64::try_from(ms).unwrap_or(0);
    match ms {
        0..SECOND => "now".to_owned(),
        SECOND..MINUTE => format!("{} s", ms / SECOND),
        MINUTE..HOUR => format!("{} min", ms / MINUTE),
        HOUR..DAY => format!("{} h", ms / HOUR),
        _ if ms < 365 * DAY => format!("{} d", ms / DAY),
        _ => format!("{} y", ms / (365 * DAY)),
    }
}

/// Writes an RFC 6901 pointer for a person: a name that is too long to be shown (`~kN`) is `…`, and escapes are undone.
#[must_use]
pub fn pointer(pointer: &str) -> String {
    let hidden = |token: &str| token.strip_prefix("~k").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let tokens = pointer.split('/').map(|token| if hidden(token) { "…".to_owned() } else { token.replace("~1", "/").replace("~0", "~") });
    tokens.collect::<Vec<_>>().join("/")
}

/// Writes a size in bytes with decimal prefixes: `999 B`, `1.2 kB`, `300 MB`.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    scaled(bytes, &["B", "kB", "MB", "GB", "TB", "PB", "EB"])
}

/// Writes a count: `999`, `1.2 k`, `45 k`, `3.1 M`.
#[must_use]
pub fn count(count: u64) -> String {
    scaled(count, &["", "k", "M", "G", "T", "P", "E"])
}

/// Writes a count in full, thousands set apart: `20,281`.
#[must_use]
pub fn grouped(count: impl std::fmt::Display) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Writes a count with its noun: `1 step`, `2 steps`, `3 trajectories`, thousands set apart.
#[must_use]
pub fn plural(count: impl std::fmt::Display, noun: &str) -> String {
    let (digits, out) = (count.to_string(), grouped(count));
    let stem = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']));
    match (digits.as_str(), stem) {
        ("1", _) => out + " " + noun,
        (_, Some(stem)) => out + " " + stem + "ies",
        _ if noun.ends_with("ch") || noun.ends_with(['s', 'x']) => out + " " + noun + "es",
        _ => out + " " + noun + "s",
    }
}

/// Scales down by thousands, cutting rather than rounding so that `999 999` never reads `1000 k`; one decimal below ten.
fn scaled(value: u64, units: &[&str]) -> String {
    let (mut whole, mut tenths, mut unit) = (value, 0, 0);
    while whole >= 1000 && unit + 1 < units.len() {
        tenths = whole % 1000 / 100;
        whole /= 1000;
        unit += 1;
    }
    let number = if unit > 0 && whole < 10 { format!("{whole}.{tenths}") } else { whole.to_string() };
    match units.get(unit) {
        Some(name) if !name.is_empty() => format!("{number} {name}"),
        _ => number,
    }
}

/// Shortens the id of a trajectory to what tells it from others at a glance: the product, and the beginning of the session.
#[must_use]
pub fn short_id(id: &str) -> String {
    let (product, session) = id.split_once(':').unwrap_or(("", id));
    let len = session.char_indices().position(|(at, c)| at >= 8 && c == '-').unwrap_or(16).min(16);
    let short: String = session.chars().take(len).collect();
    if product.is_empty() { short } else { format!("{product}:{short}") }
}

/// Writes a cost in USD: `$0`, `$0.0042`, `$0.42`, `$12.50`, `$1.2 k`; what is not a number is `?`.
#[must_use]
pub fn usd(cost: f64) -> String {
    let sign = if cost < 0.0 { "-" } else { "" };
    let size = cost.abs();
    if !size.is_finite() {
        "?".to_owned()
    } else if size == 0.0 {
        "$0".to_owned()
    } else if size < 0.0001 {
        format!("{sign}<$0.0001")
    } else if size < 0.1 {
        format!("{sign}${size:.4}")
    } else if size < 1000.0 {
        format!("{sign}${size:.2}")
    } else {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let whole = size as u64;
        format!("{sign}${}", count(whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_nouns() {
        assert_eq!([plural(1, "step"), plural(0_u64, "step"), plural(20_281, "trajectory")], ["1 step", "0 steps", "20,281 trajectories"]);
        assert_eq!([plural(2, "key"), plural(2, "branch"), plural(1_u8, "entry")], ["2 keys", "2 branches", "1 entry"]);
    }

    #[test]
    fn durations_and_ages() {
        for (ms, long, short) in [
            (0, "0ms", "now"),
            (850, "850ms", "now"),
            (4_200, "4.2s", "4 s"),
            (9_999, "9.9s", "9 s"),
            (59_999, "59s", "59 s"),
            (188_000, "3m08s", "3 min"),
            (14 * 60_000, "14m", "14 min"),
            (11_520_000, "3h12m", "3 h"),
            (7_200_000, "2h00m", "2 h"),
            (3 * 86_400_000 + 3_600_000, "3d1h", "3 d"),
            (800 * 86_400_000, "800d0h", "2 y"),
            (-1_500, "-1.5s", "now"),
            (i64::MIN, "-106751991167d7h", "now"),
        ] {
            assert_eq!((duration(ms).as_str(), age(ms).as_str()), (long, short), "{ms}");
        }
    }

    #[test]
    fn sizes_counts_and_costs() {
        for (n, size, amount) in [
            (0, "0 B", "0"),
            (999, "999 B", "999"),
            (1_234, "1.2 kB", "1.2 k"),
            (999_999, "999 kB", "999 k"),
            (3_100_000, "3.1 MB", "3.1 M"),
            (u64::MAX, "18 EB", "18 E"),
        ] {
            assert_eq!((bytes(n).as_str(), count(n).as_str()), (size, amount));
        }
        for (cost, text) in [
            (0.0, "$0"),
            (0.000_01, "<$0.0001"),
            (0.0042, "$0.0042"),
            (0.42, "$0.42"),
            (12.5, "$12.50"),
            (1_234.0, "$1.2 k"),
            (-2.0, "-$2.00"),
            (f64::NAN, "?"),
        ] {
            assert_eq!(usd(cost), text);
        }
    }

    #[test]
    fn pointers_are_read_by_people() {
        assert_eq!(pointer("/event/~k2/partial/content/0"), "/event/…/partial/content/0");
        assert_eq!(pointer("/a~1b/~0k1/~key"), "/a/b/~k1/~key");
    }

    #[test]
    fn ids_are_shortened_without_losing_the_product() {
        for (id, short) in [
            ("maestro:31809a1a-0107-4926", "maestro:31809a1a"),
            ("claude-code:26a2b4e1-0107", "claude-code:26a2b4e1"),
            ("claude-code:nasty-1", "claude-code:nasty-1"),
            ("maestro:hosted-governed-recovery-1", "maestro:hosted-governed"),
            ("tau-bench:airline_00000000000001", "tau-bench:airline_00000000"),
            ("no product", "no product"),
        ] {
            assert_eq!(short_id(id), short);
        }
    }
}
