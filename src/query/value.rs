//! Values of number, duration and date fields: comparisons, ranges, units.

use super::field::{Field, FieldKind};
use crate::model::Timestamp;
use std::fmt::{self, Display, Formatter};
use std::ops::Bound;

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// This value, whole; compare `fold`ed.
    Text(String),
    /// Any value that starts so; empty for any value at all. Compare `fold`ed.
    Prefix(String),
    /// A number in the range; ms for durations.
    Number(NumRange),
    /// An instant in the range.
    Time(TimeRange),
}

/// A range of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumRange {
    /// The lower end.
    pub low: Bound<f64>,
    /// The upper end.
    pub high: Bound<f64>,
}

/// A range of instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    /// The first instant inside; `None` has no beginning.
    pub from: Option<Timestamp>,
    /// The first instant after; `None` has no end.
    pub until: Option<Timestamp>,
}

impl NumRange {
    /// Says whether a number lies in the range.
    #[must_use]
    pub fn contains(&self, number: f64) -> bool {
        let above = match self.low {
            Bound::Included(low) => number >= low,
            Bound::Excluded(low) => number > low,
            Bound::Unbounded => true,
        };
        above
            && match self.high {
                Bound::Included(high) => number <= high,
                Bound::Excluded(high) => number < high,
                Bound::Unbounded => true,
            }
    }
}

impl TimeRange {
    /// Says whether an instant lies in the range.
    #[must_use]
    pub fn contains(&self, instant: Timestamp) -> bool {
        self.from.is_none_or(|from| instant >= from) && self.until.is_none_or(|until| instant < until)
    }
}

/// A value that is not what its field takes: what is wrong, and what was probably meant.
#[derive(Debug, PartialEq)]
pub(super) struct Wrong {
    pub message: String,
    pub suggestion: Option<String>,
}

impl Wrong {
    fn new(message: impl Into<String>, suggestion: Option<&str>) -> Self {
        Self { message: message.into(), suggestion: suggestion.map(str::to_owned) }
    }
}

