//! One cell of an entity row: its types, its JSON and how two cells compare.
//! Knows nothing of sets or rows.

use std::cmp::Ordering;
use std::io::Write as _;

use rust_decimal::Decimal;
use uuid::Uuid;

/// An enumeration of the service metadata.
#[derive(Debug)]
pub(crate) struct EnumType {
    pub(crate) name: &'static str,
    pub(crate) members: &'static [(&'static str, i32)],
}

impl EnumType {
    /// The member as the metadata spells it; member names are case-sensitive.
    pub(crate) fn member(&self, name: &str) -> Option<&'static str> {
        self.members.iter().map(|(member, _)| *member).find(|member| *member == name)
    }
}

/// The type of a property.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ty {
    Str,
    Dec,
    Int32,
    Int64,
    /// A moment, or a date at noon UTC.
    Time,
    Guid,
    Binary,
    Enum(&'static EnumType),
}

impl Ty {
    /// The EDM name (enumerations with their namespace).
    pub(crate) fn edm(self) -> String {
        match self {
            Self::Str => "Edm.String".to_owned(),
            Self::Dec => "Edm.Decimal".to_owned(),
            Self::Int32 => "Edm.Int32".to_owned(),
            Self::Int64 => "Edm.Int64".to_owned(),
            Self::Time => "Edm.DateTimeOffset".to_owned(),
            Self::Guid => "Edm.Guid".to_owned(),
            Self::Binary => "Edm.Binary".to_owned(),
            Self::Enum(of) => format!("Microsoft.Dynamics.DataEntities.{}", of.name),
        }
    }

    /// Strings are nullable in the metadata, numbers and times are not.
    pub(crate) const fn nullable(self) -> bool {
        matches!(self, Self::Str | Self::Enum(_) | Self::Binary)
    }
}

/// A borrowed cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Str(&'a str),
    Dec(Decimal),
    Int(i64),
    /// Micros since 1970, UTC.
    Time(i64),
    Guid(Uuid),
    Enum(&'static str),
}

/// An owned cell, for the tables without a row type of their own.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    Str(String),
    Dec(Decimal),
    Int(i64),
    Time(i64),
    Enum(&'static str),
}

impl Cell {
    pub(crate) fn text(text: &str) -> Self {
        Self::Str(text.to_owned())
    }

    pub(crate) const fn yes(yes: bool) -> Self {
        Self::Enum(yes_no(yes))
    }

    pub(crate) fn value(&self) -> Value<'_> {
        match self {
            Self::Str(text) => Value::Str(text),
            Self::Dec(number) => Value::Dec(*number),
            Self::Int(number) => Value::Int(*number),
            Self::Time(at) => Value::Time(*at),
            Self::Enum(member) => Value::Enum(member),
        }
    }
}

/// The member of `NoYes`.
pub(crate) const fn yes_no(yes: bool) -> &'static str {
    if yes { "Yes" } else { "No" }
}

/// "No date": 1900-01-01 at noon.
pub(crate) const EMPTY_DATE: i64 = -2_208_945_600_000_000;
const DAY: i64 = 86_400_000_000;

/// The date of a moment, as F&O stores it: noon UTC.
pub(crate) const fn noon(micros: i64) -> i64 {
    micros.div_euclid(DAY) * DAY + DAY / 2
}

/// The moment without its fraction of a second.
pub(crate) const fn whole_second(micros: i64) -> i64 {
    micros.div_euclid(1_000_000) * 1_000_000
}

impl Value<'_> {
    /// Appends the JSON form.
    pub(crate) fn write_json(&self, out: &mut Vec<u8>) {
        match self {
            Self::Str(text) | Self::Enum(text) => write_text(out, text),
            Self::Dec(number) => write_display(out, format_args!("{}", number.normalize())),
            Self::Int(number) => write_display(out, format_args!("{number}")),
            Self::Time(micros) => {
                out.push(b'"');
                write_time(out, *micros);
                out.push(b'"');
            }
            Self::Guid(guid) => write_display(out, format_args!("\"{guid}\"")),
        }
    }

    /// Order for `$orderby`; text compares without regard to letter case, as the database does.
    pub(crate) fn order(&self, other: &Value<'_>) -> Ordering {
        match (self, other) {
            (Self::Str(a), Value::Str(b)) => a
                .bytes()
                .map(|x| x.to_ascii_lowercase())
                .cmp(b.bytes().map(|x| x.to_ascii_lowercase())),
            (Self::Enum(a), Value::Enum(b)) => a.cmp(b),
            (Self::Int(a), Value::Int(b)) | (Self::Time(a), Value::Time(b)) => a.cmp(b),
            (Self::Guid(a), Value::Guid(b)) => a.cmp(b),
            _ => self.number().cmp(&other.number()),
        }
    }

    fn number(&self) -> Option<Decimal> {
        match self {
            Self::Dec(number) => Some(*number),
            Self::Int(number) => Some(Decimal::from(*number)),
            _ => None,
        }
    }
}

/// Appends a JSON string.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    if serde_json::to_writer(&mut *out, text).is_err() {
        // Writing to memory does not fail; an empty string keeps the JSON well formed if it ever did.
        out.extend_from_slice(b"\"\"");
    }
}

/// Appends formatted text.
pub(crate) fn write_display(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to a Vec cannot fail.
    let _ = out.write_fmt(text);
}

/// Appends `YYYY-MM-DDTHH:MM:SSZ`. Written out by hand because every row has several.
pub(crate) fn write_time(out: &mut Vec<u8>, micros: i64) {
    let seconds = micros.div_euclid(1_000_000);
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    write_display(
        out,
        format_args!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
            rest / 3_600,
            rest / 60 % 60,
            rest % 60
        ),
    );
}

/// Days since 1970 to year, month, day (proleptic Gregorian; the era method of Hinnant).
const fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// `pattern` with `*` wildcards against `text`, without regard to letter case.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    if !pattern.contains('*') {
        return pattern.eq_ignore_ascii_case(text);
    }
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some((_, after)) =
            (if part.is_empty() { Some(("", rest)) } else { rest.split_once(part) })
        else {
            return false;
        };
        rest = after;
    }
    rest.is_empty()
}
