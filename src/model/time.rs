//! Instants: milliseconds since the Unix epoch, UTC.

use serde::{Serialize, Serializer};

/// An instant in milliseconds since the Unix epoch, between the years -9999 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00.000Z.
    pub const EPOCH: Self = Self(0);

    /// Takes milliseconds since the Unix epoch; `None` outside the years -9999 to 9999.
    #[must_use]
    pub fn from_ms(ms: i64) -> Option<Self> {
        jiff::Timestamp::from_millisecond(ms).ok().map(|_| Self(ms))
    }

    /// Gives milliseconds since the Unix epoch.
    #[must_use]
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 and its common relaxations (no zone means UTC, a space for `T`, any fraction); `None` if it is no instant.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(fast) = parse_utc_ms(text.as_bytes()) {
            return Some(fast);
        }
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Self::from_ms(instant.as_millisecond());
        }
        let civil = text.parse::<jiff::civil::DateTime>().ok()?;
        Self::from_ms(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
    }

    /// Takes a number that is seconds, milliseconds, microseconds or nanoseconds since the epoch, told apart by its size.
    #[must_use]
    pub fn from_number(number: f64) -> Option<Self> {
        if !number.is_finite() {
            return None;
        }
        let ms = match number.abs() {
            n if n < 1e11 => number * 1e3,
            n if n < 1e14 => number,
            n if n < 1e17 => number / 1e3,
            _ => number / 1e6,
        };
        #[allow(clippy::cast_possible_truncation)]
        Self::from_ms(ms.round() as i64)
    }

    /// Gives the milliseconds from `earlier` to this instant; negative if it is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }
}

/// Reads exactly `YYYY-MM-DDTHH:MM:SS[.mmm]Z`, the form nearly every record has.
fn parse_utc_ms(text: &[u8]) -> Option<Timestamp> {
    let (head, millis) = match text.len() {
        20 => (text, 0),
        24 if text[19] == b'.' => (text, number(text, 20, 3)?),
        _ => return None,
    };
    let punctuation = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if *text.last()? != b'Z' || punctuation.iter().any(|&(i, c)| head[i] != c) {
        return None;
    }
    let part = |i, n| number(head, i, n);
    let (year, month, day) = (part(0, 4)?, part(5, 2)?, part(8, 2)?);
    let (hour, minute, second) = (part(11, 2)?, part(14, 2)?, part(17, 2)?);
    let days_in_month = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = *days_in_month.get(usize::try_from(month - 1).ok()?)?;
    if day < 1 || day > longest || (month == 2 && day == 29 && !leap) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Days from civil date: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    Some(Timestamp((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + millis))
}

fn number(text: &[u8], from: usize, digits: usize) -> Option<i64> {
    text.get(from..from + digits)?.iter().try_fold(0i64, |sum, c| c.is_ascii_digit().then(|| sum * 10 + i64::from(c - b'0')))
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => write!(f, "{}", instant.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(Timestamp::parse(text).map(|t| t.to_string()).as_deref(), expect, "{text}");
    }

    #[test]
    fn reads_the_forms_that_records_have() {
        check("2026-04-27T18:00:07.210Z", Some("2026-04-27T18:00:07.210Z"));
        check("2024-02-29T00:00:00Z", Some("2024-02-29T00:00:00.000Z"));
        check("2023-02-29T00:00:00Z", None);
        check("2026-04-27T20:00:07.2101234+02:00", Some("2026-04-27T18:00:07.210Z"));
        check("2026-04-27 18:00:07", Some("2026-04-27T18:00:07.000Z"));
        check("1969-12-31T23:59:59.999Z", Some("1969-12-31T23:59:59.999Z"));
        check("soon", None);
        check("", None);
    }

    #[test]
    fn the_fast_path_agrees_with_the_library() {
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T12:34:56.789Z", "2100-03-01T00:00:00.001Z", "0001-01-01T00:00:00Z"] {
            let slow: jiff::Timestamp = text.parse().unwrap();
            assert_eq!(parse_utc_ms(text.as_bytes()).map(Timestamp::ms), Some(slow.as_millisecond()), "{text}");
        }
    }

    #[test]
    fn numbers_are_told_apart_by_size() {
        for n in [1_777_312_801.0, 1_777_312_801_000.0, 1_777_312_801_000_000.0, 1_777_312_801_000_000_000.0] {
            assert_eq!(Timestamp::from_number(n).map(Timestamp::ms), Some(1_777_312_801_000), "{n}");
        }
        assert_eq!(Timestamp::from_number(f64::NAN), None);
    }
}
