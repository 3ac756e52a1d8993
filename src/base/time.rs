//! Time comes in from outside: a [`Clock`] is read at the edge, and everything below takes a [`Timestamp`].

use serde::{Deserialize, Serialize};
use std::fmt;
#[cfg(test)]
use std::sync::Arc;
#[cfg(test)]
use std::sync::atomic::{AtomicI64, Ordering};

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From whole seconds since the Unix epoch.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment and `secs` seconds.
    pub const fn plus_secs(self, secs: i64) -> Self {
        Self(self.0.saturating_add(secs.saturating_mul(1000)))
    }

    /// ISO 8601 in UTC with whole seconds, `2026-04-23T14:00:00Z`: what the quickstarts of the products print.
    pub fn iso_secs(self) -> String {
        let mut text = self.date_and_time();
        text.push('Z');
        text
    }

    /// ISO 8601 in UTC with milliseconds, `2026-04-23T14:00:00.125Z`: what audit rows print.
    pub fn iso_millis(self) -> String {
        let mut text = self.date_and_time();
        text.push('.');
        digits(&mut text, self.0.rem_euclid(1000), 3);
        text.push('Z');
        text
    }

    /// Up to the seconds. Every answer prints some of these, so it is done by hand.
    fn date_and_time(self) -> String {
        let mut text = String::with_capacity(24);
        let (days, second) = (self.secs().div_euclid(86_400), self.secs().rem_euclid(86_400));
        if !COMMON_DAYS.contains(&days) {
            return self.civil().strftime("%Y-%m-%dT%H:%M:%S").to_string();
        }
        // Counted from 0000-03-01, the leap day is the last of its year, and 400 years are 146097 days.
        let days = days + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // From March on, months have 31, 30, 31, 30, 31 days over and over.
        let from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        let parts =
            [(year, 4, '-'), (month, 2, '-'), (day, 2, 'T'), (second / 3600, 2, ':'), (second / 60 % 60, 2, ':')];
        for (number, width, end) in parts {
            digits(&mut text, number, width);
            text.push(end);
        }
        digits(&mut text, second % 60, 2);
        text
    }

    /// Reads an ISO 8601 / RFC 3339 moment with its offset.
    ///
    /// # Errors
    /// What is wrong with the text, in words for a user.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.parse::<jiff::Timestamp>()
            .map(|at| Self(at.as_millisecond()))
            .map_err(|_| "is not a date and time such as 2026-04-23T14:00:00Z".to_owned())
    }

    fn civil(self) -> jiff::civil::DateTime {
        jiff::Timestamp::from_millisecond(self.0)
            .unwrap_or(if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX })
            .to_zoned(jiff::tz::TimeZone::UTC)
            .datetime()
    }
}

/// From 1970-01-01 to 9999-12-31, in days since the first.
const COMMON_DAYS: std::ops::RangeInclusive<i64> = 0..=2_932_896;

/// Appends a number that is not negative with leading zeros.
fn digits(text: &mut String, number: i64, width: u32) {
    for place in (0..width).rev() {
        let digit = number / 10i64.pow(place) % 10;
        text.push(char::from(b'0' + digit as u8));
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso_secs())
    }
}

/// Where the time comes from: the system, or a hand-driven clock in a test.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that stands still until a test moves it.
    #[cfg(test)]
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A hand-driven clock that starts at `at`.
    #[cfg(test)]
    pub fn manual(at: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.millis())))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        match self {
            #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
            Self::System => Timestamp(
                std::time::SystemTime::now()
                    .duration_since(std::time::UNIX_EPOCH)
                    .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
            ),
            #[cfg(test)]
            Self::Manual(at) => Timestamp(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a hand-driven clock on by `secs` seconds. The system's clock stays as it is.
    #[cfg(test)]
    pub fn advance_secs(&self, secs: i64) {
        if let Self::Manual(at) = self {
            at.fetch_add(secs.saturating_mul(1000), Ordering::SeqCst);
        }
    }
}

/// Reads a duration as users write it: `90d`, `48h`, `15m`, `30s`, `720h`. Gives seconds.
///
/// # Errors
/// What is wrong with the text, in words for a user.
pub fn parse_duration_secs(text: &str) -> Result<i64, String> {
    let wrong = || "is not a duration such as 90d, 48h, 15m or 30s".to_owned();
    let unit_at = text.len().checked_sub(1).filter(|at| text.is_char_boundary(*at)).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(unit_at);
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let number: i64 = number.parse().map_err(|_| wrong())?;
    let secs = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return Err(wrong()),
    };
    let total = number.checked_mul(secs).ok_or_else(wrong)?;
    if total == 0 || total > 100 * 366 * 86_400 {
        return Err("must be between 1 second and 100 years".to_owned());
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prints_as_the_seeds_do() {
        let at = Timestamp::from_millis(1_776_952_800_125);
        assert_eq!(at.iso_secs(), "2026-04-23T14:00:00Z");
        assert_eq!(at.iso_millis(), "2026-04-23T14:00:00.125Z");
        assert_eq!(Timestamp::parse("2026-04-23T16:00:00.125+02:00"), Ok(at));
        assert!(Timestamp::parse("yesterday").is_err());
    }

    proptest! {
        #[test]
        fn prints_every_moment_as_the_library_does(near in any::<i64>(), shift in 16u32..40) {
            for at in [near >> shift, near >> 20, near] {
                let at = Timestamp::from_millis(at);
                let long = at.civil().strftime("%Y-%m-%dT%H:%M:%S").to_string();
                prop_assert_eq!(at.iso_secs(), format!("{long}Z"));
                prop_assert_eq!(at.iso_millis(), format!("{long}.{:03}Z", at.millis().rem_euclid(1000)));
            }
        }
    }

    #[test]
    fn days_around_the_ends_of_months_and_years() {
        for (secs, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(Timestamp::from_secs(secs).iso_secs(), text);
        }
    }

    #[test]
    fn durations() {
        assert_eq!(parse_duration_secs("90d"), Ok(7_776_000));
        assert_eq!(parse_duration_secs("15m"), Ok(900));
        for bad in ["", "d", "1", "-1d", "1y", "1.5h", "0s", "99999999999d", "é", "1é"] {
            assert!(parse_duration_secs(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_manual_clock_moves_by_hand() {
        let clock = Clock::manual(Timestamp::from_secs(10));
        clock.advance_secs(5);
        assert_eq!(clock.now(), Timestamp::from_secs(15));
    }
}