/// How a value is written: `=x`, a comparison, or a range with at least one end.
enum Written<'a> {
    Exactly(&'a str),
    Above(&'a str, bool),
    Below(&'a str, bool),
    Between(Option<&'a str>, Option<&'a str>),
}

impl<'a> Written<'a> {
    fn read(raw: &'a str) -> Self {
        if let Some((low, high)) = raw.split_once("..") {
            let end = |text: &'a str| (!text.is_empty()).then_some(text);
            return Self::Between(end(low), end(high));
        }
        for (sign, make) in [(">=", Self::Above as fn(&'a str, bool) -> Self), ("<=", Self::Below)] {
            if let Some(rest) = raw.strip_prefix(sign) {
                return make(rest, true);
            }
        }
        match raw.split_at_checked(1) {
            Some((">", rest)) => Self::Above(rest, false),
            Some(("<", rest)) => Self::Below(rest, false),
            Some(("=", rest)) => Self::Exactly(rest),
            _ => Self::Exactly(raw),
        }
    }
}

/// Reads a comparison or range of values that go from the least to the most; `None` where it is neither.
pub(super) fn read_ordered(known: &[&'static str], raw: &str) -> Option<Result<Vec<&'static str>, Wrong>> {
    let written = Written::read(raw);
    if matches!(written, Written::Exactly(_) | Written::Between(None, None)) {
        return None;
    }
    let place = |text: &str| {
        let found = known.iter().position(|value| value.eq_ignore_ascii_case(text));
        found.ok_or_else(|| Wrong::new(format!("`{text}` is none of {}, from the least to the most", known.join(", ")), None))
    };
    let read = || {
        let range = match written {
            Written::Above(text, inclusive) => place(text)? + usize::from(!inclusive)..known.len(),
            Written::Below(text, inclusive) => 0..place(text)? + usize::from(inclusive),
            Written::Between(low, high) => low.map_or(Ok(0), place)?..high.map_or(Ok(known.len() - 1), place)? + 1,
            Written::Exactly(text) => place(text)?..place(text)? + 1,
        };
        let found = known.get(range).unwrap_or_default();
        if found.is_empty() {
            Err(Wrong::new(format!("no value is {raw}: they are {}, from the least to the most", known.join(", ")), None))
        } else {
            Ok(found.to_vec())
        }
    };
    Some(read())
}

/// Reads the value of a number, duration or date field.
pub(super) fn read_range(field: Field, raw: &str) -> Result<Value, Wrong> {
    if raw == "*" {
        let any = NumRange { low: Bound::Unbounded, high: Bound::Unbounded };
        return Ok(if field.kind() == FieldKind::Date { Value::Time(TimeRange { from: None, until: None }) } else { Value::Number(any) });
    }
    let written = Written::read(raw);
    if matches!(written, Written::Between(None, None)) {
        return Err(Wrong::new("a range needs at least one end", None));
    }
    match field.kind() {
        FieldKind::Date => times(&written).map(Value::Time),
        FieldKind::Duration => numbers(&written, duration).map(Value::Number),
        FieldKind::Number | FieldKind::Keyword => numbers(&written, number).map(Value::Number),
    }
}

fn numbers(written: &Written<'_>, read: fn(&str) -> Result<f64, Wrong>) -> Result<NumRange, Wrong> {
    let closed = |inclusive, n| if inclusive { Bound::Included(n) } else { Bound::Excluded(n) };
    let (low, high) = match *written {
        Written::Exactly(raw) => {
            let n = read(raw)?;
            (Bound::Included(n), Bound::Included(n))
        }
        Written::Above(raw, inclusive) => (closed(inclusive, read(raw)?), Bound::Unbounded),
        Written::Below(raw, inclusive) => (Bound::Unbounded, closed(inclusive, read(raw)?)),
        Written::Between(low, high) => {
            let ends = (low.map(read).transpose()?, high.map(read).transpose()?);
            if let ((Some(a), Some(b)), (Some(low), Some(high))) = (ends, (low, high))
                && a > b
            {
                return Err(backwards(low, high));
            }
            (ends.0.map_or(Bound::Unbounded, Bound::Included), ends.1.map_or(Bound::Unbounded, Bound::Included))
        }
    };
    Ok(NumRange { low, high })
}

fn backwards(low: &str, high: &str) -> Wrong {
    Wrong::new("the range ends before it begins", Some(&format!("{high}..{low}")))
}

/// Splits a plain decimal number from what follows it.
fn decimal(raw: &str) -> Option<(f64, &str)> {
    let len = raw.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(raw.len());
    let (digits, rest) = raw.split_at(len);
    digits.parse().ok().map(|n| (n, rest))
}

fn number(raw: &str) -> Result<f64, Wrong> {
    let (sign, unsigned) = raw.strip_prefix('-').map_or((1.0, raw), |rest| (-1.0, rest));
    let Some((n, unit)) = decimal(unsigned) else { return Err(Wrong::new(format!("`{raw}` is not a number"), None)) };
    let factor = match unit {
        "" => 1.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "K" | "m" | "g" => {
            let right = if unit == "K" { "k".to_owned() } else { unit.to_uppercase() };
            return Err(Wrong::new(format!("`{unit}` is no unit of numbers: k, M or G"), Some(&format!("{}{right}", raw.trim_end_matches(unit)))));
        }
        _ => return Err(Wrong::new(format!("`{unit}` is no unit of numbers: k, M or G"), None)),
    };
    // Adding zero makes the negative zero positive.
    Ok(sign * n * factor + 0.0)
}

/// Reads one or more amounts with units, such as `90s` or `1h30min`, in ms.
fn duration(raw: &str) -> Result<f64, Wrong> {
    // Waits are shown in `m`; what is read off a screen can be asked for.
    const UNITS: [(&str, f64); 6] = [("ms", 1.0), ("s", 1e3), ("min", 6e4), ("m", 6e4), ("h", 36e5), ("d", 864e5)];
    if raw == "0" {
        return Ok(0.0);
    }
    let (mut total, mut rest) = (0.0, raw);
    loop {
        let Some((n, after)) = decimal(rest) else { return Err(Wrong::new(format!("`{raw}` is not a duration such as 90s, 14min or 2h"), None)) };
        let len = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, left) = after.split_at(len);
        let Some((_, ms)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            let meant = match unit {
                "" => "s",
                "minute" | "minutes" => "min",
                "sec" | "second" | "seconds" => "s",
                "hour" | "hours" | "hr" => "h",
                "day" | "days" => "d",
                _ => return Err(Wrong::new(format!("`{unit}` is no unit of durations: ms, s, min, h or d"), None)),
            };
            let message = if unit.is_empty() {
                "a duration needs a unit: ms, s, min, h or d".to_owned()
            } else {
                format!("`{unit}` is no unit of durations: ms, s, min, h or d")
            };
            return Err(Wrong::new(message, Some(&format!("{n}{meant}{left}"))));
        };
        total += n * ms;
        rest = left;
        if rest.is_empty() {
            return Ok(total);
        }
    }
}

fn times(written: &Written<'_>) -> Result<TimeRange, Wrong> {
    Ok(match *written {
        Written::Exactly(raw) => moment(raw)?,
        Written::Above(raw, true) => TimeRange { until: None, ..moment(raw)? },
        Written::Above(raw, false) => {
            let after = moment(raw)?.until;
            TimeRange { from: Some(after.ok_or_else(|| Wrong::new("no instant is later", None))?), until: None }
        }
        Written::Below(raw, true) => TimeRange { from: None, ..moment(raw)? },
        Written::Below(raw, false) => TimeRange { from: None, until: moment(raw)?.from },
        Written::Between(low, high) => {
            let ends = (low.map(moment).transpose()?, high.map(moment).transpose()?);
            if let ((Some(a), Some(b)), (Some(low), Some(high))) = (ends, (low, high))
                && a.from > b.from
            {
                return Err(backwards(low, high));
            }
            TimeRange { from: ends.0.and_then(|range| range.from), until: ends.1.and_then(|range| range.until) }
        }
    })
}

/// Reads a year, month, day, minute, second or ms as the range of instants that it names, in UTC where it has no zone.
fn moment(raw: &str) -> Result<TimeRange, Wrong> {
    moment_of(raw).ok_or_else(|| Wrong::new(format!("`{raw}` is not a date such as 2026-05-01 or 2026-05-01T14:00Z"), None))
}

fn moment_of(raw: &str) -> Option<TimeRange> {
    if let Some((_, clock)) = raw.split_once(['T', 't', ' ']) {
        let from = Timestamp::parse(raw)?;
        let clock = clock.split(['Z', 'z', '+', '-']).next()?;
        let precision = match clock.matches(':').count() {
            _ if clock.contains('.') => 1,
            0 => 3_600_000,
            1 => 60_000,
            _ => 1000,
        };
        return Some(TimeRange { from: Some(from), until: Timestamp::from_ms(from.ms() + precision) });
    }
    let mut parts = raw.split('-').map(|part| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<i16>().ok())?);
    let year = parts.next()?.filter(|_| raw.find('-').unwrap_or(raw.len()) == 4)?;
    let (month, day) = (parts.next(), parts.next());
    if parts.next().is_some() || month == Some(None) || day == Some(None) {
        return None;
    }
    let (month, day) = (month.flatten(), day.flatten());
    let small = |n: Option<i16>| i8::try_from(n.unwrap_or(1)).ok();
    let first = jiff::civil::Date::new(year, small(month)?, small(day)?).ok()?;
    let after = match (month, day) {
        (None, _) => first.checked_add(jiff::Span::new().years(1)),
        (_, None) => first.checked_add(jiff::Span::new().months(1)),
        _ => first.tomorrow(),
    };
    let midnight = |date: jiff::civil::Date| Timestamp::from_ms(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond());
    Some(TimeRange { from: Some(midnight(first)?), until: after.ok().and_then(midnight) })
}

impl NumRange {
    pub(super) fn write(&self, unit: &str, f: &mut Formatter<'_>) -> fmt::Result {
        match (self.low, self.high) {
            (Bound::Included(low), Bound::Included(high)) if low == high => write!(f, "{low}{unit}"),
            (Bound::Unbounded, Bound::Included(high)) => write!(f, "<={high}{unit}"),
            (Bound::Unbounded, Bound::Excluded(high)) => write!(f, "<{high}{unit}"),
            (Bound::Included(low), Bound::Unbounded) => write!(f, ">={low}{unit}"),
            (Bound::Excluded(low), Bound::Unbounded) => write!(f, ">{low}{unit}"),
            (Bound::Included(low) | Bound::Excluded(low), Bound::Included(high) | Bound::Excluded(high)) => write!(f, "{low}{unit}..{high}{unit}"),
            (Bound::Unbounded, Bound::Unbounded) => f.write_str("*"),
        }
    }
}

impl Display for TimeRange {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (self.from, self.until) {
            (Some(from), Some(until)) => match Timestamp::from_ms(until.ms() - 1) {
                Some(last) => write!(f, "{from}..{last}"),
                None => write!(f, ">={from}"),
            },
            (Some(from), None) => write!(f, ">={from}"),
            (None, Some(until)) => write!(f, "<{until}"),
            (None, None) => f.write_str("*"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(field: Field, raw: &str, expect: &str) {
        let shown = match read_range(field, raw) {
            Ok(Value::Number(range)) => format!("{:?} {:?}", range.low, range.high),
            Ok(Value::Time(range)) => range.to_string(),
            Ok(other) => format!("{other:?}"),
            Err(wrong) => wrong.suggestion.map_or(wrong.message, |suggestion| format!("? {suggestion}")),
        };
        assert_eq!(shown, expect, "{}:{raw}", field.name());
    }

    #[test]
    fn numbers_and_durations() {
        check(Field::Steps, "100", "Included(100.0) Included(100.0)");
        check(Field::Tokens, ">50k", "Excluded(50000.0) Unbounded");
        check(Field::Tokens, "<=1.5M", "Unbounded Included(1500000.0)");
        check(Field::Cost, "0.5..1.5", "Included(0.5) Included(1.5)");
        check(Field::Steps, "10..", "Included(10.0) Unbounded");
        check(Field::Steps, "*", "Unbounded Unbounded");
        check(Field::Steps, "20..10", "? 10..20");
        check(Field::Tokens, ">50K", "? 50k");
        check(Field::Steps, "..", "a range needs at least one end");
        check(Field::Steps, "many", "`many` is not a number");
        check(Field::Steps, ">inf", "`inf` is not a number");
        check(Field::Wait, ">30s", "Excluded(30000.0) Unbounded");
        check(Field::Wait, "500ms..1h30min", "Included(500.0) Included(5400000.0)");
        check(Field::Wait, ">30", "? 30s");
        check(Field::Wait, ">3m08s", "Excluded(188000.0) Unbounded");
        check(Field::Wait, ">5minutes", "? 5min");
        check(Field::Wait, "<2w", "`w` is no unit of durations: ms, s, min, h or d");
    }

    #[test]
    fn dates_are_as_precise_as_they_are_written() {
        check(Field::At, "2026-05-01..2026-05-31", "2026-05-01T00:00:00.000Z..2026-05-31T23:59:59.999Z");
        check(Field::At, "2026-02", "2026-02-01T00:00:00.000Z..2026-02-28T23:59:59.999Z");
        check(Field::At, "2026", "2026-01-01T00:00:00.000Z..2026-12-31T23:59:59.999Z");
        check(Field::At, ">2026-05-01", ">=2026-05-02T00:00:00.000Z");
        check(Field::At, "<2026-05-01", "<2026-05-01T00:00:00.000Z");
        check(Field::At, "<=2026-05-01", "<2026-05-02T00:00:00.000Z");
        check(Field::At, "2026-05-01T14:00+02:00", "2026-05-01T12:00:00.000Z..2026-05-01T12:00:59.999Z");
        check(Field::At, "2026-05-01T14:00:05Z", "2026-05-01T14:00:05.000Z..2026-05-01T14:00:05.999Z");
        check(Field::At, "2026-05-01T14:00:05.250Z", "2026-05-01T14:00:05.250Z..2026-05-01T14:00:05.250Z");
        check(Field::At, "2026-06-01..2026-05-01", "? 2026-05-01..2026-06-01");
        check(Field::At, "2026-02-30", "`2026-02-30` is not a date such as 2026-05-01 or 2026-05-01T14:00Z");
        check(Field::At, ">9999-12-30", "no instant is later");
    }
}
