//! Moments and numbers as people read them.

use crate::base::Timestamp;
use maud::{Markup, html};

/// How long ago, or how soon, in words; the exact moment on hover, in UTC until a script puts it into the reader's zone.
pub fn ago(at: Timestamp, now: Timestamp) -> Markup {
    html! { time.nowrap datetime=(at.iso_secs()) title=(utc(at)) { (words(at.secs() - now.secs())) } }
}

/// The exact moment, in UTC until a script puts it into the reader's zone.
pub fn when(at: Timestamp) -> Markup {
    html! { time.nowrap datetime=(at.iso_secs()) title=(utc(at)) data-exact { (utc(at)) } }
}

/// `2026-04-23 14:00:00 UTC`.
fn utc(at: Timestamp) -> String {
    at.iso_secs().replace('T', " ").replace('Z', " UTC")
}

/// `in 3 hours`, `2 days ago`, `just now`.
fn words(seconds: i64) -> String {
    const UNITS: [(i64, &str); 6] = [
        (31_557_600, "year"),
        (2_629_800, "month"),
        (604_800, "week"),
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
    ];
    let away = seconds.abs();
    // A twentieth short still counts as whole, so that what ends in a day says so a second later too. Below two weeks, days
    // say more than weeks.
    let whole = |length: i64| (away + length / 20) / length;
    let unit = UNITS.iter().find(|(length, name)| whole(*length) >= if *name == "week" { 2 } else { 1 });
    let Some((length, name)) = unit else {
        return if seconds > 5 { format!("in {seconds} seconds") } else { "just now".to_owned() };
    };
    let many = whole(*length);
    let plural = if many == 1 { "" } else { "s" };
    if seconds < 0 { format!("{many} {name}{plural} ago") } else { format!("in {many} {name}{plural}") }
}

/// A number with thousands separators: `12,345`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of things in words: `1 member`, `12,345 members`.
pub fn many(number: u64, what: &str) -> String {
    format!("{} {what}{}", count(number), if number == 1 { "" } else { "s" })
}

/// What a page says when somebody has tried too often; `refusal` says whom it holds.
pub fn too_many(refusal: &str, retry_after_secs: u32) -> String {
    let minutes = retry_after_secs.div_ceil(60);
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    format!("{refusal}. Try again in {minutes} {unit}; an administrator can lift it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_in_words() {
        let cases = [
            (0, "just now"),
            (-30, "just now"),
            (-60, "1 minute ago"),
            (-7_199, "2 hours ago"),
            (-5_400, "1 hour ago"),
            (86_399, "in 1 day"),
            (-86_400 * 8, "8 days ago"),
            (-86_400 * 15, "2 weeks ago"),
            (86_400 * 90, "in 3 months"),
            (20, "in 20 seconds"),
            (-31_557_600 * 2, "2 years ago"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(words(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn a_moment_names_its_zone_and_is_one_for_a_script() {
        let at = Timestamp::parse("2026-04-23T14:00:00Z").unwrap();
        for shown in [when(at).0, ago(at, at).0] {
            assert!(shown.contains("datetime=\"2026-04-23T14:00:00Z\""), "{shown}");
            assert!(shown.contains("title=\"2026-04-23 14:00:00 UTC\""), "{shown}");
        }
        assert!(when(at).0.contains("data-exact>2026-04-23 14:00:00 UTC<"));
    }

    #[test]
    fn numbers_have_separators() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")];
        for (number, expected) in cases {
            assert_eq!(count(number), expected);
        }
        assert_eq!((many(1, "member"), many(1200, "member")), ("1 member".into(), "1,200 members".into()));
    }
}
