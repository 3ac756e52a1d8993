//! Moments that narrow a list.
//!
//! A script gives the moment in the reader's own zone and sends it in UTC, with its `Z`; without one the field is in UTC. What is
//! named is meant as a whole: a day up to its last moment, a minute up to its last second.

use crate::base::Timestamp;

/// Which end of a span a moment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum End {
    From,
    To,
}

/// Date and time as they were written, and the zone; a time without one is in UTC.
fn parts(text: &str) -> (&str, String) {
    let Some(at) = text.find('T') else { return (text, "Z".to_owned()) };
    let time = text.get(at..).unwrap_or_default();
    // In an address a plus sign that is not escaped is a blank.
    let zone = time.find(['Z', '+', '-', ' ']).map_or(text.len(), |zone| at + zone);
    let (body, zone) = text.split_at(zone);
    (body, if zone.is_empty() { "Z".to_owned() } else { zone.replace(' ', "+") })
}

/// The moment that a filter names; none: it is empty.
///
/// # Errors
/// What is wrong with it.
pub(in crate::http) fn moment(text: &str, end: End) -> Result<Option<Timestamp>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    const WRONG: &str = "is not a date and time such as 2026-04-23T14:00Z";
    let (body, zone) = parts(text);
    let rest = match (end, body.len()) {
        (End::From, 10) => "T00:00:00",
        (End::To, 10) => "T23:59:59.999",
        (End::From, 16) => ":00",
        (End::To, 16) => ":59.999",
        (End::To, 19) => ".999",
        (_, 19..) => "",
        _ => return Err(WRONG),
    };
    let read = Timestamp::parse(&format!("{body}{rest}{zone}"));
    read.map(Some).map_err(|_| WRONG)
}

/// A moment as a field shows it, in UTC and as far as it was written, and as it is sent with its zone. Both are empty for what is
/// none.
pub(super) fn written(text: &str, end: End) -> (String, String) {
    let Ok(Some(at)) = moment(text, end) else { return (String::new(), String::new()) };
    let exact = if parts(text).0.len() > 16 { 19 } else { 16 };
    let shown = at.iso_secs().get(..exact).unwrap_or_default().to_owned();
    let sent = format!("{shown}Z");
    (shown, sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_is_meant_as_a_whole() {
        let read = |text: &str, end| moment(text, end).unwrap().unwrap().iso_millis();
        for (text, from, to) in [
            ("2026-04-23", "2026-04-23T00:00:00.000Z", "2026-04-23T23:59:59.999Z"),
            ("2026-04-23T14:05", "2026-04-23T14:05:00.000Z", "2026-04-23T14:05:59.999Z"),
            ("2026-04-23T14:05Z", "2026-04-23T14:05:00.000Z", "2026-04-23T14:05:59.999Z"),
            ("2026-04-23T14:05:07Z", "2026-04-23T14:05:07.000Z", "2026-04-23T14:05:07.999Z"),
            ("2026-04-23T14:05:07.250+02:00", "2026-04-23T12:05:07.250Z", "2026-04-23T12:05:07.250Z"),
            ("2026-04-23T14:05 02:00", "2026-04-23T12:05:00.000Z", "2026-04-23T12:05:59.999Z"),
            ("2026-04-23T14:05-05:00", "2026-04-23T19:05:00.000Z", "2026-04-23T19:05:59.999Z"),
        ] {
            assert_eq!((read(text, End::From).as_str(), read(text, End::To).as_str()), (from, to), "{text}");
        }
        assert_eq!(moment("", End::From), Ok(None));
        for bad in ["yesterday", "2026-13-01", "2026-04-23T25:00Z", "T", "2026-04-23T", "2026-04-23T14"] {
            assert!(moment(bad, End::From).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_a_field_sends_is_what_it_was_given() {
        for text in
            ["2026-04-23", "2026-04-23T14:05", "2026-04-23T14:05Z", "2026-04-23T14:05:07Z", "2026-10-25T02:30+02:00"]
        {
            for end in [End::From, End::To] {
                let (shown, sent) = written(text, end);
                assert_eq!(moment(&sent, end), moment(text, end), "{text}");
                assert_eq!(moment(&shown, end), moment(text, end), "{text} without a script");
            }
        }
        assert_eq!(written("nonsense", End::From), (String::new(), String::new()));
    }
}
