//! What the sections use to say that a value is not acceptable.

use std::fmt::Display;
use std::ops::RangeInclusive;

/// The longest time in days that a setting may name: 100 years.
pub(super) const MAX_DAYS: u32 = 36_525;
/// The longest time in seconds that a setting may name: a leap year.
pub(super) const MAX_SECS: u32 = 366 * 86_400;

/// Violations as they are found: the key, and the rule that it breaks.
#[derive(Debug, Default)]
pub(super) struct Checks(pub(super) Vec<(&'static str, String)>);

impl Checks {
    /// Notes that `key` breaks a rule. `message` completes the sentence that begins with the key.
    pub(super) fn refuse(&mut self, key: &'static str, message: impl Into<String>) {
        self.0.push((key, message.into()));
    }

    /// Holds a number to its range.
    pub(super) fn range<T: PartialOrd + Display>(&mut self, key: &'static str, value: T, range: RangeInclusive<T>) {
        if !range.contains(&value) {
            self.refuse(key, format!("must be {} to {}, not {value}", range.start(), range.end()));
        }
    }
}
